//! The audit: is it a leak? An answer that stands up.
//!
//! Source: METHOD.md section 4. [`run`] takes rounds and gives an [`AuditResult`]; units are never split,
//! every choice is made inside the training side, and the test permutes what the design randomised.

mod beside;
mod gather;
mod nested;
mod posterior;
mod randomisation;
pub mod result;
mod task;
mod verdict;

pub use gather::{Gathered, GivenRound, Plan, gather, gather_table};
pub use result::AuditResult;
pub use task::Horizon;
pub use verdict::{LEAK_ABOVE, LEVEL};

use crate::Error;
use crate::experiment::interval;
use crate::progress::Progress;
use nested::AtHorizon;
use overhear_learn::inference::{Nested, nested_interval, nested_interval_by_class};
use overhear_learn::leakage;
use overhear_learn::learner::LearnerEntry;
use randomisation::Randomisation;
use result::{Answer, AuditScope, Bounds, Choice, Estimate, Finding, Leakage, Ppv, Statistic};
use std::time::Duration;
use task::{Combination, Task};

/// How an audit is run.
#[derive(Clone)]
pub struct Settings {
    /// Seed.
    pub seed: u64,
    /// Random assignments beside the true one.
    pub permutations: usize,
    /// Learners.
    pub learners: Vec<&'static LearnerEntry>,
    /// A limit instead of each horizon's own.
    pub limit: Option<f64>,
    /// Repetitions of the nested cross-validation.
    pub repetitions: usize,
    /// Whether to run controls, the paper's protocol and single features as well.
    pub beside: bool,
}

impl Settings {
    /// METHOD.md section 4: kNN, decision tree, random forest; 999 assignments; six repetitions.
    ///
    /// # Errors
    /// [`Error::Learn`] where a learner is not in the register.
    pub fn default_of(seed: u64) -> Result<Settings, Error> {
        let learners = ["knn", "decision_tree", "random_forest"].map(overhear_learn::learner::find);
        let learners = learners.into_iter().collect::<Result<_, _>>()?;
        Ok(Settings { seed, permutations: 999, learners, limit: None, repetitions: 6, beside: true })
    }
}

/// Folds of units in the randomisation test.
const TEST_FOLDS: usize = 8;

/// Base rates at which the predictive value is told.
const BASE_RATES: [f64; 3] = [0.5, 0.1, 0.02];

/// Runs the audit on gathered rounds, once for each observer they were gathered for. `clock` tells the time since
/// some fixed moment.
///
/// # Errors
/// [`Error::OneCondition`], [`Error::Learn`], [`Error::Stopped`].
pub fn run(
    gathered: &Gathered,
    settings: &Settings,
    clock: &dyn Fn() -> Duration,
    progress: &dyn Progress,
) -> Result<AuditResult, Error> {
    let start = clock();
    let mut findings = Vec::new();
    for conditions in gathered.tasks() {
        for observer in 0..gathered.observers.len() {
            let task = gathered.task(&conditions, observer)?;
            let positive = match &gathered.positive {
                Some(name) => Some(gathered.task(&[conditions[0].clone(), name.clone()], observer)?),
                None => None,
            };
            let name = &gathered.observers[observer];
            findings.push(finding(gathered, &task, positive.as_ref(), name, settings, progress)?);
        }
    }
    let worst = findings.iter().min_by_key(|f| f.answer as u8);
    let (hours, days) = gathered.extent();
    Ok(AuditResult {
        verdict: worst
            .map_or_else(|| "INCONCLUSIVE: nothing to tell apart".to_owned(), |f| f.verdict.clone()),
        scope: AuditScope {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            device: gathered.device.clone(),
            generated: gathered.generated.clone(),
            conditions: gathered.conditions.clone(),
            units: gathered.n_units(),
            paired: gathered.paired(),
            hours,
            days,
            observers: gathered.observers.clone(),
            learners: settings.learners.iter().map(|entry| entry.name.to_owned()).collect(),
            windowings: gathered.windowings.clone(),
            permutations: settings.permutations,
            folds: TEST_FOLDS.min(gathered.n_units()),
            repetitions: settings.repetitions,
            seed: settings.seed,
            threads: rayon::current_num_threads(),
            elapsed_s: clock().saturating_sub(start).as_secs_f64(),
        },
        findings,
        schedule: gathered.schedule.clone(),
        warnings: gathered.warnings.clone(),
    })
}

fn finding(
    gathered: &Gathered,
    task: &Task,
    positive: Option<&Task>,
    observer: &str,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<Finding, Error> {
    let combinations = task.combinations(&settings.learners);
    let label = format!("{} ({observer})", task.conditions.join("/"));
    let n_folds = TEST_FOLDS.min(task.units_per_condition().max(1)).max(2);
    let fold_of_unit = task.folds(n_folds, settings.seed);
    let smallest_p = task.design.smallest_p(settings.permutations);
    // where no assignment differs from the true one there is nothing to test: one capture a condition
    let testable = smallest_p < 1.0;
    let assignments =
        task.design.assignments(if testable { settings.permutations } else { 0 }, settings.seed);
    progress.begin(&format!("{label}: test"), randomisation::steps(&assignments, &combinations));
    let test = match testable {
        true => Some(randomisation::randomise(
            task,
            &combinations,
            &assignments,
            &fold_of_unit,
            settings.seed,
            progress,
        )?),
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
    progress.begin(&format!("{label}: beside"), 1);
    let neighbours = beside::neighbours(task, &fold_of_unit, settings.seed)?;
    let horizons: Vec<result::Horizon> = nested
        .iter()
        .enumerate()
        .filter_map(|(at, found)| {
            horizon(task, &combinations, at, found, test.as_ref(), neighbours, settings)
        })
        .collect();
    let mut finding = Finding {
        task: task.conditions.join("/"),
        conditions: task.conditions.clone(),
        observer: observer.to_owned(),
        answer: Answer::Inconclusive,
        verdict: String::new(),
        sentence: String::new(),
        p: test.as_ref().map_or(1.0, |test| test.test.p),
        smallest_p,
        assignments: test.as_ref().map_or(1, |test| test.assignments),
        exhaustive: test.as_ref().is_none_or(|test| test.exhaustive),
        statistics: test.as_ref().map_or_else(Vec::new, |test| statistics(task, &combinations, test)),
        max_t: test.as_ref().map_or_else(Vec::new, |test| test.test.maxima.clone()),
        horizons,
        posterior: None,
        controls: Vec::new(),
        confounding: None,
        paper: Vec::new(),
        features: Vec::new(),
        next: Vec::new(),
    };
    if let Some(positive) = positive {
        finding.controls.push(beside::positive(
            positive,
            &positive.combinations(&settings.learners),
            settings.seed,
        )?);
    }
    if settings.beside {
        let shown = test.as_ref().filter(|_| !finding.horizons.is_empty());
        if let Some(test) = shown {
            let honest = |c: usize| test.balanced_accuracy[c * task.horizons.len()];
            finding.paper = beside::paper(task, &combinations, honest, settings.seed)?;
            let most_chosen = most_chosen(&nested);
            finding.posterior =
                posterior::follow(task, combinations[most_chosen], &fold_of_unit, settings.seed)?;
        }
        for class in 0..task.conditions.len() as u32 {
            finding.controls.push(beside::same_against_same(task, &combinations, class, settings.seed)?);
        }
        finding.confounding = beside::confounding(task, settings.seed)?;
        finding.features = beside::features(task, &fold_of_unit, settings.seed)?;
    }
    let learners: Vec<&str> = settings.learners.iter().map(|entry| entry.short).collect();
    let decision = verdict::Evidence {
        conditions: &task.conditions,
        p: finding.p,
        smallest_p,
        horizons: &finding.horizons,
        controls: &finding.controls,
        units: task.n_units,
        paired: task.design.is_paired(),
        observer,
        learners: &learners.join(", "),
        hours: gathered.extent().0,
    }
    .decide();
    progress.advance(1);
    finding.answer = decision.answer;
    finding.verdict = decision.line;
    finding.sentence = decision.sentence;
    finding.next = decision.next;
    Ok(finding)
}

/// How much balanced accuracy rose from one campaign to another at the same horizon, with its 95 % interval.
///
/// The two intervals' half-widths are joined as those of independent estimates; where both campaigns have the same
/// number of units, recorded by the same schedule, what their losses have in common unit by unit is taken off.
pub fn rise(before: &result::Horizon, after: &result::Horizon) -> Estimate {
    let (old, new) = (before.balanced_accuracy, after.balanced_accuracy);
    let half = |e: Estimate| f64::max(e.high - e.value, e.value - e.low);
    let independent = half(old).powi(2) + half(new).powi(2);
    let shared = shared_variance(&before.unit_losses, &after.unit_losses);
    // 4 ≈ the square of Student's t; never shorter than either interval alone would allow if all were shared
    let paired =
        (independent - 2.0 * 4.0 * shared).max((half(old) - half(new)).powi(2)).max(0.25 * independent);
    let (value, half) = (new.value - old.value, paired.sqrt());
    Estimate { value, low: value - half, high: value + half }
}

/// Covariance of the mean losses of paired units; 0 where units are not paired, or it is negative.
fn shared_variance(a: &[f64], b: &[f64]) -> f64 {
    if a.len() != b.len() || a.len() < 2 {
        return 0.0;
    }
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let product: f64 = a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum();
    (product / (n - 1.0) / n).max(0.0)
}

/// The combination chosen most often at the longest horizon; the first of equals.
fn most_chosen(nested: &[AtHorizon]) -> usize {
    let chosen = nested.last().map_or(&[][..], |at| &at.chosen[..]);
    let most = chosen
        .iter()
        .max_by_key(|&c| (chosen.iter().filter(|other| *other == c).count(), std::cmp::Reverse(*c)));
    most.copied().unwrap_or(0)
}

fn statistics(task: &Task, combinations: &[Combination], test: &Randomisation) -> Vec<Statistic> {
    let n_horizons = task.horizons.len();
    let statistic = |j: usize| {
        let combination = combinations[j / n_horizons];
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

fn horizon(
    task: &Task,
    combinations: &[Combination],
    at: usize,
    found: &AtHorizon,
    test: Option<&Randomisation>,
    neighbours: Option<[f64; 2]>,
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
    if let (Horizon::Window, Some([one, many])) = (kind, neighbours) {
        leakage.extend(bayes_risk(one, many, k, &balanced_accuracy));
    }
    Some(result::Horizon {
        horizon: kind.name(),
        limit: settings.limit.unwrap_or(kind.limit()),
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

/// Bounds on the Bayes risk of one window by its nearest neighbours; they are as wide as the attacker's interval.
fn bayes_risk(one_nn_error: f64, knn_error: f64, n_classes: usize, ba: &Estimate) -> [Leakage; 2] {
    let (below, above) = (ba.value - ba.low, ba.high - ba.value);
    let of = |measure: &str, value: f64, bounds| Leakage {
        measure: measure.to_owned(),
        unit: "share".to_owned(),
        estimate: Estimate { value, low: (value - above).max(0.0), high: (value + below).min(1.0) },
        bounds,
    };
    [
        of("bayes_risk_lower", leakage::bayes_risk_lower(one_nn_error, n_classes), Bounds::Below),
        of("bayes_risk_upper", knn_error, Bounds::Above),
    ]
}

fn ppv(counts: &[Vec<u64>]) -> Vec<Ppv> {
    let rate = |row: &[u64]| row[1] as f64 / (row[0] + row[1]).max(1) as f64;
    let (fpr, tpr) = (rate(&counts[0]), rate(&counts[1]));
    BASE_RATES.map(|base_rate| Ppv { base_rate, ppv: leakage::ppv(tpr, fpr, base_rate) }).to_vec()
}
