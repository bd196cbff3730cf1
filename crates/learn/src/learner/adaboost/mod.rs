//! Fifty stumps, each fitted to what those before it got wrong.
//!
//! Source: Zhu, Zou, Rosset, Hastie 2009, "Multi-class AdaBoost" (SAMME); scikit-learn's
//! `AdaBoostClassifier` with its defaults (50 trees of depth 1, rate 1), which the paper used (§4.2).

mod stump;

use super::saved::are_finite;
use super::setting::{Range, Setting, Values};
use super::{Drawn, Learner, LearnerEntry, Marker, Model, Training};
use crate::{Error, Matrix};
use serde::{Deserialize, Serialize};
use stump::{Stump, Workshop};

/// Settings.
#[derive(Debug, Clone)]
pub struct AdaBoost {
    /// How many stumps at most.
    pub n_stumps: usize,
    /// What each stump's weight is multiplied by.
    pub rate: f64,
}

/// What can be set.
const SETTINGS: &[Setting] = &[
    Setting { name: "rounds", about: "stumps at most", default: "50", range: Range::Whole(1, 10_000) },
    Setting {
        name: "rate",
        about: "factor of each stump's weight",
        default: "1",
        range: Range::Number(0.001, 10.0),
    },
];

/// The learner of some settings.
fn build(values: &Values) -> Box<dyn Learner> {
    Box::new(AdaBoost { n_stumps: values.whole("rounds"), rate: values.number("rate") })
}

impl Default for AdaBoost {
    fn default() -> Self {
        AdaBoost { n_stumps: 50, rate: 1.0 }
    }
}

#[derive(Serialize, Deserialize)]
struct Fitted {
    n_features: usize,
    /// Whether each class had training rows (n_classes).
    present: Vec<bool>,
    /// Stumps with their weights, all positive.
    stumps: Vec<(Stump, f64)>,
}

/// Its place in the register.
pub const ENTRY: LearnerEntry = LearnerEntry {
    name: "adaboost",
    label: "AdaBoost",
    short: "AB",
    about: "50 stumps, each on what those before it got wrong",
    is_baseline: false,
    drawn: Drawn { light: "#d55e00", dark: "#f0803a", marker: Marker::Diamond },
    cost: 15,
    max_training_rows: None,
    default: || Box::<AdaBoost>::default(),
    settings: SETTINGS,
    build,
    load,
};

impl Learner for AdaBoost {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    /// Nothing is drawn: of equally good cuts the one found first wins, whatever the seed.
    fn fit(&self, training: &Training<'_>, _seed: u64) -> Result<Box<dyn Model>, Error> {
        if training.rows.is_empty() {
            return Err(Error::NoRows);
        }
        let present: Vec<bool> = training.class_counts().iter().map(|&count| count > 0).collect();
        let n_present = present.iter().filter(|&&is| is).count();
        let mut fitted = Fitted { n_features: training.x.n_columns(), present, stumps: Vec::new() };
        if n_present > 1 {
            fitted.stumps = self.boost(training, n_present as f64);
        }
        Ok(Box::new(fitted))
    }
}

impl AdaBoost {
    fn boost(&self, training: &Training<'_>, n_present: f64) -> Vec<(Stump, f64)> {
        let mut workshop = Workshop::new(training);
        let mut stumps = Vec::new();
        for _ in 0..self.n_stumps.max(1) {
            let (stump, error) = workshop.best_stump();
            if error <= 0.0 {
                stumps.push((stump, 1.0));
                break;
            }
            if error >= 1.0 - 1.0 / n_present {
                // no better than guessing; scikit-learn fails where it is the first, here it stands alone
                if stumps.is_empty() {
                    stumps.push((stump, 1.0));
                }
                break;
            }
            let weight = self.rate * (((1.0 - error) / error).ln() + (n_present - 1.0).ln());
            workshop.reweight(&stump, weight.exp());
            stumps.push((stump, weight));
        }
        stumps
    }
}

impl Model for Fitted {
    fn n_features(&self) -> usize {
        self.n_features
    }

    fn n_classes(&self) -> usize {
        self.present.len()
    }

    /// A softmax of the weighted votes, as scikit-learn has it: a ranking, not a calibrated probability.
    fn probabilities(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        assert_eq!(x.n_columns(), self.n_features, "columns of the matrix and of the model");
        let k = self.present.len();
        let mut votes = vec![0.0; rows.len() * k];
        for (stump, weight) in &self.stumps {
            let column = x.column(stump.feature);
            for (votes, &row) in votes.chunks_exact_mut(k).zip(rows) {
                votes[stump.vote(column[row as usize])] += weight;
            }
        }
        votes.chunks_exact_mut(k).for_each(|votes| self.soften(votes));
        votes
    }

    /// Mean of the stumps' importances, weighted as their votes are.
    fn gini_importance(&self) -> Option<Vec<f64>> {
        let mut sum = vec![0.0; self.n_features];
        let total: f64 = self.stumps.iter().map(|(_, weight)| weight).sum();
        for (stump, weight) in self.stumps.iter().filter(|(stump, _)| stump.gain > 0.0) {
            sum[stump.feature] += weight / total;
        }
        Some(sum)
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("finite numbers become JSON")
    }
}

impl Fitted {
    /// Turns one row's votes into probabilities.
    fn soften(&self, votes: &mut [f64]) {
        let others = self.present.iter().filter(|&&is| is).count() as f64 - 1.0;
        let total: f64 = votes.iter().sum();
        let mut sum = 0.0;
        for (vote, &present) in votes.iter_mut().zip(&self.present) {
            let score = if total > 0.0 { (*vote - (total - *vote) / others) / total / others } else { 0.0 };
            *vote = if present { score.exp() } else { 0.0 };
            sum += *vote;
        }
        votes.iter_mut().for_each(|vote| *vote /= sum);
    }
}

/// Reads a saved model.
///
/// # Errors
/// [`Error::ModelJson`] where parts are missing, [`Error::ModelDamaged`] where they do not fit.
fn load(saved: serde_json::Value) -> Result<Box<dyn Model>, Error> {
    let fitted: Fitted = serde_json::from_value(saved)?;
    let k = fitted.present.len();
    let n_present = fitted.present.iter().filter(|&&is| is).count();
    if n_present == 0 || (n_present == 1 && !fitted.stumps.is_empty()) {
        return Err(Error::ModelDamaged { what: "stumps without classes" });
    }
    let fits = |(stump, weight): &(Stump, f64)| {
        stump.feature < fitted.n_features
            && stump.below < k
            && stump.above < k
            && are_finite(&[stump.threshold, stump.gain])
            && (f64::MIN_POSITIVE..1e6).contains(weight)
    };
    if !fitted.stumps.iter().all(fits) {
        return Err(Error::ModelDamaged { what: "a stump is of a feature or class that there is not" });
    }
    Ok(Box::new(fitted))
}

#[cfg(test)]
mod tests;
