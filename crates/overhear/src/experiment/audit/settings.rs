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
    /// Who attacks.
    pub attackers: Attackers,
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

/// Learners with their settings.
#[derive(Clone)]
pub struct Attackers {
    /// On everything that each looks at (docs/audit.md, "Who looks at what").
    pub learners: Vec<Configured>,
    /// Further ones that look at whole rounds alone, which are few rows.
    pub of_rounds: Vec<Configured>,
    /// The one that looks at what transforms make of series: many columns, and what it can do ahead of labels is most of its work.
    pub of_series: Configured,
}

impl Attackers {
    /// These on everything that each looks at.
    ///
    /// # Errors
    /// [`Error::Learn`] where the register has no ridge.
    pub fn of(learners: Vec<Configured>) -> Result<Attackers, Error> {
        Ok(Attackers { learners, of_rounds: Vec::new(), of_series: Configured::new("ridge", &[])? })
    }

    /// Names of all learners, each once; with those of series where these are looked at.
    pub fn names(&self, with_series: bool) -> Vec<String> {
        let of_series = with_series.then_some(&self.of_series);
        let mut names: Vec<String> = Vec::new();
        for learner in self.learners.iter().chain(&self.of_rounds).chain(of_series) {
            let name = learner.name();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

impl Settings {
    /// docs/method.md, "Test": kNN, decision tree, ridge, and extra trees on whole rounds; 999 assignments; eight folds; six repetitions.
    ///
    /// # Errors
    /// [`Error::Learn`] where a learner is not in the register.
    pub fn default_of(seed: u64) -> Result<Settings, Error> {
        let learners = ["knn", "decision_tree", "ridge"].map(|name| Configured::new(name, &[]));
        let learners = learners.into_iter().collect::<Result<_, _>>()?;
        let of_rounds = vec![Configured::new("extra_trees", &[])?];
        let attackers = Attackers { of_rounds, ..Attackers::of(learners)? };
        Ok(Settings {
            seed,
            permutations: 999,
            attackers,
            folds: 8,
            limit: None,
            repetitions: 6,
            controls: true,
            background: true,
        })
    }
}
