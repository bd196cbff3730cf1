//! A hundred trees on redrawn rows, each cut choosing among few features; probabilities are averaged.
//!
//! Source: Breiman 2001, "Random forests"; scikit-learn's `RandomForestClassifier` with its defaults
//! (100 trees, bootstrap, √p features). Columns are cut into at most 256 codes first, which costs no
//! accuracy here and is 1.3 times as fast as 4096: a forest averages over finer differences anyway.

use super::forest::{Forest, load};
use super::setting::{Range, Setting, Values};
use super::{Drawn, Learner, LearnerEntry, Marker, Model, Training};
use crate::Error;
use crate::tree::{Column, Growth, Tree, grow, quantile_columns};
use rand::RngCore;
use rand_chacha::ChaCha8Rng;

/// Settings.
#[derive(Debug, Clone)]
pub struct RandomForest {
    /// How many trees.
    pub n_trees: usize,
}

/// What can be set.
const SETTINGS: &[Setting] =
    &[Setting { name: "trees", about: "how many trees", default: "100", range: Range::Whole(1, 10_000) }];

/// The learner of some settings.
fn build(values: &Values) -> Box<dyn Learner> {
    Box::new(RandomForest { n_trees: values.whole("trees") })
}

impl Default for RandomForest {
    fn default() -> Self {
        RandomForest { n_trees: 100 }
    }
}

/// Its place in the register.
pub const ENTRY: LearnerEntry = LearnerEntry {
    name: "random_forest",
    label: "Random forest",
    short: "RF",
    about: "100 trees on redrawn rows, each cut from a few features",
    is_baseline: false,
    drawn: Drawn { light: "#0072b2", dark: "#4aa7e6", marker: Marker::Up },
    cost: 100,
    max_training_rows: None,
    default: || Box::<RandomForest>::default(),
    settings: SETTINGS,
    build,
    load,
};

impl Learner for RandomForest {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn fit(&self, training: &Training<'_>, seed: u64) -> Result<Box<dyn Model>, Error> {
        if training.rows.is_empty() {
            return Err(Error::NoRows);
        }
        let columns = quantile_columns(training);
        let classes = training.classes();
        let tree = |rng: &mut ChaCha8Rng| grow_one(&columns, &classes, training.n_classes, rng);
        Ok(Box::new(Forest::grow(self.n_trees, seed, tree)?))
    }
}

/// Grows a tree on as many rows as there are, drawn with replacement.
fn grow_one(columns: &[Column], classes: &[u16], n_classes: usize, rng: &mut ChaCha8Rng) -> Tree {
    let n = classes.len();
    let mut times = vec![0u16; n];
    for _ in 0..n {
        let drawn = ((u64::from(rng.next_u32()) * n as u64) >> 32) as usize;
        times[drawn] = times[drawn].saturating_add(1);
    }
    let growth =
        Growth { columns, classes, times: &times, n_classes, max_features: columns.len().isqrt().max(1) };
    grow(growth, rng)
}
