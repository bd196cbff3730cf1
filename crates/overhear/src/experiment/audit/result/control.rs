//! Controls as facts: which there are, and what each found.

use super::Estimate;
use crate::experiment::audit::view::{Horizon, UnknownName, by_name};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A control.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Control {
    /// Which, as in `A/A: mic_on`, `days: mic_on`, `positive: wake`.
    pub name: ControlKind,
    /// Whether it passed; `None` where there is too little data for it.
    pub passed: Option<bool>,
    /// What was found.
    pub found: ControlFound,
}

/// Which control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlKind {
    /// Of each two neighbouring rounds of a condition the first in time against the second.
    FirstAgainstSecond(String),
    /// Rounds of a condition by their days.
    Days(String),
    /// Something that every attacker must find.
    Positive(String),
}

/// What a control found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum ControlFound {
    /// Too few rounds of the condition.
    TooFewRounds {
        /// How many there are.
        rounds: usize,
        /// How many it takes.
        least: usize,
    },
    /// The rounds have no times.
    NoTimes,
    /// All rounds are of one day, or too few are of each.
    TooFewDays {
        /// Days with two rounds or more.
        days: usize,
    },
    /// Neighbouring rounds were compared.
    Neighbours {
        /// How many pairs.
        pairs: usize,
        /// p under max-T.
        p: f64,
    },
    /// Days were compared.
    Days {
        /// How many days, or groups of days.
        days: usize,
        /// p under max-T.
        p: f64,
        /// Whether every day holds each condition equally often, so that days explain no difference between them.
        balanced: bool,
    },
    /// The positive control was distinguished from the first condition.
    Positive {
        /// The condition it was compared with.
        from: String,
        /// Balanced accuracy at its clearest horizon; `None` with too few units.
        balanced_accuracy: Option<Estimate>,
        /// That horizon.
        horizon: Option<Horizon>,
    },
}

impl fmt::Display for ControlKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ControlKind::FirstAgainstSecond(condition) => write!(f, "A/A: {condition}"),
            ControlKind::Days(condition) => write!(f, "days: {condition}"),
            ControlKind::Positive(condition) => write!(f, "positive: {condition}"),
        }
    }
}

impl FromStr for ControlKind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<ControlKind, Self::Err> {
        let unknown = || UnknownName {
            what: "control",
            found: name.to_owned(),
            known: "A/A: CONDITION, days: CONDITION, positive: CONDITION".to_owned(),
        };
        let (kind, condition) = name.split_once(": ").ok_or_else(unknown)?;
        match kind {
            "A/A" => Ok(ControlKind::FirstAgainstSecond(condition.to_owned())),
            "days" => Ok(ControlKind::Days(condition.to_owned())),
            "positive" => Ok(ControlKind::Positive(condition.to_owned())),
            _ => Err(unknown()),
        }
    }
}

by_name!(ControlKind);
