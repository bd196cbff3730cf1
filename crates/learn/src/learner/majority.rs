//! The most frequent class, whatever the features say: a result that this reaches is no result.

use super::saved::are_probabilities;
use super::{Drawn, Learner, LearnerEntry, Model, Training};
use crate::{Error, Matrix};
use serde::{Deserialize, Serialize};

/// Settings: none.
#[derive(Debug, Clone, Default)]
pub struct Majority;

#[derive(Serialize, Deserialize)]
struct Fitted {
    n_features: usize,
    /// Share of each class among the training rows (n_classes).
    shares: Vec<f64>,
}

/// Its place in the register.
pub const ENTRY: LearnerEntry = LearnerEntry {
    name: "majority",
    label: "Majority",
    short: "Majority",
    about: "always the most frequent class",
    is_baseline: true,
    drawn: Drawn::BASELINE,
    cost: 1,
    max_training_rows: None,
    default: || Box::new(Majority),
    settings: &[],
    build: |_| Box::new(Majority),
    load,
};

impl Learner for Majority {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn fit(&self, training: &Training<'_>, _seed: u64) -> Result<Box<dyn Model>, Error> {
        if training.rows.is_empty() {
            return Err(Error::NoRows);
        }
        let counts = training.class_counts();
        let n = training.rows.len() as f64;
        let shares = counts.iter().map(|&count| count as f64 / n).collect();
        Ok(Box::new(Fitted { n_features: training.x.n_columns(), shares }))
    }
}

impl Model for Fitted {
    fn n_features(&self) -> usize {
        self.n_features
    }

    fn n_classes(&self) -> usize {
        self.shares.len()
    }

    fn probabilities(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        assert_eq!(x.n_columns(), self.n_features, "columns of the matrix and of the model");
        self.shares.repeat(rows.len())
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("finite numbers become JSON")
    }
}

/// Reads a saved model.
///
/// # Errors
/// [`Error::ModelJson`] where parts are missing, [`Error::ModelDamaged`] where they are no shares.
fn load(saved: serde_json::Value) -> Result<Box<dyn Model>, Error> {
    let fitted: Fitted = serde_json::from_value(saved)?;
    if !are_probabilities(&fitted.shares) {
        return Err(Error::ModelDamaged { what: "the classes' shares do not sum to 1" });
    }
    Ok(Box::new(fitted))
}
