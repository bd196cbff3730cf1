//! Support vector machine with a Gaussian kernel, one against one, as scikit-learn's `SVC` has it.
//!
//! Source: the paper tried it and dropped it (§4.2); C = 1 and γ = 1/(p·Var X) are scikit-learn's defaults.
//! Predictions follow the pairs' votes. Probabilities are sigmoids of the decision values, fitted to the
//! training rows' own decision values, coupled where there are more than two classes: the most probable
//! class can differ from the one with most votes.

use super::saved::{MOST_CLASSES, are_finite_singles, is_scaler};
use super::setting::{Range, Setting, Values};
use super::{Drawn, Learner, LearnerEntry, Marker, Model, Training};
use crate::simd::{Block, LANES};
use crate::{Error, Matrix, Scaler};
use kernel::{Points, shrunk};
use probability::{Sigmoid, couple};
use serde::{Deserialize, Serialize};
use smo::{Problem, solve};

mod kernel;
mod probability;
mod smo;

#[cfg(test)]
mod tests;

/// Settings: the price of a training row on the wrong side, and how far a row reaches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Svm {
    /// Upper bound of a row's weight, above 0.
    pub c: f64,
    /// γ of the kernel, above 0; `None` takes 1/(p·Var X).
    pub gamma: Option<f64>,
}

/// What can be set.
const SETTINGS: &[Setting] = &[
    Setting {
        name: "c",
        about: "price of a training row on the wrong side",
        default: "1",
        range: Range::Number(1e-6, 1e6),
    },
    Setting {
        name: "gamma",
        about: "of the kernel exp(-gamma d²); scale is 1/(p·Var X)",
        default: "scale",
        range: Range::NumberOr("scale", 1e-9, 1e6),
    },
];

/// The learner of some settings.
fn build(values: &Values) -> Box<dyn Learner> {
    Box::new(Svm { c: values.number("c"), gamma: values.number_unless_word("gamma") })
}

impl Default for Svm {
    fn default() -> Svm {
        Svm { c: 1.0, gamma: None }
    }
}

/// γ = 1 / (number of features · variance of all cells); 1 where nothing varies. scikit-learn's `scale`.
fn scale_gamma(scaled: &[f64], n_features: usize) -> f64 {
    let n = scaled.len() as f64;
    let mean = scaled.iter().sum::<f64>() / n;
    let variance = scaled.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    let gamma = 1.0 / (n_features as f64 * variance);
    if variance > 0.0 && gamma.is_finite() { gamma } else { 1.0 }
}

/// Its place in the register.
pub const ENTRY: LearnerEntry = LearnerEntry {
    name: "svm",
    label: "SVM",
    short: "SVM",
    about: "support vector machine, Gaussian kernel, one against one",
    is_baseline: false,
    drawn: Drawn { light: "#56b4e9", dark: "#86cdf5", marker: Marker::Plus },
    cost: 15,
    max_training_rows: Some(5000),
    default: || Box::new(Svm::default()),
    settings: SETTINGS,
    build,
    load,
};

impl Learner for Svm {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn fit(&self, training: &Training<'_>, _seed: u64) -> Result<Box<dyn Model>, Error> {
        if training.rows.is_empty() {
            return Err(Error::NoRows);
        }
        let scaled = training.scaler.gather(training.x, training.rows);
        let p = training.x.n_columns();
        let gamma = self.gamma.unwrap_or_else(|| scale_gamma(&scaled, p));
        let rows = shrunk(&scaled, gamma);
        let y: Vec<u32> = training.rows.iter().map(|&row| training.y[row as usize]).collect();
        let classes: Vec<u32> = (0..training.n_classes as u32).filter(|class| y.contains(class)).collect();
        let mut pairs = Vec::new();
        for (i, &first) in classes.iter().enumerate() {
            for &second in &classes[i + 1..] {
                pairs.push(self.fit_pair(&rows, p, &y, first, second));
            }
        }
        let saved = Saved::new(training, gamma, classes, &rows, &pairs);
        Ok(Box::new(Machine::new(saved)))
    }
}

/// What two classes' fit gives: a weight for every training row.
struct FittedPair {
    weights: Vec<f32>,
    bias: f64,
    sigmoid: Sigmoid,
}

impl Svm {
    /// Separates two classes of training rows (n_rows × p).
    fn fit_pair(&self, rows: &[f32], p: usize, y: &[u32], first: u32, second: u32) -> FittedPair {
        let chosen: Vec<usize> = (0..y.len()).filter(|&i| y[i] == first || y[i] == second).collect();
        let is_first: Vec<bool> = chosen.iter().map(|&i| y[i] == first).collect();
        let rows: Vec<f32> = chosen.iter().flat_map(|&i| &rows[i * p..(i + 1) * p]).copied().collect();
        let problem = Problem { rows: &rows, n_features: p, is_first: &is_first, c: self.c };
        let solution = solve(&problem);
        let mut weights = vec![0.0; y.len()];
        chosen.iter().zip(&solution.weights).for_each(|(&i, &weight)| weights[i] = weight as f32);
        let sigmoid = Sigmoid::fit(&solution.decisions, &is_first);
        FittedPair { weights, bias: solution.bias, sigmoid }
    }
}

/// A model: the rows with a weight in some pair, and the pairs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    n_classes: usize,
    scaler: Scaler,
    gamma: f64,
    /// Classes that had training rows, rising.
    classes: Vec<u32>,
    /// Support rows: scaled and times √γ (n_support × n_features).
    support: Vec<f32>,
    n_support: usize,
    /// All pairs of `classes`: first with second, first with third and so on.
    pairs: Vec<Pair>,
}

/// Two classes, and what parts them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    /// Weight of each support row, positive for the first class (n_support).
    weights: Vec<f32>,
    /// Added to the weighted kernels; above 0 in all, the vote is the first class's.
    bias: f64,
    sigmoid: Sigmoid,
}

impl Saved {
    fn new(
        training: &Training<'_>,
        gamma: f64,
        classes: Vec<u32>,
        rows: &[f32],
        pairs: &[FittedPair],
    ) -> Saved {
        let p = training.x.n_columns();
        let support: Vec<usize> =
            (0..training.rows.len()).filter(|&i| pairs.iter().any(|pair| pair.weights[i] != 0.0)).collect();
        let of_support = |pair: &FittedPair| support.iter().map(|&i| pair.weights[i]).collect();
        Saved {
            n_classes: training.n_classes,
            scaler: training.scaler.clone(),
            gamma,
            classes,
            support: support.iter().flat_map(|&i| &rows[i * p..(i + 1) * p]).copied().collect(),
            n_support: support.len(),
            pairs: pairs
                .iter()
                .map(|pair| Pair { weights: of_support(pair), bias: pair.bias, sigmoid: pair.sigmoid })
                .collect(),
        }
    }

    /// What is wrong with it, if anything.
    fn damage(&self) -> Option<&'static str> {
        let k = self.classes.len();
        let is_class = |&class: &u32| (class as usize) < self.n_classes;
        let is_pair = |pair: &Pair| {
            let numbers = [pair.bias, pair.sigmoid.slope, pair.sigmoid.offset];
            pair.weights.len() == self.n_support
                && are_finite_singles(&pair.weights)
                && numbers.iter().all(|v| v.is_finite())
        };
        let rising = self.classes.is_sorted_by(|a, b| a < b);
        if k == 0 || self.n_classes > MOST_CLASSES || !rising || !self.classes.iter().all(is_class) {
            return Some("the classes of svm");
        }
        let is_gamma = self.gamma.is_finite() && self.gamma > 0.0;
        if !is_scaler(&self.scaler) || !is_gamma {
            return Some("the scaler or gamma of svm");
        }
        let cells = self.scaler.means.len().checked_mul(self.n_support);
        if cells != Some(self.support.len()) || !are_finite_singles(&self.support) {
            return Some("the support rows of svm");
        }
        // without features any count of rows has no cells: only the weights then bound it
        if self.pairs.len() != k * (k - 1) / 2 || !self.pairs.iter().all(is_pair) {
            return Some("a pair of svm");
        }
        if k == 1 && self.n_support != 0 {
            return Some("the support rows of svm");
        }
        None
    }
}

/// The model, its support rows laid out for the kernel.
struct Machine {
    saved: Saved,
    points: Points,
    weights: Vec<Vec<Block>>,
}

/// Reads a saved model.
///
/// # Errors
/// [`Error::ModelJson`] and [`Error::ModelDamaged`] where it is not what `to_json` wrote.
fn load(json: serde_json::Value) -> Result<Box<dyn Model>, Error> {
    let saved: Saved = serde_json::from_value(json)?;
    match saved.damage() {
        Some(what) => Err(Error::ModelDamaged { what }),
        None => Ok(Box::new(Machine::new(saved))),
    }
}

impl Machine {
    fn new(saved: Saved) -> Machine {
        let points = Points::new(&saved.support, saved.n_support, saved.scaler.means.len());
        let in_blocks = |pair: &Pair| {
            let mut blocks = vec![Block::ZERO; points.n_blocks()];
            pair.weights.iter().enumerate().for_each(|(i, &w)| blocks[i / LANES].0[i % LANES] = w);
            blocks
        };
        let weights = saved.pairs.iter().map(in_blocks).collect();
        Machine { saved, points, weights }
    }

    /// Decision values of every pair (rows.len() × n_pairs).
    fn decisions(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        let queries = shrunk(&self.saved.scaler.gather(x, rows), self.saved.gamma);
        let mut out = self.points.sums(&self.weights, &queries, rows.len());
        if !self.saved.pairs.is_empty() {
            for decisions in out.chunks_exact_mut(self.saved.pairs.len()) {
                decisions.iter_mut().zip(&self.saved.pairs).for_each(|(d, pair)| *d += pair.bias);
            }
        }
        out
    }

    /// Where the pair of the i-th and j-th class present stands, i below j.
    fn pair(&self, i: usize, j: usize) -> usize {
        let k = self.saved.classes.len();
        i * (2 * k - i - 1) / 2 + (j - i - 1)
    }
}

impl Model for Machine {
    fn n_features(&self) -> usize {
        self.saved.scaler.means.len()
    }

    fn n_classes(&self) -> usize {
        self.saved.n_classes
    }

    fn probabilities(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        self.coupled(&self.decisions(x, rows), rows.len())
    }

    /// The class with most votes of the pairs, the first of equals: as scikit-learn decides, whatever the
    /// sigmoids say.
    fn classify(&self, x: &Matrix, rows: &[u32]) -> (Vec<u32>, Vec<f64>) {
        let decisions = self.decisions(x, rows);
        (self.votes(&decisions, rows.len()), self.coupled(&decisions, rows.len()))
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(&self.saved).expect("numbers and lists become JSON")
    }
}

impl Machine {
    /// Class probabilities of rows by the decisions of all pairs (n_rows × n_classes).
    fn coupled(&self, decisions: &[f64], n_rows: usize) -> Vec<f64> {
        let (k, n_pairs) = (self.saved.classes.len(), self.saved.pairs.len());
        let mut out = vec![0.0; n_rows * self.saved.n_classes];
        for (row, out) in out.chunks_exact_mut(self.saved.n_classes).enumerate() {
            if k == 1 {
                out[self.saved.classes[0] as usize] = 1.0;
                continue;
            }
            let pairwise = |i: usize, j: usize| {
                let pair = self.pair(i.min(j), i.max(j));
                let first = self.saved.pairs[pair].sigmoid.of(decisions[row * n_pairs + pair]);
                if i < j { first } else { 1.0 - first }
            };
            let coupled = couple(k, pairwise);
            self.saved.classes.iter().zip(coupled).for_each(|(&class, p)| out[class as usize] = p);
        }
        out
    }

    /// The class with most votes of the pairs; the first of equals (n_rows).
    fn votes(&self, decisions: &[f64], n_rows: usize) -> Vec<u32> {
        let (k, n_pairs) = (self.saved.classes.len(), self.saved.pairs.len());
        let vote = |row: usize| {
            let mut votes = vec![0u32; k];
            for i in 0..k {
                for j in i + 1..k {
                    let is_first = decisions[row * n_pairs + self.pair(i, j)] > 0.0;
                    votes[if is_first { i } else { j }] += 1;
                }
            }
            let most = (0..k).rev().max_by_key(|&i| votes[i]).unwrap_or(0); // k is at least 1
            self.saved.classes[most]
        };
        (0..n_rows).map(vote).collect()
    }
}
