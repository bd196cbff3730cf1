//! Trees whose class shares are averaged: what random forest and extra trees fit.
//!
//! Trees are grown, and rows predicted, on all threads where the forest is not one of several jobs already: each
//! tree has a stream of random numbers of its own, so threads change no bit.

use super::{Model, has_threads};
use crate::tree::{SavedTree, Tree, gather};
use crate::{Error, Matrix};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// A fitted forest; it has a tree or more, all of one table.
pub(super) struct Forest {
    trees: Vec<Tree>,
}

#[derive(Serialize, Deserialize)]
struct SavedForest {
    trees: Vec<SavedTree>,
}

impl Forest {
    /// Grows so many trees, each with random numbers of its own.
    ///
    /// # Errors
    /// [`Error::NoRows`] where no tree is asked for.
    pub(super) fn grow(
        n_trees: usize,
        seed: u64,
        grow_one: impl Fn(&mut ChaCha8Rng) -> Tree + Sync,
    ) -> Result<Forest, Error> {
        if n_trees == 0 {
            return Err(Error::NoRows);
        }
        let tree = |stream: u64| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(stream);
            grow_one(&mut rng)
        };
        let streams = 0..n_trees as u64;
        let trees = match has_threads() {
            true => streams.into_par_iter().map(tree).collect(),
            false => streams.map(tree).collect(),
        };
        Ok(Forest { trees })
    }

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

impl Model for Forest {
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

/// Reads a saved forest.
///
/// # Errors
/// [`Error::ModelJson`] where parts are missing, [`Error::ModelDamaged`] where they do not fit.
pub(super) fn load(saved: serde_json::Value) -> Result<Box<dyn Model>, Error> {
    let saved: SavedForest = serde_json::from_value(saved)?;
    let trees = saved.trees.into_iter().map(Tree::try_from).collect::<Result<Vec<Tree>, Error>>()?;
    let shape = |tree: &Tree| (tree.n_features(), tree.n_classes());
    match trees.first() {
        Some(first) if trees.iter().all(|tree| shape(tree) == shape(first)) => Ok(Box::new(Forest { trees })),
        Some(_) => Err(Error::ModelDamaged { what: "the trees are not of one table" }),
        None => Err(Error::ModelDamaged { what: "a forest without trees" }),
    }
}
