//! The family of learners: settings are one type ([`Learner`]), the fitted thing another ([`Model`]).
//!
//! Every member promises: any number of classes; the same seed gives the same model; probabilities
//! that are at least 0 and sum to 1; constant columns and equal rows do no harm; a model saved with
//! [`Model::to_json`] and read back predicts the same bits.

use crate::{Error, Matrix, Presort, Scaler};

pub mod adaboost;
pub mod decision_tree;
pub mod gradient_boosting;
pub mod knn;
pub mod majority;
pub mod neural_network;
pub mod one_threshold;
pub mod random_forest;
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

    /// Everything of fitting and telling that needs no classes, done once for many labellings of the same rows;
    /// `None` where there is nothing of the kind. What it tells equals what a fitted model tells, bit for bit.
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

/// One line of the register.
pub struct LearnerEntry {
    /// Permanent name: command line, files and reports show it.
    pub name: &'static str,
    /// Short name for tables and figures, as the paper has it (`kNN`, `DT`).
    pub short: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// Settings as METHOD fixes them.
    pub default: fn() -> Box<dyn Learner>,
    /// What can be set.
    pub settings: &'static [Setting],
    /// The learner of some settings; see [`Configured`].
    build: fn(&Values) -> Box<dyn Learner>,
    /// Reads what [`Model::to_json`] wrote.
    pub load: fn(serde_json::Value) -> Result<Box<dyn Model>, Error>,
}

/// The register: every learner, in the order reports show them.
pub const LEARNERS: &[LearnerEntry] = &[
    LearnerEntry {
        name: "majority",
        short: "majority",
        about: "always the most frequent class",
        default: || Box::new(majority::Majority),
        settings: &[],
        build: |_| Box::new(majority::Majority),
        load: majority::load,
    },
    LearnerEntry {
        name: "one_threshold",
        short: "one cut",
        about: "best single cut on one feature",
        default: || Box::new(one_threshold::OneThreshold),
        settings: &[],
        build: |_| Box::new(one_threshold::OneThreshold),
        load: one_threshold::load,
    },
    LearnerEntry {
        name: "knn",
        short: "kNN",
        about: "most frequent class of the 5 nearest training rows",
        default: || Box::new(knn::Knn::default()),
        settings: knn::SETTINGS,
        build: knn::build,
        load: knn::load,
    },
    LearnerEntry {
        name: "decision_tree",
        short: "DT",
        about: "one tree of exact cuts, grown to pure leaves",
        default: || Box::new(decision_tree::DecisionTree),
        settings: &[],
        build: |_| Box::new(decision_tree::DecisionTree),
        load: decision_tree::load,
    },
    LearnerEntry {
        name: "adaboost",
        short: "AB",
        about: "50 stumps, each on what those before it got wrong",
        default: || Box::<adaboost::AdaBoost>::default(),
        settings: adaboost::SETTINGS,
        build: adaboost::build,
        load: adaboost::load,
    },
    LearnerEntry {
        name: "random_forest",
        short: "RF",
        about: "100 trees on redrawn rows, each cut from a few features",
        default: || Box::<random_forest::RandomForest>::default(),
        settings: random_forest::SETTINGS,
        build: random_forest::build,
        load: random_forest::load,
    },
    LearnerEntry {
        name: "gradient_boosting",
        short: "GB",
        about: "100 small trees down the gradient of the log loss",
        default: || Box::<gradient_boosting::GradientBoosting>::default(),
        settings: gradient_boosting::SETTINGS,
        build: gradient_boosting::build,
        load: gradient_boosting::load,
    },
    LearnerEntry {
        name: "svm",
        short: "SVM",
        about: "support vector machine, Gaussian kernel, one against one",
        default: || Box::new(svm::Svm::default()),
        settings: svm::SETTINGS,
        build: svm::build,
        load: svm::load,
    },
    LearnerEntry {
        name: "neural_network",
        short: "NN",
        about: "neural network, hidden layers of 200 and 100",
        default: || Box::new(neural_network::NeuralNetwork::default()),
        settings: neural_network::SETTINGS,
        build: neural_network::build,
        load: neural_network::load,
    },
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
