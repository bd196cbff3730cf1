//! The randomised crossover schedule: what is to be recorded when.
//!
//! Source: METHOD.md section 4, "Design". A unit holds one round of each condition in an order drawn by a seeded
//! coin, so that whatever changes slowly falls on every condition alike.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use serde::Serialize;
use std::time::Duration;

/// The schema of a plan.
pub const SCHEMA: &str = "overhear/plan/1";

/// What is to be scheduled.
#[derive(Debug, Clone)]
pub struct Design {
    /// Units; pairs with two conditions.
    pub units: u32,
    /// Length of one round.
    pub round: Duration,
    /// Time between two rounds of a unit, for the stimulus to change.
    pub pause: Duration,
    /// Settling time at the beginning of a round.
    pub drop: Duration,
    /// Days to spread the units over.
    pub days: u32,
    /// Conditions.
    pub conditions: Vec<String>,
    /// Seed of the order.
    pub seed: u64,
}

/// Why there is no such schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Fewer than two conditions, or one of them twice.
    #[error("a schedule needs two or more different conditions; {found:?} are not")]
    Conditions {
        /// As given.
        found: Vec<String>,
    },
    /// No units, too many, or rounds without length.
    #[error(
        "a schedule needs 1 to 100,000 units, at least a day, and rounds longer than their settling time"
    )]
    Empty,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The rounds, in time order.
    pub rounds: Vec<Planned>,
    round: Duration,
    drop: Duration,
    seed: u64,
}

/// One round to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Its condition.
    pub condition: String,
    /// The unit it belongs to, from 1.
    pub unit: u32,
    /// When it begins, after the first one.
    pub offset: Duration,
}

#[derive(Serialize)]
struct File {
    schema: &'static str,
    seed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<Device>,
    round: Vec<Row>,
}

#[derive(Serialize)]
struct Device {
    name: String,
}

#[derive(Serialize)]
struct Row {
    condition: String,
    unit: u32,
    offset_s: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<toml::value::Datetime>,
    duration_s: f64,
    drop_s: f64,
}

impl Schedule {
    /// Draws a schedule. The same design gives the same one.
    ///
    /// # Errors
    /// [`ScheduleError`].
    pub fn draw(design: &Design) -> Result<Schedule, ScheduleError> {
        let mut distinct = design.conditions.clone();
        distinct.sort();
        distinct.dedup();
        if distinct.len() < 2 || distinct.len() < design.conditions.len() || distinct[0].is_empty() {
            return Err(ScheduleError::Conditions { found: design.conditions.clone() });
        }
        if !(1..=100_000).contains(&design.units) || design.days == 0 || design.round <= design.drop {
            return Err(ScheduleError::Empty);
        }
        let day = Duration::from_secs(86_400);
        let unit_length = (design.round + design.pause) * design.conditions.len() as u32;
        let spacing = (day * design.days / design.units).max(unit_length);
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(design.seed);
        let mut rounds = Vec::new();
        for unit in 0..design.units {
            let mut order = design.conditions.clone();
            order.shuffle(&mut rng);
            for (place, condition) in (0..).zip(order) {
                let offset = spacing * unit + (design.round + design.pause) * place;
                rounds.push(Planned { condition, unit: unit + 1, offset });
            }
        }
        Ok(Schedule { rounds, round: design.round, drop: design.drop, seed: design.seed })
    }

    /// The schedule's text; with dates where the first round's beginning is given.
    pub fn to_toml(&self, device: &str, start: Option<jiff::Timestamp>) -> String {
        let date = |offset: Duration| {
            let at = start?.checked_add(jiff::SignedDuration::try_from(offset).ok()?).ok()?;
            // RFC 3339 is what TOML's date-times are
            at.to_string().parse().ok()
        };
        let row = |planned: &Planned| Row {
            condition: planned.condition.clone(),
            unit: planned.unit,
            offset_s: planned.offset.as_secs_f64(),
            start: date(planned.offset),
            duration_s: self.round.as_secs_f64(),
            drop_s: self.drop.as_secs_f64(),
        };
        let file = File {
            schema: SCHEMA,
            seed: self.seed,
            device: (!device.is_empty()).then(|| Device { name: device.to_owned() }),
            round: self.rounds.iter().map(row).collect(),
        };
        // strings, numbers and a list of tables always become TOML
        toml::to_string(&file).expect("a schedule is plain TOML")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn design() -> Design {
        Design {
            units: 24,
            round: Duration::from_secs(1800),
            pause: Duration::from_secs(60),
            drop: Duration::from_secs(120),
            days: 3,
            conditions: vec!["a".to_owned(), "b".to_owned()],
            seed: 1,
        }
    }

    #[test]
    fn every_unit_holds_each_condition_once_and_rounds_never_overlap() {
        let schedule = Schedule::draw(&design()).unwrap();
        for unit in schedule.rounds.chunks(2) {
            assert_eq!(unit[0].unit, unit[1].unit);
            assert_ne!(unit[0].condition, unit[1].condition);
        }
        let apart = |pair: &[Planned]| pair[1].offset - pair[0].offset >= Duration::from_secs(1800);
        assert!(schedule.rounds.windows(2).all(apart));
        assert!(schedule.rounds.last().unwrap().offset > Duration::from_secs(2 * 86_400));
    }

    #[test]
    fn the_order_is_drawn_and_the_seed_decides() {
        let first = |seed| {
            let schedule = Schedule::draw(&Design { seed, ..design() }).unwrap();
            schedule.rounds.chunks(2).filter(|unit| unit[0].condition == "a").count()
        };
        assert!((4..=20).contains(&first(1)));
        assert_eq!(Schedule::draw(&design()), Schedule::draw(&design()));
        assert_ne!(Schedule::draw(&design()), Schedule::draw(&Design { seed: 2, ..design() }));
    }

    #[test]
    fn one_condition_is_no_schedule() {
        let design = Design { conditions: vec!["a".to_owned(), "a".to_owned()], ..design() };
        assert!(matches!(Schedule::draw(&design), Err(ScheduleError::Conditions { .. })));
    }

    #[test]
    fn dates_follow_the_start() {
        let text =
            Schedule::draw(&design()).unwrap().to_toml("", Some("2026-12-01T08:00:00Z".parse().unwrap()));
        assert!(text.contains("start = 2026-12-01T08:31:00Z"), "{text}");
    }
}
