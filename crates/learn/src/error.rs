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
    /// Numbers do not make up whole series.
    #[error("{found} numbers are no whole number of series of {channels} channels and {steps} steps")]
    SeriesShape {
        /// Numbers found.
        found: usize,
        /// Channels of a series.
        channels: usize,
        /// Steps of a channel.
        steps: usize,
    },
    /// A series holds only finite numbers.
    #[error("series {series}, channel {channel}, step {step}: {value} is not a finite number")]
    SeriesNotFinite {
        /// Zero-based series.
        series: usize,
        /// Zero-based channel.
        channel: usize,
        /// Zero-based step.
        step: usize,
        /// The value found.
        value: f64,
    },
    /// Series are too short to be transformed.
    #[error(
        "{transform} needs series of {least} steps or more, and these have {steps}; take a longer horizon"
    )]
    SeriesTooShort {
        /// The transform's name.
        transform: &'static str,
        /// Steps found.
        steps: usize,
        /// Steps needed.
        least: usize,
    },
    /// A transform wants other channels.
    #[error("{transform} needs series of {expected}, and these have {found} channels")]
    SeriesChannels {
        /// The transform's name.
        transform: &'static str,
        /// Channels found.
        found: usize,
        /// What is needed.
        expected: &'static str,
    },
    /// Series are not of the form that a transform was fitted to.
    #[error(
        "series of {channels} channels and {steps} steps cannot be transformed as those of {fitted_channels} channels \
         and {fitted_steps} steps were; fit the transform to series like these"
    )]
    SeriesUnlikeFitted {
        /// Channels found.
        channels: usize,
        /// Steps found.
        steps: usize,
        /// Channels fitted to.
        fitted_channels: usize,
        /// Steps fitted to.
        fitted_steps: usize,
    },
    /// No transform of series has this name.
    #[error("no transform of series is called {name:?}; there are: {known}")]
    UnknownTransform {
        /// The name asked for.
        name: String,
        /// The register's names.
        known: String,
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
    /// Fewer folds than can be cross-validated.
    #[error("{folds} folds cannot be cross-validated; take 2 or more")]
    TooFewFolds {
        /// Folds asked for, or found in a custom column.
        folds: usize,
    },
    /// A class cannot be in every fold.
    #[error(
        "the class {class:?} has {rows} rows, fewer than the {folds} folds; take fewer folds or record more of it"
    )]
    ClassTooSmall {
        /// The class.
        class: String,
        /// Its rows.
        rows: usize,
        /// Folds asked for.
        folds: usize,
    },
    /// A class would be tested without ever having been trained on.
    #[error(
        "fold {fold} trains on no row of the class {class:?}; take folds that leave some of it, or record it more often"
    )]
    ClassOnlyTested {
        /// The class.
        class: String,
        /// Zero-based fold.
        fold: usize,
    },
    /// A split by unit needs to know the units.
    #[error("the table does not say which unit each row is of; name the units or split by row")]
    NoUnits,
    /// Whole units cannot fill the folds.
    #[error("{units} units cannot fill {folds} folds; take fewer folds or record more units")]
    TooFewUnits {
        /// Units there are.
        units: usize,
        /// Folds asked for.
        folds: usize,
    },
    /// A split in time needs to know the times.
    #[error("the table does not say when each row starts; add the times or split otherwise")]
    NoTimes,
    /// Times are too few or too unevenly spread for the blocks.
    #[error("rows of {times} different times cannot make {blocks} blocks in time; take fewer folds")]
    TooFewTimes {
        /// Different times there are.
        times: usize,
        /// Blocks needed: one more than the folds.
        blocks: usize,
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
    /// A learner has no setting of this name.
    #[error("{learner} has no setting {setting:?}; its settings: {known}")]
    UnknownSetting {
        /// The learner.
        learner: &'static str,
        /// The name asked for.
        setting: String,
        /// The learner's settings.
        known: String,
    },
    /// A setting is given twice.
    #[error("{learner}: the setting {setting} is given twice")]
    SettingTwice {
        /// The learner.
        learner: &'static str,
        /// The setting.
        setting: &'static str,
    },
    /// A setting is outside its range.
    #[error("{learner}:{setting}={value}: {setting} ({about}) is {range}")]
    SettingRange {
        /// The learner.
        learner: &'static str,
        /// The setting.
        setting: &'static str,
        /// What the setting is.
        about: &'static str,
        /// As given.
        value: String,
        /// What it may be.
        range: String,
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
    /// A table lacks columns that a saved model was fitted on.
    #[error(
        "the table lacks features the model was fitted on: {missing}; measure them, or fit a model without them"
    )]
    MissingFeatures {
        /// Their names.
        missing: String,
    },
}
