//! Times kNN, SVM and the neural network on the generated table: `dense_time NAME TRAIN_ROWS TEST_ROWS PAIRS`.
//!
//! One line of JSON a run: seconds of fit and predict, accuracy. `benches/compare/dense.py` runs it in
//! turn with scikit-learn and PyTorch on the same rows.

use overhear_learn::learner::{Training, find};
use overhear_learn::{Presort, Scaler};
use std::time::Instant;

#[path = "../tests/support/generated.rs"]
mod generated;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, n_train, n_test, pairs, seed] = &arguments[..] else {
        eprintln!("usage: dense_time LEARNER TRAIN_ROWS TEST_ROWS PAIRS(0|1) SEED");
        std::process::exit(2);
    };
    let whole = |text: &String| text.parse::<u64>().expect("a whole number");
    let (n_train, n_test) = (whole(n_train) as u32, whole(n_test) as u32);
    let data = generated::table(1, (n_train + n_test) as usize, 2, pairs == "1");
    // rows of the first part learn, of the second part test: the table has no order
    let (train, test): (Vec<u32>, Vec<u32>) = ((0..n_train).collect(), (n_train..n_train + n_test).collect());
    let (presort, scaler) = (Presort::new(&data.x), Scaler::fit(&data.x, &train));
    let training =
        Training { x: &data.x, y: &data.y, n_classes: 2, rows: &train, scaler: &scaler, presort: &presort };
    let learner = (find(name).expect("a learner of the register").default)();
    let start = Instant::now();
    let model = learner.fit(&training, whole(seed)).expect("rows of two classes");
    let fitted = start.elapsed().as_secs_f64();
    let predicted = model.predict(&data.x, &test);
    let both = start.elapsed().as_secs_f64();
    let hits = predicted.iter().zip(&test).filter(|&(&p, &i)| p == data.y[i as usize]).count();
    let accuracy = hits as f64 / f64::from(n_test);
    println!("{{\"fit_s\": {fitted:.6}, \"predict_s\": {:.6}, \"accuracy\": {accuracy:.6}}}", both - fitted);
}
