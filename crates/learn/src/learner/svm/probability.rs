//! From decision values to probabilities: a sigmoid for two classes, coupling for more.

use serde::{Deserialize, Serialize};

/// P(first class | decision value f) = 1 / (1 + exp(slope·f + offset)).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Sigmoid {
    pub(super) slope: f64,
    pub(super) offset: f64,
}

impl Sigmoid {
    /// The probability of the first class, strictly between 0 and 1.
    pub(super) fn of(self, decision: f64) -> f64 {
        let z = self.slope * decision + self.offset;
        let p = if z >= 0.0 { (-z).exp() / (1.0 + (-z).exp()) } else { 1.0 / (1.0 + z.exp()) };
        p.clamp(1e-7, 1.0 - 1e-7)
    }

    /// Fits the sigmoid to decision values and whether each is of the first class, by Newton's method
    /// with Platt's targets, which leave room for the classes' sizes.
    ///
    /// Source: H.-T. Lin, C.-J. Lin, R. C. Weng, "A note on Platt's probabilistic outputs for support
    /// vector machines", 2007, appendix. The decision values are those of the training rows themselves:
    /// scikit-learn's come from five further fits. They flatter, so the probabilities are a little too sure.
    pub(super) fn fit(decisions: &[f64], is_first: &[bool]) -> Sigmoid {
        let n_first = is_first.iter().filter(|&&first| first).count() as f64;
        let n_second = is_first.len() as f64 - n_first;
        let (high, low) = ((n_first + 1.0) / (n_first + 2.0), 1.0 / (n_second + 2.0));
        let target = |first: bool| if first { high } else { low };
        let rows = || decisions.iter().zip(is_first).map(|(&f, &first)| (f, target(first)));
        let loss = |s: Sigmoid| -> f64 {
            let of = |(f, t): (f64, f64)| {
                let z = s.slope * f + s.offset;
                if z >= 0.0 { t * z + (-z).exp().ln_1p() } else { (t - 1.0) * z + z.exp().ln_1p() }
            };
            rows().map(of).sum()
        };
        let mut at = Sigmoid { slope: 0.0, offset: ((n_second + 1.0) / (n_first + 1.0)).ln() };
        let mut value = loss(at);
        for _ in 0..100 {
            let (mut h11, mut h22, mut h21, mut g1, mut g2) = (1e-12, 1e-12, 0.0, 0.0, 0.0);
            for (f, t) in rows() {
                let z = at.slope * f + at.offset;
                let p = if z >= 0.0 { (-z).exp() / (1.0 + (-z).exp()) } else { 1.0 / (1.0 + z.exp()) };
                let curvature = p * (1.0 - p);
                h11 += f * f * curvature;
                h22 += curvature;
                h21 += f * curvature;
                g1 += f * (t - p);
                g2 += t - p;
            }
            if g1.abs() < 1e-5 && g2.abs() < 1e-5 {
                break;
            }
            let determinant = h11 * h22 - h21 * h21;
            let (da, db) = (-(h22 * g1 - h21 * g2) / determinant, -(-h21 * g1 + h11 * g2) / determinant);
            let slope = g1 * da + g2 * db;
            let mut step = 1.0;
            let better = loop {
                let tried = Sigmoid { slope: at.slope + step * da, offset: at.offset + step * db };
                let found = loss(tried);
                if found < value + 1e-4 * step * slope {
                    break Some((tried, found));
                }
                step /= 2.0;
                if step < 1e-10 {
                    break None;
                }
            };
            let Some(better) = better else { break };
            (at, value) = better;
        }
        at
    }
}

/// Probabilities of k classes from those of all pairs: `pairwise(i, j)` is P(i | i or j).
///
/// Source: T.-F. Wu, C.-J. Lin, R. C. Weng, "Probability estimates for multi-class classification by
/// pairwise coupling", 2004, algorithm 2; stopped as libsvm stops.
pub(super) fn couple(k: usize, pairwise: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    if k == 2 {
        return vec![pairwise(0, 1), 1.0 - pairwise(0, 1)];
    }
    let mut q = vec![0.0; k * k];
    for t in 0..k {
        for j in (0..k).filter(|&j| j != t) {
            q[t * k + t] += pairwise(j, t) * pairwise(j, t);
            q[t * k + j] = -pairwise(j, t) * pairwise(t, j);
        }
    }
    let mut p = vec![1.0 / k as f64; k];
    for _ in 0..k.max(100) {
        let mut qp: Vec<f64> = (0..k).map(|t| (0..k).map(|j| q[t * k + j] * p[j]).sum()).collect();
        let mut pqp: f64 = p.iter().zip(&qp).map(|(p, qp)| p * qp).sum();
        let worst = qp.iter().map(|v| (v - pqp).abs()).fold(0.0, f64::max);
        if worst < 0.005 / k as f64 {
            break;
        }
        for t in 0..k {
            let diff = (pqp - qp[t]) / q[t * k + t];
            p[t] += diff;
            pqp = (pqp + diff * (diff * q[t * k + t] + 2.0 * qp[t])) / (1.0 + diff) / (1.0 + diff);
            for j in 0..k {
                qp[j] = (qp[j] + diff * q[t * k + j]) / (1.0 + diff);
                p[j] /= 1.0 + diff;
            }
        }
    }
    let total: f64 = p.iter().sum();
    p.iter().map(|v| v / total).collect()
}
