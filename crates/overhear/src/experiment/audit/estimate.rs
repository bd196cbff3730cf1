//! What the test and the nested cross-validation find on one task, and the estimates that follow from it.

use super::beside::{self, Neighbours};
use super::nested::{self, AtHorizon};
use super::randomisation::{self, Randomisation};
use super::result::{self, Bounds, Choice, Estimate, Leakage, Ppv, Statistic};
use super::settings::Settings;
use super::task::{Combination, Horizon, Task};
use crate::Error;
use crate::experiment::interval;
use crate::progress::Progress;
use overhear_learn::inference::{Nested, nested_interval, nested_interval_by_class};
use overhear_learn::leakage;

/// Base rates at which the predictive value is told.
const BASE_RATES: [f64; 3] = [0.5, 0.1, 0.02];

/// One task, tested and estimated.
pub struct Measured {
    /// Every learner on every windowing.
    pub combinations: Vec<Combination>,
    /// The test's fold of each unit (n_units).
    pub fold_of_unit: Vec<u32>,
    /// The smallest p that the design can give.
    pub smallest_p: f64,
    /// The randomisation test; `None` where no assignment differs from the true one.
    pub test: Option<Randomisation>,
    /// Nested cross-validation at each horizon; empty with too few units.
    pub nested: Vec<AtHorizon>,
    /// The estimates at each horizon; empty with too few units.
    pub horizons: Vec<result::Horizon>,
}

impl Measured {
    /// Tests and estimates; `label` is what progress calls the task.
    ///
    /// # Errors
    /// [`Error::Learn`], [`Error::Stopped`].
    pub fn of(
        task: &Task,
        settings: &Settings,
        label: &str,
        progress: &dyn Progress,
    ) -> Result<Measured, Error> {
        let combinations = task.combinations(&settings.learners);
        let n_folds = settings.folds.min(task.units_per_condition().max(1)).max(2);
        let fold_of_unit = task.folds(n_folds, settings.seed);
        let smallest_p = task.design.smallest_p(settings.permutations);
        // where no assignment differs from the true one there is nothing to test: one capture a condition
        let test = match smallest_p < 1.0 {
            true => {
                let assignments = task.design.assignments(settings.permutations, settings.seed);
                progress.begin(&format!("{label}: test"), randomisation::steps(&assignments, &combinations));
                let seed = settings.seed;
                Some(randomisation::randomise(
                    task,
                    &combinations,
                    &assignments,
                    &fold_of_unit,
                    seed,
                    progress,
                )?)
            }
            false => None,
        };
        let nested = match nested::n_folds(task) {
            Some(folds) => {
                let steps = nested::steps(folds, &combinations) * settings.repetitions as u64;
                progress.begin(&format!("{label}: interval"), steps);
                nested::estimate(task, &combinations, folds, settings.repetitions, settings.seed, progress)?
            }
            None => Vec::new(),
        };
        let neighbours = beside::neighbours(task, &fold_of_unit, settings.seed)?;
        let at = |(at, found): (usize, &AtHorizon)| {
            horizon(task, &combinations, at, found, test.as_ref(), neighbours.as_ref(), settings)
        };
        let horizons = nested.iter().enumerate().filter_map(at).collect();
        Ok(Measured { combinations, fold_of_unit, smallest_p, test, nested, horizons })
    }

    /// p under max-T; 1 where there is nothing to test.
    pub fn p(&self) -> f64 {
        self.test.as_ref().map_or(1.0, |test| test.test.p)
    }

    /// The combination chosen most often at the longest horizon; the first of equals.
    pub fn most_chosen(&self) -> Combination {
        let chosen = self.nested.last().map_or(&[][..], |at| &at.chosen[..]);
        let most = chosen
            .iter()
            .max_by_key(|&c| (chosen.iter().filter(|other| *other == c).count(), std::cmp::Reverse(*c)));
        self.combinations[most.copied().unwrap_or(0)]
    }

    /// Every statistic of the test, by name.
    pub fn statistics(&self, task: &Task) -> Vec<Statistic> {
        let Some(test) = &self.test else { return Vec::new() };
        let n_horizons = task.horizons.len();
        let statistic = |j: usize| {
            let combination = self.combinations[j / n_horizons];
            Statistic {
                learner: combination.entry.name.to_owned(),
                windowing: task.tables[combination.table].windowing.clone(),
                horizon: task.horizons[j % n_horizons].name(),
                balanced_accuracy: test.balanced_accuracy[j],
                t: test.test.observed[j],
                p_single: test.test.p_single[j],
            }
        };
        (0..test.balanced_accuracy.len()).map(statistic).collect()
    }
}

fn horizon(
    task: &Task,
    combinations: &[Combination],
    at: usize,
    found: &AtHorizon,
    test: Option<&Randomisation>,
    neighbours: Option<&Neighbours>,
    settings: &Settings,
) -> Option<result::Horizon> {
    let nested = match task.design.is_paired() {
        true => nested_interval(&found.repetitions, 0.95),
        false => nested_interval_by_class(&found.repetitions, &task.class_of_unit(), 0.95),
    }?;
    let mut balanced_accuracy = turned(nested);
    if balanced_accuracy.high - balanced_accuracy.low < 1e-9 {
        // units that all lose the same (a learner that always gives one answer) have no spread: what so many
        // units could hide is Wilson's
        let value = balanced_accuracy.value;
        let (low, high) = interval::accuracy(&[value], task.n_units as u64);
        balanced_accuracy = Estimate { value, low: low.max(0.0), high: high.min(1.0) };
    }
    let kind = task.horizons[at];
    let repetitions = found.repetitions.len() as u64;
    let k = task.conditions.len();
    let sum = |truth: usize, told: usize| found.unit_counts.iter().map(|unit| unit[truth][told]).sum::<u64>();
    let counts: Vec<Vec<u64>> = (0..k).map(|truth| (0..k).map(|told| sum(truth, told)).collect()).collect();
    let chance_bits = chance_bits(task, found, at, test);
    let mut leakage = leakage(&balanced_accuracy, k);
    leakage.push(mutual_information(found, chance_bits, settings.seed));
    if let (Horizon::Window, Some(neighbours)) = (kind, neighbours) {
        leakage.extend(bayes_risk(neighbours, k, &balanced_accuracy));
    }
    Some(result::Horizon {
        horizon: kind.name(),
        limit: settings.limit.unwrap_or(kind.limit(k)),
        balanced_accuracy,
        auc: nested_interval(&found.auc_repetitions, 0.95).map(turned),
        unit_losses: (0..task.n_units)
            .map(|unit| found.repetitions.iter().map(|r| r.outer[unit]).sum::<f64>() / repetitions as f64)
            .collect(),
        chosen: choices(task, combinations, &found.chosen),
        n_blocks: (counts.iter().flatten().sum::<u64>() / repetitions.max(1)) as usize,
        ppv: if k == 2 { ppv(&counts) } else { Vec::new() },
        confusion: counts.iter().map(|row| row.iter().map(|n| n / repetitions.max(1)).collect()).collect(),
        leakage,
    })
}

/// An error's interval as that of its complement.
fn turned(nested: Nested) -> Estimate {
    Estimate { value: (1.0 - nested.error).clamp(0.0, 1.0), low: 1.0 - nested.high, high: 1.0 - nested.low }
}

fn choices(task: &Task, combinations: &[Combination], chosen: &[usize]) -> Vec<Choice> {
    let count = |c: usize| chosen.iter().filter(|&&one| one == c).count();
    let mut choices: Vec<Choice> = (0..combinations.len())
        .filter(|&c| count(c) > 0)
        .map(|c| Choice {
            learner: combinations[c].entry.name.to_owned(),
            windowing: task.tables[combinations[c].table].windowing.clone(),
            share: count(c) as f64 / chosen.len() as f64,
        })
        .collect();
    choices.sort_by(|a, b| b.share.total_cmp(&a.share));
    choices
}

/// At equal priors the balanced error is the Bayes error of this attacker, and the measures follow from it.
fn leakage(ba: &Estimate, n_classes: usize) -> Vec<Leakage> {
    let error = |ba: f64| vec![1.0 - ba; n_classes];
    let of = |measure: &str, unit: &str, value: fn(&[f64], Option<&[f64]>) -> f64, falling: bool, bounds| {
        let at = |ba: f64| value(&error(ba), None);
        let (low, high) = if falling { (at(ba.high), at(ba.low)) } else { (at(ba.low), at(ba.high)) };
        Leakage {
            measure: measure.to_owned(),
            unit: unit.to_owned(),
            estimate: Estimate { value: at(ba.value), low, high },
            bounds,
        }
    };
    vec![
        // what a better attacker leaves of the guesser's risk is less
        of("beta", "share", leakage::beta, true, Bounds::Above),
        of("min_entropy", "bits", leakage::min_entropy_bits, false, Bounds::Below),
    ]
}

/// Mean mutual information under other assignments of the combination chosen most often.
fn chance_bits(task: &Task, found: &AtHorizon, at: usize, test: Option<&Randomisation>) -> f64 {
    let Some(test) = test else { return 0.0 };
    let count = |c: usize| found.chosen.iter().filter(|&&one| one == c).count();
    let most = found.chosen.iter().copied().max_by_key(|&c| count(c)).unwrap_or(0);
    test.chance_bits[most * task.horizons.len() + at].max(0.0)
}

/// Mutual information of the out-of-fold confusion, its interval by resampling units.
fn mutual_information(found: &AtHorizon, chance_bits: f64, seed: u64) -> Leakage {
    use rand::{Rng, SeedableRng};
    let repetitions = found.repetitions.len().max(1) as u64;
    let bits = |units: &mut dyn Iterator<Item = usize>| {
        let k = found.unit_counts[0].len();
        let mut sum = vec![vec![0; k]; k];
        for unit in units {
            for (row, counts) in sum.iter_mut().zip(&found.unit_counts[unit]) {
                row.iter_mut().zip(counts).for_each(|(n, count)| *n += count);
            }
        }
        // each block was told once a repetition
        sum.iter_mut().flatten().for_each(|n| *n /= repetitions);
        (leakage::mutual_information_bits(&sum) - chance_bits).max(0.0)
    };
    let n = found.unit_counts.len();
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let mut draws: Vec<f64> = (0..500).map(|_| bits(&mut (0..n).map(|_| rng.random_range(0..n)))).collect();
    draws.sort_by(f64::total_cmp);
    let value = bits(&mut (0..n));
    Leakage {
        measure: "mutual_information".to_owned(),
        unit: "bits".to_owned(),
        estimate: Estimate { value, low: draws[12].min(value), high: draws[487].max(value) },
        bounds: Bounds::Below,
    }
}

/// Bounds on the Bayes risk of one window by its nearest neighbours. Their errors are taken to be no surer than the
/// attacker's own.
fn bayes_risk(neighbours: &Neighbours, n_classes: usize, ba: &Estimate) -> [Leakage; 2] {
    let (below, above) = (ba.high - ba.value, ba.value - ba.low);
    let of = |measure: &str, error: Estimate, bound: &dyn Fn(f64) -> f64, bounds| {
        let low = error.low.min(error.value - below).max(0.0);
        let high = error.high.max(error.value + above).min(1.0);
        let [value, low, high] = [error.value, low, high].map(bound);
        Leakage {
            measure: measure.to_owned(),
            unit: "share".to_owned(),
            estimate: Estimate { value, low, high },
            bounds,
        }
    };
    let lower = |error: f64| leakage::bayes_risk_lower(error, n_classes);
    [
        of("bayes_risk_lower", neighbours.one, &lower, Bounds::Below),
        of("bayes_risk_upper", neighbours.many, &|error| error, Bounds::Above),
    ]
}

fn ppv(counts: &[Vec<u64>]) -> Vec<Ppv> {
    let rate = |row: &[u64]| row[1] as f64 / (row[0] + row[1]).max(1) as f64;
    let (fpr, tpr) = (rate(&counts[0]), rate(&counts[1]));
    BASE_RATES.map(|base_rate| Ppv { base_rate, ppv: leakage::ppv(tpr, fpr, base_rate) }).to_vec()
}
