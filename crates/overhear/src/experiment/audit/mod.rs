//! The audit: is it a leak? An answer that stands up.
//!
//! Source: METHOD.md section 4. [`run`] takes rounds and gives an [`AuditResult`]; units are never split,
//! every choice is made inside the training side, and the test permutes what the design randomised.

mod beside;
mod compare;
mod estimate;
mod gather;
mod nested;
mod posterior;
mod randomisation;
pub mod result;
mod settings;
mod task;
mod verdict;

pub(in crate::experiment) use estimate::Measured;
pub(in crate::experiment) use nested::on_last_fold;
pub(in crate::experiment) use task::Task;

pub use compare::rise;
pub use gather::{Gathered, GivenRound, Plan, gather, gather_table};
pub use result::AuditResult;
pub use settings::Settings;
pub use task::Horizon;
pub use verdict::{LEAK_ABOVE, LEVEL};

use crate::Error;
use crate::progress::Progress;
use result::{AuditScope, Finding};
use std::time::Duration;

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
            folds: settings.folds.min(gathered.n_units()),
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
    let label = format!("{} ({observer})", task.conditions.join("/"));
    let measured = Measured::of(task, settings, &label, progress)?;
    let statistics = measured.statistics(task);
    let p = measured.p();
    let mut controls = Vec::new();
    if let Some(positive) = positive {
        let combinations = positive.combinations(&settings.learners);
        controls.push(beside::positive(positive, &combinations, settings.seed)?);
    }
    progress.begin(&format!("{label}: beside"), 1);
    let beside = match settings.beside {
        true => Beside::of(task, &measured, settings.seed)?,
        false => Beside::default(),
    };
    controls.extend(beside.controls);
    let learners: Vec<&str> = settings.learners.iter().map(|entry| entry.short).collect();
    let decision = verdict::Evidence {
        conditions: &task.conditions,
        p,
        smallest_p: measured.smallest_p,
        horizons: &measured.horizons,
        controls: &controls,
        units: task.n_units,
        paired: task.design.is_paired(),
        observer,
        learners: &learners.join(", "),
        hours: gathered.extent().0,
    }
    .decide();
    progress.advance(1);
    let (assignments, exhaustive, max_t) = match measured.test {
        Some(test) => (test.assignments, test.exhaustive, test.test.maxima),
        None => (1, true, Vec::new()),
    };
    Ok(Finding {
        task: task.conditions.join("/"),
        conditions: task.conditions.clone(),
        observer: observer.to_owned(),
        answer: decision.answer,
        verdict: decision.line,
        sentence: decision.sentence,
        p,
        smallest_p: measured.smallest_p,
        assignments,
        exhaustive,
        horizons: measured.horizons,
        statistics,
        max_t,
        posterior: beside.posterior,
        controls,
        confounding: beside.confounding,
        paper: beside.paper,
        features: beside.features,
        next: decision.next,
    })
}

/// What stands beside the verdict.
#[derive(Default)]
struct Beside {
    controls: Vec<result::Control>,
    posterior: Option<result::Posterior>,
    confounding: Option<result::Estimate>,
    paper: Vec<result::PaperCell>,
    features: Vec<result::FeatureLeak>,
}

impl Beside {
    fn of(task: &Task, measured: &Measured, seed: u64) -> Result<Beside, Error> {
        let mut beside = Beside::default();
        let (combinations, folds) = (&measured.combinations, &measured.fold_of_unit);
        if let Some(test) = measured.test.as_ref().filter(|_| !measured.horizons.is_empty()) {
            let honest = |c: usize| test.balanced_accuracy[c * task.horizons.len()];
            beside.paper = beside::paper(task, combinations, honest, seed)?;
            beside.posterior = posterior::follow(task, measured.most_chosen(), folds, seed)?;
        }
        for class in 0..task.conditions.len() as u32 {
            beside.controls.push(beside::same_against_same(task, class, seed)?);
        }
        beside.confounding = beside::confounding(task, seed)?;
        beside.features = beside::features(task, folds, seed)?;
        Ok(beside)
    }
}
