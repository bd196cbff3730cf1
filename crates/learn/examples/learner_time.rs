//! Times fitting and predicting one fold of the generated table, for `benches/compare/training.py`.
//!
//!     cargo run --release -p overhear-learn --example learner_time -- decision_tree 210000 0 1 1
//!
//! Arguments: learner, rows, which of ten folds is tested, whether rows come in pairs (0 or 1), seed, and perhaps how many
//! columns, for the table of many. Prints one line of JSON: seconds of the presort (once for all folds and learners), of fitting and of predicting; accuracy; how many
//! megabytes fitting and predicting added to the peak of the program's memory (Linux; 0 elsewhere).

use overhear_learn::learner::{Training, find};
use overhear_learn::{Presort, Scaler};
use std::time::Instant;

#[path = "../tests/support/generated.rs"]
mod generated;
#[path = "support/memory.rs"]
mod memory;

const USAGE: &str = "arguments: learner, rows, fold (0 to 9), pairs (0 or 1), seed, perhaps columns";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let ([name, rows, fold, pairs, seed], columns) = arguments.split_first_chunk().ok_or(USAGE)?;
    let (n_rows, fold): (usize, u32) = (rows.parse()?, fold.parse()?);
    let data = match columns.first() {
        Some(columns) => generated::wide(1, n_rows, columns.parse()?),
        None => generated::table(1, n_rows, 2, pairs == "1"),
    };
    let folds = generated::folds(99, n_rows, 10);
    let (test, train): (Vec<u32>, Vec<u32>) =
        (0..n_rows as u32).partition(|&row| folds[row as usize] == fold);
    let start = Instant::now();
    let presort = Presort::new(&data.x);
    let presort_s = start.elapsed().as_secs_f64();
    let scaler = Scaler::fit(&data.x, &train);
    let before = memory::peak_megabytes();
    let training =
        Training { x: &data.x, y: &data.y, n_classes: 2, rows: &train, scaler: &scaler, presort: &presort };
    let learner = (find(name)?.default)();
    let start = Instant::now();
    let model = learner.fit(&training, seed.parse()?)?;
    let fit_s = start.elapsed().as_secs_f64();
    let told = model.predict(&data.x, &test);
    let predict_s = start.elapsed().as_secs_f64() - fit_s;
    let right = told.iter().zip(&test).filter(|&(&told, &row)| told == data.y[row as usize]).count();
    let accuracy = right as f64 / test.len() as f64;
    let memory_mb = memory::peak_megabytes() - before;
    println!(
        "{{\"presort_s\": {presort_s:.6}, \"fit_s\": {fit_s:.6}, \"predict_s\": {predict_s:.6}, \
         \"accuracy\": {accuracy:.6}, \"memory_mb\": {memory_mb:.1}}}"
    );
    Ok(())
}
