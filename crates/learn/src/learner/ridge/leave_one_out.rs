//! Ridge regression with its penalty chosen by leaving one row out, of which all that needs no labels is done once.
//!
//! With X the scaled and centred training rows (n × p), K = X·Xᵀ and C = Xᵀ·X: the residual of a row that is left
//! out is e/(1 − h), where e is its residual when it is fitted with the others and h its leverage, 1/n for the
//! intercept and the rest for X. Where there are more features than rows all is done with K, else with C.
//!
//! Source: R. M. Rifkin, R. A. Lippert, "Notes on regularized least squares", 2007, which scikit-learn's `RidgeCV`
//! follows; a band in place of their eigen-decomposition ([`super::band`]).

use super::band::{Factor, reduce};
use super::panels::Panels;
use super::product::{Left, Part, View, add_product, dot};
use crate::simd::{Kernel, Simd, dispatch};
use crate::{Matrix, Scaler};

/// What of fitting some rows needs no labels.
pub(super) struct Prepared {
    n_rows: usize,
    /// What is subtracted from each feature (n_features).
    pub(super) means: Vec<f64>,
    /// What a feature is multiplied with then (n_features).
    scales: Vec<f64>,
    side: Side,
    /// Z: the rows in the basis in which K or C is a band (n_rows × basis).
    rows: Panels,
    penalties: Vec<Penalty>,
}

/// Which matrix is turned into a band.
enum Side {
    /// K = Z·B·Zᵀ, where the columns of Z are orthogonal to the intercept: with c = (B + α)⁻¹·Zᵀ·y the weights are
    /// Xᵀ·Z·c, and a residual left out is z·c / z·(B + α)⁻¹·z.
    Rows {
        /// X, column after column (n_features × n_rows).
        columns: Vec<f64>,
    },
    /// C = Q·B·Qᵀ and Z = X·Q: with c = (B + α)⁻¹·Zᵀ·y the weights are Q·c, and a residual left out is
    /// (y − z·c) / (1 − 1/n − z·(B + α)⁻¹·z).
    Features {
        /// Q, row after row (n_features × n_features); `None` for the identity.
        basis: Option<Vec<f64>>,
    },
}

/// A penalty that may be chosen.
struct Penalty {
    alpha: f64,
    factor: Factor,
    /// z·(B + α)⁻¹·z of each row; `None` where there is no other penalty to choose (n_rows).
    forms: Option<Vec<f64>>,
}

/// One target's fit: its value is weights · (row − means) + intercept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) weights: Vec<f64>,
    pub(super) intercept: f64,
}

impl Prepared {
    /// Prepares some rows, of which there is one or more, for the penalties to choose among.
    pub(super) fn new(x: &Matrix, rows: &[u32], scaler: &Scaler, alphas: &[f64]) -> Prepared {
        let (n, p) = (rows.len(), x.n_columns());
        let means = means(x, rows, scaler);
        let scales: Vec<f64> = scaler.deviations.iter().map(|deviation| 1.0 / deviation).collect();
        let columns = centred(x, rows, &means, &scales);
        let by_row = View { values: &columns, n_rows: n, n_columns: p, row: 1, column: n };
        let (side, panels, band) = if n <= p {
            let (basis, band) = rows_side(by_row);
            (Side::Rows { columns }, Panels::new(View::rows(&basis, n, n - 1)), band)
        } else {
            let mut c = vec![0.0; p * p];
            add_product(&mut c, p, 1.0, Left::Whole(by_row.transposed()), by_row, Part::Lower);
            let reduced = reduce(c, p);
            let panels = match &reduced.basis {
                None => Panels::new(by_row),
                Some(basis) => {
                    let mut z = vec![0.0; n * p];
                    let basis = View::rows(basis, p, p);
                    add_product(&mut z, p, 1.0, Left::Whole(by_row), basis, Part::Whole);
                    Panels::new(View::rows(&z, n, p))
                }
            };
            (Side::Features { basis: reduced.basis }, panels, reduced.band)
        };
        let penalty = |&alpha: &f64| {
            let factor = band.factor(alpha);
            let forms = (alphas.len() > 1).then(|| panels.quadratic_forms(&factor));
            Penalty { alpha, factor, forms }
        };
        let penalties = alphas.iter().map(penalty).collect();
        Prepared { n_rows: n, means, scales, side, rows: panels, penalties }
    }

    /// Fits targets (each n_rows); returns the penalty chosen for all of them together and a line for each.
    pub(super) fn fit(&self, targets: &[Vec<f64>]) -> (f64, Vec<Line>) {
        let means: Vec<f64> =
            targets.iter().map(|target| target.iter().sum::<f64>() / self.n_rows as f64).collect();
        let centred: Vec<Vec<f64>> = targets
            .iter()
            .zip(&means)
            .map(|(target, mean)| target.iter().map(|y| y - mean).collect())
            .collect();
        let right: Vec<Vec<f64>> = centred.iter().map(|target| self.rows.sum_of_rows(target)).collect();
        // penalty after penalty, target after target
        let each = self.penalties.iter().flat_map(|penalty| right.iter().map(move |right| (penalty, right)));
        let coefficients: Vec<Vec<f64>> = each.map(|(penalty, right)| penalty.factor.solve(right)).collect();
        let fitted = self.rows.times(&coefficients);
        let k = targets.len();
        let mut best = (f64::INFINITY, 0);
        for (place, (penalty, fitted)) in self.penalties.iter().zip(fitted.chunks_exact(k.max(1))).enumerate()
        {
            let error = self.squared_error_left_out(penalty, &centred, fitted);
            if error < best.0 {
                best = (error, place);
            }
        }
        let chosen = best.1 * k..(best.1 + 1) * k;
        let weights = self.weights(&coefficients[chosen.clone()], &fitted[chosen]);
        let line = |(mut weights, mean): (Vec<f64>, &f64)| {
            weights.iter_mut().zip(&self.scales).for_each(|(weight, scale)| *weight *= scale);
            // values whose squares are beyond the numbers say nothing
            if !weights.iter().all(|weight| weight.is_finite()) {
                weights.fill(0.0);
            }
            Line { weights, intercept: *mean }
        };
        (self.penalties[best.1].alpha, weights.into_iter().zip(&means).map(line).collect())
    }

    /// Sum over targets and rows of the squared residual when the row is left out; infinite where a row cannot be.
    fn squared_error_left_out(&self, penalty: &Penalty, targets: &[Vec<f64>], fitted: &[Vec<f64>]) -> f64 {
        let Some(forms) = &penalty.forms else { return 0.0 };
        let others = 1.0 - 1.0 / self.n_rows as f64;
        let mut sum = 0.0;
        for (target, fitted) in targets.iter().zip(fitted) {
            for ((y, fitted), form) in target.iter().zip(fitted).zip(forms) {
                let (residual, rest) = match self.side {
                    Side::Rows { .. } => (*fitted, *form),
                    Side::Features { .. } => (y - fitted, others - form),
                };
                // a row that the others say nothing of
                if rest <= 0.0 {
                    return f64::INFINITY;
                }
                sum += (residual / rest) * (residual / rest);
            }
        }
        sum
    }

    /// Weights of each target's scaled features (each n_features), from its coefficients and its Z·c.
    fn weights(&self, coefficients: &[Vec<f64>], fitted: &[Vec<f64>]) -> Vec<Vec<f64>> {
        match &self.side {
            Side::Features { basis: None } => coefficients.to_vec(),
            Side::Features { basis: Some(rows) } => dispatch(Dots { rows, vectors: coefficients }),
            Side::Rows { columns } => dispatch(Dots { rows: columns, vectors: fitted }),
        }
    }
}

/// Each row's product with each vector: one list for each vector (each n_rows).
struct Dots<'a> {
    rows: &'a [f64],
    vectors: &'a [Vec<f64>],
}

impl Kernel for Dots<'_> {
    type Out = Vec<Vec<f64>>;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Vec<Vec<f64>> {
        let mut out = vec![Vec::new(); self.vectors.len()];
        let Some(first) = self.vectors.first() else { return out };
        for row in self.rows.chunks_exact(first.len()) {
            for (out, vector) in out.iter_mut().zip(self.vectors) {
                out.push(dot(s, row, vector));
            }
        }
        out
    }
}

/// The columns' means over the rows: the scaler's, where it has been fitted to them, but for rounding.
fn means(x: &Matrix, rows: &[u32], scaler: &Scaler) -> Vec<f64> {
    let mean = |(j, near): (usize, &f64)| {
        let column = x.column(j);
        let mut sums = [0.0; 8];
        for eight in rows.chunks(8) {
            eight.iter().zip(&mut sums).for_each(|(&row, sum)| *sum += column[row as usize] - near);
        }
        near + sums.iter().sum::<f64>() / rows.len() as f64
    };
    scaler.means.iter().enumerate().map(mean).collect()
}

/// Columns less their means, scaled, one after another (n_features × n_rows).
fn centred(x: &Matrix, rows: &[u32], means: &[f64], scales: &[f64]) -> Vec<f64> {
    let mut columns = Vec::with_capacity(rows.len() * means.len());
    for (j, (mean, scale)) in means.iter().zip(scales).enumerate() {
        let column = x.column(j);
        columns.extend(rows.iter().map(|&row| (column[row as usize] - mean) * scale));
    }
    columns
}

/// The basis Z (n × (n − 1)) and the band B of K = X·Xᵀ = Z·B·Zᵀ.
///
/// The rows are centred, so K takes the vector of ones to nothing. The reflection H = I − β·v·vᵀ with v = e + s·1,
/// s = 1/√n, turns the first axis e into the ones; what H·K·H has beside its empty first row and column is reduced.
fn rows_side(by_row: View<'_>) -> (Vec<f64>, super::band::Band) {
    let n = by_row.n_rows;
    let mut k = vec![0.0; n * n];
    add_product(&mut k, n, 1.0, Left::Whole(by_row), by_row.transposed(), Part::Lower);
    let s = 1.0 / (n as f64).sqrt();
    let beta = 1.0 / (1.0 + s);
    // H·K·H = K − v·wᵀ − w·vᵀ with w = β·K·e − ½·β²·K_ee·v
    let half = 0.5 * beta * beta * k[0];
    let w: Vec<f64> = k.iter().step_by(n).map(|of_first| beta * of_first - half * s).collect();
    let mut rest = Vec::with_capacity((n - 1) * (n - 1));
    for i in 1..n {
        rest.extend((1..n).map(|j| k[i * n + j] - s * (w[i] + w[j])));
    }
    drop(k);
    let reduced = reduce(rest, n - 1);
    let m = n - 1;
    let basis = reduced.basis.unwrap_or_else(|| {
        let mut identity = vec![0.0; m * m];
        identity.iter_mut().step_by(n).for_each(|v| *v = 1.0);
        identity
    });
    // Z: H without its first column, times the basis
    let mut sums = vec![0.0; m];
    basis.chunks_exact(m.max(1)).for_each(|row| sums.iter_mut().zip(row).for_each(|(sum, v)| *sum += v));
    let mut z: Vec<f64> = sums.iter().map(|sum| -beta * s * (1.0 + s) * sum).collect();
    for row in basis.chunks_exact(m.max(1)) {
        z.extend(row.iter().zip(&sums).map(|(v, sum)| v - beta * s * s * sum));
    }
    (z, reduced.band)
}
