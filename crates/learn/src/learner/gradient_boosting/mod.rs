//! A hundred small trees, each a step down the gradient of the log loss.
//!
//! Source: Friedman 2001, "Greedy function approximation"; Ke et al. 2017, "LightGBM", with LightGBM's
//! defaults (255 bins, 100 rounds, 31 leaves cut best first, rate 0.1, leaves of 20 rows and a Hessian of
//! 0.001 at least, no penalty).

mod grow;
mod histogram;
mod loss;
mod tree;

use super::saved::{MOST_CLASSES, are_finite};
use super::setting::{Range, Setting, Values};
use super::{Drawn, Learner, LearnerEntry, Marker, Model, Training};
use crate::{Error, Matrix};
use grow::Grower;
use loss::Loss;
use serde::{Deserialize, Serialize};
use tree::ScoreTree;

/// Settings.
#[derive(Debug, Clone)]
pub struct GradientBoosting {
    /// How many rounds; a round grows one tree for two classes, else one for each class.
    pub n_rounds: usize,
    /// Leaves of a tree at most.
    pub n_leaves: usize,
    /// What each tree's scores are multiplied by.
    pub rate: f64,
    /// Rows of a leaf at least; estimated from the Hessian, as LightGBM does.
    pub min_leaf_rows: usize,
    /// Sum of the Hessian of a leaf at least.
    pub min_leaf_hessian: f64,
}

/// What can be set.
const SETTINGS: &[Setting] = &[
    Setting { name: "rounds", about: "rounds of trees", default: "100", range: Range::Whole(1, 10_000) },
    Setting {
        name: "leaves",
        about: "leaves of a tree at most",
        default: "31",
        range: Range::Whole(2, 1_000),
    },
    Setting {
        name: "rate",
        about: "factor of each tree's scores",
        default: "0.1",
        range: Range::Number(0.001, 1.0),
    },
    Setting {
        name: "leaf_rows",
        about: "rows of a leaf at least",
        default: "20",
        range: Range::Whole(1, 100_000),
    },
    Setting {
        name: "leaf_hessian",
        about: "sum of the Hessian of a leaf at least",
        default: "0.001",
        range: Range::Number(0.0, 1000.0),
    },
];

/// The learner of some settings.
fn build(values: &Values) -> Box<dyn Learner> {
    Box::new(GradientBoosting {
        n_rounds: values.whole("rounds"),
        n_leaves: values.whole("leaves"),
        rate: values.number("rate"),
        min_leaf_rows: values.whole("leaf_rows"),
        min_leaf_hessian: values.number("leaf_hessian"),
    })
}

impl Default for GradientBoosting {
    fn default() -> Self {
        GradientBoosting { n_rounds: 100, n_leaves: 31, rate: 0.1, min_leaf_rows: 20, min_leaf_hessian: 1e-3 }
    }
}

#[derive(Serialize, Deserialize)]
struct Fitted {
    n_features: usize,
    n_classes: usize,
    /// The classes that had training rows, rising.
    present: Vec<u32>,
    /// The score of every row before the first tree: one for two classes, else one for each.
    start: Vec<f64>,
    /// Trees, round after round, `start.len()` to a round.
    trees: Vec<ScoreTree>,
}

/// Its place in the register.
pub const ENTRY: LearnerEntry = LearnerEntry {
    name: "gradient_boosting",
    label: "Gradient boosting",
    short: "GB",
    about: "100 small trees down the gradient of the log loss",
    is_baseline: false,
    drawn: Drawn { light: "#cc79a7", dark: "#de96bf", marker: Marker::Down },
    cost: 15,
    max_training_rows: None,
    default: || Box::<GradientBoosting>::default(),
    settings: SETTINGS,
    build,
    load,
};

impl Learner for GradientBoosting {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    /// Nothing is drawn: of equally good cuts the first wins, whatever the seed.
    fn fit(&self, training: &Training<'_>, _seed: u64) -> Result<Box<dyn Model>, Error> {
        if training.rows.is_empty() {
            return Err(Error::NoRows);
        }
        let counts = training.class_counts();
        let present: Vec<u32> = (0..training.n_classes as u32).filter(|&c| counts[c as usize] > 0).collect();
        let mut fitted = Fitted {
            n_features: training.x.n_columns(),
            n_classes: training.n_classes,
            start: Vec::new(),
            trees: Vec::new(),
            present,
        };
        if fitted.present.len() > 1 {
            self.boost(training, &mut fitted);
        }
        Ok(Box::new(fitted))
    }
}

impl GradientBoosting {
    fn boost(&self, training: &Training<'_>, fitted: &mut Fitted) {
        let class = |row: u32| fitted.present.partition_point(|&c| c < training.y[row as usize]);
        let y: Vec<u32> = training.rows.iter().map(|&row| class(row) as u32).collect();
        let mut loss = Loss::new(y, fitted.present.len());
        fitted.start = loss.start();
        let mut grower = Grower::new(training, self);
        for _ in 0..self.n_rounds {
            loss.update_probabilities();
            let mut any_cut = false;
            for output in 0..fitted.start.len() {
                loss.gradients(output, grower.gradients());
                let tree = grower.grow(loss.scores(output));
                any_cut |= tree.has_cuts();
                fitted.trees.push(tree);
            }
            if !any_cut {
                fitted.trees.truncate(fitted.trees.len() - fitted.start.len());
                break;
            }
        }
    }
}

impl Model for Fitted {
    fn n_features(&self) -> usize {
        self.n_features
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn probabilities(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        let cells = crate::tree::gather(x, rows, self.n_features);
        if rows.is_empty() {
            return Vec::new();
        }
        let n_outputs = self.start.len();
        let mut scores = self.start.repeat(rows.len());
        for (i, tree) in self.trees.iter().enumerate() {
            let own = scores[i % n_outputs..].iter_mut().step_by(n_outputs);
            own.zip(cells.chunks_exact(self.n_features)).for_each(|(score, row)| *score += tree.score(row));
        }
        let mut out = vec![0.0; rows.len() * self.n_classes];
        for (i, out) in out.chunks_exact_mut(self.n_classes).enumerate() {
            let shares = loss::probabilities(&scores[i * n_outputs..(i + 1) * n_outputs]);
            self.present.iter().zip(shares).for_each(|(&class, share)| out[class as usize] = share);
        }
        out
    }

    /// Sum of the gains in log loss of each feature's cuts: what other learners call Gini gain.
    fn gini_importance(&self) -> Option<Vec<f64>> {
        let mut sum = vec![0.0; self.n_features];
        self.trees.iter().for_each(|tree| tree.add_gains(&mut sum));
        let total: f64 = sum.iter().sum();
        if total > 0.0 {
            sum.iter_mut().for_each(|gain| *gain /= total);
        }
        Some(sum)
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
    let damaged = |what| Err(Error::ModelDamaged { what });
    let classes = &fitted.present;
    let rising = classes.windows(2).all(|pair| pair[0] < pair[1]);
    let fits = fitted.n_classes <= MOST_CLASSES
        && rising
        && classes.last().is_some_and(|&last| (last as usize) < fitted.n_classes);
    if !fits {
        return damaged("the classes do not fit");
    }
    let n_outputs = match classes.len() {
        1 => 0,
        2 => 1,
        n => n,
    };
    if fitted.start.len() != n_outputs || !are_finite(&fitted.start) {
        return damaged("the starting scores do not fit the classes");
    }
    if (n_outputs == 0 && !fitted.trees.is_empty())
        || !fitted.trees.len().is_multiple_of(n_outputs.max(1))
        || !fitted.trees.iter().all(|tree| tree.is_sound(fitted.n_features))
    {
        return damaged("a tree of scores does not fit");
    }
    Ok(Box::new(fitted))
}

#[cfg(test)]
mod tests;
