//! Fits and scores a learner fold by fold.
//!
//! [`run_fold`] is one job: it depends on its arguments alone, so a caller may spread (learner, fold)
//! jobs over threads and [`Evaluation::of`] them to the same result on any number of them, measured
//! times apart.

use crate::learner::{Learner, Training};
use crate::metric::{self, Confusion};
use crate::split::Folds;
use crate::{Dataset, Error, Presort, Scaler, importance};
use rand::seq::SliceRandom;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

/// How often each feature is shuffled in each fold; the mean over the folds does the rest.
const PERMUTATION_REPEATS: usize = 1;

/// What is common to all folds of a cross-validation.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Every fold's seeds are derived from it.
    pub seed: u64,
    /// Fit a [`Scaler`] on each fold's training rows; else learners see the values as they are.
    pub scale: bool,
    /// Measure permutation importance on each fold's test rows: as slow as predicting n_features times.
    pub importances: bool,
    /// Time since some fixed moment; what fit and prediction times are measured with.
    pub clock: &'a (dyn Fn() -> Duration + Sync),
    /// Train on a stratified random part of at most so many rows, for learners that cannot take more.
    pub max_training_rows: Option<usize>,
}

/// What one fold gave.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldResult {
    /// Share of the test rows classified correctly.
    pub accuracy: f64,
    /// Test rows by true and predicted class.
    pub confusion: Confusion,
    /// Class probabilities of the test rows, row after row (n_test × n_classes).
    pub probabilities: Vec<f64>,
    /// The class predicted for each test row (n_test).
    pub predicted: Vec<u32>,
    /// Rows trained on, after [`Options::max_training_rows`].
    pub n_training_rows: usize,
    /// Seconds that fitting took.
    pub fit_s: f64,
    /// Seconds that predicting the test rows took.
    pub predict_s: f64,
    /// Gini gain of each feature (n_features), where the learner cuts.
    pub gini: Option<Vec<f64>>,
    /// Permutation importance of each feature on the test rows (n_features), where asked for.
    pub permutation: Option<Vec<f64>>,
}

/// What all folds gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Fold after fold, in the folds' order.
    pub folds: Vec<FoldResult>,
    /// All test rows by true and predicted class.
    pub confusion: Confusion,
    /// Out-of-fold class probabilities (n_rows × n_classes); all zero for a row that no fold tests.
    pub probabilities: Vec<f64>,
    /// Out-of-fold prediction of each row (n_rows); `None` for a row that no fold tests.
    pub predicted: Vec<Option<u32>>,
}

impl Evaluation {
    /// Puts the results of all folds together; a row tested in several folds keeps the last.
    ///
    /// # Panics
    /// When the results are not those of these folds.
    pub fn of(data: &Dataset, folds: &Folds, results: Vec<FoldResult>) -> Evaluation {
        assert_eq!(folds.len(), results.len(), "one result for each fold");
        let k = data.classes.len();
        let mut whole = Evaluation {
            confusion: Confusion::new(k, &[], &[]),
            probabilities: vec![0.0; data.n_rows() * k],
            predicted: vec![None; data.n_rows()],
            folds: results,
        };
        for (fold, result) in folds.as_slice().iter().zip(&whole.folds) {
            whole.confusion.add(&result.confusion);
            for (i, &row) in fold.test.iter().enumerate() {
                let row = row as usize;
                whole.predicted[row] = Some(result.predicted[i]);
                whole.probabilities[row * k..(row + 1) * k]
                    .copy_from_slice(&result.probabilities[i * k..(i + 1) * k]);
            }
        }
        whole
    }

    /// Mean of the folds' accuracies: the paper's figure.
    pub fn mean_accuracy(&self) -> f64 {
        self.folds.iter().map(|fold| fold.accuracy).sum::<f64>() / self.folds.len() as f64
    }

    /// Mean over the folds of the Gini gains (n_features), where the learner cuts.
    pub fn mean_gini(&self) -> Option<Vec<f64>> {
        mean(self.folds.iter().map(|fold| fold.gini.as_deref()))
    }

    /// Mean over the folds of the permutation importances (n_features), where asked for.
    pub fn mean_permutation(&self) -> Option<Vec<f64>> {
        mean(self.folds.iter().map(|fold| fold.permutation.as_deref()))
    }
}

/// Fits and scores on every fold, one after another.
///
/// # Errors
/// What [`run_fold`] fails with.
pub fn cross_validate(
    data: &Dataset,
    presort: &Presort,
    learner: &dyn Learner,
    folds: &Folds,
    options: &Options<'_>,
) -> Result<Evaluation, Error> {
    let results = (0..folds.len()).map(|index| run_fold(data, presort, learner, folds, index, options));
    Ok(Evaluation::of(data, folds, results.collect::<Result<Vec<_>, _>>()?))
}

/// Fits and scores on one fold. `presort` is the whole table's.
///
/// # Errors
/// [`Error::NoRows`] where the fold trains or tests on nothing; what the learner fails with.
///
/// # Panics
/// When there is no such fold, or the folds or the presort are of another table.
pub fn run_fold(
    data: &Dataset,
    presort: &Presort,
    learner: &dyn Learner,
    folds: &Folds,
    index: usize,
    options: &Options<'_>,
) -> Result<FoldResult, Error> {
    assert_eq!(folds.n_rows(), data.n_rows(), "rows of the folds and of the table");
    let fold = &folds.as_slice()[index];
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    rng.set_stream(index as u64);
    let (fit_seed, shuffle_seed) = (rng.next_u64(), rng.next_u64());
    let fewer = options.max_training_rows.and_then(|most| stratified(data, &fold.train, most, &mut rng));
    let rows = fewer.as_deref().unwrap_or(&fold.train);

    let scaler =
        if options.scale { Scaler::fit(&data.x, rows) } else { Scaler::identity(data.x.n_columns()) };
    let n_classes = data.classes.len();
    let training = Training { x: &data.x, y: &data.y, n_classes, rows, scaler: &scaler, presort };
    let start = (options.clock)();
    let model = learner.fit(&training, fit_seed)?;
    let fitted = (options.clock)();
    let (predicted, probabilities) = model.classify(&data.x, &fold.test);
    let done = (options.clock)();

    let truth: Vec<u32> = fold.test.iter().map(|&row| data.y[row as usize]).collect();
    let permutation = options
        .importances
        .then(|| importance::permutation(&*model, data, &fold.test, shuffle_seed, PERMUTATION_REPEATS));
    Ok(FoldResult {
        accuracy: metric::accuracy(&truth, &predicted).ok_or(Error::NoRows)?,
        confusion: Confusion::new(n_classes, &truth, &predicted),
        probabilities,
        predicted,
        n_training_rows: rows.len(),
        fit_s: fitted.saturating_sub(start).as_secs_f64(),
        predict_s: done.saturating_sub(fitted).as_secs_f64(),
        gini: model.gini_importance(),
        permutation: permutation.flatten(),
    })
}

/// At most `most` of the rows, every class keeping its share and at least one row; `None` where all fit.
fn stratified(data: &Dataset, rows: &[u32], most: usize, rng: &mut ChaCha8Rng) -> Option<Vec<u32>> {
    if rows.len() <= most {
        return None;
    }
    let mut kept = Vec::with_capacity(most);
    for class in 0..data.classes.len() as u32 {
        let mut own: Vec<u32> = rows.iter().copied().filter(|&row| data.y[row as usize] == class).collect();
        own.shuffle(rng);
        let share = (own.len() as u128 * most as u128 / rows.len() as u128) as usize;
        own.truncate(share.max(1));
        kept.extend(own);
    }
    kept.sort_unstable();
    Some(kept)
}

/// Column means; `None` where any is absent.
fn mean<'a>(all: impl ExactSizeIterator<Item = Option<&'a [f64]>>) -> Option<Vec<f64>> {
    let n = all.len() as f64;
    let mut sum: Vec<f64> = Vec::new();
    for values in all {
        let values = values?;
        sum.resize(values.len(), 0.0);
        sum.iter_mut().zip(values).for_each(|(s, v)| *s += v / n);
    }
    Some(sum)
}
