//! The confounding index: how well two rounds of the same condition are distinguished.
//!
//! Source: docs/method.md, "Controls".

use super::fit::{Fit, Tables};
use super::result::Estimate;
use super::task::{Table, Task};
use crate::Error;
use crate::engine::Engine;
use crate::experiment::interval;
use overhear_learn::Dataset;
use overhear_learn::learner::{Configured, most_likely};
use overhear_learn::metric::Confusion;

/// Pairs of rounds that are looked at, at most.
const CONFOUNDING_PAIRS: usize = 40;

/// Balanced accuracy of telling two rounds of the same condition apart: trained on one half of each, tested on
/// the other, so that neighbouring windows stay on one side. `None` with fewer than four units.
///
/// # Errors
/// [`Error::Learn`].
pub fn index(task: &Task, seed: u64, engine: &Engine<'_>) -> Result<Option<Estimate>, Error> {
    let table = &task.tables[0];
    let forest = Configured::new("random_forest", &[])?;
    let mut pairs = Vec::new();
    for class in 0..task.conditions.len() as u32 {
        let rounds: Vec<usize> =
            (0..task.design.classes.len()).filter(|&round| task.design.classes[round] == class).collect();
        // each round against one half of all rounds away: another day, where there are several
        let far = rounds.len() / 2;
        pairs.extend(
            (0..rounds.len()).filter(|_| far > 0).map(|i| (rounds[i], rounds[(i + far) % rounds.len()])),
        );
    }
    let step = pairs.len().div_ceil(CONFOUNDING_PAIRS).max(1);
    let some: Vec<(usize, usize)> = pairs.into_iter().step_by(step).collect();
    let found = engine.in_steps(&some, |&(a, b)| halves(table, &forest, a, b, seed))?;
    let found: Vec<f64> = found.into_iter().flatten().collect();
    let Some((low, high)) = interval::student(&found) else { return Ok(None) };
    if task.n_units < 4 {
        return Ok(None);
    }
    let value = interval::mean_and_std(&found).0;
    Ok(Some(Estimate { value, low: low.max(0.0), high: high.min(1.0) }))
}

fn halves(table: &Table, forest: &Configured, a: usize, b: usize, seed: u64) -> Result<Option<f64>, Error> {
    let [of_a, of_b] = [a, b].map(|wanted| table.rows(|round| round == wanted));
    if of_a.len() < 4 || of_b.len() < 4 {
        return Ok(None);
    }
    let labels: Vec<u32> = table.round.iter().map(|&round| u32::from(round as usize == b)).collect();
    let two = Dataset { classes: vec!["a".to_owned(), "b".to_owned()], ..table.data.clone() };
    let table = Table {
        data: two,
        windowing: table.windowing,
        hash: table.hash,
        presort: table.presort.clone(),
        round: table.round.clone(),
        stretch: table.stretch.clone(),
        blocks: Vec::new(),
    };
    let mut confusion = Confusion::new(2, &[], &[]);
    let join = |a: &[u32], b: &[u32]| {
        let mut rows = [a, b].concat();
        rows.sort_unstable();
        rows
    };
    let (a1, a2) = of_a.split_at(of_a.len() / 2);
    let (b1, b2) = of_b.split_at(of_b.len() / 2);
    for (train, test) in [(join(a1, b1), join(a2, b2)), (join(a2, b2), join(a1, b1))] {
        let fit = Fit::within(&table, forest, train, test.clone(), seed);
        let values = fit.run(Tables::of(std::slice::from_ref(&table)), &labels)?;
        let predicted: Vec<u32> = values.chunks_exact(2).map(most_likely).collect();
        let truth: Vec<u32> = test.iter().map(|&row| labels[row as usize]).collect();
        confusion.add(&Confusion::new(2, &truth, &predicted));
    }
    Ok(confusion.balanced_accuracy())
}
