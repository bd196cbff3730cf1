//! From where traffic is seen, in what pieces, and over how long: the three things a finding is about.
//!
//! Each has a permanent name that files show and that reads back.

use overhear_learn::sequence::{self, TransformEntry};
use overhear_traffic::feature::FeatureSet;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::window::Windowing;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a table of numbers is called where captures have an observer and a windowing.
const TABLE: &str = "table";
/// What is behind a grouping's name where the home's level is taken off.
const HOME: &str = "-home";

/// A name that is none of those there are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no {what}; there are: {known}")]
pub struct UnknownName {
    /// What was looked for.
    pub what: &'static str,
    /// What was found.
    pub found: String,
    /// What there is.
    pub known: String,
}

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Vantage {
    /// An observer of packets.
    Observer(Observer),
    /// Whoever has the table of numbers.
    Table,
}

impl Vantage {
    /// Permanent name.
    pub fn name(self) -> &'static str {
        match self {
            Vantage::Observer(observer) => observer.name(),
            Vantage::Table => TABLE,
        }
    }
}

impl fmt::Display for Vantage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Vantage {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Vantage, UnknownName> {
        let unknown = || UnknownName {
            what: "observer",
            found: name.to_owned(),
            known: format!("{}, {TABLE}", Observer::names(|_| true)),
        };
        if name == TABLE {
            Ok(Vantage::Table)
        } else {
            name.parse().map(Vantage::Observer).map_err(|_| unknown())
        }
    }
}

/// How rounds are looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Whose packets.
    pub device: Device,
    /// Who looks.
    pub observers: Vec<Observer>,
    /// What rows are made of packets.
    pub representation: Representation,
}

/// What rows are made of packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Representation {
    /// How packets are grouped.
    pub windowings: Vec<Windowing>,
    /// Which features of windows; the paper's are looked at by themselves as well.
    pub features: FeatureSet,
    /// What is made of stretches second by second.
    pub sequences: Vec<Sequence>,
}

impl Representation {
    /// Windows with their features alone.
    pub fn of_windows(windowings: &[Windowing], features: FeatureSet) -> Representation {
        Representation { windowings: windowings.to_vec(), features, sequences: Vec::new() }
    }

    /// Every grouping of windows that is looked at: of each windowing the paper's features, and all that are wanted.
    pub fn of_windowings(&self) -> impl Iterator<Item = Grouping> {
        let all = Some(self.features).filter(|features| *features != FeatureSet::PAPER);
        let sets = all
            .filter(|set| !set.has_paper())
            .map_or_else(|| std::iter::once(FeatureSet::PAPER).chain(all).collect(), |alone| vec![alone]);
        self.windowings.iter().flat_map(move |&windowing| {
            sets.clone().into_iter().map(move |set| Grouping::windows(windowing, set))
        })
    }
}

/// A transform of series, by its permanent name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sequence(&'static str);

impl Sequence {
    /// Its entry in the register.
    pub fn entry(self) -> &'static TransformEntry {
        // made of nothing but names of the register
        sequence::find(self.0).expect("a transform of the register")
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for Sequence {
    type Err = overhear_learn::Error;

    fn from_str(name: &str) -> Result<Sequence, overhear_learn::Error> {
        sequence::find(name).map(|entry| Sequence(entry.name))
    }
}

/// What rows are counted over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Base {
    /// Windows of packets.
    Windowing(Windowing),
    /// Stretches second by second.
    Sequence(Sequence),
    /// A table's own rows.
    Table,
}

/// How rows were made of traffic: windows, each a row, or stretches, each a row. Written `t=15`, `t=15+full`, `t=15/5m`,
/// `table/round`, `t=15-home`, `t=15+full/round-home`, `minirocket/5m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Grouping {
    /// What is counted over.
    pub base: Base,
    /// Which features of windows; the paper's, unless the name says others.
    pub features: FeatureSet,
    /// How long the stretch is that makes a row; a window is a row by itself.
    pub row: Horizon,
    /// Whether the level of the unit's rounds is taken off: what an attacker has who has watched this home before.
    pub less_home: bool,
}

impl Grouping {
    /// Each row of a table by itself.
    pub const TABLE: Grouping =
        Grouping { base: Base::Table, features: FeatureSet::PAPER, row: Horizon::Window, less_home: false };

    /// Each window by itself.
    pub fn windows(windowing: Windowing, features: FeatureSet) -> Grouping {
        Grouping { base: Base::Windowing(windowing), features, ..Grouping::TABLE }
    }

    /// The same windows with a row for each stretch of them.
    pub fn by(self, row: Horizon) -> Grouping {
        Grouping { row, ..self }
    }

    /// The same less the home's level.
    pub fn less_home(self) -> Grouping {
        Grouping { less_home: true, ..self }
    }

    /// Stretches second by second.
    pub fn sequence(sequence: Sequence, row: Horizon) -> Grouping {
        Grouping { base: Base::Sequence(sequence), row, ..Grouping::TABLE }
    }

    /// Whether each window is a row, as it is.
    pub fn is_of_windows(self) -> bool {
        self.row == Horizon::Window && !self.less_home
    }
}

impl fmt::Display for Grouping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.base {
            Base::Windowing(windowing) => windowing.fmt(f)?,
            Base::Sequence(sequence) => sequence.fmt(f)?,
            Base::Table => f.write_str(TABLE)?,
        }
        if self.features != FeatureSet::PAPER {
            write!(f, "+{}", self.features)?;
        }
        if self.row != Horizon::Window {
            write!(f, "/{}", self.row)?;
        }
        f.write_str(if self.less_home { HOME } else { "" })
    }
}

impl FromStr for Grouping {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Grouping, UnknownName> {
        let unknown = || UnknownName {
            what: "windowing",
            found: name.to_owned(),
            known: format!(
                "t=SECONDS, n=PACKETS, {TABLE}; behind each +full (its features), /1m, /5m or /round, and {HOME}; a transform \
                 of series and /1m, /5m or /round"
            ),
        };
        let (less_home, rest) = name.strip_suffix(HOME).map_or((false, name), |rest| (true, rest));
        let (base, row) = match rest.split_once('/') {
            Some((base, row)) => (base, row.parse().map_err(|_| unknown())?),
            None => (rest, Horizon::Window),
        };
        let (base, features) = match base.split_once('+') {
            Some((base, features)) => (base, features.parse().map_err(|_| unknown())?),
            None => (base, FeatureSet::PAPER),
        };
        let base = match base {
            TABLE => Base::Table,
            name => match name.parse() {
                Ok(sequence) => Base::Sequence(sequence),
                Err(_) => Base::Windowing(name.parse().map_err(|_| unknown())?),
            },
        };
        if matches!(base, Base::Sequence(_)) && row == Horizon::Window {
            return Err(unknown());
        }
        Ok(Grouping { base, features, row, less_home })
    }
}

/// Over how much traffic an attacker adds up before answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Horizon {
    /// A single window.
    Window,
    /// So many minutes of a round.
    Minutes(u32),
    /// A whole round.
    Round,
}

impl Horizon {
    /// docs/method.md, "Statistic": one window, one minute, five minutes, a whole round.
    pub const ALL: [Horizon; 4] = [Horizon::Window, Horizon::Minutes(1), Horizon::Minutes(5), Horizon::Round];

    /// Minutes of a stretch; `None` of a window and of a round.
    pub fn minutes(self) -> Option<u32> {
        match self {
            Horizon::Minutes(minutes) => Some(minutes),
            Horizon::Window | Horizon::Round => None,
        }
    }

    /// Whether it is at least as long as another.
    pub fn holds(self, other: Horizon) -> bool {
        let length = |horizon: Horizon| match horizon {
            Horizon::Window => (0, 0),
            Horizon::Minutes(minutes) => (1, minutes),
            Horizon::Round => (2, 0),
        };
        length(self) >= length(other)
    }

    /// The limit a clean device stays below, unless set otherwise.
    pub fn limit(self, n_conditions: usize) -> f64 {
        let of_two = match self {
            Horizon::Window => 0.55,
            Horizon::Minutes(_) => 0.65,
            Horizon::Round => 0.75,
        };
        as_far_from_guessing(of_two, n_conditions)
    }
}

/// A balanced accuracy over two conditions, as one over more: the same share of the way from guessing to certainty.
pub fn as_far_from_guessing(of_two: f64, n_conditions: usize) -> f64 {
    let guessing = 1.0 / n_conditions as f64;
    if n_conditions == 2 { of_two } else { guessing + (of_two - 0.5) / 0.5 * (1.0 - guessing) }
}

impl fmt::Display for Horizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Horizon::Window => f.write_str("window"),
            Horizon::Minutes(minutes) => write!(f, "{minutes}m"),
            Horizon::Round => f.write_str("round"),
        }
    }
}

impl FromStr for Horizon {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Horizon, UnknownName> {
        let unknown = || UnknownName {
            what: "horizon",
            found: name.to_owned(),
            known: "window, 1m, 5m, round".to_owned(),
        };
        match name {
            "window" => Ok(Horizon::Window),
            "round" => Ok(Horizon::Round),
            _ => {
                let minutes = name.strip_suffix('m').and_then(|n| n.parse().ok()).filter(|&n| n > 0);
                minutes.map(Horizon::Minutes).ok_or_else(unknown)
            }
        }
    }
}

/// Types that files hold by their permanent names.
macro_rules! by_name {
    ($($name:ty),*) => {$(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
pub(super) use by_name;

by_name!(Vantage, Grouping, Horizon, Sequence);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for horizon in Horizon::ALL {
            assert_eq!(horizon.to_string().parse(), Ok(horizon));
        }
        let names = Observer::ALL.map(Vantage::Observer).into_iter().chain([Vantage::Table]);
        assert!(names.into_iter().all(|vantage| vantage.name().parse() == Ok(vantage)));
        for name in [
            "t=15",
            "n=20",
            "table",
            "t=15/1m",
            "n=20/round",
            "table/5m-home",
            "t=15+full",
            "n=20+direction,burst/1m",
            "minirocket/round",
            "t=15-home",
        ] {
            assert_eq!(name.parse::<Grouping>().unwrap().to_string(), name);
        }
        assert!("quant".parse::<Grouping>().is_err(), "no single window is a series");
        assert!("t=15/x".parse::<Grouping>().is_err() && "x-home".parse::<Grouping>().is_err());
        assert!("0m".parse::<Horizon>().is_err() && "xm".parse::<Horizon>().is_err());
        assert_eq!(serde_json::to_string(&Horizon::Minutes(5)).unwrap(), "\"5m\"");
    }

    #[test]
    fn limits_of_more_conditions_lie_as_far_from_guessing() {
        assert_eq!(as_far_from_guessing(0.55, 2), 0.55);
        assert!((as_far_from_guessing(0.55, 6) - (1.0 / 6.0 + 0.1 * 5.0 / 6.0)).abs() < 1e-12);
        assert!((as_far_from_guessing(0.5, 3) - 1.0 / 3.0).abs() < 1e-12);
    }
}
