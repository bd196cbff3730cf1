//! What single features give away: the best cut on each, units left out.

use super::optimistic::score;
use super::result::FeatureLeak;
use super::task::{Table, Task};
use crate::Error;
use crate::assemble::Joined;
use crate::engine::Engine;
use overhear_learn::learner::Configured;
use overhear_learn::split::Folds;
use overhear_learn::{Dataset, Matrix};

/// What the best cut on each feature gives away; strongest first.
///
/// # Errors
/// [`Error::Learn`], [`Error::Stopped`].
pub fn features(
    task: &Task,
    fold_of_unit: &[u32],
    seed: u64,
    engine: &Engine<'_>,
) -> Result<Vec<FeatureLeak>, Error> {
    let cut = Configured::new("one_threshold", &[])?;
    let mut leaks = Vec::new();
    for table in task.tables.iter().filter(|table| table.windowing.is_of_windows()) {
        let fold: Vec<u32> =
            table.round.iter().map(|&r| fold_of_unit[task.design.units[r as usize] as usize]).collect();
        let Ok(folds) = Folds::from_column(&fold) else { continue };
        let places: Vec<usize> = (0..table.data.features.len()).collect();
        leaks.extend(engine.in_steps(&places, |&j| {
            Ok(FeatureLeak {
                feature: table.data.features[j].clone(),
                windowing: table.windowing,
                balanced_accuracy: score(&single(table, j)?, &cut, &folds, seed)?,
                means: means(&table.data, j),
            })
        })?);
    }
    leaks.sort_by(|a, b| b.balanced_accuracy.total_cmp(&a.balanced_accuracy));
    Ok(leaks)
}

/// A table of one feature alone.
fn single(table: &Table, feature: usize) -> Result<Table, Error> {
    let data = Dataset {
        features: vec![table.data.features[feature].clone()],
        x: Matrix::from_columns(&[table.data.x.column(feature)])?,
        ..table.data.clone()
    };
    let (round, stretch) = (table.round.clone(), table.stretch.clone());
    Ok(Table::new(table.windowing, Joined { data, round, stretch }, &[]))
}

/// Mean of a feature in each class.
fn means(data: &Dataset, feature: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); data.classes.len()];
    for (&x, &class) in data.x.column(feature).iter().zip(&data.y) {
        sums[class as usize].0 += x;
        sums[class as usize].1 += 1.0;
    }
    sums.iter().map(|(sum, n)| sum / f64::max(*n, 1.0)).collect()
}
