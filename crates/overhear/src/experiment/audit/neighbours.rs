//! Errors of nearest neighbours, from which bounds of the Bayes risk follow.
//!
//! Source: docs/method.md, "Leakage".

use super::result::Estimate;
use super::task::Task;
use crate::Error;
use crate::experiment::interval;
use overhear_learn::learner::knn::Knn;
use overhear_learn::learner::{Learner, Split, most_likely};
use overhear_learn::metric::Confusion;
use overhear_learn::split::Folds;
use overhear_learn::{Matrix, Scaler};

/// Errors of the nearest neighbour and of as many as the Bayes risk's estimate takes, each with its interval.
pub struct Neighbours {
    /// 1-NN, for the lower bound.
    pub one: Estimate,
    /// kNN with k for the number of rows.
    pub many: Estimate,
}

/// How much wider an interval for a neighbour's error is than independent units would have it: two rows that are
/// each other's nearest err together, which doubles the variance at most.
const MUTUAL: f64 = std::f64::consts::SQRT_2;

/// The errors, balanced over conditions, units left out; their intervals are Student's over units, [`MUTUAL`] times
/// as wide.
///
/// Of equally near rows one is taken at random: taking the first would let a single row answer for all windows alike.
///
/// # Errors
/// [`Error::Learn`].
pub fn neighbours(task: &Task, fold_of_unit: &[u32], seed: u64) -> Result<Option<Neighbours>, Error> {
    let table = &task.tables[0];
    let fold: Vec<u32> =
        table.round.iter().map(|&r| fold_of_unit[task.design.units[r as usize] as usize]).collect();
    let Ok(folds) = Folds::from_column(&fold) else { return Ok(None) };
    let x = with_tie_breaks(&table.data.x, seed)?;
    let (y, n_classes) = (&table.data.y, task.conditions.len());
    let error = |k: usize| {
        let mut confusion = Confusion::new(n_classes, &[], &[]);
        let mut of_unit = vec![(0.0, 0.0); task.n_units];
        for fold in folds.as_slice() {
            let mut scaler = Scaler::fit(&x, &fold.train);
            // the random numbers keep their size
            if let (Some(mean), Some(deviation)) = (scaler.means.last_mut(), scaler.deviations.last_mut()) {
                (*mean, *deviation) = (0.0, 1.0);
            }
            let split = Split::of_one(&x, &fold.train, &fold.test, &scaler);
            let Some(known) = (Knn { k }).ahead_of_labels(&split) else { continue };
            let p = known.probabilities(y, n_classes);
            let predicted: Vec<u32> = p.chunks_exact(n_classes).map(most_likely).collect();
            let truth: Vec<u32> = fold.test.iter().map(|&row| y[row as usize]).collect();
            for ((&row, truth), predicted) in fold.test.iter().zip(&truth).zip(&predicted) {
                let (wrong, n) = &mut of_unit[task.design.units[table.round[row as usize] as usize] as usize];
                (*wrong, *n) = (*wrong + f64::from(truth != predicted), *n + 1.0);
            }
            confusion.add(&Confusion::new(n_classes, &truth, &predicted));
        }
        let value = 1.0 - confusion.balanced_accuracy().unwrap_or(1.0 / n_classes as f64);
        let shares: Vec<f64> = of_unit.iter().filter(|(_, n)| *n > 0.0).map(|(wrong, n)| wrong / n).collect();
        let half = interval::student(&shares).map_or(0.5, |(low, high)| (high - low) / 2.0);
        let half = MUTUAL * half;
        Estimate { value, low: (value - half).max(0.0), high: (value + half).min(1.0) }
    };
    let k = overhear_learn::leakage::bayes_risk_k(table.round.len());
    Ok(Some(Neighbours { one: error(1), many: error(k) }))
}

/// The columns and one more of random numbers, too small to matter between rows that differ.
fn with_tie_breaks(x: &Matrix, seed: u64) -> Result<Matrix, Error> {
    use rand::{Rng, SeedableRng};
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let random: Vec<f64> = (0..x.n_rows()).map(|_| 1e-4 * rng.random::<f64>()).collect();
    let columns: Vec<&[f64]> = (0..x.n_columns()).map(|j| x.column(j)).chain([&random[..]]).collect();
    Ok(Matrix::from_columns(&columns)?)
}
