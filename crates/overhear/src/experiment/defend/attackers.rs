//! Attackers who adapt, and the one who did not.

use super::measure::Reached;
use crate::Error;
use crate::engine::Engine;
use crate::experiment::audit::fit::{Fit, Rows, Tables};
use crate::experiment::audit::result::Estimate;
use crate::experiment::audit::{self, Measured, Task};
use crate::experiment::interval;
use overhear_learn::leakage;
use overhear_learn::learner::most_likely;

/// What the attackers of an audit reach on a task, by nested cross-validation over units.
///
/// # Errors
/// [`Error::Learn`], [`Error::Stopped`].
pub(super) fn estimated(
    task: &Task,
    settings: &audit::Settings,
    engine: &Engine<'_>,
) -> Result<Measured, Error> {
    Measured::untested(task, settings).estimated(task, settings, "", &engine.unwatched())
}

/// What was reached at each horizon.
pub(super) fn reached(measured: &Measured) -> Vec<Reached> {
    measured.horizons.iter().map(Reached::of).collect()
}

/// Who learnt from rounds without a defence and goes on as before: at each horizon the learner and windowing that it had chosen in each fold
/// of units, fitted on the other folds' undefended rounds, on this fold's defended ones.
///
/// # Errors
/// [`Error::Learn`], [`Error::Stopped`].
pub(super) fn old(
    undefended: (&Task, &Measured),
    defended: &Task,
    seed: u64,
    engine: &Engine<'_>,
) -> Result<Vec<Reached>, Error> {
    let (task, measured) = undefended;
    let Some((n_folds, fold_of_unit)) = measured.nested_folds(task, seed) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (h, nested) in measured.nested.iter().enumerate() {
        let mut losses = vec![f64::NAN; task.n_units];
        let mut fits = Vec::new();
        // the first repetition's folds are dealt by the seed itself
        for (fold, &chosen) in nested.chosen.iter().take(n_folds).enumerate() {
            let combination = &measured.combinations[chosen];
            let table = &task.tables[combination.table];
            let Some(other) = defended.tables.iter().find(|other| other.windowing == table.windowing) else {
                continue;
            };
            let of_unit =
                |task: &Task, round: usize| fold_of_unit[task.design.units[round] as usize] as usize;
            let train = table.rows(|round| of_unit(task, round) != fold);
            let test = other.rows(|round| of_unit(defended, round) == fold);
            if train.is_empty() || test.is_empty() {
                continue;
            }
            let rows = |table: &audit::Table, rows| Rows { table: table.hash, rows };
            fits.push((
                other,
                Fit {
                    learner: combination.learner.clone(),
                    train: rows(table, train),
                    test: rows(other, test),
                    seed,
                },
            ));
        }
        let only: Vec<Fit> = fits.iter().map(|(_, fit)| fit.clone()).collect();
        let values = engine.unwatched().fits(Tables::of(&task.tables).and(&defended.tables), &only)?;
        for ((table, fit), values) in fits.iter().zip(values) {
            let Some(blocks) = &table.blocks[h] else { continue };
            let mut right = vec![vec![(0.0, 0.0); task.conditions.len()]; task.n_units];
            for (block, sums) in blocks.sums(&fit.test.rows, &values, task.conditions.len()) {
                let round = blocks.round[block as usize] as usize;
                let (unit, class) = (defended.design.units[round] as usize, defended.design.classes[round]);
                let counts = &mut right[unit][class as usize];
                counts.0 += f64::from(most_likely(&sums) == class);
                counts.1 += 1.0;
            }
            for (loss, counts) in losses.iter_mut().zip(right) {
                let recalls: Vec<f64> =
                    counts.iter().filter(|(_, n)| *n > 0.0).map(|(right, n)| right / n).collect();
                if !recalls.is_empty() {
                    *loss = 1.0 - recalls.iter().sum::<f64>() / recalls.len() as f64;
                }
            }
        }
        let correct: Vec<f64> =
            losses.into_iter().filter(|loss| loss.is_finite()).map(|loss| 1.0 - loss).collect();
        if correct.is_empty() {
            continue;
        }
        let value = interval::mean_and_std(&correct).0;
        let (low, high) = interval::accuracy(&correct, correct.len() as u64);
        found.push(Reached {
            horizon: task.horizons[h],
            balanced_accuracy: Estimate { value, low: low.max(0.0), high: high.min(1.0) },
            bits: leakage::min_entropy_bits(&vec![1.0 - value; task.conditions.len()], None),
        });
    }
    Ok(found)
}
