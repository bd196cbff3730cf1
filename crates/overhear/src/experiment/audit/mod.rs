//! The audit: is it a leak? An answer that stands up.
//!
//! Source: docs/method.md, from "Design" on. [`run`] takes rounds and gives an [`AuditResult`]; units are never split, every choice is
//! made inside the training side, the test permutes what the design could have dealt, and all tasks and observers are
//! held to one level. What is known of the data goes along as caveats to the verdict.

mod compare;
mod confounding;
mod control;
mod copies;
mod days;
mod estimate;
pub mod fit;
mod front;
pub mod gate;
mod gather;
mod losses;
mod neighbours;
mod nested;
mod optimistic;
mod order;
mod posterior;
mod randomisation;
pub mod result;
mod rounds;
pub mod series;
mod settings;
mod single_feature;
mod stretch;
mod tables;
mod task;
mod used;
pub mod verdict;
pub mod view;

pub(in crate::experiment) use estimate::{Measured, quote_together};
pub(in crate::experiment) use nested::on_last_fold;
pub(in crate::experiment) use task::{Table, Task};

pub use compare::{Comparison, compare, rise};
pub use front::View;
pub use gather::{Gathered, gather_table, gather_tables};
pub use result::AuditResult;
pub use rounds::{GivenRound, Plan, gather, given_by, look};
pub use settings::{Attackers, Settings};
pub use verdict::{LEAK_ABOVE, LEVEL};
pub use view::Horizon;

use crate::Error;
use crate::engine::Engine;
use overhear_learn::inference::{MaxT, joint_p, max_t};
use result::{AuditScope, Control, Finding};
use std::collections::BTreeSet;
use std::time::Duration;

/// Runs the audit on gathered rounds, once for each observer they were gathered for. `clock` tells the time since
/// some fixed moment.
///
/// # Errors
/// [`Error::Learn`], [`Error::Stopped`].
pub fn run(
    gathered: &Gathered,
    settings: &Settings,
    clock: &dyn Fn() -> Duration,
    engine: &Engine<'_>,
) -> Result<AuditResult, Error> {
    let start = clock();
    let families = Family::measure_all(gathered, settings, engine)?;
    let mut findings = Vec::new();
    for (number, family) in families.iter().enumerate() {
        let others: Vec<&MaxT> = families
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != number)
            .filter_map(|(_, family)| family.test.as_ref())
            .collect();
        for seen in &family.seen {
            findings.push(seen.finding(gathered, family, &others, settings, engine)?);
        }
    }
    let used: BTreeSet<usize> =
        families.iter().filter_map(|f| f.seen.first()).flat_map(|s| s.task.rounds.iter().copied()).collect();
    let (hours, days) = gathered.extent(&used);
    Ok(AuditResult {
        scope: AuditScope {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            device: gathered.device.clone(),
            generated: gathered.generated.clone(),
            conditions: gathered.conditions.clone(),
            units: gathered.n_units(&used),
            paired: gathered.is_paired(),
            hours,
            days,
            observers: gathered.observers.clone(),
            learners: settings.attackers.names(!gathered.sequences().is_empty()),
            windowings: gathered.windowings.clone(),
            sequences: gathered.sequences().to_vec(),
            permutations: settings.permutations,
            repetitions: settings.repetitions,
            seed: settings.seed,
            threads: rayon::current_num_threads(),
            elapsed_s: clock().saturating_sub(start).as_secs_f64(),
            run: None,
        },
        findings,
        schedule: gathered.schedule.clone(),
        caveats: gathered.caveats.clone(),
        sensitivity: None,
    })
}

/// One task, tested and estimated for every observer: the observers share assignments, and so one max-T.
pub(in crate::experiment) struct Family {
    /// By observer.
    pub seen: Vec<SeenTask>,
    /// The test over all observers' statistics; `None` where there is nothing to test.
    pub test: Option<MaxT>,
    n_tasks: usize,
}

/// One task as one observer sees it.
pub(in crate::experiment) struct SeenTask {
    /// Place among the observers.
    pub observer: usize,
    /// The task.
    pub task: Task,
    /// What was found.
    pub measured: Measured,
}

impl Family {
    fn measure_all(
        gathered: &Gathered,
        settings: &Settings,
        engine: &Engine<'_>,
    ) -> Result<Vec<Family>, Error> {
        let tasks = gathered.tasks();
        let n_tasks = tasks.len();
        tasks.iter().map(|conditions| Family::of(gathered, conditions, n_tasks, settings, engine)).collect()
    }

    /// Tests and estimates one task for every observer.
    ///
    /// # Errors
    /// [`Error::Learn`], [`Error::Stopped`].
    pub fn of(
        gathered: &Gathered,
        conditions: &[String],
        n_tasks: usize,
        settings: &Settings,
        engine: &Engine<'_>,
    ) -> Result<Family, Error> {
        let mut family = Family::tested(gathered, conditions, n_tasks, settings, engine)?;
        let mut seen = Vec::new();
        for SeenTask { observer, task, measured } in family.seen {
            let label = gathered.label(conditions, observer);
            let measured = measured.estimated(&task, settings, &label, engine)?;
            seen.push(SeenTask { observer, task, measured });
        }
        let mut together: Vec<(&Task, &mut Measured)> =
            seen.iter_mut().map(|seen| (&seen.task, &mut seen.measured)).collect();
        quote_together(&mut together, n_tasks, settings.seed);
        family.seen = seen;
        Ok(family)
    }

    /// Tests one task for every observer; no estimates.
    ///
    /// # Errors
    /// [`Error::Learn`], [`Error::Stopped`].
    pub fn tested(
        gathered: &Gathered,
        conditions: &[String],
        n_tasks: usize,
        settings: &Settings,
        engine: &Engine<'_>,
    ) -> Result<Family, Error> {
        let mut seen = Vec::new();
        for observer in 0..gathered.observers.len() {
            let task = gathered.task(conditions, observer, settings.seed)?;
            let label = gathered.label(conditions, observer);
            let measured = Measured::tested(&task, settings, &label, engine)?;
            seen.push(SeenTask { observer, task, measured });
        }
        let test = joined_test(&seen);
        Ok(Family { seen, test, n_tasks })
    }

    /// p of one observer's finding under max-T over all observers, the tasks beside this one not counted.
    pub fn p_of(&self, seen: &SeenTask) -> f64 {
        let own = seen.measured.test.as_ref().map(|test| test.test.maxima[0]);
        match (&self.test, own) {
            (Some(test), Some(own)) => test.p_of(own),
            _ => 1.0,
        }
    }
}

/// One max-T over the statistics of all observers: they were tested under the same assignments.
fn joined_test(seen: &[SeenTask]) -> Option<MaxT> {
    let tests = seen.iter().map(|s| s.measured.test.as_ref()).collect::<Option<Vec<_>>>()?;
    let first = tests.first()?;
    if tests.len() == 1 {
        return Some(first.test.clone());
    }
    let rows = (0..first.assignments)
        .map(|b| tests.iter().flat_map(|test| test.scores[b].iter().copied()).collect::<Vec<f64>>());
    Some(max_t(&rows.collect::<Vec<_>>(), first.exhaustive))
}

impl SeenTask {
    fn finding(
        &self,
        gathered: &Gathered,
        family: &Family,
        others: &[&MaxT],
        settings: &Settings,
        engine: &Engine<'_>,
    ) -> Result<Finding, Error> {
        let SeenTask { task, measured, observer } = self;
        let p = joint_p(family.p_of(self), others);
        let of_design = task.design.smallest_p(usize::MAX);
        let smallest_p = joint_p(measured.smallest_p, others);
        let label = gathered.label(&task.conditions, *observer);
        engine.stage(&format!("{label}: controls and background"), 1);
        let quiet = engine.unwatched();
        let controls = self.controls(gathered, settings, &quiet)?;
        let background = match settings.background {
            true => Background::of(task, measured, settings.seed, &quiet)?,
            false => Background::default(),
        };
        let mut horizons = measured.horizons.clone();
        for (horizon, day) in horizons.iter_mut().zip(&background.days) {
            horizon.day_left_out = Some(*day);
        }
        let decision = verdict::Evidence {
            n_conditions: task.conditions.len(),
            p,
            smallest_p,
            smallest_p_of_design: 1.0 - (1.0 - of_design).powi(family.n_tasks as i32),
            permutations: settings.permutations,
            n_tasks: family.n_tasks,
            horizons: &horizons,
            controls: &controls,
            order: &task.order,
            caveats: &gathered.caveats,
            units: task.n_units,
            paired: task.design.is_paired(),
        }
        .decide();
        engine.step();
        let (assignments, exhaustive, max_t) = match &measured.test {
            Some(test) => (test.assignments, test.exhaustive, test.test.maxima.clone()),
            None => (1, true, Vec::new()),
        };
        Ok(Finding {
            task: task.conditions.join("/"),
            conditions: task.conditions.clone(),
            observer: gathered.observers[*observer],
            answer: decision.answer,
            reason: decision.reason,
            p,
            p_alone: measured.p(),
            smallest_p,
            assignments,
            exhaustive,
            order: task.order.clone(),
            units: task.n_units,
            paired: task.design.is_paired(),
            hours: task.seconds / 3600.0,
            folds: measured.n_folds,
            rounds: self.rounds(gathered),
            statistics: measured.statistics(task),
            horizons,
            max_t,
            posterior: background.posterior,
            controls,
            confounding: background.confounding,
            paper: background.paper,
            features: background.features,
            advice: decision.advice,
        })
    }

    /// What became of each round at the first horizon. Rounds of one unit and condition are counted together.
    fn rounds(&self, gathered: &Gathered) -> Vec<result::RoundFound> {
        let (task, design) = (&self.task, &self.task.design);
        let Some(found) = self.measured.nested.first() else { return Vec::new() };
        let of_round = |(i, &place): (usize, &usize)| {
            let (unit, class) = (design.units[i] as usize, design.classes[i] as usize);
            let predicted = &found.unit_counts[unit][class];
            let all = predicted.iter().sum::<u64>();
            let correct = (all > 0).then(|| predicted[class] as f64 / all as f64);
            result::RoundFound { round: gathered.in_schedule(place), correct }
        };
        task.rounds.iter().enumerate().map(of_round).collect()
    }

    fn controls(
        &self,
        gathered: &Gathered,
        settings: &Settings,
        engine: &Engine<'_>,
    ) -> Result<Vec<Control>, Error> {
        let mut controls = Vec::new();
        if !settings.controls {
            return Ok(controls);
        }
        let task = &self.task;
        if let Some(positive) = gathered.positive_task(&task.conditions[0], self.observer, settings.seed)? {
            controls.push(control::positive(&positive, settings, engine)?);
        }
        for class in 0..task.conditions.len() as u32 {
            controls.extend(control::within(task, class, settings.seed, engine)?);
        }
        Ok(controls)
    }
}

/// What stands beside the verdict and decides nothing.
#[derive(Default)]
struct Background {
    posterior: Option<result::Posterior>,
    confounding: Option<result::Estimate>,
    paper: Vec<result::PaperCell>,
    features: Vec<result::FeatureLeak>,
    days: Vec<result::Estimate>,
}

impl Background {
    fn of(task: &Task, measured: &Measured, seed: u64, engine: &Engine<'_>) -> Result<Background, Error> {
        let mut background = Background::default();
        let (combinations, folds) = (&measured.combinations, &measured.fold_of_unit);
        if measured.test.is_some() && !measured.horizons.is_empty() {
            background.paper = optimistic::paper(task, &measured.at_one_window(task), seed, engine)?;
            let followed = measured.most_chosen_of_windows(task);
            background.posterior = posterior::follow(task, followed, folds, seed, engine)?;
        }
        background.confounding = confounding::index(task, seed, engine)?;
        background.features = single_feature::features(task, folds, seed, engine)?;
        background.days = days::left_out(task, combinations, seed, engine)?;
        Ok(background)
    }
}
