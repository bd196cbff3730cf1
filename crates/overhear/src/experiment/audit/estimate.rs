//! What the test and the nested cross-validation find on one task, and the estimates that follow from it.

use super::neighbours::{Neighbours, neighbours};
use super::nested;
use super::randomisation::{self, Randomisation};
use super::result::{AtHorizon, Bounds, Choice, Estimate, Leakage, Ppv, Statistic};
use super::settings::Settings;
use super::task::{Combination, Task};
use super::view::Horizon;
use crate::Error;
use crate::engine::Engine;
use crate::experiment::interval;
use overhear_learn::inference::{
    Nested, nested_interval, nested_interval_by_class, simultaneous_quantile, student_quantile,
};
use overhear_learn::leakage;

/// Base rates at which the predictive value is given.
const BASE_RATES: [f64; 3] = [0.5, 0.1, 0.02];

/// One task, tested and estimated.
pub struct Measured {
    /// Every learner on every windowing.
    pub combinations: Vec<Combination>,
    /// Folds of the test.
    pub n_folds: usize,
    /// The test's fold of each unit (n_units).
    pub fold_of_unit: Vec<u32>,
    /// The smallest p that the design can give with the assignments asked for.
    pub smallest_p: f64,
    /// The randomisation test; `None` where no assignment differs from the true one.
    pub test: Option<Randomisation>,
    /// Nested cross-validation at each horizon; empty with too few units.
    pub nested: Vec<nested::AtHorizon>,
    /// The estimates at each horizon; empty with too few units. What is quoted holds at this task's horizons together;
    /// see [`quote_together`].
    pub horizons: Vec<AtHorizon>,
}

impl Measured {
    /// Tests and estimates; `label` is what progress calls the task.
    ///
    /// # Errors
    /// [`Error::Learn`], [`Error::Stopped`].
    pub fn of(task: &Task, settings: &Settings, label: &str, engine: &Engine<'_>) -> Result<Measured, Error> {
        let tested = Measured::tested(task, settings, label, engine)?;
        tested.estimated(task, settings, label, engine)
    }

    /// The test alone.
    ///
    /// # Errors
    /// As [`Measured::of`].
    pub fn tested(
        task: &Task,
        settings: &Settings,
        label: &str,
        engine: &Engine<'_>,
    ) -> Result<Measured, Error> {
        let mut measured = Measured::untested(task, settings);
        // where no assignment differs from the true one there is nothing to test: one capture a condition
        if measured.smallest_p < 1.0 {
            let (combinations, folds) = (&measured.combinations, &measured.fold_of_unit);
            let assignments = task.design.assignments(settings.permutations, settings.seed);
            engine.stage(&format!("{label}: test"), randomisation::steps(&assignments, combinations));
            let seed = settings.seed;
            let test = randomisation::randomise(task, combinations, &assignments, folds, seed, engine)?;
            measured.test = Some(test);
        }
        Ok(measured)
    }

    /// Nothing tested.
    pub fn untested(task: &Task, settings: &Settings) -> Measured {
        let n_folds = settings.folds.min(task.units_per_condition().max(1)).max(2);
        Measured {
            combinations: task.combinations(&settings.attackers),
            n_folds,
            fold_of_unit: task.folds(n_folds, settings.seed),
            smallest_p: task.design.smallest_p(settings.permutations),
            test: None,
            nested: Vec::new(),
            horizons: Vec::new(),
        }
    }

    /// With its estimates.
    ///
    /// # Errors
    /// As [`Measured::of`].
    pub fn estimated(
        mut self,
        task: &Task,
        settings: &Settings,
        label: &str,
        engine: &Engine<'_>,
    ) -> Result<Measured, Error> {
        let Some(folds) = nested::n_folds(task) else { return Ok(self) };
        let steps = nested::steps(folds, &self.combinations) * settings.repetitions as u64;
        engine.stage(&format!("{label}: interval"), steps);
        let (repetitions, seed) = (settings.repetitions, settings.seed);
        self.nested = nested::estimate(task, &self.combinations, folds, repetitions, seed, engine)?;
        let neighbours = match settings.background {
            true => neighbours(task, &self.fold_of_unit, seed)?,
            false => None,
        };
        let at = |at: usize| self.horizon(task, at, neighbours.as_ref(), settings);
        self.horizons = (0..self.nested.len()).filter_map(at).collect();
        quote_together(&mut [(task, &mut self)], 1, seed);
        Ok(self)
    }

    /// How many folds the nested cross-validation has, and the fold of each unit in its first repetition; `None` with too few units.
    pub fn nested_folds(&self, task: &Task, seed: u64) -> Option<(usize, Vec<u32>)> {
        let n_folds = nested::n_folds(task)?;
        Some((n_folds, task.folds(n_folds, seed)))
    }

    /// p under max-T; 1 where there is nothing to test.
    pub fn p(&self) -> f64 {
        self.test.as_ref().map_or(1.0, |test| test.test.p)
    }

    /// Of the combinations that look at windows one by one, the one chosen most often at any horizon; the first of
    /// equals.
    pub fn most_chosen_of_windows(&self, task: &Task) -> &Combination {
        let chosen =
            |c: usize| self.nested.iter().flat_map(|h| &h.chosen).filter(|&&other| other == c).count();
        let of_windows = (0..self.combinations.len()).filter(|&c| task.is_of_windows(&self.combinations[c]));
        &self.combinations[of_windows.max_by_key(|&c| (chosen(c), std::cmp::Reverse(c))).unwrap_or(0)]
    }

    /// Combinations that look at windows one by one, with their balanced accuracy at one window under the true
    /// assignment; empty without a test.
    pub fn at_one_window(&self, task: &Task) -> Vec<(&Combination, f64)> {
        let Some(test) = &self.test else { return Vec::new() };
        let cells = task.cells(&self.combinations);
        let at_window = cells.iter().zip(&test.balanced_accuracy);
        at_window
            .filter(|((c, _), _)| task.is_of_windows(&self.combinations[*c]))
            .filter(|((_, horizon), _)| task.horizons[*horizon] == Horizon::Window)
            .map(|((c, _), &value)| (&self.combinations[*c], value))
            .collect()
    }

    /// Every statistic of the test, by name.
    pub fn statistics(&self, task: &Task) -> Vec<Statistic> {
        let Some(test) = &self.test else { return Vec::new() };
        let statistic = |(j, (c, horizon)): (usize, (usize, usize))| {
            let combination = &self.combinations[c];
            Statistic {
                learner: combination.learner.name(),
                windowing: task.tables[combination.table].windowing,
                horizon: task.horizons[horizon],
                balanced_accuracy: test.balanced_accuracy[j],
                t: test.test.observed[j],
                p_single: test.test.p_single[j],
            }
        };
        task.cells(&self.combinations).into_iter().enumerate().map(statistic).collect()
    }

    fn horizon(
        &self,
        task: &Task,
        at: usize,
        neighbours: Option<&Neighbours>,
        settings: &Settings,
    ) -> Option<AtHorizon> {
        let found = &self.nested[at];
        let nested = match task.is_paired() {
            true => nested_interval(&found.repetitions, CONFIDENCE),
            false => nested_interval_by_class(&found.repetitions, &task.class_of_unit(), CONFIDENCE),
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
        let sum = |truth: usize, predicted: usize| {
            found.unit_counts.iter().map(|unit| unit[truth][predicted]).sum::<u64>()
        };
        let counts: Vec<Vec<u64>> =
            (0..k).map(|truth| (0..k).map(|predicted| sum(truth, predicted)).collect()).collect();
        let mut leakage = leakage(&balanced_accuracy, k);
        leakage.push(mutual_information(found, self.chance_bits(task, at), settings.seed));
        if let (Horizon::Window, Some(neighbours)) = (kind, neighbours) {
            leakage.extend(bayes_risk(neighbours, k, &balanced_accuracy));
        }
        Some(AtHorizon {
            horizon: kind,
            limit: settings.limit.unwrap_or(kind.limit(k)),
            balanced_accuracy,
            quoted: balanced_accuracy,
            day_left_out: None,
            auc: nested_interval(&found.auc_repetitions, CONFIDENCE).map(turned),
            unit_losses: (0..task.n_units)
                .map(|unit| found.repetitions.iter().map(|r| r.outer[unit]).sum::<f64>() / repetitions as f64)
                .collect(),
            chosen: choices(task, &self.combinations, &found.chosen),
            n_blocks: (counts.iter().flatten().sum::<u64>() / repetitions.max(1)) as usize,
            ppv: if k == 2 { ppv(&counts) } else { Vec::new() },
            confusion: counts
                .iter()
                .map(|row| row.iter().map(|n| n / repetitions.max(1)).collect())
                .collect(),
            leakage,
        })
    }

    /// Mean mutual information under other assignments of the combination chosen most often.
    fn chance_bits(&self, task: &Task, at: usize) -> f64 {
        let Some(test) = &self.test else { return 0.0 };
        let most = (self.nested[at].most_chosen(), at);
        let place = task.cells(&self.combinations).iter().position(|&cell| cell == most);
        place.map_or(0.0, |j| test.chance_bits[j].max(0.0))
    }
}

/// What intervals claim.
const CONFIDENCE: f64 = 0.95;

/// Widens what is quoted so that it holds at all horizons of these findings of one task together, and for `n_tasks`
/// such groups.
pub fn quote_together(findings: &mut [(&Task, &mut Measured)], n_tasks: usize, seed: u64) {
    let Some((task, _)) = findings.first() else { return };
    let (n_units, n_strata) = match task.is_paired() {
        true => (task.n_units, 1),
        false => (task.n_units, task.conditions.len()),
    };
    if n_units <= n_strata {
        return;
    }
    let class_of_unit = if n_strata == 1 { vec![0; n_units] } else { task.class_of_unit() };
    let losses: Vec<Vec<f64>> = findings
        .iter()
        .flat_map(|(_, measured)| measured.horizons.iter().map(|h| centred(&h.unit_losses, &class_of_unit)))
        .collect();
    let degrees = (n_units - n_strata) as f64;
    let together = simultaneous_quantile(&losses, CONFIDENCE.powf(1.0 / n_tasks as f64), degrees, seed);
    let wider = together / student_quantile(0.5 + CONFIDENCE / 2.0, degrees);
    for horizon in findings.iter_mut().flat_map(|(_, measured)| &mut measured.horizons) {
        let Estimate { value, low, high } = horizon.balanced_accuracy;
        horizon.quoted = Estimate {
            value,
            low: (value - wider * (value - low)).max(0.0),
            high: (value + wider * (high - value)).min(1.0),
        };
    }
}

/// What each unit adds to the mean of its class's mean losses, that mean taken off.
fn centred(losses: &[f64], class_of_unit: &[u32]) -> Vec<f64> {
    let of_class = |class: u32| {
        let own = losses.iter().zip(class_of_unit).filter(move |(_, c)| **c == class);
        own.map(|(loss, _)| *loss).collect::<Vec<f64>>()
    };
    let n_classes = class_of_unit.iter().max().map_or(0, |c| c + 1);
    let classes: Vec<Vec<f64>> = (0..n_classes).map(of_class).collect();
    let centre = |(loss, &class): (&f64, &u32)| {
        let own = &classes[class as usize];
        (loss - own.iter().sum::<f64>() / own.len() as f64) / own.len() as f64
    };
    losses.iter().zip(class_of_unit).map(centre).collect()
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
            learner: combinations[c].learner.name(),
            windowing: task.tables[combinations[c].table].windowing,
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

/// Mutual information of the out-of-fold confusion, its interval by resampling units.
fn mutual_information(found: &nested::AtHorizon, chance_bits: f64, seed: u64) -> Leakage {
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
        // each block was predicted once a repetition
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
