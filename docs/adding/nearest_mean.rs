//! The nearest class mean: a learner, whole.

use super::saved::{MOST_CLASSES, are_finite, is_scaler};
use super::{Drawn, Learner, LearnerEntry, Marker, Model, Training};
use crate::{Error, Matrix, Scaler};
use serde::{Deserialize, Serialize};

/// Settings: none.
pub struct NearestMean;

/// Its place in the register.
pub const ENTRY: LearnerEntry = LearnerEntry {
    name: "nearest_mean",
    label: "Nearest mean",
    short: "NM",
    about: "class whose mean is nearest",
    is_baseline: false,
    drawn: Drawn { light: "#7a5195", dark: "#b690cf", marker: Marker::Diamond },
    cost: 1,
    max_training_rows: None,
    default: || Box::new(NearestMean),
    settings: &[],
    build: |_| Box::new(NearestMean),
    load,
};

impl Learner for NearestMean {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn fit(&self, training: &Training<'_>, _seed: u64) -> Result<Box<dyn Model>, Error> {
        if training.rows.is_empty() {
            return Err(Error::NoRows);
        }
        let (counts, n_features) = (training.class_counts(), training.x.n_columns());
        let mut means = vec![vec![0.0; n_features]; training.n_classes];
        for &row in training.rows {
            let class = training.y[row as usize] as usize;
            let own = training.scaler.gather(training.x, &[row]);
            means[class].iter_mut().zip(own).for_each(|(mean, value)| *mean += value / counts[class] as f64);
        }
        // a class without training rows is never the nearest
        let means = means.into_iter().zip(counts).map(|(mean, count)| (count > 0).then_some(mean)).collect();
        Ok(Box::new(Means { scaler: training.scaler.clone(), means }))
    }
}

#[derive(Serialize, Deserialize)]
struct Means {
    scaler: Scaler,
    /// Mean of each class, scaled (n_classes, each n_features).
    means: Vec<Option<Vec<f64>>>,
}

impl Model for Means {
    fn n_features(&self) -> usize {
        self.scaler.means.len()
    }

    fn n_classes(&self) -> usize {
        self.means.len()
    }

    fn probabilities(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        assert_eq!(x.n_columns(), self.n_features(), "columns of the matrix and of the model");
        rows.iter().flat_map(|&row| self.of_row(&self.scaler.gather(x, &[row]))).collect()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("finite numbers become JSON")
    }
}

impl Means {
    fn of_row(&self, row: &[f64]) -> Vec<f64> {
        let distance = |mean: &Option<Vec<f64>>| match mean {
            Some(mean) => row.iter().zip(mean).map(|(a, b)| (a - b).powi(2)).sum(),
            None => f64::INFINITY,
        };
        let distances: Vec<f64> = self.means.iter().map(distance).collect();
        let least = distances.iter().copied().fold(f64::INFINITY, f64::min);
        let weights: Vec<f64> = distances.iter().map(|d| (least - d).exp()).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    }
}

fn load(saved: serde_json::Value) -> Result<Box<dyn Model>, Error> {
    let model: Means = serde_json::from_value(saved)?;
    let known: Vec<&Vec<f64>> = model.means.iter().flatten().collect();
    let fit = |mean: &&Vec<f64>| mean.len() == model.scaler.means.len() && are_finite(mean);
    let whole = is_scaler(&model.scaler) && model.means.len() <= MOST_CLASSES;
    if !whole || known.is_empty() || !known.iter().all(fit) {
        return Err(Error::ModelDamaged { what: "the means of nearest_mean" });
    }
    Ok(Box::new(model))
}
