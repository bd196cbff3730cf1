//! k-nearest neighbours: a row is of the class that most of the five nearest training rows have.
//!
//! Source: paper §4.2; Euclidean distance on scaled rows and equal votes, as scikit-learn's
//! `KNeighborsClassifier` does by default.

use super::saved::{are_classes, are_finite, is_scaler};
use super::setting::{Range, Setting, Values};
use super::{Ahead, Drawn, Learner, LearnerEntry, Marker, Model, Split, Training};
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

/// What can be set.
const SETTINGS: &[Setting] =
    &[Setting { name: "k", about: "neighbours that vote", default: "5", range: Range::Whole(1, 100_000) }];

/// The learner of some settings.
fn build(values: &Values) -> Box<dyn Learner> {
    Box::new(Knn { k: values.whole("k") })
}

impl Default for Knn {
    fn default() -> Knn {
        Knn { k: 5 }
    }
}

/// Its place in the register.
pub const ENTRY: LearnerEntry = LearnerEntry {
    name: "knn",
    label: "kNN",
    short: "kNN",
    about: "most frequent class of the 5 nearest training rows",
    is_baseline: false,
    drawn: Drawn { light: "#e69f00", dark: "#f0b02b", marker: Marker::Circle },
    cost: 4,
    max_training_rows: None,
    default: || Box::new(Knn::default()),
    settings: SETTINGS,
    build,
    load,
};

impl Learner for Knn {
    fn name(&self) -> &'static str {
        ENTRY.name
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

    fn ahead_of_labels(&self, split: &Split<'_>) -> Option<Box<dyn Ahead>> {
        let n = split.train.len();
        if n == 0 {
            return None;
        }
        let saved = Saved {
            k: self.k.max(1),
            n_classes: 0,
            scaler: split.scaler.clone(),
            rows: split.scaler.gather(split.train_x, split.train),
            classes: vec![0; n],
        };
        let k = saved.k.min(n);
        let mut rows = vec![0; split.test.len() * k];
        Neighbours::new(saved).look_up(split.test_x, split.test, |i, nearest| {
            let own = rows[i * k..(i + 1) * k].iter_mut();
            own.zip(nearest.rows()).for_each(|(row, found)| *row = split.train[found as usize]);
        });
        Some(Box::new(Known { k, rows }))
    }
}

/// Who the neighbours are, whatever their classes.
struct Known {
    k: usize,
    /// Nearest training rows of each test row, as rows of the training table (test.len() × k).
    rows: Vec<u32>,
}

impl Ahead for Known {
    fn probabilities(&self, y: &[u32], n_classes: usize) -> Vec<f64> {
        let mut out = vec![0.0; self.rows.len() / self.k * n_classes];
        for (rows, probabilities) in self.rows.chunks_exact(self.k).zip(out.chunks_exact_mut(n_classes)) {
            shares(rows.iter().map(|&row| y[row as usize]), self.k, probabilities);
        }
        out
    }
}

/// Each class's share of k votes.
fn shares(votes: impl Iterator<Item = u32>, k: usize, probabilities: &mut [f64]) {
    // counted as whole numbers, which are exact, and divided once
    votes.for_each(|class| probabilities[class as usize] += 1.0);
    let share = 1.0 / k as f64;
    probabilities.iter_mut().for_each(|p| *p *= share);
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
fn load(json: serde_json::Value) -> Result<Box<dyn Model>, Error> {
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

    /// Looks up the neighbours of some rows and hands them on, in no certain order.
    fn look_up(&self, x: &Matrix, rows: &[u32], mut found: impl FnMut(usize, &Nearest)) {
        let p = self.saved.scaler.means.len();
        let k = self.saved.k.min(self.saved.classes.len());
        let queries = self.saved.scaler.gather(x, rows);
        let query = |i: usize| &queries[i * p..(i + 1) * p];
        let Some(tree) = &self.tree else {
            return (0..rows.len()).for_each(|i| found(i, &self.plain(query(i))));
        };
        let each = |i: usize, nearest: &Nearest| match is_trusted(query(i)) {
            true => found(i, nearest),
            false => found(i, &self.plain(query(i))),
        };
        dispatch(Search { tree, rows: &self.saved.rows, queries: &queries, k, each });
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
        let Saved { classes, n_classes, .. } = &self.saved;
        let k = self.saved.k.min(classes.len());
        let mut out = vec![0.0; rows.len() * n_classes];
        self.look_up(x, rows, |i, nearest| {
            let votes = nearest.rows().map(|row| classes[row as usize]);
            shares(votes, k, &mut out[i * n_classes..(i + 1) * n_classes]);
        });
        out
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(&self.saved).expect("numbers and lists become JSON")
    }
}
