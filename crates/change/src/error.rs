//! What can be wrong with a change as it is typed.

/// Every failure of this crate; variants carry facts, the message says what to write.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A plant is written as `NAME:DOSE`.
    #[error("plant {text:?}: write NAME:DOSE, as in upload:5; names are: {known}")]
    Form {
        /// As typed.
        text: String,
        /// The names there are.
        known: String,
    },
    /// No plant has this name.
    #[error("no plant is called {name:?}; there are: {known}")]
    UnknownPlant {
        /// As typed.
        name: String,
        /// Those there are.
        known: String,
    },
    /// A dose that is none, or out of range.
    #[error("plant {name}: its dose is {} from {lowest} to {highest} ({unit}), not {found}", kind(*is_whole))]
    Dose {
        /// Which plant.
        name: &'static str,
        /// As typed.
        found: String,
        /// The smallest dose.
        lowest: f64,
        /// The largest.
        highest: f64,
        /// Whether it counts something.
        is_whole: bool,
        /// Unit of all three.
        unit: &'static str,
    },
    /// No defence has this name.
    #[error("no defence is called {name:?}; there are: {known}")]
    UnknownDefence {
        /// As typed.
        name: String,
        /// Those there are.
        known: String,
    },
    /// A defence's parameter is written as `key=value`.
    #[error("{text:?} is no parameter; write NAME:key=value,key=value, as in batch:ms=250")]
    DefenceForm {
        /// As typed.
        text: String,
    },
    /// A defence has no such parameter.
    #[error("defence {name} has no parameter {found:?}; it has{}", those(known))]
    UnknownParameter {
        /// Which defence.
        name: &'static str,
        /// As typed.
        found: String,
        /// Those it has.
        known: String,
    },
    /// A parameter's value that is none, or out of range.
    #[error("defence {name}: {parameter} is {takes}, not {found:?}")]
    Parameter {
        /// Which defence.
        name: &'static str,
        /// Which parameter.
        parameter: &'static str,
        /// As typed.
        found: String,
        /// What may be given.
        takes: String,
    },
    /// A parameter without a default was not given.
    #[error("defence {name}: give {parameter}: {takes}")]
    Missing {
        /// Which defence.
        name: &'static str,
        /// Which parameter.
        parameter: &'static str,
        /// What may be given.
        takes: String,
    },
    /// A parameter is given twice.
    #[error("defence {name}: {parameter} is given twice")]
    Twice {
        /// Which defence.
        name: &'static str,
        /// Which parameter.
        parameter: &'static str,
    },
    /// A lower bound above the upper one.
    #[error("defence {name}: {least} ({low}) is above {most} ({high})")]
    Bounds {
        /// Which defence.
        name: &'static str,
        /// The lower bound's parameter.
        least: &'static str,
        /// The upper bound's.
        most: &'static str,
        /// What the lower one is set to.
        low: f64,
        /// What the upper one is.
        high: f64,
    },
}

fn those(known: &str) -> String {
    if known.is_empty() { " none".to_owned() } else { format!(": {known}") }
}

fn kind(is_whole: bool) -> &'static str {
    if is_whole { "a whole number" } else { "a number" }
}
