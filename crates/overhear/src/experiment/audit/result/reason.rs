//! Why an answer is what it is, and what to do next, as facts.

use super::{ControlKind, Pattern};
use crate::caveat::Fact;
use crate::experiment::audit::view::Horizon;
use serde::{Deserialize, Serialize};

/// Why an answer is what it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Reason {
    /// LEAK: test and interval say so, and nothing else explains it.
    Shown {
        /// The horizon whose quoted lower end is highest.
        horizon: Horizon,
    },
    /// NO LEAK: every interval ends below its limit.
    BelowLimits,
    /// A control failed.
    ControlFailed {
        /// Which.
        control: ControlKind,
    },
    /// The positive control was recorded, and is too little to show that a leak would be found.
    ControlNotRun {
        /// Which.
        control: ControlKind,
    },
    /// A fact about the data allows no answer.
    Capped {
        /// Which.
        fact: Fact,
    },
    /// Conditions and time go together: a difference may be one between times.
    ConditionWithTime {
        /// Share of a coin's orders that are as regular.
        order_p: f64,
        /// How they go together.
        pattern: Pattern,
    },
    /// Too few assignments were asked for.
    TooFewPermutations {
        /// How many there were.
        permutations: usize,
        /// How many would do.
        least: usize,
    },
    /// Whole captures of too few days, or too few of them.
    TooFewCaptures,
    /// Too few units, or too few that begin with each condition.
    TooFewUnits,
    /// Too few units, or too few of a condition, for an interval.
    NoInterval,
    /// The test rejects, and the interval does not reach what is called a leak.
    NotShownLarge,
    /// The interval reaches past the limit.
    PastLimit {
        /// At these horizons.
        horizons: Vec<Horizon>,
    },
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "advice", rename_all = "snake_case")]
pub enum Advice {
    /// Find what gives it away, and try a defence that this observer can see.
    Defend,
    /// Audit again after the change, and compare.
    CompareLater,
    /// Repeat after each update.
    Repeat,
    /// Look for what changed between rounds.
    FindDisturbance,
    /// Check that the capture sees the device.
    CheckCapture,
    /// Repair or record again what was left out.
    RepairRounds,
    /// Record pairs in an order that a plan draws.
    DrawOrder,
    /// Ask for more assignments.
    MorePermutations {
        /// How many would do.
        least: usize,
    },
    /// Record more units.
    MoreUnits {
        /// How many more.
        more: usize,
        /// How many in all.
        all: usize,
    },
    /// What was found lies on the limit itself.
    OnTheLimit,
}
