//! When the rounds were: of a plan, or of a table of times.

use crate::campaign::{DeviceEntry, Manifest, SCHEMA};
use crate::schedule::PlannedRounds;
use overhear_traffic::packet::Device;
use toml::value::Datetime;

/// One round in time.
#[derive(Debug, Clone, PartialEq)]
pub struct TimedRound {
    /// Its condition.
    pub condition: String,
    /// Its unit, where it has one.
    pub unit: Option<u32>,
    /// When it began.
    pub start: Datetime,
    /// The same, ns since 1970.
    pub start_ns: i64,
    /// How long it took, s.
    pub duration_s: f64,
    /// Settling time at its beginning, s.
    pub drop_s: f64,
}

impl TimedRound {
    /// When it was over, ns since 1970.
    pub fn end_ns(&self) -> i64 {
        self.start_ns.saturating_add((self.duration_s * 1e9) as i64)
    }
}

/// The rounds of a recording, in time order.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    /// The rounds.
    pub rounds: Vec<TimedRound>,
    /// The text of the plan they are from.
    pub plan: Option<String>,
    /// Whose packets, where the plan says.
    pub device: Option<Device>,
    /// What the device is called, where the plan says.
    pub name: String,
}

/// What is wrong with times.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TimesFault {
    /// It is no plan.
    #[error("it is no plan: {0}")]
    NoPlan(String),
    /// A plan whose rounds have no dates, and no start is given.
    #[error(
        "its rounds have no dates; say when the first one began, --start 2026-12-01T08:00:00Z, or draw the plan with \
         --start"
    )]
    NoDates,
    /// A plan with dates, and another start is given.
    #[error("its rounds have dates: --start would move them; leave it out")]
    HasDates,
    /// A column is missing.
    #[error(
        "it has no column {name}; it needs condition, start, and end or duration_s; unit and drop_s may follow"
    )]
    NoColumn {
        /// Which.
        name: &'static str,
    },
    /// It is no CSV.
    #[error("{0}")]
    Csv(String),
    /// A cell cannot be read.
    #[error("line {line}: {column} {found:?} {wanted}")]
    Cell {
        /// From 1, the header counted.
        line: u64,
        /// Which column.
        column: &'static str,
        /// As written.
        found: String,
        /// What should stand there.
        wanted: &'static str,
    },
    /// It has no rounds.
    #[error("it has no rounds")]
    NoRounds,
    /// Two rounds at the same time.
    #[error("the rounds that begin at {first} and {second} overlap: a device lives once")]
    Overlap {
        /// Start of the one.
        first: String,
        /// Start of the other.
        second: String,
    },
}

const MOMENT: &str =
    "is not one moment; write date, time and offset, as in 2026-12-01T09:00:00+01:00, or seconds since 1970";
const SECONDS: &str = "is no number of seconds from 0 to 31 days";
const LONGEST_S: f64 = 31.0 * 86_400.0;

impl Times {
    /// Of a plan's text, or of a campaign's manifest; `start`: when its first round began, for a plan without dates.
    ///
    /// # Errors
    /// [`TimesFault`].
    pub fn of_plan(text: &str, start: Option<jiff::Timestamp>) -> Result<Times, TimesFault> {
        let schema =
            text.parse::<toml::Table>().ok().and_then(|table| Some(table.get("schema")?.as_str()? == SCHEMA));
        if schema == Some(true) {
            return Times::of_manifest(text, start);
        }
        let plan = PlannedRounds::parse(text).map_err(TimesFault::NoPlan)?;
        let mut rounds = Vec::new();
        for round in plan.rounds {
            let start = match (round.start, start) {
                (Some(_), Some(_)) => return Err(TimesFault::HasDates),
                (Some(start), None) => start,
                (None, None) => return Err(TimesFault::NoDates),
                (None, Some(first)) => {
                    let offset = jiff::SignedDuration::try_from_secs_f64(round.offset_s);
                    let at = offset.ok().and_then(|offset| first.checked_add(offset).ok());
                    at.and_then(datetime).ok_or(TimesFault::NoDates)?
                }
            };
            let start_ns = crate::schedule::instant_ns(&start).ok_or(TimesFault::NoDates)?;
            rounds.push(TimedRound {
                condition: round.condition,
                unit: Some(round.unit),
                start,
                start_ns,
                duration_s: round.duration_s,
                drop_s: round.drop_s,
            });
        }
        let times = Times { rounds, plan: Some(text.to_owned()), device: plan.device, name: plan.name };
        times.checked()
    }

    fn of_manifest(text: &str, start: Option<jiff::Timestamp>) -> Result<Times, TimesFault> {
        let manifest = Manifest::parse(text).map_err(|fault| TimesFault::NoPlan(fault.to_string()))?;
        if start.is_some() {
            return Err(TimesFault::HasDates);
        }
        let mut rounds = Vec::new();
        for round in manifest.rounds {
            let (Some(start), Some(start_ns), Some(duration_s)) =
                (round.start, round.start_ns(), round.duration_s)
            else {
                return Err(TimesFault::NoPlan("a round has no start or no duration_s".to_owned()));
            };
            let drop_s = round.drop_s.unwrap_or(0.0);
            rounds.push(TimedRound {
                condition: round.condition,
                unit: round.unit,
                start,
                start_ns,
                duration_s,
                drop_s,
            });
        }
        let DeviceEntry { name, address } = manifest.device;
        Times { rounds, plan: None, device: address, name }.checked()
    }

    /// Of a table of comma-separated values: condition, start, end or duration_s, and perhaps unit and drop_s.
    ///
    /// # Errors
    /// [`TimesFault`].
    pub fn of_csv(text: &str) -> Result<Times, TimesFault> {
        let csv = |e: csv::Error| TimesFault::Csv(e.to_string());
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let head = reader.headers().map_err(csv)?.clone();
        let place = |name: &'static str| head.iter().position(|column| column.eq_ignore_ascii_case(name));
        let needed = |name| place(name).ok_or(TimesFault::NoColumn { name });
        let (condition, start) = (needed("condition")?, needed("start")?);
        let (end, duration) = (place("end"), place("duration_s"));
        if end.is_none() && duration.is_none() {
            return Err(TimesFault::NoColumn { name: "end" });
        }
        let (unit, drop) = (place("unit"), place("drop_s"));
        let mut rounds = Vec::new();
        for (line, record) in (2..).zip(reader.records()) {
            let record = record.map_err(csv)?;
            let cell = |place: usize| record.get(place).unwrap_or_default();
            let fault = |column, place, wanted| TimesFault::Cell {
                line,
                column,
                found: cell(place).to_owned(),
                wanted,
            };
            let start_at = moment(cell(start)).ok_or_else(|| fault("start", start, MOMENT))?;
            let duration_s = match (end, duration) {
                (Some(end), _) if !cell(end).is_empty() => {
                    let (_, end_ns) = moment(cell(end)).ok_or_else(|| fault("end", end, MOMENT))?;
                    let duration_s = end_ns.saturating_sub(start_at.1) as f64 / 1e9;
                    seconds(duration_s)
                        .ok_or_else(|| fault("end", end, "is not within 31 days after the start"))?
                }
                (_, Some(duration)) => {
                    let found = cell(duration).parse().ok().and_then(seconds);
                    found.ok_or_else(|| fault("duration_s", duration, SECONDS))?
                }
                (Some(end), None) => return Err(fault("end", end, MOMENT)),
                (None, None) => return Err(TimesFault::NoColumn { name: "end" }),
            };
            let optional = |place: Option<usize>| place.filter(|&place| !cell(place).is_empty());
            let unit = match optional(unit) {
                Some(place) => {
                    Some(cell(place).parse().map_err(|_| fault("unit", place, "is no whole number"))?)
                }
                None => None,
            };
            let drop_s = match optional(drop) {
                Some(place) => {
                    let found = cell(place).parse().ok().filter(|drop_s| (0.0..duration_s).contains(drop_s));
                    found.ok_or_else(|| fault("drop_s", place, "is not shorter than the round"))?
                }
                None => 0.0,
            };
            if cell(condition).is_empty() {
                return Err(fault("condition", condition, "has no name"));
            }
            let (start, start_ns) = start_at;
            rounds.push(TimedRound {
                condition: cell(condition).to_owned(),
                unit,
                start,
                start_ns,
                duration_s,
                drop_s,
            });
        }
        Times { rounds, plan: None, device: None, name: String::new() }.checked()
    }

    fn checked(mut self) -> Result<Times, TimesFault> {
        if self.rounds.is_empty() {
            return Err(TimesFault::NoRounds);
        }
        self.rounds.sort_by_key(|round| round.start_ns);
        for pair in self.rounds.windows(2) {
            if pair[1].start_ns < pair[0].end_ns() {
                let [first, second] = [&pair[0], &pair[1]].map(|round| round.start.to_string());
                return Err(TimesFault::Overlap { first, second });
            }
        }
        Ok(self)
    }
}

fn seconds(value: f64) -> Option<f64> {
    (value > 0.0 && value <= LONGEST_S).then_some(value)
}

fn datetime(time: jiff::Timestamp) -> Option<Datetime> {
    // RFC 3339 is what TOML's date-times are
    time.to_string().parse().ok()
}

/// A moment as typed, with its offset: a date-time, or seconds since 1970.
fn moment(text: &str) -> Option<(Datetime, i64)> {
    if let Ok(seconds) = text.parse::<f64>() {
        // later than any date without its dashes
        let ns = (seconds > 1e8).then_some((seconds * 1e9).round())?;
        let time = jiff::Timestamp::from_nanosecond(ns as i128).ok()?;
        return Some((datetime(time)?, i64::try_from(time.as_nanosecond()).ok()?));
    }
    let time: Datetime = text.parse().ok()?;
    let ns = crate::schedule::instant_ns(&time)?;
    Some((time, ns))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "condition,start,end,unit\n";

    #[test]
    fn a_table_of_times_is_read_as_people_write_it() {
        let text = "Condition, START ,duration_s,drop_s,unit\nb,2026-12-01T09:10:00+01:00,300,60,1\na,1796112000,300,,\n";
        let times = Times::of_csv(text).unwrap();
        let [a, b] = &times.rounds[..] else { panic!("{times:?}") };
        assert_eq!((&a.condition[..], a.unit, a.start_ns), ("a", None, 1_796_112_000_000_000_000));
        assert_eq!((&b.condition[..], b.unit, b.drop_s), ("b", Some(1), 60.0));
        assert_eq!(b.start.to_string(), "2026-12-01T09:10:00+01:00");
        assert_eq!(b.start_ns - a.start_ns, 600_000_000_000);
        assert_eq!(b.end_ns() - b.start_ns, 300_000_000_000);
        let ended = Times::of_csv(&format!("{HEAD}a,2026-12-01T08:00:00Z,2026-12-01T08:05:00Z,1\n")).unwrap();
        assert_eq!(ended.rounds[0].duration_s, 300.0);
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        let fault = |rows: &str| Times::of_csv(&format!("{HEAD}{rows}")).unwrap_err().to_string();
        assert!(fault("").contains("no rounds"));
        assert!(
            fault("a,yesterday,2026-12-01T08:05:00Z,1\n")
                .starts_with("line 2: start \"yesterday\" is not one moment")
        );
        assert!(fault("a,2026-12-01T08:00:00,2026-12-01T08:05:00Z,1\n").contains("offset"));
        assert!(fault("a,2026-12-01T08:00:00Z,2026-12-01T07:05:00Z,1\n").contains("31 days after the start"));
        assert!(fault("a,2026-12-01T08:00:00Z,2026-12-01T08:05:00Z,x\n").contains("no whole number"));
        assert!(fault(",2026-12-01T08:00:00Z,2026-12-01T08:05:00Z,1\n").contains("has no name"));
        let overlap =
            "a,2026-12-01T08:00:00Z,2026-12-01T08:05:00Z,1\nb,2026-12-01T08:04:00Z,2026-12-01T08:09:00Z,1\n";
        assert!(fault(overlap).contains("overlap: a device lives once"));
        assert!(Times::of_csv("start,end\n").unwrap_err().to_string().contains("no column condition"));
        assert!(Times::of_csv("start,condition\n").unwrap_err().to_string().contains("no column end"));
    }
}
