//! The randomised crossover schedule: what is to be recorded when.
//!
//! Source: docs/method.md, "Design". A unit holds one round of each condition. Orders are drawn by a seed and
//! balanced within days: each condition is as often first as every other, so that whatever changes slowly, and a device
//! that warms up, fall on every condition alike. A plan can be drawn again from what stands in its file, which proves
//! that nobody chose the order.

use crate::Error;
use overhear_learn::inference;
use overhear_traffic::packet::Device;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The schema of a plan.
pub const SCHEMA: &str = "overhear/plan/1";

/// What is to be scheduled.
#[derive(Debug, Clone, PartialEq)]
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

/// Seconds of a day.
pub const DAY_S: i64 = 86_400;

pub use overhear_synth::blocks;

/// No round, pause or settling time is longer: a year.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);
/// More conditions than this nobody records.
const MOST_CONDITIONS: usize = 1000;

/// A schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The rounds, in time order.
    pub rounds: Vec<Planned>,
    design: Design,
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

/// A plan as its file has it.
#[derive(Serialize, Deserialize)]
struct File {
    schema: String,
    seed: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    drawn: Option<toml::value::Datetime>,
    design: DesignRow,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<DeviceRow>,
    #[serde(default)]
    round: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
struct DesignRow {
    units: u32,
    days: u32,
    round_s: f64,
    pause_s: f64,
    drop_s: f64,
    conditions: Vec<String>,
}

#[derive(Serialize, Deserialize, Default)]
struct DeviceRow {
    #[serde(default)]
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<Device>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    condition: String,
    unit: u32,
    offset_s: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<toml::value::Datetime>,
    duration_s: f64,
    drop_s: f64,
}

/// The rounds of a plan's file, as they are to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedRounds {
    /// The rounds, as they stand there.
    pub rounds: Vec<PlannedRound>,
    /// Whose packets, where it says.
    pub device: Option<Device>,
    /// What the device is called.
    pub name: String,
}

/// One round of a plan's file.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedRound {
    /// Its condition.
    pub condition: String,
    /// Its unit.
    pub unit: u32,
    /// When it begins after the first one, s.
    pub offset_s: f64,
    /// When it begins, where the plan has dates.
    pub start: Option<toml::value::Datetime>,
    /// How long it takes, s.
    pub duration_s: f64,
    /// Settling time at its beginning, s.
    pub drop_s: f64,
}

impl PlannedRounds {
    /// Reads a plan's file.
    ///
    /// # Errors
    /// What is wrong with the text, in the parser's words.
    pub fn parse(text: &str) -> Result<PlannedRounds, String> {
        let file = File::parse(text)?;
        let longest = LONGEST.as_secs_f64();
        let mut rounds = Vec::new();
        for row in file.round {
            let Row { condition, unit, offset_s, start, duration_s, drop_s } = row;
            let is_length = duration_s > 0.0 && duration_s <= longest && (0.0..duration_s).contains(&drop_s);
            if !is_length || !(0.0..=1000.0 * longest).contains(&offset_s) {
                return Err(format!("the round of {condition:?} in unit {unit} has no possible time"));
            }
            rounds.push(PlannedRound { condition, unit, offset_s, start, duration_s, drop_s });
        }
        let device = file.device.unwrap_or_default();
        Ok(PlannedRounds { rounds, device: device.address, name: device.name })
    }
}

impl File {
    fn parse(text: &str) -> Result<File, String> {
        let file: File = toml::from_str(text).map_err(|e| e.to_string().trim_end().to_owned())?;
        if file.schema != SCHEMA {
            return Err(format!("schema {:?} is not {SCHEMA:?}", file.schema));
        }
        Ok(file)
    }
}

/// A plan that was read from its file.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadPlan {
    /// When it was drawn, ns since 1970; `None` where it does not say.
    pub drawn_ns: Option<i64>,
    /// Unit and condition of each round, in time order.
    pub rounds: Vec<(u32, String)>,
    /// The block of days that each unit belongs to.
    pub block_of_unit: BTreeMap<u32, u32>,
    /// Whether its rounds are what its own seed and design draw.
    pub is_drawn: bool,
}

impl ReadPlan {
    /// Reads a plan's file and draws it again.
    ///
    /// # Errors
    /// What is wrong with the text, in the parser's words.
    pub fn parse(text: &str) -> Result<ReadPlan, String> {
        let file = File::parse(text)?;
        let seconds = |s: f64| match Duration::try_from_secs_f64(s) {
            Ok(time) if time <= LONGEST => Ok(time),
            _ => Err(format!("{s} is no number of seconds from 0 to {}", LONGEST.as_secs())),
        };
        let rounds = file.design.units as usize * file.design.conditions.len();
        if file.design.conditions.len() > MOST_CONDITIONS || rounds != file.round.len() {
            return Err(format!("its design has {rounds} rounds, and {} stand there", file.round.len()));
        }
        let design = Design {
            units: file.design.units,
            round: seconds(file.design.round_s)?,
            pause: seconds(file.design.pause_s)?,
            drop: seconds(file.design.drop_s)?,
            days: file.design.days,
            conditions: file.design.conditions.clone(),
            seed: file.seed,
        };
        let mut rounds = file.round;
        rounds.sort_by(|a, b| a.offset_s.total_cmp(&b.offset_s));
        let mut day_of_unit = BTreeMap::new();
        for row in &rounds {
            day_of_unit.entry(row.unit).or_insert((row.offset_s / DAY_S as f64) as u32);
        }
        let days: Vec<u32> = day_of_unit.values().copied().collect();
        let block_of_unit = day_of_unit.into_keys().zip(blocks(&days)).collect();
        let rounds: Vec<(u32, String)> = rounds.into_iter().map(|row| (row.unit, row.condition)).collect();
        let drawn = Schedule::draw(&design).ok();
        let drawn =
            drawn.map(|plan| plan.rounds.into_iter().map(|r| (r.unit, r.condition)).collect::<Vec<_>>());
        let is_drawn = drawn.as_ref() == Some(&rounds);
        Ok(ReadPlan { drawn_ns: file.drawn.as_ref().and_then(instant_ns), is_drawn, rounds, block_of_unit })
    }
}

/// A date-time with an offset as nanoseconds since 1970; `None` without an offset, or far from now.
pub fn instant_ns(time: &toml::value::Datetime) -> Option<i64> {
    let time: jiff::Timestamp = time.to_string().parse().ok()?;
    i64::try_from(time.as_nanosecond()).ok()
}

impl Schedule {
    /// Draws a schedule. The same design gives the same one.
    ///
    /// # Errors
    /// [`Error::ScheduleConditions`], [`Error::ScheduleEmpty`].
    pub fn draw(design: &Design) -> Result<Schedule, Error> {
        let mut distinct = design.conditions.clone();
        distinct.sort();
        distinct.dedup();
        if distinct.len() < 2 || distinct.len() < design.conditions.len() || distinct[0].is_empty() {
            return Err(Error::ScheduleConditions { found: design.conditions.clone() });
        }
        let too_long = [design.round, design.pause, design.drop].iter().any(|&time| time > LONGEST);
        let too_many = design.conditions.len() > MOST_CONDITIONS || design.days > 100_000;
        if !(1..=100_000).contains(&design.units)
            || design.days == 0
            || design.round <= design.drop
            || too_long
            || too_many
        {
            return Err(Error::ScheduleEmpty);
        }
        let unit_length = (design.round + design.pause) * design.conditions.len() as u32;
        let spacing = (Duration::from_secs(DAY_S as u64) * design.days / design.units).max(unit_length);
        let day = |unit: u32| ((spacing * unit).as_secs() / DAY_S as u64) as u32;
        let days: Vec<u32> = (0..design.units).map(day).collect();
        let mut rounds = Vec::new();
        for (unit, order) in (0..).zip(balanced_orders(&design.conditions, &blocks(&days), design.seed)) {
            for (place, condition) in (0..).zip(order) {
                let offset = spacing * unit + (design.round + design.pause) * place;
                rounds.push(Planned { condition, unit: unit + 1, offset });
            }
        }
        Ok(Schedule { rounds, design: design.clone() })
    }

    /// The smallest p that an audit of all its rounds can give, any number of assignments tried.
    pub fn smallest_p(&self) -> f64 {
        let conditions = &self.design.conditions;
        let class =
            |round: &Planned| conditions.iter().position(|c| *c == round.condition).unwrap_or(0) as u32;
        let per_unit = conditions.len() as u32;
        let units: Vec<u32> = self.rounds.iter().map(|round| round.unit).collect();
        let days: Vec<u32> = self
            .rounds
            .chunks(per_unit as usize)
            .map(|unit| (unit[0].offset.as_secs() / DAY_S as u64) as u32)
            .collect();
        let blocks = blocks(&days);
        let order = inference::Order {
            place: (0..units.len() as u32).map(|round| round % per_unit).collect(),
            block: units.iter().map(|unit| blocks[*unit as usize - 1]).collect(),
        };
        let classes = self.rounds.iter().map(class).collect();
        let design = inference::Design { units, classes, n_classes: conditions.len(), order: Some(order) };
        design.smallest_p(usize::MAX)
    }

    /// The schedule's text; with dates where the first round's beginning is given. `drawn`: now.
    pub fn to_toml(
        &self,
        (name, address): (&str, Option<Device>),
        start: Option<jiff::Timestamp>,
        drawn: Option<jiff::Timestamp>,
    ) -> String {
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
            duration_s: self.design.round.as_secs_f64(),
            drop_s: self.design.drop.as_secs_f64(),
        };
        let file = File {
            schema: SCHEMA.to_owned(),
            seed: self.design.seed,
            drawn: drawn.and_then(|time| time.to_string().parse().ok()),
            design: DesignRow {
                units: self.design.units,
                days: self.design.days,
                round_s: self.design.round.as_secs_f64(),
                pause_s: self.design.pause.as_secs_f64(),
                drop_s: self.design.drop.as_secs_f64(),
                conditions: self.design.conditions.clone(),
            },
            device: (!name.is_empty() || address.is_some())
                .then(|| DeviceRow { name: name.to_owned(), address }),
            round: self.rounds.iter().map(row).collect(),
        };
        // strings, numbers and a list of tables always become TOML
        toml::to_string(&file).expect("a schedule is plain TOML")
    }
}

/// An order of the conditions for each unit: within a block each condition is as often first, second and so on as
/// every other, as far as the numbers allow.
fn balanced_orders(conditions: &[String], blocks: &[u32], seed: u64) -> Vec<Vec<String>> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let mut orders = Vec::with_capacity(blocks.len());
    for block in blocks.chunk_by(|a, b| a == b) {
        let mut own: Vec<Vec<String>> = Vec::new();
        while own.len() < block.len() {
            // the rows of a Latin square: each condition once at each place
            let mut first = conditions.to_vec();
            first.shuffle(&mut rng);
            let mut square: Vec<Vec<String>> = (0..first.len())
                .map(|shift| (0..first.len()).map(|i| first[(i + shift) % first.len()].clone()).collect())
                .collect();
            square.shuffle(&mut rng);
            own.extend(square);
        }
        own.truncate(block.len());
        own.shuffle(&mut rng);
        orders.extend(own);
    }
    orders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_balanced_within_every_day() {
        for seed in 1..20 {
            let schedule = Schedule::draw(&Design { seed, ..design() }).unwrap();
            for day in schedule.rounds.chunks(16) {
                let first = day.chunks(2).filter(|unit| unit[0].condition == "a").count();
                assert_eq!(first, 4, "seed {seed}");
            }
        }
        let three = Design { conditions: ["a", "b", "c"].map(str::to_owned).to_vec(), units: 18, ..design() };
        let schedule = Schedule::draw(&three).unwrap();
        for day in schedule.rounds.chunks(18) {
            for place in 0..3 {
                let here = day.chunks(3).filter(|unit| unit[place].condition == "a").count();
                assert_eq!(here, 2, "place {place}");
            }
        }
    }

    #[test]
    fn a_schedule_knows_what_it_can_show() {
        let smallest =
            |units, days| Schedule::draw(&Design { units, days, ..design() }).unwrap().smallest_p();
        // C(4, 2) orders in each of three days, and their mirror images
        assert!((smallest(12, 3) - 2.0 / 216.0).abs() < 1e-12);
        assert!((smallest(10, 1) - 2.0 / 252.0).abs() < 1e-12);
        assert!(smallest(8, 3) > 0.01 && smallest(24, 3) < 1e-4);
    }

    #[test]
    fn a_plan_is_drawn_again_from_its_file_and_a_changed_one_is_not() {
        let schedule = Schedule::draw(&design()).unwrap();
        let drawn = "2026-11-30T08:00:00Z".parse().unwrap();
        let text = schedule.to_toml(("speaker", None), None, Some(drawn));
        let read = ReadPlan::parse(&text).unwrap();
        assert!(read.is_drawn);
        assert_eq!(read.drawn_ns, Some(1_796_025_600_000_000_000));
        assert_eq!(read.rounds.len(), 48);
        assert!(!ReadPlan::parse(&text.replace("seed = 1", "seed = 2")).unwrap().is_drawn);
        let swapped = text.replacen("condition = \"a\"", "condition = \"x\"", 1);
        assert!(!ReadPlan::parse(&swapped).unwrap().is_drawn);
        assert!(ReadPlan::parse("schema = 1").is_err());
    }

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
        assert_eq!(Schedule::draw(&design()).unwrap(), Schedule::draw(&design()).unwrap());
        let other = Schedule::draw(&Design { seed: 2, ..design() }).unwrap();
        assert_ne!(Schedule::draw(&design()).unwrap(), other);
    }

    #[test]
    fn one_condition_is_no_schedule() {
        let design = Design { conditions: vec!["a".to_owned(), "a".to_owned()], ..design() };
        assert!(matches!(Schedule::draw(&design), Err(Error::ScheduleConditions { .. })));
    }

    #[test]
    fn dates_follow_the_start() {
        let text = Schedule::draw(&design()).unwrap().to_toml(
            ("", None),
            Some("2026-12-01T08:00:00Z".parse().unwrap()),
            None,
        );
        assert!(text.contains("start = 2026-12-01T08:31:00Z"), "{text}");
    }
}
