//! A hundred trees on redrawn rows, each cut choosing among few features; probabilities are averaged.
//!
//! Source: Breiman 2001, "Random forests"; scikit-learn's `RandomForestClassifier` with its defaults
//! (100 trees, bootstrap, √p features). Columns are cut into at most 256 codes first, which costs no
//! accuracy here and is 1.3 times as fast as 4096: a forest averages over finer differences anyway.
//!
//! Trees are grown, and rows predicted, on all threads where the forest is not one of several jobs already: each
//! tree has a stream of random numbers of its own, so threads change no bit.

use super::setting::{Range, Setting, Values};
use super::{Drawn, Learner, LearnerEntry, Marker, Model, Training};
use crate::tree::{Column, Growth, SavedTree, Tree, gather, grow, quantile_columns};
use crate::{Error, Matrix};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

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

struct Fitted {
    trees: Vec<Tree>,
}

#[derive(Serialize, Deserialize)]
struct SavedForest {
    trees: Vec<SavedTree>,
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
        if training.rows.is_empty() || self.n_trees == 0 {
            return Err(Error::NoRows);
        }
        let columns = quantile_columns(training);
        let classes = training.classes();
        let tree = |stream: u64| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(stream);
            grow_one(&columns, &classes, training.n_classes, &mut rng)
        };
        let streams = 0..self.n_trees as u64;
        let trees = match has_threads() {
            true => streams.into_par_iter().map(tree).collect(),
            false => streams.map(tree).collect(),
        };
        Ok(Box::new(Fitted { trees }))
    }
}

/// Whether threads are free for one forest. Not within a pool: its jobs are spread over them, and a job that
/// waited would be given another one's work, whose time would count as its own.
fn has_threads() -> bool {
    rayon::current_thread_index().is_none() && rayon::current_num_threads() > 1
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

impl Model for Fitted {
    fn n_features(&self) -> usize {
        self.trees[0].n_features()
    }

    fn n_classes(&self) -> usize {
        self.trees[0].n_classes()
    }

    fn probabilities(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        if !has_threads() {
            return self.shares(x, rows);
        }
        let part = rows.len().div_ceil(rayon::current_num_threads()).max(1);
        rows.par_chunks(part).flat_map_iter(|rows| self.shares(x, rows)).collect()
    }

    /// Mean over the trees that cut anything, as scikit-learn has it.
    fn gini_importance(&self) -> Option<Vec<f64>> {
        let mut sum = vec![0.0; self.n_features()];
        for tree in &self.trees {
            sum.iter_mut().zip(tree.gini_importance()).for_each(|(s, gain)| *s += gain);
        }
        let total: f64 = sum.iter().sum();
        if total > 0.0 {
            sum.iter_mut().for_each(|s| *s /= total);
        }
        Some(sum)
    }

    fn to_json(&self) -> serde_json::Value {
        let trees = self.trees.iter().map(SavedTree::from).collect();
        serde_json::to_value(SavedForest { trees }).expect("lists of finite numbers become JSON")
    }
}

impl Fitted {
    /// Mean shares of each class (n_rows × n_classes).
    fn shares(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        let (p, k) = (self.n_features(), self.n_classes());
        let cells = gather(x, rows, p);
        let mut sums = vec![0.0; rows.len() * k];
        for tree in &self.trees {
            tree.add_shares(&cells, &mut sums);
        }
        let n = self.trees.len() as f64;
        sums.iter_mut().for_each(|sum| *sum /= n);
        sums
    }
}

/// Reads a saved forest.
///
/// # Errors
/// [`Error::ModelJson`] where parts are missing, [`Error::ModelDamaged`] where they do not fit.
fn load(saved: serde_json::Value) -> Result<Box<dyn Model>, Error> {
    let saved: SavedForest = serde_json::from_value(saved)?;
    let trees = saved.trees.into_iter().map(Tree::try_from).collect::<Result<Vec<Tree>, Error>>()?;
    let shape = |tree: &Tree| (tree.n_features(), tree.n_classes());
    match trees.first() {
        Some(first) if trees.iter().all(|tree| shape(tree) == shape(first)) => Ok(Box::new(Fitted { trees })),
        Some(_) => Err(Error::ModelDamaged { what: "the trees are not of one table" }),
        None => Err(Error::ModelDamaged { what: "a forest without trees" }),
    }
}
