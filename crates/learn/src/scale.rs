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
        let p = x.n_columns();
        let mut scaler = Scaler { means: Vec::with_capacity(p), deviations: Vec::with_capacity(p) };
        for first in (0..p).step_by(ABREAST) {
            match p - first {
                ABREAST.. => scaler.fit_columns::<ABREAST>(x, rows, first),
                _ => (first..p).for_each(|j| scaler.fit_columns::<1>(x, rows, j)),
            }
        }
        scaler
    }

    /// Fits the next N columns side by side, so that one's sums do not wait for each other.
    fn fit_columns<const N: usize>(&mut self, x: &Matrix, rows: &[u32], first: usize) {
        let columns: [&[f64]; N] = std::array::from_fn(|k| x.column(first + k));
        let n = rows.len().max(1) as f64;
        let mut sums = [0.0; N];
        for &i in rows {
            (0..N).for_each(|k| sums[k] += columns[k][i as usize]);
        }
        let means = sums.map(|sum| sum / n);
        // the second pass makes up for the mean's rounding, as scikit-learn's does
        let (mut squares, mut rests) = ([0.0; N], [0.0; N]);
        for &i in rows {
            for k in 0..N {
                let d = columns[k][i as usize] - means[k];
                squares[k] += d * d;
                rests[k] += d;
            }
        }
        for k in 0..N {
            let (mean, rest) = (means[k], rests[k]);
            let variance = (squares[k] - rest * rest / n) / n;
            let constant = variance <= 10.0 * n * f64::EPSILON * (mean * mean * n * f64::EPSILON + variance);
            self.means.push(mean);
            self.deviations.push(if constant || variance <= 0.0 { 1.0 } else { variance.sqrt() });
        }
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
        if out.is_empty() {
            return out;
        }
        // a few rows at a time, whose cells stay near until the next columns are written beside them
        for (rows, out) in rows.chunks(ROWS).zip(out.chunks_mut(ROWS * p)) {
            for j in 0..p {
                let column = x.column(j);
                let (mean, deviation) = (self.means[j], self.deviations[j]);
                for (cell, &i) in out[j..].iter_mut().step_by(p).zip(rows) {
                    *cell = (column[i as usize] - mean) / deviation;
                }
            }
        }
        out
    }
}

/// Columns whose sums are worked out side by side.
const ABREAST: usize = 8;
/// Rows that are gathered side by side.
const ROWS: usize = 64;
