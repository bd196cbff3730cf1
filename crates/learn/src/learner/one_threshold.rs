//! The best single cut on one feature: a result that this reaches is no result.

use super::saved::are_probabilities;
use super::{Drawn, Learner, LearnerEntry, Model, Training};
use crate::tree::midway;
use crate::{Error, Matrix};
use serde::{Deserialize, Serialize};

/// Settings: none.
#[derive(Debug, Clone, Default)]
pub struct OneThreshold;

#[derive(Serialize, Deserialize)]
struct Fitted {
    n_features: usize,
    /// The column cut.
    feature: usize,
    /// Rows whose value is at most this lie below.
    threshold: f64,
    /// Class shares of the training rows below (n_classes).
    below: Vec<f64>,
    /// Class shares of those above (n_classes).
    above: Vec<f64>,
    /// Gini gain of the cut; 0 where nothing could be cut.
    gain: f64,
}

/// Its place in the register.
pub const ENTRY: LearnerEntry = LearnerEntry {
    name: "one_threshold",
    label: "One threshold",
    short: "One threshold",
    about: "best single cut on one feature",
    is_baseline: true,
    drawn: Drawn::BASELINE,
    cost: 1,
    max_training_rows: None,
    default: || Box::new(OneThreshold),
    settings: &[],
    build: |_| Box::new(OneThreshold),
    load,
};

impl Learner for OneThreshold {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    /// Takes the cut that tells most training rows right; of equals the one of the larger Gini gain, then the first.
    fn fit(&self, training: &Training<'_>, _seed: u64) -> Result<Box<dyn Model>, Error> {
        if training.rows.is_empty() {
            return Err(Error::NoRows);
        }
        let totals = training.class_counts();
        let whole = shares(&totals);
        let mut best = Fitted {
            n_features: training.x.n_columns(),
            feature: 0,
            threshold: 0.0,
            below: whole.clone(),
            above: whole,
            gain: 0.0,
        };
        let mut best_hits = 0;
        for feature in 0..training.x.n_columns() {
            each_cut(training, feature, &totals, |threshold, below, above| {
                let most = |side: &[u64]| side.iter().max().copied().unwrap_or(0);
                let hits = most(below) + most(above);
                if hits < best_hits {
                    return;
                }
                let gain = impurity(&totals) - impurity(below) - impurity(above);
                if hits > best_hits || gain > best.gain {
                    best_hits = hits;
                    (best.feature, best.threshold, best.gain) = (feature, threshold, gain.max(0.0));
                    (best.below, best.above) = (shares(below), shares(above));
                }
            });
        }
        Ok(Box::new(best))
    }
}

/// Calls back for each cut of one column, rising: threshold, class counts below, class counts above.
fn each_cut(
    training: &Training<'_>,
    feature: usize,
    totals: &[u64],
    mut cut: impl FnMut(f64, &[u64], &[u64]),
) {
    let (codes, values) = (training.presort.codes(feature), training.presort.values(feature));
    let k = totals.len();
    let mut counts = vec![0u32; values.len() * k];
    for &row in training.rows {
        counts[codes[row as usize] as usize * k + training.y[row as usize] as usize] += 1;
    }
    let (mut below, mut above) = (vec![0; k], totals.to_vec());
    let mut previous = None;
    for (counts, &value) in counts.chunks_exact(k).zip(values) {
        if counts.iter().all(|&count| count == 0) {
            continue;
        }
        if let Some(previous) = previous {
            cut(midway(previous, value), &below, &above);
        }
        previous = Some(value);
        for class in 0..k {
            below[class] += u64::from(counts[class]);
            above[class] -= u64::from(counts[class]);
        }
    }
}

/// Gini impurity times rows.
fn impurity(counts: &[u64]) -> f64 {
    let n: u64 = counts.iter().sum();
    n as f64 - counts.iter().map(|&c| c as f64 * c as f64).sum::<f64>() / n as f64
}

fn shares(counts: &[u64]) -> Vec<f64> {
    let n: u64 = counts.iter().sum();
    counts.iter().map(|&count| count as f64 / n as f64).collect()
}

impl Model for Fitted {
    fn n_features(&self) -> usize {
        self.n_features
    }

    fn n_classes(&self) -> usize {
        self.below.len()
    }

    fn probabilities(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        assert_eq!(x.n_columns(), self.n_features, "columns of the matrix and of the model");
        let mut out = Vec::with_capacity(rows.len() * self.below.len());
        for &row in rows {
            let left = x.value(row as usize, self.feature) <= self.threshold;
            out.extend_from_slice(if left { &self.below } else { &self.above });
        }
        out
    }

    fn gini_importance(&self) -> Option<Vec<f64>> {
        let mut gains = vec![0.0; self.n_features];
        gains[self.feature] = if self.gain > 0.0 { 1.0 } else { 0.0 };
        Some(gains)
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("finite numbers become JSON")
    }
}

/// Reads a saved model.
///
/// # Errors
/// [`Error::ModelJson`] where parts are missing, [`Error::ModelDamaged`] where they do not fit.
fn load(saved: serde_json::Value) -> Result<Box<dyn Model>, Error> {
    let fitted: Fitted = serde_json::from_value(saved)?;
    if fitted.feature >= fitted.n_features {
        return Err(Error::ModelDamaged { what: "the cut is on a feature that there is not" });
    }
    let sides = are_probabilities(&fitted.below) && are_probabilities(&fitted.above);
    if !sides || fitted.below.len() != fitted.above.len() {
        return Err(Error::ModelDamaged { what: "the sides' class shares do not fit" });
    }
    Ok(Box::new(fitted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Presort, Scaler};

    #[test]
    fn takes_the_cut_that_tells_most_rows_right() {
        let x = Matrix::from_columns(&[[5.0, 5.0, 1.0, 9.0], [1.0, 2.0, 4.0, 8.0]]).expect("finite");
        let (presort, scaler) = (Presort::new(&x), Scaler::identity(2));
        let training = Training {
            x: &x,
            y: &[0, 0, 1, 1],
            n_classes: 2,
            rows: &[0, 1, 2, 3],
            scaler: &scaler,
            presort: &presort,
        };
        let model = OneThreshold.fit(&training, 0).expect("rows");
        assert_eq!(model.predict(&x, &[0, 1, 2, 3]), [0, 0, 1, 1]);
        assert_eq!(model.to_json()["threshold"], 3.0, "midway between 2 and 4");
        assert_eq!(model.gini_importance(), Some(vec![0.0, 1.0]));
    }
}
