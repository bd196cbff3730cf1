//! Times fitting and predicting on the generated table, for `benches/compare/training.py`.
//!
//!     cargo run --release -p overhear-learn --example training_time -- decision_tree 210000 0 2
//!
//! Arguments: learner, rows, the first fold to run (of ten) and how many. The first line is the time that the
//! presort took; then a line for each fold: fold, accuracy, seconds to fit, seconds to predict; last, how many
//! megabytes fitting and predicting added to the peak of the program's memory (Linux; 0 elsewhere).

#[path = "../tests/support/generated.rs"]
mod generated;

use overhear_learn::{Folds, Options, Presort, learner, run_fold};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, rows, first, count] = arguments.as_slice() else {
        return Err("arguments: learner, rows, first fold, number of folds".into());
    };
    let (n_rows, first, count): (usize, usize, usize) = (rows.parse()?, first.parse()?, count.parse()?);
    let data = generated::table(1, n_rows, 2, true);
    let folds = Folds::from_column(&generated::folds(99, n_rows, 10))?;
    let epoch = Instant::now();
    let presort = Presort::new(&data.x);
    println!("presort {:.4}", epoch.elapsed().as_secs_f64());
    let before = peak_megabytes();
    let entry = learner::find(name)?;
    let clock = || epoch.elapsed();
    let options =
        Options { seed: 1, scale: true, importances: false, clock: &clock, max_training_rows: None };
    for fold in first..(first + count).min(folds.len()) {
        let result = run_fold(&data, &presort, &*(entry.default)(), &folds, fold, &options)?;
        println!("{fold} {:.6} {:.4} {:.4}", result.accuracy, result.fit_s, result.predict_s);
    }
    println!("memory {:.1}", peak_megabytes() - before);
    Ok(())
}

/// The most memory the program has held so far.
fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}
