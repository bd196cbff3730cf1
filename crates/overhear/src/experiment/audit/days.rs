//! What an attacker reaches on a whole day that was left out: whether what was learned carries over to new days.
//!
//! Source: docs/method.md, "Day left out". Where an effect changes from day to day, units left out say nothing about the next
//! day: other units of the same day are trained on.

use super::nested;
use super::result::Estimate;
use super::task::{Combination, Task};
use crate::Error;
use crate::engine::Engine;
use crate::experiment::interval;

/// Folds of the units that are trained on, for the choices made there.
const INNER_FOLDS: usize = 4;
/// With fewer days there is no interval.
const LEAST_DAYS: usize = 3;
/// Days that are left out, at most: of more, evenly spread ones.
const MOST_DAYS: usize = 10;

/// Balanced accuracy at each horizon with each day left out, its interval Student's over days; empty with fewer than
/// three days, or where a day holds fewer than two units.
///
/// # Errors
/// [`Error::Learn`], [`Error::Stopped`].
pub fn left_out(
    task: &Task,
    combinations: &[Combination],
    seed: u64,
    engine: &Engine<'_>,
) -> Result<Vec<Estimate>, Error> {
    let Some(in_days) = task.in_days.as_ref().filter(|_| task.design.is_paired()) else {
        return Ok(Vec::new());
    };
    let day_of_unit = in_days.day_of_unit(&task.design.units, task.n_units);
    let mut days = day_of_unit.clone();
    days.sort_unstable();
    let mut whole: Vec<u32> =
        days.chunk_by(|a, b| a == b).filter(|own| own.len() >= 2).map(|own| own[0]).collect();
    if whole.len() < LEAST_DAYS || task.n_units < 2 * INNER_FOLDS {
        return Ok(Vec::new());
    }
    let step = whole.len().div_ceil(MOST_DAYS);
    whole = whole.into_iter().step_by(step).collect();
    let folds = task.folds(INNER_FOLDS, seed);
    let of_day = |day: &u32| {
        let own = |unit: usize| if day_of_unit[unit] == *day { INNER_FOLDS as u32 } else { folds[unit] };
        let fold: Vec<u32> = (0..task.n_units).map(own).collect();
        nested::on_last_fold(task, combinations, &fold, seed)
    };
    let of_days: Vec<Vec<f64>> = engine.in_steps(&whole, of_day)?;
    let at = |horizon: usize| {
        let values: Vec<f64> = of_days.iter().map(|of_day| of_day[horizon]).collect();
        let value = interval::mean_and_std(&values).0;
        let (low, high) = interval::student(&values).unwrap_or((0.0, 1.0));
        Estimate { value, low: low.max(0.0), high: high.min(1.0) }
    };
    Ok((0..task.horizons.len()).map(at).collect())
}
