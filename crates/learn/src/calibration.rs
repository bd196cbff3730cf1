//! From summed log-likelihoods to probabilities that mean what they say.
//!
//! Windows of one round depend on each other, so their summed log-likelihood ratios claim far too much. How
//! much too much is learned on training units, and the sum divided by it.
//! Source: METHOD §4; Platt, "Probabilistic outputs for support vector machines", 1999.

use serde::{Deserialize, Serialize};

/// Logistic calibration for two classes: P(class 1 | s) = 1 / (1 + exp(−(a·s + b))).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Platt {
    /// Per unit of score; never negative: a higher score never speaks for class 0.
    pub a: f64,
    /// Log-odds at score 0.
    pub b: f64,
}

impl Platt {
    /// Fits scores (n_rows), such as summed log-likelihood ratios, to whether each row is of class 1.
    ///
    /// Both classes weigh the same, however many rows they have. Scores that tell nothing, or the wrong way,
    /// or of one class only, give a = b = 0: probability 1/2. Scores that are not finite are left out.
    ///
    /// # Panics
    /// When there is not one truth for each score.
    pub fn fit(scores: &[f64], positive: &[bool]) -> Platt {
        assert_eq!(scores.len(), positive.len(), "one truth for each score");
        let log_likelihoods: Vec<f64> = scores.iter().flat_map(|&score| [0.0, score]).collect();
        let classes: Vec<u32> = positive.iter().map(|&p| p.into()).collect();
        let fitted = Temperature::fit(&log_likelihoods, &classes, 2);
        Platt { a: fitted.scale, b: fitted.bias[1] - fitted.bias[0] }
    }

    /// Probability of class 1 at a score. Range: 0 to 1; infinite scores are certain unless a is 0.
    pub fn probability(&self, score: f64) -> f64 {
        // 0 · ∞ would be NaN
        let slope = if self.a == 0.0 { 0.0 } else { self.a * score };
        1.0 / (1.0 + (-(slope + self.b)).exp())
    }
}

/// Calibration for any number of classes: P(c) ∝ exp(scale · log-likelihood of c + bias of c).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Temperature {
    /// One over the temperature; never negative. 1 believes the sums, 0 ignores them.
    pub scale: f64,
    /// Added log-probability of each class (n_classes); their mean is 0.
    pub bias: Vec<f64>,
}

impl Temperature {
    /// Fits log-likelihoods (n_rows × n_classes, row after row) to the true class of each row.
    ///
    /// Classes weigh the same, however many rows they have. Log-likelihoods that tell nothing, or of fewer
    /// than two classes, give scale 0 and equal probabilities. Rows that are not finite are left out.
    ///
    /// # Panics
    /// When the lengths do not fit, or a class is not below `n_classes`.
    pub fn fit(log_likelihoods: &[f64], classes: &[u32], n_classes: usize) -> Temperature {
        assert_eq!(log_likelihoods.len(), classes.len() * n_classes, "n_rows × n_classes log-likelihoods");
        let nothing = Temperature { scale: 0.0, bias: vec![0.0; n_classes] };
        let Some(problem) = Problem::of(log_likelihoods, classes, n_classes) else { return nothing };
        let parameters = problem.minimum();
        if parameters[0] <= 0.0 {
            // convex, and with equal class weights the best at scale 0 is to guess evenly
            return nothing;
        }
        let scale = parameters[0] / problem.deviation;
        let mut bias: Vec<f64> =
            parameters[1..].iter().zip(&problem.centre).map(|(b, centre)| b - scale * centre).collect();
        let mean = bias.iter().sum::<f64>() / n_classes as f64;
        bias.iter_mut().for_each(|b| *b -= mean);
        let finite = scale.is_finite() && bias.iter().all(|b| b.is_finite());
        if finite { Temperature { scale, bias } } else { nothing }
    }

    /// Probabilities of a row's classes (n_classes) from its log-likelihoods, put into `out`. They sum to 1.
    ///
    /// A log-likelihood of minus infinity rules its class out, unless the scale is 0.
    ///
    /// # Panics
    /// When there is not one log-likelihood for each class.
    pub fn probabilities(&self, log_likelihoods: &[f64], out: &mut Vec<f64>) {
        assert_eq!(log_likelihoods.len(), self.bias.len(), "one log-likelihood for each class");
        out.clear();
        let logit =
            |(&ll, &bias): (&f64, &f64)| if self.scale == 0.0 { bias } else { self.scale * ll + bias };
        out.extend(log_likelihoods.iter().zip(&self.bias).map(logit));
        softmax(out);
    }
}

/// Weighted rows on a common scale, so that one ridge suits sums over a window and over a day.
struct Problem {
    /// Log-likelihoods (n_rows × n_classes), less the row's mean and the class's, by their deviation.
    z: Vec<f64>,
    classes: Vec<u32>,
    /// Weight of each row; the classes' weights are equal and sum to the rows.
    weights: Vec<f64>,
    centre: Vec<f64>,
    deviation: f64,
    n_classes: usize,
}

impl Problem {
    /// `None` where fewer than two classes have rows, or all rows look the same.
    fn of(log_likelihoods: &[f64], classes: &[u32], n_classes: usize) -> Option<Problem> {
        let rows = log_likelihoods.chunks_exact(n_classes.max(1)).zip(classes);
        let finite = rows.filter(|(row, _)| row.iter().all(|v| v.is_finite()));
        let (mut z, mut kept, mut counts) = (Vec::new(), Vec::new(), vec![0.0; n_classes]);
        for (row, &class) in finite {
            let mean = row.iter().map(|v| v / n_classes as f64).sum::<f64>();
            z.extend(row.iter().map(|v| v - mean));
            kept.push(class);
            counts[class as usize] += 1.0;
        }
        let occupied = counts.iter().filter(|&&n| n > 0.0).count();
        if occupied < 2 {
            return None;
        }
        let n = kept.len() as f64;
        let weights: Vec<f64> = kept.iter().map(|&c| n / (occupied as f64 * counts[c as usize])).collect();
        let mut centre = vec![0.0; n_classes];
        for (row, weight) in z.chunks_exact(n_classes).zip(&weights) {
            centre.iter_mut().zip(row).for_each(|(c, v)| *c += v * (weight / n));
        }
        z.chunks_exact_mut(n_classes).for_each(|row| row.iter_mut().zip(&centre).for_each(|(v, c)| *v -= c));
        let largest = z.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        // relative to the largest, since squares of huge sums would overflow
        let spread = z.iter().map(|v| (v / largest).powi(2)).sum::<f64>() / z.len() as f64;
        let deviation = largest * spread.sqrt();
        z.iter_mut().for_each(|v| *v /= deviation);
        let usable = deviation > 0.0 && z.iter().all(|v| v.is_finite());
        usable.then_some(Problem { z, classes: kept, weights, centre, deviation, n_classes })
    }

    /// Scale and biases (1 + n_classes) of the smallest loss: Newton's steps, halved until they help.
    fn minimum(&self) -> Vec<f64> {
        let mut parameters = vec![0.0; 1 + self.n_classes];
        let mut loss = self.loss(&parameters);
        for _ in 0..MAX_STEPS {
            let (gradient, hessian) = self.slopes(&parameters);
            let step = solve(hessian, gradient);
            let decrease = (0..MAX_HALVINGS).find_map(|halvings| {
                let part = 0.5f64.powi(halvings);
                let next: Vec<f64> = parameters.iter().zip(&step).map(|(p, s)| p - part * s).collect();
                let lower = self.loss(&next);
                (lower < loss).then_some((next, lower))
            });
            let Some((next, lower)) = decrease else { break };
            let gained = loss - lower;
            (parameters, loss) = (next, lower);
            if gained <= 1e-12 * loss.abs() {
                break;
            }
        }
        parameters
    }

    /// Weighted negative log-likelihood, with the ridge.
    fn loss(&self, parameters: &[f64]) -> f64 {
        let mut loss: f64 = parameters.iter().zip(ridge()).map(|(p, ridge)| ridge * p * p / 2.0).sum();
        for (row, (&class, weight)) in self.rows().zip(self.classes.iter().zip(&self.weights)) {
            let logits: Vec<f64> =
                row.iter().zip(&parameters[1..]).map(|(z, b)| parameters[0] * z + b).collect();
            let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = logits.iter().map(|l| (l - largest).exp()).sum();
            loss += weight * (sum.ln() + largest - logits[class as usize]);
        }
        loss
    }

    /// Gradient and Hessian of [`Problem::loss`]; a parameter's logit slopes are z for the scale and 1 for
    /// its own class's bias.
    fn slopes(&self, parameters: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
        let size = parameters.len();
        let mut gradient: Vec<f64> = parameters.iter().zip(ridge()).map(|(p, ridge)| ridge * p).collect();
        let mut hessian = vec![vec![0.0; size]; size];
        ridge().take(size).enumerate().for_each(|(i, ridge)| hessian[i][i] = ridge);
        let mut p = Vec::new();
        for (row, (&class, weight)) in self.rows().zip(self.classes.iter().zip(&self.weights)) {
            p.clear();
            p.extend(row.iter().zip(&parameters[1..]).map(|(z, b)| parameters[0] * z + b));
            softmax(&mut p);
            let mean_z: f64 = p.iter().zip(row).map(|(p, z)| p * z).sum();
            gradient[0] += weight * (mean_z - row[class as usize]);
            hessian[0][0] += weight * p.iter().zip(row).map(|(p, z)| p * (z - mean_z).powi(2)).sum::<f64>();
            for c in 0..self.n_classes {
                gradient[1 + c] += weight * (p[c] - f64::from(c == class as usize));
                let with_scale = weight * p[c] * (row[c] - mean_z);
                hessian[0][1 + c] += with_scale;
                hessian[1 + c][0] += with_scale;
                for d in 0..self.n_classes {
                    hessian[1 + c][1 + d] += weight * p[c] * (f64::from(c == d) - p[d]);
                }
            }
        }
        (gradient, hessian)
    }

    fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.z.chunks_exact(self.n_classes)
    }
}

/// The ridge of each parameter: the scale's, then the biases'.
fn ridge() -> impl Iterator<Item = f64> {
    std::iter::once(SCALE_RIDGE).chain(std::iter::repeat(BIAS_RIDGE))
}

/// In units of one row's log-likelihood. It costs a real slope 1 or 2 % among 50 rows, while 50 separable
/// rows get odds of about 100 to 1 rather than infinite ones: what 50 rows can know.
const SCALE_RIDGE: f64 = 0.5;
/// Only picks one of the equivalent solutions (biases matter up to a constant).
const BIAS_RIDGE: f64 = 1e-3;
const MAX_STEPS: usize = 100;
const MAX_HALVINGS: i32 = 40;

/// Turns logits into probabilities, in place.
fn softmax(values: &mut [f64]) {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    values.iter_mut().for_each(|v| *v = (*v - largest).exp());
    let sum: f64 = values.iter().sum();
    values.iter_mut().for_each(|v| *v /= sum);
}

/// Solves the positive definite `a`·x = `b` by elimination; the ridge keeps every pivot above 0.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        let (above, below) = a.split_at_mut(i + 1);
        let pivot = &above[i];
        for (row, offset) in below.iter_mut().zip(i + 1..) {
            let factor = row[i] / pivot[i];
            row.iter_mut().zip(pivot).skip(i).for_each(|(v, p)| *v -= factor * p);
            b[offset] -= factor * b[i];
        }
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|j| a[i][j] * b[j]).sum();
        b[i] = (b[i] - known) / a[i][i];
    }
    b
}

#[cfg(test)]
mod tests;
