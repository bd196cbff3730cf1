//! The estimate and its interval: nested cross-validation over units, every choice made inside the
//! training side.
//!
//! Source: docs/method.md, "Interval"; Bates, Hastie, Tibshirani 2023. The pipeline that is estimated
//! chooses learner and windowing, and calibrates the sums of log-likelihoods, on predictions for training
//! units by models that did not see them. A repetition fits a model for every one, two and three folds
//! left out: one for the test fold, two for the second level of the nesting, three for choices there.

use super::fit::{Fit, Tables};
use super::task::{Blocks, Combination, Task};
use crate::Error;
use crate::engine::Engine;
use overhear_learn::calibration::{Platt, Temperature};
use overhear_learn::inference::Repetition;
use overhear_learn::learner::most_likely;
use std::collections::BTreeMap;

/// Sets of folds left out, as bits.
type LeftOut = u32;

/// Log-likelihood sums of one combination at one horizon: (round, sums) of each block of the units that
/// were left out.
type BlockSums = Vec<(u32, Vec<f64>)>;

/// What all repetitions gave at one horizon.
pub struct AtHorizon {
    /// For the interval of the balanced accuracy.
    pub repetitions: Vec<Repetition>,
    /// For the interval of the AUC within pairs; empty for more than two conditions.
    pub auc_repetitions: Vec<Repetition>,
    /// Chosen combination of each outer fold of each repetition.
    pub chosen: Vec<usize>,
    /// True by predicted condition of each unit, over repetitions (n_units × n_classes × n_classes).
    pub unit_counts: Vec<Vec<Vec<u64>>>,
}

impl AtHorizon {
    /// The combination chosen most often; the first of equals.
    pub fn most_chosen(&self) -> usize {
        let count = |c: usize| self.chosen.iter().filter(|&&other| other == c).count();
        let most = self.chosen.iter().max_by_key(|&&c| (count(c), std::cmp::Reverse(c)));
        most.copied().unwrap_or(0)
    }
}

/// How many folds the nested cross-validation can have; `None` with too few units.
pub fn n_folds(task: &Task) -> Option<usize> {
    let units = if task.is_paired() { task.n_units } else { task.units_per_condition() };
    // Choices at the second level need a model that leaves three folds out. More folds are no better: at 24 pairs
    // and no effect the interval of four covers 0.97, of six 0.93, of eight 0.92 (2,500 simulated campaigns each).
    (units >= 4).then_some(4)
}

/// Steps of progress that one repetition takes.
pub fn steps(n_folds: usize, combinations: &[Combination]) -> u64 {
    (left_out_sets(n_folds).len() * combinations.len()) as u64
}

fn left_out_sets(n_folds: usize) -> Vec<LeftOut> {
    (1u32..1 << n_folds).filter(|set| (1..=3).contains(&set.count_ones())).collect()
}

/// Runs the repetitions.
///
/// # Errors
/// [`Error::Learn`], [`Error::Stopped`].
pub fn estimate(
    task: &Task,
    combinations: &[Combination],
    n_folds: usize,
    n_repetitions: usize,
    seed: u64,
    engine: &Engine<'_>,
) -> Result<Vec<AtHorizon>, Error> {
    let n_classes = task.conditions.len();
    let mut found: Vec<AtHorizon> = (0..task.horizons.len())
        .map(|_| AtHorizon {
            repetitions: Vec::new(),
            auc_repetitions: Vec::new(),
            chosen: Vec::new(),
            unit_counts: vec![vec![vec![0; n_classes]; n_classes]; task.n_units],
        })
        .collect();
    for repetition in 0..n_repetitions as u64 {
        let fold = task.folds(n_folds, seed.wrapping_add(repetition));
        let sets = left_out_sets(n_folds);
        let level = Level::predict(task, combinations, &fold, (n_folds, sets), seed, engine)?;
        for (horizon, found) in found.iter_mut().enumerate() {
            level.losses(horizon, found);
        }
    }
    Ok(found)
}

/// Balanced accuracy at each horizon of the same pipeline, fitted on all units but those of the last fold, on those:
/// what the estimate is an estimate of, where new units can be had.
///
/// # Errors
/// [`Error::Learn`].
pub fn on_last_fold(
    task: &Task,
    combinations: &[Combination],
    fold_of_unit: &[u32],
    seed: u64,
) -> Result<Vec<f64>, Error> {
    let last = fold_of_unit.iter().max().map_or(0, |&fold| fold as usize);
    let sets = std::iter::once(1 << last).chain((0..last).map(|k| 1 << last | 1 << k)).collect();
    let level = Level::predict(task, combinations, fold_of_unit, (last + 1, sets), seed, &Engine::silent())?;
    let accuracy = |horizon: usize| {
        let predicted = level.predicted(horizon, 1 << last, last).1;
        1.0 - predicted.iter().map(|unit| unit.loss).sum::<f64>() / predicted.len().max(1) as f64
    };
    Ok((0..task.horizons.len()).map(accuracy).collect())
}

/// All predictions of one repetition.
struct Level<'a> {
    task: &'a Task,
    fold: &'a [u32],
    n_folds: usize,
    n_combinations: usize,
    /// By set left out: for each combination, each horizon.
    sums: BTreeMap<LeftOut, Vec<Vec<BlockSums>>>,
}

/// A unit's loss, and what was predicted for its blocks.
struct UnitPredicted {
    unit: usize,
    loss: f64,
    auc_loss: f64,
    counts: Vec<Vec<u64>>,
}

impl<'a> Level<'a> {
    fn predict(
        task: &'a Task,
        combinations: &[Combination],
        fold: &'a [u32],
        (n_folds, sets): (usize, Vec<LeftOut>),
        seed: u64,
        engine: &Engine<'_>,
    ) -> Result<Level<'a>, Error> {
        let jobs: Vec<(LeftOut, usize)> =
            sets.iter().flat_map(|&set| (0..combinations.len()).map(move |c| (set, c))).collect();
        let fits: Vec<Fit> =
            jobs.iter().map(|&(set, c)| without(task, &combinations[c], fold, set, seed)).collect();
        let values = engine.fits(Tables::of(&task.tables), &fits)?;
        let of_fit =
            |place: usize| block_sums(task, &combinations[jobs[place].1], &fits[place], &values[place]);
        let mut found = (0..fits.len()).map(of_fit);
        let n_combinations = combinations.len();
        let sums = sets.into_iter().map(|set| (set, found.by_ref().take(n_combinations).collect())).collect();
        Ok(Level { task, fold, n_folds, n_combinations, sums })
    }

    /// Adds this repetition's losses at one horizon.
    fn losses(&self, horizon: usize, found: &mut AtHorizon) {
        let n_units = self.task.n_units;
        let empty = || Repetition {
            fold: self.fold.to_vec(),
            outer: vec![f64::NAN; n_units],
            inner: vec![vec![f64::NAN; n_units]; self.n_folds],
        };
        let (mut errors, mut aucs) = (empty(), empty());
        for i in 0..self.n_folds {
            let (choice, predicted) = self.predicted(horizon, 1 << i, i);
            found.chosen.push(choice);
            for one in predicted {
                errors.outer[one.unit] = one.loss;
                aucs.outer[one.unit] = one.auc_loss;
                for (sum, row) in found.unit_counts[one.unit].iter_mut().zip(one.counts) {
                    sum.iter_mut().zip(row).for_each(|(sum, n)| *sum += n);
                }
            }
            for j in (0..self.n_folds).filter(|&j| j != i) {
                for one in self.predicted(horizon, 1 << i | 1 << j, j).1 {
                    errors.inner[i][one.unit] = one.loss;
                    aucs.inner[i][one.unit] = one.auc_loss;
                }
            }
        }
        found.repetitions.push(errors);
        if self.task.conditions.len() == 2 && self.task.is_paired() {
            found.auc_repetitions.push(aucs);
        }
    }

    /// The pipeline fitted without some folds, applied to one of them: the combination it chose, and each unit.
    fn predicted(&self, horizon: usize, left_out: LeftOut, fold: usize) -> (usize, Vec<UnitPredicted>) {
        let inner: Vec<usize> = (0..self.n_folds).filter(|k| left_out & 1 << k == 0).collect();
        let training = |c: usize| {
            let blocks = inner.iter().flat_map(|&k| self.blocks(left_out | 1 << k, c, horizon, k));
            blocks.collect::<Vec<_>>()
        };
        let accuracy = |c: usize| self.balanced_accuracy(&training(c));
        let mut choice = (0, f64::NEG_INFINITY);
        for c in (0..self.n_combinations).filter(|&c| self.answers(c, horizon)) {
            let reached = accuracy(c);
            if reached > choice.1 {
                choice = (c, reached);
            }
        }
        let calibration = Calibration::fit(&training(choice.0), &self.task.design.classes, self.n_classes());
        let mut of_unit: BTreeMap<usize, Vec<(u32, Vec<f64>)>> = BTreeMap::new();
        for (round, sums) in self.blocks(left_out, choice.0, horizon, fold) {
            let predicted = (*round, calibration.probabilities(sums));
            of_unit.entry(self.task.design.units[*round as usize] as usize).or_default().push(predicted);
        }
        let predicted =
            of_unit.into_iter().map(|(unit, blocks)| self.unit_predicted(unit, &blocks)).collect();
        (choice.0, predicted)
    }

    fn n_classes(&self) -> usize {
        self.task.conditions.len()
    }

    /// Whether a combination's rows are no longer than the horizon.
    fn answers(&self, combination: usize, horizon: usize) -> bool {
        self.sums.values().next().is_some_and(|of_set| !of_set[combination][horizon].is_empty())
    }

    /// Blocks of one fold's units, by the model that left a set of folds out.
    fn blocks(
        &self,
        left_out: LeftOut,
        combination: usize,
        horizon: usize,
        fold: usize,
    ) -> impl Iterator<Item = &(u32, Vec<f64>)> {
        let of_fold =
            move |round: u32| self.fold[self.task.design.units[round as usize] as usize] as usize == fold;
        self.sums[&left_out][combination][horizon].iter().filter(move |(round, _)| of_fold(*round))
    }

    fn balanced_accuracy(&self, blocks: &[&(u32, Vec<f64>)]) -> f64 {
        let mut right = vec![(0.0, 0.0); self.n_classes()];
        for (round, sums) in blocks {
            let class = self.task.design.classes[*round as usize];
            right[class as usize].1 += 1.0;
            right[class as usize].0 += f64::from(most_likely(sums) == class);
        }
        right.iter().map(|(right, n)| right / f64::max(*n, 1.0)).sum::<f64>() / right.len() as f64
    }

    fn unit_predicted(&self, unit: usize, blocks: &[(u32, Vec<f64>)]) -> UnitPredicted {
        let k = self.n_classes();
        let mut counts = vec![vec![0; k]; k];
        let (mut positive, mut scores) = (Vec::new(), Vec::new());
        for (round, p) in blocks {
            let class = self.task.design.classes[*round as usize] as usize;
            counts[class][most_likely(p) as usize] += 1;
            positive.push(class == 1);
            scores.push(p[k - 1]);
        }
        // a unit without pairs holds one condition: its loss is that condition's
        let recalls: Vec<f64> = counts
            .iter()
            .enumerate()
            .filter_map(|(class, row)| {
                let n: u64 = row.iter().sum();
                (n > 0).then(|| row[class] as f64 / n as f64)
            })
            .collect();
        let loss = 1.0 - recalls.iter().sum::<f64>() / recalls.len().max(1) as f64;
        let auc_loss = 1.0 - overhear_learn::metric::auc(&positive, &scores).unwrap_or(0.5);
        UnitPredicted { unit, loss, auc_loss, counts }
    }
}

/// Probabilities from sums of log-likelihoods: windows are dependent, so the sums say too much.
enum Calibration {
    Two(Platt),
    More(Temperature),
}

impl Calibration {
    fn fit(blocks: &[&(u32, Vec<f64>)], classes: &[u32], n_classes: usize) -> Calibration {
        let class = |round: u32| classes[round as usize];
        if n_classes == 2 {
            let scores: Vec<f64> = blocks.iter().map(|(_, sums)| sums[1] - sums[0]).collect();
            let positive: Vec<bool> = blocks.iter().map(|(round, _)| class(*round) == 1).collect();
            return Calibration::Two(Platt::fit(&scores, &positive));
        }
        let sums: Vec<f64> = blocks.iter().flat_map(|(_, sums)| sums.iter().copied()).collect();
        let classes: Vec<u32> = blocks.iter().map(|(round, _)| class(*round)).collect();
        Calibration::More(Temperature::fit(&sums, &classes, n_classes))
    }

    fn probabilities(&self, sums: &[f64]) -> Vec<f64> {
        match self {
            Calibration::Two(platt) => {
                let p = platt.probability(sums[1] - sums[0]);
                vec![1.0 - p, p]
            }
            Calibration::More(temperature) => {
                let mut p = Vec::new();
                temperature.probabilities(sums, &mut p);
                p
            }
        }
    }
}

/// One combination fitted without the units of a set of folds, predicting those.
fn without(task: &Task, combination: &Combination, fold: &[u32], left_out: LeftOut, seed: u64) -> Fit {
    let table = &task.tables[combination.table];
    let is_out = |round: usize| left_out & 1 << fold[task.design.units[round] as usize] != 0;
    let (train, test) = (table.rows(|round| !is_out(round)), table.rows(is_out));
    Fit::within(table, &combination.learner, train, test, seed)
}

/// What a fit predicts, added up horizon by horizon.
fn block_sums(task: &Task, combination: &Combination, fit: &Fit, values: &[f64]) -> Vec<BlockSums> {
    let n_classes = task.conditions.len();
    let at = |blocks: &Option<Blocks>| {
        // a combination whose rows are longer than the horizon has nothing to say
        let Some(blocks) = blocks else { return BlockSums::new() };
        let sums = blocks.sums(&fit.test.rows, values, n_classes);
        sums.into_iter().map(|(block, sums)| (blocks.round[block as usize], sums)).collect()
    };
    task.tables[combination.table].blocks.iter().map(at).collect()
}
