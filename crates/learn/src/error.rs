//! What can go wrong between a table of numbers and a score.

/// Every failure of this crate; variants carry facts, the message says what to try.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Columns of one matrix differ in length, or a row does not fit the matrix.
    #[error("column {column} has {found} rows where {expected} were expected")]
    Shape {
        /// Zero-based column.
        column: usize,
        /// Rows found.
        found: usize,
        /// Rows the other columns have.
        expected: usize,
    },
    /// A matrix holds only finite numbers.
    #[error(
        "row {row}, column {column}: {value} is not a finite number; leave the row out or replace the value"
    )]
    NotFinite {
        /// Zero-based row.
        row: usize,
        /// Zero-based column.
        column: usize,
        /// The value found.
        value: f64,
    },
    /// Nothing to learn from.
    #[error("there are no rows to learn from")]
    NoRows,
    /// A learner needs two classes or more.
    #[error("every row is of the class {class:?}; two classes or more are needed to learn from")]
    OneClass {
        /// The only class.
        class: String,
    },
    /// A saved model is of a schema or version that this build does not read.
    #[error("the model is {found:?}; this version reads {expected:?}: fit and save it again")]
    ModelSchema {
        /// Found in the file.
        found: String,
        /// What this build reads.
        expected: &'static str,
    },
    /// A saved model names a learner that this build does not have.
    #[error("no learner is called {name:?}; there are: {known}")]
    UnknownLearner {
        /// The name asked for.
        name: String,
        /// The register's names.
        known: String,
    },
    /// A saved model is not what its schema says.
    #[error("the model cannot be read: {0}")]
    ModelJson(#[from] serde_json::Error),
    /// A saved model reads, but its parts do not fit each other.
    #[error("the model is damaged: {what}")]
    ModelDamaged {
        /// Which part, and what is wrong with it.
        what: &'static str,
    },
}
