//! Times fitting and predicting on the generated table, for `benches/compare/training.py`.
//!
//!     cargo run --release -p overhear-learn --example training_time -- decision_tree 210000 2
//!
//! Arguments: learner, rows, folds to run (of ten). One line a fold: fold, accuracy, seconds to fit, seconds
//! to predict; the first line is the time that the presort took.

#[path = "../tests/support/generated.rs"]
mod generated;

use overhear_learn::{Folds, Options, Presort, learner, run_fold};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, rows, n_folds] = arguments.as_slice() else {
        return Err("arguments: learner, rows, folds to run".into());
    };
    let (n_rows, n_folds): (usize, usize) = (rows.parse()?, n_folds.parse()?);
    let data = generated::table(1, n_rows, 2, true);
    let folds = Folds::from_column(&generated::folds(99, n_rows, 10))?;
    let epoch = Instant::now();
    let presort = Presort::new(&data.x);
    println!("presort {:.4}", epoch.elapsed().as_secs_f64());
    let entry = learner::find(name)?;
    let clock = || epoch.elapsed();
    let options =
        Options { seed: 1, scale: true, importances: false, clock: &clock, max_training_rows: None };
    for fold in 0..n_folds.min(folds.len()) {
        let result = run_fold(&data, &presort, &*(entry.default)(), &folds, fold, &options)?;
        println!("{fold} {:.6} {:.4} {:.4}", result.accuracy, result.fit_s, result.predict_s);
    }
    Ok(())
}
