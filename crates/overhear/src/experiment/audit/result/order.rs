//! What is known of the order in which conditions came.

use serde::{Deserialize, Serialize};

/// The order of conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "known", rename_all = "snake_case")]
pub enum Order {
    /// By a plan that was drawn before the first round, and followed.
    Drawn {
        /// SHA-256 of the plan.
        plan_sha256: String,
    },
    /// A test cannot tell it from a coin.
    LikeCoin {
        /// Share of a coin's orders that are as regular.
        p: f64,
    },
    /// Conditions and time go together.
    WithTime {
        /// Share of a coin's orders that are as regular.
        p: f64,
        /// How they do.
        pattern: Pattern,
    },
    /// The rows have no times.
    Unknown,
}

/// How conditions go together with time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// One condition keeps to a place within units.
    Place,
    /// Conditions keep to days.
    Day,
    /// A moment of the campaign parts them.
    Time,
    /// A time of day parts them.
    TimeOfDay,
    /// Conditions keep to days of the week.
    Weekday,
    /// Conditions come in runs.
    Runs,
    /// Most days hold one condition alone.
    DaysApart,
    /// The captures' clocks do not say when they were recorded.
    NoClock,
}
