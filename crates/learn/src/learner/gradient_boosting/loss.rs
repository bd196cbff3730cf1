//! The log loss of two classes, or of more with one score each: gradients, Hessians, probabilities.

use super::histogram::Gradients;

/// The training rows' scores and what follows from them.
pub(super) struct Loss {
    /// The class of each sample, counted among those present (n_samples).
    y: Vec<u32>,
    n_classes: usize,
    /// Scores, output after output (n_outputs × n_samples).
    scores: Vec<f64>,
    /// Probabilities, where there is more than one output (n_outputs × n_samples).
    shares: Vec<f64>,
}

impl Loss {
    /// All samples score as their classes' frequencies say.
    pub(super) fn new(y: Vec<u32>, n_classes: usize) -> Loss {
        let mut loss = Loss { y, n_classes, scores: Vec::new(), shares: Vec::new() };
        for start in loss.start() {
            loss.scores.extend(std::iter::repeat_n(start, loss.y.len()));
        }
        if n_classes > 2 {
            loss.shares = vec![0.0; loss.scores.len()];
        }
        loss
    }

    /// The score before the first tree, for each output.
    pub(super) fn start(&self) -> Vec<f64> {
        let share = |class: usize| {
            self.y.iter().filter(|&&y| y as usize == class).count() as f64 / self.y.len() as f64
        };
        if self.n_classes == 2 {
            let p = share(1);
            return vec![(p / (1.0 - p)).ln()];
        }
        (0..self.n_classes).map(|class| share(class).ln()).collect()
    }

    /// One output's scores (n_samples).
    pub(super) fn scores(&mut self, output: usize) -> &mut [f64] {
        let n = self.y.len();
        &mut self.scores[output * n..(output + 1) * n]
    }

    /// Works out the probabilities that a round's gradients start from.
    pub(super) fn update_probabilities(&mut self) {
        let n = self.y.len();
        if self.n_classes == 2 {
            return;
        }
        let mut row = vec![0.0; self.n_classes];
        for i in 0..n {
            row.iter_mut().enumerate().for_each(|(k, cell)| *cell = self.scores[k * n + i]);
            for (k, share) in probabilities(&row).into_iter().enumerate() {
                self.shares[k * n + i] = share;
            }
        }
    }

    /// Gradients and Hessians of one output.
    pub(super) fn gradients(&self, output: usize, into: &mut Gradients) {
        let n = self.y.len();
        if self.n_classes == 2 {
            into.set(
                1.0,
                0.25,
                self.scores.iter().zip(&self.y).map(|(&score, &y)| {
                    let p = 1.0 / (1.0 + (-score).exp());
                    (p - f64::from(y), p * (1.0 - p))
                }),
            );
            return;
        }
        let k = self.n_classes as f64;
        // LightGBM's factor: the scores have one degree of freedom less than there are
        let factor = k / (k - 1.0);
        let shares = &self.shares[output * n..(output + 1) * n];
        into.set(
            1.0,
            0.25 * factor,
            shares.iter().zip(&self.y).map(|(&p, &y)| {
                let is = f64::from(u8::from(y as usize == output));
                (p - is, factor * p * (1.0 - p))
            }),
        );
    }
}

/// Class probabilities from scores: none for one class, one for two, else one for each.
pub(super) fn probabilities(scores: &[f64]) -> Vec<f64> {
    match scores {
        [] => vec![1.0],
        [score] => {
            let p = 1.0 / (1.0 + (-score).exp());
            vec![1.0 - p, p]
        }
        _ => {
            let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let mut shares: Vec<f64> = scores.iter().map(|score| (score - most).exp()).collect();
            let sum: f64 = shares.iter().sum();
            shares.iter_mut().for_each(|share| *share /= sum);
            shares
        }
    }
}
