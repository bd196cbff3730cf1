//! The paper's protocol on the audit's own windows, beside the same learners with units left out.

use super::fit::{Fit, Tables};
use super::result::PaperCell;
use super::task::{Combination, Table, Task};
use crate::Error;
use crate::engine::Engine;
use overhear_learn::learner::{Configured, most_likely};
use overhear_learn::metric::Confusion;
use overhear_learn::split::{Folds, k_fold};

/// Balanced accuracy by random folds over windows of each combination, beside that with units left out.
///
/// # Errors
/// [`Error::Learn`], [`Error::Stopped`].
pub fn paper(
    task: &Task,
    honest: &[(&Combination, f64)],
    seed: u64,
    engine: &Engine<'_>,
) -> Result<Vec<PaperCell>, Error> {
    let cell = |&(combination, honest): &(&Combination, f64)| {
        let table = &task.tables[combination.table];
        // with too few windows for the paper's folds there is nothing to compare
        let Ok(folds) = k_fold(&table.data, 10, seed) else { return Ok(None) };
        Ok(Some(PaperCell {
            learner: combination.learner.name(),
            windowing: table.windowing,
            optimistic: score(table, &combination.learner, &folds, seed)?,
            honest,
        }))
    };
    Ok(engine.in_steps(honest, cell)?.into_iter().flatten().collect())
}

/// Balanced accuracy of a learner over folds of rows.
pub fn score(table: &Table, learner: &Configured, folds: &Folds, seed: u64) -> Result<f64, Error> {
    let n_classes = table.data.classes.len();
    let mut confusion = Confusion::new(n_classes, &[], &[]);
    for fold in folds.as_slice() {
        let fit = Fit::within(table, learner, fold.train.clone(), fold.test.clone(), seed);
        let values = fit.run(Tables::of(std::slice::from_ref(table)), &table.data.y)?;
        let predicted: Vec<u32> = values.chunks_exact(n_classes).map(most_likely).collect();
        let truth: Vec<u32> = fold.test.iter().map(|&row| table.data.y[row as usize]).collect();
        confusion.add(&Confusion::new(n_classes, &truth, &predicted));
    }
    Ok(confusion.balanced_accuracy().unwrap_or(1.0 / n_classes as f64))
}
