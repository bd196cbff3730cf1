//! One tree of exact cuts, grown until its leaves are pure.
//!
//! Source: scikit-learn's `DecisionTreeClassifier` with its defaults (Gini, no limit on depth), which the
//! paper used (§4.2).

use super::{Drawn, Learner, LearnerEntry, Marker, Model, Training};
use crate::tree::{Growth, SavedTree, Tree, exact_columns, grow};
use crate::{Error, Matrix};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Settings: none, the tree has no limits.
#[derive(Debug, Clone, Default)]
pub struct DecisionTree;

struct Fitted(Tree);

/// Its place in the register.
pub const ENTRY: LearnerEntry = LearnerEntry {
    name: "decision_tree",
    label: "Decision tree",
    short: "DT",
    about: "one tree of exact cuts, grown to pure leaves",
    is_baseline: false,
    drawn: Drawn { light: "#009e73", dark: "#22bd92", marker: Marker::Square },
    cost: 4,
    max_training_rows: None,
    default: || Box::new(DecisionTree),
    settings: &[],
    build: |_| Box::new(DecisionTree),
    load,
};

impl Learner for DecisionTree {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    /// The seed draws the order in which features are examined, so it decides between equally good cuts.
    fn fit(&self, training: &Training<'_>, seed: u64) -> Result<Box<dyn Model>, Error> {
        if training.rows.is_empty() {
            return Err(Error::NoRows);
        }
        let columns = exact_columns(training);
        let classes = training.classes();
        let growth = Growth {
            columns: &columns,
            classes: &classes,
            times: &vec![1; classes.len()],
            n_classes: training.n_classes,
            max_features: columns.len(),
        };
        Ok(Box::new(Fitted(grow(growth, &mut ChaCha8Rng::seed_from_u64(seed)))))
    }
}

impl Model for Fitted {
    fn n_features(&self) -> usize {
        self.0.n_features()
    }

    fn n_classes(&self) -> usize {
        self.0.n_classes()
    }

    fn probabilities(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        self.0.shares(x, rows)
    }

    fn gini_importance(&self) -> Option<Vec<f64>> {
        Some(self.0.gini_importance())
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(SavedTree::from(&self.0)).expect("lists of finite numbers become JSON")
    }
}

/// Reads a saved tree.
///
/// # Errors
/// [`Error::ModelJson`] where parts are missing, [`Error::ModelDamaged`] where they do not fit.
fn load(saved: serde_json::Value) -> Result<Box<dyn Model>, Error> {
    let tree = Tree::try_from(serde_json::from_value::<SavedTree>(saved)?)?;
    Ok(Box::new(Fitted(tree)))
}
