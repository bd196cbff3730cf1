//! How an audit is run.

use crate::Error;
use overhear_learn::learner::Configured;

/// How an audit is run.
#[derive(Clone)]
pub struct Settings {
    /// Seed.
    pub seed: u64,
    /// Random assignments beside the true one.
    pub permutations: usize,
    /// Learners with their settings.
    pub learners: Vec<Configured>,
    /// Folds of units in the randomisation test, where there are so many units.
    pub folds: usize,
    /// A limit instead of each horizon's own.
    pub limit: Option<f64>,
    /// Repetitions of the nested cross-validation.
    pub repetitions: usize,
    /// Whether to run controls.
    pub controls: bool,
    /// Whether to add what decides nothing: the paper's protocol, single features, the confounding index, certainty
    /// over time, days left out.
    pub background: bool,
}

impl Settings {
    /// docs/method.md, "Test": kNN, decision tree, random forest; 999 assignments; eight folds; six repetitions.
    ///
    /// # Errors
    /// [`Error::Learn`] where a learner is not in the register.
    pub fn default_of(seed: u64) -> Result<Settings, Error> {
        let learners = ["knn", "decision_tree", "random_forest"].map(|name| Configured::new(name, &[]));
        let learners = learners.into_iter().collect::<Result<_, _>>()?;
        Ok(Settings {
            seed,
            permutations: 999,
            learners,
            folds: 8,
            limit: None,
            repetitions: 6,
            controls: true,
            background: true,
        })
    }
}
