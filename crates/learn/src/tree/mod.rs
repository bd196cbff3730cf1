//! Binary trees of cuts: what decision tree, forest and one-threshold learners fit and predict with.
//!
//! Source: Breiman, Friedman, Olshen, Stone, "Classification and Regression Trees" (1984), with the
//! conventions of scikit-learn's `tree`: a cut lies midway between two neighbouring values, and a row
//! goes left if its value is at most the cut.

mod best_cut;
mod columns;
mod grow;
mod impurity;
mod random_cut;
mod tally;

pub(crate) use best_cut::{Growth, grow};
pub(crate) use columns::{Codes, Column, exact_columns, midway, quantile_columns, quantiles};
pub use impurity::Criterion;
pub(crate) use impurity::Impurity;
pub(crate) use random_cut::{Cells, RandomGrowth, grow_at_random};

use crate::{Error, Matrix};
use serde::{Deserialize, Serialize};

/// Marks a node without a cut.
const LEAF: u32 = u32::MAX;

/// Rows that descend a tree side by side, so that one's wait for memory is the others' work: a forest
/// predicts 1.7 times as fast.
const ABREAST: usize = 8;

/// One place in a tree: a cut, or a leaf.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    /// Rows whose value is at most this go left.
    threshold: f64,
    /// The column cut, or [`LEAF`].
    feature: u32,
    /// The left child, the right one standing next to it; in a leaf, its line of `values`.
    next: u32,
}

/// A fitted tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tree {
    n_classes: usize,
    nodes: Vec<Node>,
    /// Class shares, line after line (n_lines × n_classes); line c of the first n_classes is "surely c".
    values: Vec<f64>,
    /// Gini gain of each feature, unscaled (n_features).
    gains: Vec<f64>,
}

impl Tree {
    /// A tree of one node, to be filled by growing.
    fn new(n_features: usize, n_classes: usize) -> Tree {
        let mut values = vec![0.0; n_classes * n_classes];
        values.iter_mut().step_by(n_classes + 1).for_each(|v| *v = 1.0);
        let root = Node { threshold: 0.0, feature: LEAF, next: 0 };
        Tree { n_classes, nodes: vec![root], values, gains: vec![0.0; n_features] }
    }

    /// Makes a node a leaf with these class shares, which sum to 1.
    fn set_leaf(&mut self, node: u32, shares: &[f64]) {
        let line = match shares.iter().position(|&share| share == 1.0) {
            Some(class) => class,
            None => {
                self.values.extend_from_slice(shares);
                self.values.len() / self.n_classes - 1
            }
        };
        self.nodes[node as usize] = Node { threshold: 0.0, feature: LEAF, next: line as u32 };
    }

    /// Makes a node a leaf whose rows are all of this class.
    fn set_pure_leaf(&mut self, node: u32, class: u16) {
        self.nodes[node as usize] = Node { threshold: 0.0, feature: LEAF, next: u32::from(class) };
    }

    /// Makes a node a cut; returns its left child, the right one standing next to it.
    fn set_cut(&mut self, node: u32, feature: usize, threshold: f64, gain: f64) -> u32 {
        let next = self.nodes.len() as u32;
        self.nodes[node as usize] = Node { threshold, feature: feature as u32, next };
        self.nodes.extend([Node { threshold: 0.0, feature: LEAF, next: 0 }; 2]);
        self.gains[feature] += gain;
        next
    }

    /// How many columns the tree was grown on.
    pub(crate) fn n_features(&self) -> usize {
        self.gains.len()
    }

    /// How many classes its leaves distinguish.
    pub(crate) fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Gini gain of each feature, summing to 1; all zero in a tree without cuts (n_features).
    pub(crate) fn gini_importance(&self) -> Vec<f64> {
        let total: f64 = self.gains.iter().sum();
        let scale = if total > 0.0 { 1.0 / total } else { 0.0 };
        self.gains.iter().map(|gain| gain * scale).collect()
    }

    /// Adds each row's class shares (n_rows × n_classes) to `sums`; `cells` is row after row.
    ///
    /// # Panics
    /// When there are not n_features cells and n_classes sums for each row.
    pub(crate) fn add_shares(&self, cells: &[f64], sums: &mut [f64]) {
        let (p, k) = (self.n_features(), self.n_classes);
        let groups = cells.chunks(p * ABREAST).zip(sums.chunks_mut(k * ABREAST));
        for (cells, sums) in groups {
            let mut at = [0u32; ABREAST];
            let n = sums.len() / k;
            let mut moving = self.nodes[0].feature != LEAF;
            while moving {
                moving = false;
                for (place, row) in at[..n].iter_mut().zip(cells.chunks_exact(p)) {
                    let node = self.nodes[*place as usize];
                    if node.feature != LEAF {
                        *place = node.next + u32::from(row[node.feature as usize] > node.threshold);
                        moving = true;
                    }
                }
            }
            for (sums, place) in sums.chunks_exact_mut(k).zip(at) {
                let line = self.nodes[place as usize].next as usize * k;
                sums.iter_mut().zip(&self.values[line..line + k]).for_each(|(sum, share)| *sum += share);
            }
        }
    }

    /// Class shares of some rows (rows.len() × n_classes).
    ///
    /// # Panics
    /// When the matrix has other columns than the tree was grown on.
    pub(crate) fn shares(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        let mut sums = vec![0.0; rows.len() * self.n_classes];
        self.add_shares(&gather(x, rows, self.n_features()), &mut sums);
        sums
    }
}

/// Cells of some rows, row after row (rows.len() × n_features).
///
/// # Panics
/// When the matrix has not `n_features` columns, or a row lies outside it.
pub(crate) fn gather(x: &Matrix, rows: &[u32], n_features: usize) -> Vec<f64> {
    assert_eq!(x.n_columns(), n_features, "columns of the matrix and of the model");
    let mut cells = vec![0.0; rows.len() * n_features];
    if rows.is_empty() {
        return cells;
    }
    for j in 0..n_features {
        let column = x.column(j);
        for (cell, &row) in cells[j..].iter_mut().step_by(n_features).zip(rows) {
            *cell = column[row as usize];
        }
    }
    cells
}

/// A tree as it is written: one list for each part of the nodes.
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedTree {
    n_classes: usize,
    features: Vec<Option<u32>>,
    thresholds: Vec<f64>,
    next: Vec<u32>,
    values: Vec<f64>,
    gains: Vec<f64>,
}

impl From<&Tree> for SavedTree {
    fn from(tree: &Tree) -> SavedTree {
        let nodes = tree.nodes.iter();
        SavedTree {
            n_classes: tree.n_classes,
            features: nodes.clone().map(|n| (n.feature != LEAF).then_some(n.feature)).collect(),
            thresholds: nodes.clone().map(|n| n.threshold).collect(),
            next: nodes.map(|n| n.next).collect(),
            values: tree.values.clone(),
            gains: tree.gains.clone(),
        }
    }
}

impl TryFrom<SavedTree> for Tree {
    type Error = Error;

    /// Checks everything that predicting relies on; children stand behind their parent, so every descent ends.
    fn try_from(saved: SavedTree) -> Result<Tree, Error> {
        let damaged = |what| Err(Error::ModelDamaged { what });
        let (n, k) = (saved.features.len(), saved.n_classes);
        if k == 0 || saved.values.is_empty() || !saved.values.len().is_multiple_of(k) {
            return damaged("a tree's leaves do not fit its classes");
        }
        if n == 0 || saved.thresholds.len() != n || saved.next.len() != n {
            return damaged("a tree's lists of nodes differ in length or are empty");
        }
        if saved.gains.is_empty() || !saved.gains.iter().all(|gain| gain.is_finite() && *gain >= 0.0) {
            return damaged("a tree's gains are missing or are no gains");
        }
        let is_line = |line: &[f64]| {
            line.iter().all(|share| (0.0..=1.0).contains(share))
                && (line.iter().sum::<f64>() - 1.0).abs() < 1e-9
        };
        if !saved.values.chunks_exact(k).all(is_line) {
            return damaged("a leaf's class shares do not sum to 1");
        }
        let n_lines = saved.values.len() / k;
        let mut nodes = Vec::with_capacity(n);
        for (i, feature) in saved.features.into_iter().enumerate() {
            let (threshold, next) = (saved.thresholds[i], saved.next[i]);
            let fits = match feature {
                None => (next as usize) < n_lines,
                Some(feature) => {
                    (feature as usize) < saved.gains.len() && next as usize > i && (next as usize) < n - 1
                }
            };
            if !fits || !threshold.is_finite() {
                return damaged("a tree's node points outside of the tree");
            }
            nodes.push(Node { threshold, feature: feature.unwrap_or(LEAF), next });
        }
        Ok(Tree { n_classes: k, nodes, values: saved.values, gains: saved.gains })
    }
}
