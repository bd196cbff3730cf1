//! The family of learners: settings are one type ([`Learner`]), the fitted thing another ([`Model`]).
//!
//! Every member promises: any number of classes; the same seed gives the same model; probabilities
//! that are at least 0 and sum to 1; constant columns and equal rows do no harm; a model saved with
//! [`Model::to_json`] and read back predicts the same bits.

use crate::{Error, Matrix, Presort, Scaler};

pub mod adaboost;
pub mod decision_tree;
pub mod extra_trees;
mod forest;
pub mod gradient_boosting;
pub mod knn;
pub mod majority;
pub mod neural_network;
pub mod one_threshold;
pub mod random_forest;
pub mod ridge;
mod saved;
pub mod setting;
pub mod svm;

use setting::Values;
pub use setting::{Configured, Setting};

/// What a learner is fitted on: some rows of a table, sorted and scaled once for all learners.
#[derive(Debug, Clone, Copy)]
pub struct Training<'a> {
    /// The whole table, unscaled (n_rows × n_features).
    pub x: &'a Matrix,
    /// The class of each row of the whole table (n_rows).
    pub y: &'a [u32],
    /// How many classes there are; a class may lack training rows.
    pub n_classes: usize,
    /// The training rows, rising, each once.
    pub rows: &'a [u32],
    /// Fitted on `rows` (or the identity). Learners that only compare values may ignore it.
    pub scaler: &'a Scaler,
    /// The whole table's columns, sorted.
    pub presort: &'a Presort,
}

impl Training<'_> {
    /// How many training rows each class has (n_classes).
    pub fn class_counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.n_classes];
        self.rows.iter().for_each(|&row| counts[self.y[row as usize] as usize] += 1);
        counts
    }

    /// Each training row's class, as trees keep it (rows.len()).
    fn classes(&self) -> Vec<u16> {
        self.rows.iter().map(|&row| self.y[row as usize] as u16).collect()
    }
}

/// A learner's settings.
pub trait Learner: Send + Sync {
    /// The register's name for it, as in `decision_tree`.
    fn name(&self) -> &'static str;

    /// Fits a model to the training rows.
    ///
    /// # Errors
    /// [`Error::NoRows`] where there is nothing to learn from.
    fn fit(&self, training: &Training<'_>, seed: u64) -> Result<Box<dyn Model>, Error>;

    /// Everything of fitting and predicting that needs no classes, done once for many labellings of the same rows;
    /// `None` where there is nothing of the kind. What it predicts equals what a fitted model predicts, bit for bit.
    fn ahead_of_labels(&self, _split: &Split<'_>) -> Option<Box<dyn Ahead>> {
        None
    }
}

/// Training rows and test rows, before anything is known of classes. The two may be rows of different tables with the
/// same columns: a model of some rows is applied to others, measured later or elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Split<'a> {
    /// The training table, unscaled (its rows × n_features).
    pub train_x: &'a Matrix,
    /// The training rows, rising, each once.
    pub train: &'a [u32],
    /// The table of the test rows, unscaled (its rows × n_features).
    pub test_x: &'a Matrix,
    /// The test rows.
    pub test: &'a [u32],
    /// As in [`Training`].
    pub scaler: &'a Scaler,
}

impl<'a> Split<'a> {
    /// Training rows and test rows of one table.
    pub fn of_one(x: &'a Matrix, train: &'a [u32], test: &'a [u32], scaler: &'a Scaler) -> Split<'a> {
        Split { train_x: x, train, test_x: x, test, scaler }
    }
}

/// Work done ahead of labels, see [`Learner::ahead_of_labels`].
pub trait Ahead: Send + Sync {
    /// Class probabilities of the test rows, row after row (test.len() × n_classes), where `y` has the class of
    /// each row of the training table.
    fn probabilities(&self, y: &[u32], n_classes: usize) -> Vec<f64>;
}

/// A fitted learner.
pub trait Model: Send + Sync {
    /// How many columns a table must have for this model.
    fn n_features(&self) -> usize;

    /// How many classes its probabilities are over.
    fn n_classes(&self) -> usize;

    /// Class probabilities of some rows of an unscaled table, row after row (rows.len() × n_classes).
    ///
    /// # Panics
    /// When the table has other columns than the model was fitted on.
    fn probabilities(&self, x: &Matrix, rows: &[u32]) -> Vec<f64>;

    /// The class of each row (rows.len()) and the probabilities, worked out once: the most likely class, the
    /// first of equals, unless the learner decides otherwise.
    fn classify(&self, x: &Matrix, rows: &[u32]) -> (Vec<u32>, Vec<f64>) {
        let p = self.probabilities(x, rows);
        (p.chunks_exact(self.n_classes()).map(most_likely).collect(), p)
    }

    /// The class of each row (rows.len()).
    fn predict(&self, x: &Matrix, rows: &[u32]) -> Vec<u32> {
        self.classify(x, rows).0
    }

    /// Gini gain of each feature, summing to 1 (n_features); `None` where the learner cuts nothing.
    fn gini_importance(&self) -> Option<Vec<f64>> {
        None
    }

    /// The model as JSON, for [`LearnerEntry::load`].
    fn to_json(&self) -> serde_json::Value;
}

/// One line of the register: all of a learner that is not arithmetic. Each stands in its learner's file.
pub struct LearnerEntry {
    /// Permanent name: command line, files and reports show it.
    pub name: &'static str,
    /// What a reader calls it: `Random forest`.
    pub label: &'static str,
    /// Short name for tables and figures, as the paper has it (`kNN`, `DT`).
    pub short: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// Whether it is there to be compared with: what it reaches is no result of learning.
    pub is_baseline: bool,
    /// How figures draw it.
    pub drawn: Drawn,
    /// How long a fit takes, roughly: time of a training row, in multiples of the majority's.
    pub cost: u64,
    /// How many rows it is trained on at most, where its time or memory grows faster than rows.
    pub max_training_rows: Option<usize>,
    /// Settings as docs/method.md has them.
    pub default: fn() -> Box<dyn Learner>,
    /// What can be set.
    pub settings: &'static [Setting],
    /// The learner of some settings; see [`Configured`].
    build: fn(&Values) -> Box<dyn Learner>,
    /// Reads what [`Model::to_json`] wrote.
    pub load: fn(serde_json::Value) -> Result<Box<dyn Model>, Error>,
}

/// A learner's colour and marker, the same in every figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// `#rrggbb` on a light ground.
    pub light: &'static str,
    /// `#rrggbb` on a dark ground.
    pub dark: &'static str,
    /// Its marker.
    pub marker: Marker,
}

impl Drawn {
    /// Grey, as baselines are drawn.
    pub const BASELINE: Drawn = Drawn { light: "#868e96", dark: "#8b949e", marker: Marker::Bar };
}

/// A marker's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the forms")]
pub enum Marker {
    Circle,
    Square,
    Diamond,
    Up,
    Down,
    Plus,
    Hexagon,
    Pentagon,
    Cross,
    Bar,
}

/// The register: every learner, in the order reports show them.
pub const LEARNERS: &[LearnerEntry] = &[
    majority::ENTRY,
    one_threshold::ENTRY,
    knn::ENTRY,
    decision_tree::ENTRY,
    adaboost::ENTRY,
    random_forest::ENTRY,
    gradient_boosting::ENTRY,
    svm::ENTRY,
    neural_network::ENTRY,
    extra_trees::ENTRY,
    ridge::ENTRY,
];

/// Finds a learner by its permanent name.
///
/// # Errors
/// [`Error::UnknownLearner`] names those there are.
pub fn find(name: &str) -> Result<&'static LearnerEntry, Error> {
    LEARNERS.iter().find(|entry| entry.name == name).ok_or_else(|| Error::UnknownLearner {
        name: name.to_owned(),
        known: LEARNERS.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", "),
    })
}

/// Whether threads are free for one fit. Not within a pool: its jobs are spread over them, and a job that
/// waited would be given another one's work, whose time would count as its own.
pub(crate) fn has_threads() -> bool {
    rayon::current_thread_index().is_none() && rayon::current_num_threads() > 1
}

/// Index of the largest probability, the first of equals.
pub fn most_likely(probabilities: &[f64]) -> u32 {
    let mut best = 0;
    for (class, &p) in probabilities.iter().enumerate() {
        if p > probabilities[best] {
            best = class;
        }
    }
    best as u32
}
