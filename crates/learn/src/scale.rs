//! Zero mean and unit deviation, fitted on training rows alone.
//!
//! Source: paper §4.1 ("processed with the StandardScaler"); fitted inside each fold, a deliberate departure.

use crate::Matrix;
use serde::{Deserialize, Serialize};

/// A fitted scaler: `(x − mean) / deviation`, column by column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    /// What is subtracted from each column (n_columns).
    pub means: Vec<f64>,
    /// What each column is divided by (n_columns); 1 for a constant column.
    pub deviations: Vec<f64>,
}

impl Scaler {
    /// Fits means and population deviations to the given rows.
    pub fn fit(x: &Matrix, rows: &[u32]) -> Scaler {
        let n = rows.len().max(1) as f64;
        let (mut means, mut deviations) = (Vec::new(), Vec::new());
        for j in 0..x.n_columns() {
            let column = x.column(j);
            let mean = rows.iter().map(|&i| column[i as usize]).sum::<f64>() / n;
            // the second pass makes up for the mean's rounding, as scikit-learn's does
            let (mut squares, mut rest) = (0.0, 0.0);
            for &i in rows {
                let d = column[i as usize] - mean;
                squares += d * d;
                rest += d;
            }
            let variance = (squares - rest * rest / n) / n;
            let constant = variance <= 10.0 * n * f64::EPSILON * (mean * mean * n * f64::EPSILON + variance);
            means.push(mean);
            deviations.push(if constant || variance <= 0.0 { 1.0 } else { variance.sqrt() });
        }
        Scaler { means, deviations }
    }

    /// The scaler that changes nothing.
    pub fn identity(n_columns: usize) -> Scaler {
        Scaler { means: vec![0.0; n_columns], deviations: vec![1.0; n_columns] }
    }

    /// Scaled rows, one after another (rows.len() × n_columns).
    ///
    /// # Panics
    /// When the matrix has other columns than the scaler was fitted on, or a row lies outside it.
    pub fn gather(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        assert_eq!(x.n_columns(), self.means.len(), "columns of the matrix and of the scaler");
        let p = x.n_columns();
        let mut out = vec![0.0; rows.len() * p];
        if rows.is_empty() {
            return out;
        }
        for j in 0..p {
            let column = x.column(j);
            let (mean, deviation) = (self.means[j], self.deviations[j]);
            for (cell, &i) in out[j..].iter_mut().step_by(p).zip(rows) {
                *cell = (column[i as usize] - mean) / deviation;
            }
        }
        out
    }
}
