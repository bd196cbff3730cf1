//! The randomisation test: conditions permuted as the design could have dealt them, everything refitted.
//!
//! Source: docs/method.md, "Test". Every fixed combination of learner, windowing and horizon, under
//! max-T. The rows' features, their order and the folds are the same for every assignment: sorted, scaled and cut
//! once, and so are the rows' neighbours.

use super::fit::{Fit, Labelling, Tables, Values};
use super::task::{Blocks, Combination, Task};
use crate::Error;
use crate::engine::Engine;
use overhear_learn::inference::{Assignments, MaxT, max_t_scaled};
use overhear_learn::leakage::mutual_information_bits;
use overhear_learn::metric::Confusion;

/// What the test found.
pub struct Randomisation {
    /// The test over all combinations and horizons; its statistics are those of [`Task::cells`].
    pub test: MaxT,
    /// What the test compares of each statistic under each assignment (n_assignments × n_statistics), see [`Scored::score`]; `[0]` is the
    /// true one.
    pub scores: Vec<Vec<f64>>,
    /// Balanced accuracy of each statistic under the true assignment (n_statistics).
    pub balanced_accuracy: Vec<f64>,
    /// Mean mutual information of each statistic's confusion under the other assignments, bits.
    pub chance_bits: Vec<f64>,
    /// How many assignments, the true one among them.
    pub assignments: usize,
    /// Whether those are all.
    pub exhaustive: bool,
}

/// Power of the deviation by which statistics are scaled. Studentised, a balanced accuracy over one window counts as much as one over a round,
/// which varies several times as much by chance, but which a leak moves further still: with three quarters more is found of four of ten laws, and
/// less of none (docs/calibration.md).
const POWER: f64 = 0.75;

/// One p for statistics that are all balanced accuracies, or means of probabilities.
pub fn together(scores: &[Vec<f64>], exhaustive: bool) -> MaxT {
    max_t_scaled(scores, POWER, exhaustive)
}

/// One statistic under one assignment.
#[derive(Clone, Copy)]
struct Scored {
    /// What the test compares: the balanced accuracy; of rows less the home's level the mean probability of the true conditions, each
    /// counting alike. There the two rounds of a pair mirror each other, so that a pair is one answer, right or wrong, and how sure it
    /// was says most of what there is to know.
    score: f64,
    balanced_accuracy: f64,
    /// Mutual information of the confusion, bits.
    bits: f64,
}

/// Steps of progress that [`randomise`] takes.
pub fn steps(assignments: &Assignments, combinations: &[Combination]) -> u64 {
    (assignments.classes.len() * combinations.len()) as u64
}

/// Runs the test; assignments spread over threads.
///
/// # Errors
/// [`Error::Learn`], [`Error::Stopped`].
pub fn randomise(
    task: &Task,
    combinations: &[Combination],
    assignments: &Assignments,
    fold_of_unit: &[u32],
    seed: u64,
    engine: &Engine<'_>,
) -> Result<Randomisation, Error> {
    let mut fits: Vec<Fit> = Vec::new();
    let mut fits_of: Vec<std::ops::Range<usize>> = Vec::new();
    for combination in combinations {
        let first = fits.len();
        fits.extend(folds(task, combination, fold_of_unit, seed));
        fits_of.push(first..fits.len());
    }
    let score = |classes: &Labelling, values: &Values<'_>| {
        let mut scored: Vec<Scored> = Vec::new();
        for (combination, own) in combinations.iter().zip(&fits_of) {
            engine.check()?;
            scored.extend(statistics(task, combination, classes, (&fits, own.clone()), values)?);
            engine.step();
        }
        Ok(scored)
    };
    let scored: Vec<Vec<Scored>> =
        engine.labellings(Tables::of(&task.tables), &fits, &assignments.classes, score)?;
    let scores: Vec<Vec<f64>> =
        scored.iter().map(|row| row.iter().map(|scored| scored.score).collect()).collect();
    let others = (scored.len() - 1).max(1) as f64;
    let chance = |j: usize| scored[1..].iter().map(|row| row[j].bits).sum::<f64>() / others;
    Ok(Randomisation {
        test: together(&scores, assignments.exhaustive),
        chance_bits: (0..scored[0].len()).map(chance).collect(),
        balanced_accuracy: scored[0].iter().map(|scored| scored.balanced_accuracy).collect(),
        scores,
        assignments: assignments.classes.len(),
        exhaustive: assignments.exhaustive,
    })
}

/// One combination with each fold of units left out; folds that leave nothing to train on or to predict are none.
fn folds(task: &Task, combination: &Combination, fold_of_unit: &[u32], seed: u64) -> Vec<Fit> {
    let n_folds = fold_of_unit.iter().max().map_or(0, |fold| fold + 1);
    let table = &task.tables[combination.table];
    let fold_of_round = |round: usize| fold_of_unit[task.design.units[round] as usize];
    let split = |fold| (table.rows(|r| fold_of_round(r) != fold), table.rows(|r| fold_of_round(r) == fold));
    (0..n_folds)
        .map(split)
        .filter(|(train, test)| !train.is_empty() && !test.is_empty())
        .map(|(train, test)| Fit::within(table, &combination.learner, train, test, seed))
        .collect()
}

/// The statistics of one combination under one assignment, horizon by horizon.
fn statistics(
    task: &Task,
    combination: &Combination,
    class_of_round: &[u32],
    (fits, own): (&[Fit], std::ops::Range<usize>),
    values: &Values<'_>,
) -> Result<Vec<Scored>, Error> {
    let table = &task.tables[combination.table];
    let n_classes = task.conditions.len();
    let blocks: Vec<&Blocks> = table.blocks.iter().flatten().collect();
    let mut confusions = vec![Confusion::new(n_classes, &[], &[]); blocks.len()];
    let mut sure = vec![vec![0.0; n_classes]; blocks.len()];
    for fit in own {
        let found = values.of(fit)?;
        for (blocks, (confusion, sure)) in blocks.iter().zip(confusions.iter_mut().zip(&mut sure)) {
            let (mut truth, mut predicted) = (Vec::new(), Vec::new());
            for (block, sums) in blocks.sums(&fits[fit].test.rows, &found, n_classes) {
                let class = class_of_round[blocks.round[block as usize] as usize];
                sure[class as usize] += probability_of(class as usize, &sums);
                truth.push(class);
                predicted.push(overhear_learn::learner::most_likely(&sums));
            }
            confusion.add(&Confusion::new(n_classes, &truth, &predicted));
        }
    }
    let score = |(confusion, sure): (&Confusion, &Vec<f64>)| {
        let chance = 1.0 / n_classes as f64;
        let counts = counts(confusion);
        let of_class = |(counts, sure): (&Vec<u64>, &f64)| {
            let n = counts.iter().sum::<u64>();
            (n > 0).then(|| sure / n as f64)
        };
        let means: Vec<f64> = counts.iter().zip(sure).filter_map(of_class).collect();
        let balanced_accuracy = confusion.balanced_accuracy().unwrap_or(chance);
        let score = match table.windowing.less_home && !means.is_empty() {
            true => rounded(means.iter().sum::<f64>() / means.len() as f64),
            false => balanced_accuracy,
        };
        Scored { score, balanced_accuracy, bits: mutual_information_bits(&counts) }
    };
    Ok(confusions.iter().zip(&sure).map(score).collect())
}

/// Without the last places, in which assignments may differ that are the same but for the names of conditions.
fn rounded(score: f64) -> f64 {
    const PLACES: f64 = (1u64 << 40) as f64;
    (score * PLACES).round() / PLACES
}

/// The probability of a class whose log-likelihood, up to a constant, is one of these; of classes that are equally probable before.
fn probability_of(class: usize, log_likelihoods: &[f64]) -> f64 {
    let most = log_likelihoods.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = log_likelihoods.iter().map(|value| (value - most).exp()).sum();
    (log_likelihoods[class] - most).exp() / sum
}

/// A confusion as plain counts, true class by predicted class.
pub fn counts(confusion: &Confusion) -> Vec<Vec<u64>> {
    let k = confusion.n_classes();
    (0..k).map(|truth| (0..k).map(|predicted| confusion.count(truth, predicted)).collect()).collect()
}
