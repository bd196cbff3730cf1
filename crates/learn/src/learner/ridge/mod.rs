//! A ridge classifier: least squares on targets of −1 and 1, with a penalty on the weights' squares that leaving
//! one row out chooses.
//!
//! Source: scikit-learn's `RidgeClassifierCV(alphas=logspace(-3, 3, 10))`, which MiniRocket is followed by
//! (Dempster, Schmidt, Webb 2021, §4; see [`crate::sequence`]). One target for two classes, else one for each; the
//! penalty with the smallest mean squared residual of rows left out is taken, the first of equals, never the one
//! with the best accuracy. Rows are scaled as they are handed in and centred here, so that a scaler without
//! centring gives the same; the intercept has no penalty.
//!
//! Probabilities are the softmax of the decision values, which for two classes are −d and d: the logistic function
//! of 2·d. Least squares on targets of −1 and 1 estimates 2·P − 1, so that near d = 0 this is the share (1 + d)/2
//! that is meant; farther away it keeps their order, and stays between 0 and 1.

use super::saved::{MOST_CLASSES, are_finite};
use super::setting::{Range, Setting, Values};
use super::{Ahead, Drawn, Learner, LearnerEntry, Marker, Model, Split, Training};
use crate::{Error, Matrix};
use leave_one_out::{Line, Prepared};
use serde::{Deserialize, Serialize};

mod band;
mod leave_one_out;
mod panels;
mod product;

#[cfg(test)]
mod tests;

/// Settings: the penalty.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Ridge {
    /// Price of a weight's square, above 0; `None` chooses one of ten from 0.001 to 1,000.
    pub alpha: Option<f64>,
}

/// What can be set.
const SETTINGS: &[Setting] = &[Setting {
    name: "alpha",
    about: "price of a weight's square; cv chooses it by leaving one row out",
    default: "cv",
    range: Range::NumberOr("cv", 1e-6, 1e6),
}];

/// The learner of some settings.
fn build(values: &Values) -> Box<dyn Learner> {
    Box::new(Ridge { alpha: values.number_unless_word("alpha") })
}

/// Its place in the register.
pub const ENTRY: LearnerEntry = LearnerEntry {
    name: "ridge",
    label: "Ridge",
    short: "Ridge",
    about: "least squares with a penalty that leaving one row out chooses",
    is_baseline: false,
    drawn: Drawn { light: "#6a3d9a", dark: "#b79be0", marker: Marker::Cross },
    cost: 3,
    max_training_rows: None,
    default: || Box::new(Ridge::default()),
    settings: SETTINGS,
    build,
    load,
};

impl Ridge {
    /// The penalties to choose among.
    fn alphas(&self) -> Vec<f64> {
        match self.alpha {
            Some(alpha) => vec![alpha],
            None => (0..10).map(|i| 10f64.powf(-3.0 + 6.0 * f64::from(i) / 9.0)).collect(),
        }
    }
}

impl Learner for Ridge {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn fit(&self, training: &Training<'_>, _seed: u64) -> Result<Box<dyn Model>, Error> {
        if training.rows.is_empty() {
            return Err(Error::NoRows);
        }
        let Training { x, rows, scaler, .. } = training;
        let classes: Vec<u32> = rows.iter().map(|&row| training.y[row as usize]).collect();
        let prepared = Prepared::new(x, rows, scaler, &self.alphas());
        Ok(Box::new(Fitted::new(&prepared, &classes, training.n_classes)))
    }

    /// Only the targets need labels: a labelling costs a few products of matrices and vectors.
    fn ahead_of_labels(&self, split: &Split<'_>) -> Option<Box<dyn Ahead>> {
        let Split { train_x, train, test_x, test, scaler } = split;
        if train.is_empty() {
            return None;
        }
        let prepared = Prepared::new(train_x, train, scaler, &self.alphas());
        let cells = (0..test_x.n_columns()).flat_map(|j| {
            let (column, mean) = (test_x.column(j), prepared.means[j]);
            test.iter().map(move |&row| column[row as usize] - mean)
        });
        Some(Box::new(Known { train: train.to_vec(), test: cells.collect(), n_test: test.len(), prepared }))
    }
}

/// Training rows prepared, whatever their classes.
struct Known {
    train: Vec<u32>,
    prepared: Prepared,
    /// The test rows' features less their means, feature after feature (n_features × n_test).
    test: Vec<f64>,
    n_test: usize,
}

impl Ahead for Known {
    fn probabilities(&self, y: &[u32], n_classes: usize) -> Vec<f64> {
        let classes: Vec<u32> = self.train.iter().map(|&row| y[row as usize]).collect();
        let model = Fitted::new(&self.prepared, &classes, n_classes);
        let mut decisions = model.no_features(self.n_test);
        if self.n_test > 0 {
            for (j, column) in self.test.chunks_exact(self.n_test).enumerate() {
                model.add_feature(j, column.iter().copied(), &mut decisions);
            }
        }
        model.shares(&decisions, self.n_test)
    }
}

/// A model: a line for each target.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fitted {
    n_classes: usize,
    /// Classes that had training rows, rising.
    classes: Vec<u32>,
    /// The penalty chosen.
    alpha: f64,
    /// What is subtracted from each feature (n_features).
    means: Vec<f64>,
    /// A weight for each feature less its mean, target after target (n_targets × n_features): no target for one class,
    /// one for two, above 0 for the second, else one for each.
    weights: Vec<f64>,
    /// Each target's value at the means (n_targets).
    intercepts: Vec<f64>,
}

impl Fitted {
    /// Fits rows of these classes.
    fn new(prepared: &Prepared, classes: &[u32], n_classes: usize) -> Fitted {
        let present: Vec<u32> = (0..n_classes as u32).filter(|class| classes.contains(class)).collect();
        let targets: Vec<Vec<f64>> = present[present.len() - n_targets(present.len())..]
            .iter()
            .map(|of| classes.iter().map(|class| if class == of { 1.0 } else { -1.0 }).collect())
            .collect();
        let (alpha, lines) = prepared.fit(&targets);
        let intercepts = lines.iter().map(|line| line.intercept).collect();
        let weights = lines.into_iter().flat_map(|Line { weights, .. }| weights).collect();
        Fitted { n_classes, classes: present, alpha, means: prepared.means.clone(), weights, intercepts }
    }

    /// Decisions of rows whose features are all at their means, target after target (n_targets × n_rows).
    fn no_features(&self, n_rows: usize) -> Vec<f64> {
        self.intercepts.iter().flat_map(|&intercept| std::iter::repeat_n(intercept, n_rows)).collect()
    }

    /// Adds a feature, given less its mean, to the decisions.
    #[inline(always)]
    fn add_feature(&self, feature: usize, cells: impl Iterator<Item = f64> + Clone, decisions: &mut [f64]) {
        let n_rows = decisions.len() / self.intercepts.len().max(1);
        for (target, decisions) in decisions.chunks_exact_mut(n_rows.max(1)).enumerate() {
            let weight = self.weights[target * self.means.len() + feature];
            decisions.iter_mut().zip(cells.clone()).for_each(|(decision, cell)| *decision += weight * cell);
        }
    }

    /// Class probabilities (n_rows × n_classes) from decisions (n_targets × n_rows).
    fn shares(&self, decisions: &[f64], n_rows: usize) -> Vec<f64> {
        let mut out = vec![0.0; n_rows * self.n_classes];
        let mut values = vec![0.0; self.classes.len()];
        for (row, out) in out.chunks_exact_mut(self.n_classes).enumerate() {
            match &mut values[..] {
                // one class alone is sure, whatever its value
                [_] => {}
                [first, second] => (*first, *second) = (-decisions[row], decisions[row]),
                values => {
                    let own = decisions[row..].iter().step_by(n_rows);
                    values.iter_mut().zip(own).for_each(|(value, decision)| *value = *decision);
                }
            }
            softmax(&values, |place, p| out[self.classes[place] as usize] = p);
        }
        out
    }
}

/// How many targets some classes need.
fn n_targets(n_classes: usize) -> usize {
    match n_classes {
        0 | 1 => 0,
        2 => 1,
        n => n,
    }
}

/// Hands on eᵛ of each value, divided by their sum.
fn softmax(values: &[f64], mut set: impl FnMut(usize, f64)) {
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = values.iter().map(|v| (v - most).exp()).sum();
    values.iter().enumerate().for_each(|(place, v)| set(place, (v - most).exp() / sum));
}

impl Model for Fitted {
    fn n_features(&self) -> usize {
        self.means.len()
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn probabilities(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        assert_eq!(x.n_columns(), self.means.len(), "columns of the matrix and of the model");
        let mut out = Vec::with_capacity(rows.len() * self.n_classes);
        // so few that their decisions stay near
        for rows in rows.chunks(512) {
            let mut decisions = self.no_features(rows.len());
            for (j, mean) in self.means.iter().enumerate() {
                let column = x.column(j);
                self.add_feature(j, rows.iter().map(|&row| column[row as usize] - mean), &mut decisions);
            }
            out.extend(self.shares(&decisions, rows.len()));
        }
        out
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("finite numbers and lists become JSON")
    }
}

/// Reads a saved model.
///
/// # Errors
/// [`Error::ModelJson`] and [`Error::ModelDamaged`] where it is not what `to_json` wrote.
fn load(json: serde_json::Value) -> Result<Box<dyn Model>, Error> {
    let model: Fitted = serde_json::from_value(json)?;
    let Fitted { n_classes, classes, means, weights, intercepts, .. } = &model;
    let damaged = |what| Err(Error::ModelDamaged { what });
    let is_class = |&class: &u32| (class as usize) < *n_classes;
    let rising = classes.is_sorted_by(|a, b| a < b);
    if classes.is_empty() || *n_classes > MOST_CLASSES || !rising || !classes.iter().all(is_class) {
        return damaged("the classes of ridge");
    }
    let n_targets = n_targets(classes.len());
    let whole = intercepts.len() == n_targets && means.len().checked_mul(n_targets) == Some(weights.len());
    if !whole || ![means, weights, intercepts].into_iter().all(|numbers| are_finite(numbers)) {
        return damaged("the weights of ridge");
    }
    Ok(Box::new(model))
}
