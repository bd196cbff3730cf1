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
}

fn kind(is_whole: bool) -> &'static str {
    if is_whole { "a whole number" } else { "a number" }
}
