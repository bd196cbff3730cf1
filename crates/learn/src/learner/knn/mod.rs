//! k-nearest neighbours: a row is of the class that most of the five nearest training rows have.
//!
//! Source: paper §4.2; Euclidean distance on scaled rows and equal votes, as scikit-learn's
//! `KNeighborsClassifier` does by default.

use super::saved::{are_classes, are_finite, is_scaler};
use super::{Learner, Model, Training};
use crate::simd::dispatch;
use crate::{Error, Matrix, Scaler};
use search::{Nearest, Search, is_trusted, plain};
use serde::{Deserialize, Serialize};
use tree::Tree;

mod search;
mod tree;

#[cfg(test)]
mod tests;

/// Settings: how many neighbours vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knn {
    /// Neighbours that vote, at least 1; all rows do where there are fewer.
    pub k: usize,
}

impl Default for Knn {
    fn default() -> Knn {
        Knn { k: 5 }
    }
}

impl Learner for Knn {
    fn name(&self) -> &'static str {
        "knn"
    }

    fn fit(&self, training: &Training<'_>, _seed: u64) -> Result<Box<dyn Model>, Error> {
        if training.rows.is_empty() {
            return Err(Error::NoRows);
        }
        let saved = Saved {
            k: self.k.max(1),
            n_classes: training.n_classes,
            scaler: training.scaler.clone(),
            rows: training.scaler.gather(training.x, training.rows),
            classes: training.rows.iter().map(|&row| training.y[row as usize]).collect(),
        };
        Ok(Box::new(Neighbours::new(saved)))
    }
}

/// What a model is, apart from the tree: that is built again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    k: usize,
    n_classes: usize,
    scaler: Scaler,
    /// Scaled training rows (n_rows × n_features).
    rows: Vec<f64>,
    /// Their classes (n_rows).
    classes: Vec<u32>,
}

/// The training rows and the tree to look them up.
struct Neighbours {
    saved: Saved,
    tree: Option<Tree>,
}

/// Reads a saved model.
///
/// # Errors
/// [`Error::ModelJson`] and [`Error::ModelDamaged`] where it is not what `to_json` wrote.
pub fn load(json: serde_json::Value) -> Result<Box<dyn Model>, Error> {
    let saved: Saved = serde_json::from_value(json)?;
    let damaged = |what| Err(Error::ModelDamaged { what });
    if saved.k == 0 || saved.classes.is_empty() {
        return damaged("knn has no neighbour to ask");
    }
    if !is_scaler(&saved.scaler) {
        return damaged("the scaler of knn");
    }
    if saved.scaler.means.len().checked_mul(saved.classes.len()) != Some(saved.rows.len()) {
        return damaged("the number of knn's rows");
    }
    if !are_finite(&saved.rows) {
        return damaged("a number in knn's rows");
    }
    if !are_classes(&saved.classes, saved.n_classes) {
        return damaged("a class of knn's rows");
    }
    Ok(Box::new(Neighbours::new(saved)))
}

impl Neighbours {
    fn new(saved: Saved) -> Neighbours {
        let tree = Tree::build(&saved.rows, saved.scaler.means.len());
        Neighbours { saved, tree }
    }

    /// The query's neighbours by a plain search.
    fn plain(&self, query: &[f64]) -> Nearest {
        let Saved { rows, classes, k, .. } = &self.saved;
        plain(rows, classes.len(), query, *k.min(&classes.len()))
    }

    /// Adds the neighbours' votes to one row of probabilities.
    fn vote(&self, nearest: &Nearest, probabilities: &mut [f64]) {
        let share = 1.0 / self.saved.k.min(self.saved.classes.len()) as f64;
        let mut votes = vec![0u32; probabilities.len()];
        nearest.rows().for_each(|row| votes[self.saved.classes[row as usize] as usize] += 1);
        probabilities.iter_mut().zip(votes).for_each(|(p, n)| *p = f64::from(n) * share);
    }
}

impl Model for Neighbours {
    fn n_features(&self) -> usize {
        self.saved.scaler.means.len()
    }

    fn n_classes(&self) -> usize {
        self.saved.n_classes
    }

    fn probabilities(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        let (p, c) = (self.saved.scaler.means.len(), self.saved.n_classes);
        let k = self.saved.k.min(self.saved.classes.len());
        let queries = self.saved.scaler.gather(x, rows);
        let mut out = vec![0.0; rows.len() * c];
        let Some(tree) = &self.tree else {
            for (i, probabilities) in out.chunks_exact_mut(c).enumerate() {
                self.vote(&self.plain(&queries[i * p..(i + 1) * p]), probabilities);
            }
            return out;
        };
        let each = |i: usize, nearest: &Nearest| {
            let query = &queries[i * p..(i + 1) * p];
            let probabilities = &mut out[i * c..(i + 1) * c];
            if is_trusted(query) {
                self.vote(nearest, probabilities);
            } else {
                self.vote(&self.plain(query), probabilities);
            }
        };
        dispatch(Search { tree, rows: &self.saved.rows, queries: &queries, k, each });
        out
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(&self.saved).expect("numbers and lists become JSON")
    }
}
