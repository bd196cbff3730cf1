//! A small tree whose leaves hold scores.

use crate::learner::saved::are_finite;
use serde::{Deserialize, Serialize};

/// A cut; a child at or above 0 is a cut, below 0 the leaf `−1 − child`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Cut {
    feature: usize,
    threshold: f64,
    gain: f64,
    children: [i32; 2],
}

/// Cuts, the first one on top, and the scores of the leaves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ScoreTree {
    cuts: Vec<Cut>,
    scores: Vec<f64>,
}

impl ScoreTree {
    /// One leaf.
    pub(super) fn new() -> ScoreTree {
        ScoreTree { cuts: Vec::new(), scores: vec![0.0] }
    }

    /// Cuts a leaf in two; it stays the left one, the new right one has the next number.
    pub(super) fn cut(&mut self, leaf: usize, feature: usize, threshold: f64, gain: f64) {
        let (old, new) = (-1 - leaf as i32, -1 - self.scores.len() as i32);
        let own = self.cuts.len() as i32;
        for child in self.cuts.iter_mut().flat_map(|cut| &mut cut.children) {
            if *child == old {
                *child = own;
            }
        }
        self.cuts.push(Cut { feature, threshold, gain, children: [old, new] });
        self.scores.push(0.0);
    }

    pub(super) fn set_score(&mut self, leaf: usize, score: f64) {
        self.scores[leaf] = score;
    }

    pub(super) fn has_cuts(&self) -> bool {
        !self.cuts.is_empty()
    }

    /// The score of a row's cells (n_features).
    pub(super) fn score(&self, cells: &[f64]) -> f64 {
        let mut at = if self.cuts.is_empty() { -1 } else { 0 };
        while at >= 0 {
            let cut = &self.cuts[at as usize];
            at = cut.children[usize::from(cells[cut.feature] > cut.threshold)];
        }
        self.scores[(-1 - at) as usize]
    }

    pub(super) fn add_gains(&self, gains: &mut [f64]) {
        self.cuts.iter().for_each(|cut| gains[cut.feature] += cut.gain);
    }

    /// Whether every descent ends in a leaf: children stand behind their parents.
    pub(super) fn is_sound(&self, n_features: usize) -> bool {
        let sound = |(i, cut): (usize, &Cut)| {
            let child = |&child: &i32| {
                if child >= 0 {
                    (child as usize) > i && (child as usize) < self.cuts.len()
                } else {
                    ((-1 - child) as usize) < self.scores.len()
                }
            };
            cut.feature < n_features
                && cut.threshold.is_finite()
                && (0.0..f64::MAX).contains(&cut.gain)
                && cut.children.iter().all(child)
        };
        !self.scores.is_empty()
            && are_finite(&self.scores)
            // a hundred of them must not add up to infinity
            && self.scores.iter().all(|score| score.abs() < 1e100)
            && self.cuts.iter().enumerate().all(sound)
    }
}
