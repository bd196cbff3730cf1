//! Fitting and predicting of each learner, sorting, and the permutation test's last step.
//!
//!     cargo bench -p overhear-learn

use divan::Bencher;
use overhear_learn::inference::max_t;
use overhear_learn::learner::{LEARNERS, Training, find};
use overhear_learn::{Dataset, Presort, Scaler};
use std::sync::LazyLock;

#[path = "../tests/support/generated.rs"]
mod generated;

const ROWS: usize = 20_000;

struct Rows {
    data: Dataset,
    presort: Presort,
    scaler: Scaler,
    train: Vec<u32>,
    test: Vec<u32>,
}

/// Pairs of equal values, as bursts of two packets have them.
static ROWS_OF_PAIRS: LazyLock<Rows> = LazyLock::new(|| {
    let data = generated::table(1, ROWS, 2, true);
    let (test, train): (Vec<u32>, Vec<u32>) = (0..ROWS as u32).partition(|row| row % 10 == 0);
    let (presort, scaler) = (Presort::new(&data.x), Scaler::fit(&data.x, &train));
    Rows { data, presort, scaler, train, test }
});

fn training(rows: &Rows) -> Training<'_> {
    let Rows { data, presort, scaler, train, .. } = rows;
    Training { x: &data.x, y: &data.y, n_classes: 2, rows: train, scaler, presort }
}

fn names() -> impl Iterator<Item = &'static str> {
    LEARNERS.iter().map(|entry| entry.name)
}

#[divan::bench(args = names(), sample_count = 10)]
fn fit(bencher: Bencher, learner: &str) {
    let learner = (find(learner).expect("registered").default)();
    bencher.bench(|| learner.fit(&training(&ROWS_OF_PAIRS), 1));
}

#[divan::bench(args = names(), sample_count = 10)]
fn predict(bencher: Bencher, learner: &str) {
    let learner = (find(learner).expect("registered").default)();
    let model = learner.fit(&training(&ROWS_OF_PAIRS), 1).expect("two classes");
    bencher.bench(|| model.predict(&ROWS_OF_PAIRS.data.x, &ROWS_OF_PAIRS.test));
}

#[divan::bench]
fn presort() -> Presort {
    Presort::new(&ROWS_OF_PAIRS.data.x)
}

/// Statistics of 16 hypotheses under so many assignments to adjusted p-values.
#[divan::bench(args = [100, 1_000, 10_000])]
fn adjust_p_values(bencher: Bencher, assignments: usize) {
    let of = |assignment: usize| {
        (0..16).map(|hypothesis| generated::uniform(hypothesis, assignment as u64)).collect::<Vec<f64>>()
    };
    let statistics: Vec<Vec<f64>> = (0..assignments).map(of).collect();
    bencher.bench(|| max_t(&statistics, false));
}

fn main() {
    divan::main();
}
