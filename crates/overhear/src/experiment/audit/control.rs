//! Controls: what must not be found, and what must.
//!
//! Source: docs/method.md, "Controls". Rounds of one condition are compared with each other in time: the first
//! of each two neighbours with the second, and day with day. Labels by a coin of the tool's own would control nothing.

use super::estimate::Measured;
use super::randomisation::randomise;
use super::result::{Control, ControlFound, ControlKind, Estimate};
use super::settings::{Attackers, Settings};
use super::task::{Table, Task};
use super::view::Base;
use crate::Error;
use crate::assemble::Joined;
use crate::engine::Engine;
use overhear_learn::inference::Design;
use overhear_learn::learner::Configured;
use overhear_learn::{Dataset, Matrix};

/// Assignments of a control: enough for p below its level.
const ASSIGNMENTS: usize = 199;
/// A control must not reject at this level.
const LEVEL: f64 = 0.01;
/// What the positive control must reach.
const POSITIVE: f64 = 0.9;
/// What its interval must exclude.
const POSITIVE_ABOVE: f64 = 0.55;
/// Days that are compared, at most: more are taken together.
const MOST_DAYS: usize = 6;

/// The two controls within one condition.
///
/// # Errors
/// [`Error::Learn`], [`Error::Stopped`].
pub fn within(task: &Task, class: u32, seed: u64, engine: &Engine<'_>) -> Result<[Control; 2], Error> {
    let condition = &task.conditions[class as usize];
    let named = |name: ControlKind, (passed, found)| Control { name, passed, found };
    Ok([
        named(ControlKind::FirstAgainstSecond(condition.clone()), neighbours(task, class, seed, engine)?),
        named(ControlKind::Days(condition.clone()), days(task, class, seed, engine)?),
    ])
}

type Outcome = (Option<bool>, ControlFound);

/// First against second of each two neighbours in time.
fn neighbours(task: &Task, class: u32, seed: u64, engine: &Engine<'_>) -> Result<Outcome, Error> {
    let Some(in_days) = &task.in_days else { return Ok((None, ControlFound::NoTimes)) };
    let rounds: Vec<usize> =
        in_days.by_time().into_iter().filter(|&round| task.design.classes[round] == class).collect();
    let pairs = rounds.len() / 2;
    let n = 2 * pairs as u32;
    let design = Design {
        units: (0..n).map(|place| place / 2).collect(),
        classes: (0..n).map(|place| place % 2).collect(),
        n_classes: 2,
        order: None,
    };
    let least = 16;
    if design.smallest_p(ASSIGNMENTS) > LEVEL {
        return Ok((None, ControlFound::TooFewRounds { rounds: rounds.len(), least }));
    }
    let names = ["first", "second"].map(str::to_owned).to_vec();
    let p = p_of(&relabelled(task, &rounds[..2 * pairs], design, names)?, seed, engine)?;
    Ok((Some(p > LEVEL), ControlFound::Neighbours { pairs, p }))
}

/// Rounds of one condition by their days.
fn days(task: &Task, class: u32, seed: u64, engine: &Engine<'_>) -> Result<Outcome, Error> {
    let Some(in_days) = &task.in_days else { return Ok((None, ControlFound::NoTimes)) };
    let own: Vec<usize> =
        in_days.by_time().into_iter().filter(|&round| task.design.classes[round] == class).collect();
    let groups: Vec<&[usize]> =
        own.chunk_by(|&a, &b| in_days.day[a] == in_days.day[b]).filter(|of_day| of_day.len() >= 2).collect();
    let days = groups.len();
    if days < 2 {
        return Ok((None, ControlFound::TooFewDays { days }));
    }
    let per_group = days.div_ceil(MOST_DAYS);
    let groups: Vec<Vec<usize>> = groups.chunks(per_group).map(|several| several.concat()).collect();
    let rounds: Vec<usize> = groups.concat();
    let classes: Vec<u32> =
        (0..).zip(&groups).flat_map(|(group, rounds)| vec![group; rounds.len()]).collect();
    let n_classes = groups.len();
    let design = Design { units: (0..rounds.len() as u32).collect(), classes, n_classes, order: None };
    if design.smallest_p(ASSIGNMENTS) > LEVEL {
        return Ok((None, ControlFound::TooFewDays { days }));
    }
    let names = (1..=n_classes).map(|day| format!("day {day}")).collect();
    let p = p_of(&relabelled(task, &rounds, design, names)?, seed, engine)?;
    let balanced = in_days.is_balanced(&task.design);
    // days that differ are the rule; where each holds every condition equally often they explain nothing
    Ok((Some(p > LEVEL || balanced), ControlFound::Days { days: n_classes, p, balanced }))
}

/// p of the quick learners: a control asks whether rounds of one condition differ, not what an attacker could do.
fn p_of(task: &Task, seed: u64, engine: &Engine<'_>) -> Result<f64, Error> {
    let quick = vec![Configured::new("knn", &[])?, Configured::new("ridge", &[])?];
    let combinations = task.combinations(&Attackers::of(quick)?);
    let assignments = task.design.assignments(ASSIGNMENTS, seed);
    let folds = task.folds(task.n_units.clamp(2, 8), seed);
    Ok(randomise(task, &combinations, &assignments, &folds, seed, &engine.unwatched())?.test.p)
}

/// Some rounds of a task under other labels.
fn relabelled(task: &Task, rounds: &[usize], design: Design, conditions: Vec<String>) -> Result<Task, Error> {
    let mut place_of = vec![None; task.design.classes.len()];
    (0u32..).zip(rounds).for_each(|(place, &round)| place_of[round] = Some(place));
    let of_table = |table: &Table| {
        let mut rows = table.rows(|round| place_of[round].is_some());
        rows.sort_by_key(|&row| (place_of[table.round[row as usize] as usize], row));
        let pick =
            |j: usize| -> Vec<f64> { rows.iter().map(|&row| table.data.x.value(row as usize, j)).collect() };
        let columns: Vec<Vec<f64>> = (0..table.data.x.n_columns()).map(pick).collect();
        let round: Vec<u32> =
            rows.iter().filter_map(|&row| place_of[table.round[row as usize] as usize]).collect();
        let starts = table.data.starts_ns.as_ref();
        let data = Dataset {
            features: table.data.features.clone(),
            x: Matrix::from_columns(&columns)?,
            y: round.iter().map(|&r| design.classes[r as usize]).collect(),
            classes: conditions.clone(),
            units: None,
            starts_ns: starts.map(|starts| rows.iter().map(|&row| starts[row as usize]).collect()),
        };
        let stretch = rows.iter().map(|&row| table.stretch[row as usize]).collect();
        Ok(Table::new(table.windowing, Joined { data, round, stretch }, &task.horizons))
    };
    // series are not tried here: what they see of a fault, windows do; and a home's level was that of other units
    let is_tried =
        |table: &&Table| !matches!(table.windowing.base, Base::Sequence(_)) && !table.windowing.less_home;
    let windows = task.tables.iter().filter(is_tried);
    let tables = windows.map(of_table).collect::<Result<_, Error>>()?;
    Ok(Task {
        n_units: design.units.iter().max().map_or(0, |&unit| unit as usize + 1),
        design,
        conditions,
        order: task.order.clone(),
        in_days: None,
        seconds: task.seconds,
        rounds: rounds.iter().map(|&round| task.rounds[round]).collect(),
        horizons: task.horizons.clone(),
        tables,
    })
}

/// The positive control against the first condition, by the same pipeline, with its interval.
///
/// # Errors
/// [`Error::Learn`], [`Error::Stopped`].
pub fn positive(task: &Task, settings: &Settings, engine: &Engine<'_>) -> Result<Control, Error> {
    let untested = Measured::untested(task, settings);
    let measured = untested.estimated(task, settings, "positive control", engine)?;
    let clearest = measured.horizons.iter().max_by(|a, b| a.quoted.low.total_cmp(&b.quoted.low));
    let passes = |e: Estimate| e.value >= POSITIVE && e.low > POSITIVE_ABOVE;
    Ok(Control {
        name: ControlKind::Positive(task.conditions[1].clone()),
        passed: clearest.map(|h| passes(h.quoted)),
        found: ControlFound::Positive {
            from: task.conditions[0].clone(),
            balanced_accuracy: clearest.map(|h| h.quoted),
            horizon: clearest.map(|h| h.horizon),
        },
    })
}
