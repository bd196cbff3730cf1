//! Poisoning and inflation, as the paper suggests them: what is left of them against an attacker who sanitises, subsamples, or trains in a lab of
//! his own.
//!
//! Source: docs/method.md, "Poisoning and inflation". [`run`] takes what [`audit::gather`](super::audit::gather)
//! and its like give and sweeps, for every two conditions and with units left out,
//!
//! - *poison* (`poison`): a share of all windows is replaced by replays of the other condition's, while an attacker trains, while he looks, or both;
//! - *inflation* (`inflate`): so many times the windows, of which the attacker may train on as few as he likes.
//!
//! ```
//! use overhear::experiment::training::{self, Settings, result::{CHOSEN, Situation}};
//! use overhear::experiment::audit::gather_table;
//! use overhear::engine::Engine;
//! use overhear::learn::learner::Configured;
//! use overhear::learn::{Dataset, Matrix};
//! use overhear::report;
//! use overhear::table::Labelled;
//! use std::time::Duration;
//!
//! // eight pairs of rounds of ten windows; the second condition's are longer by far
//! let rows = 0..160u32;
//! let data = Dataset {
//!     features: vec!["length".to_owned()],
//!     x: Matrix::from_columns(&[rows.clone().map(|row| f64::from(row % 7 + 20 * (row / 10 % 2))).collect::<Vec<_>>()])?,
//!     y: rows.clone().map(|row| row / 10 % 2).collect(),
//!     classes: vec!["quiet".to_owned(), "speech".to_owned()],
//!     units: Some(rows.map(|row| row / 20).collect()),
//!     starts_ns: None,
//! };
//! let table = Labelled { data, folds: None, warnings: Vec::new() };
//! let gathered = gather_table(&table, "table")?;
//! let mut settings = Settings::default_of(1)?.with_shares(&[0.4])?.with_multiples(&[5]);
//! settings.learners = vec![Configured::new("knn", &[])?];
//! let result = training::run(&gathered, &settings, &|| Duration::ZERO, &Engine::silent())?;
//!
//! let cell = result.tasks[0].poison_of(0.4, Situation::LabStopped, false, CHOSEN).unwrap();
//! assert_eq!(cell.window.balanced_accuracy.value, 1.0);
//! println!("{}", report::training::text(&result));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ground;
mod inflate;
mod made;
mod poison;
pub mod result;
mod sanitise;

#[cfg(test)]
pub(crate) mod tests;

pub use ground::FEWEST_UNITS;
pub use result::TrainingResult;
pub use sanitise::NEIGHBOURS;

use super::audit::view::Grouping;
use super::audit::{Gathered, Table, Task};
use crate::Error;
use crate::engine::Engine;
use ground::Ground;
use overhear_learn::learner::Configured;
use result::{Scope, TaskFound};
use std::num::NonZeroUsize;
use std::time::Duration;

/// Time since some fixed moment, asked on any thread.
pub type Clock<'a> = &'a (dyn Fn() -> Duration + Sync);

/// How the sweeps are run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Seed.
    pub seed: u64,
    /// Who attacks: each by itself, and in each fold the one that does best on clean training units.
    pub learners: Vec<Configured>,
    /// What rows are; `None`: the first windowing with the paper's features.
    pub grouping: Option<Grouping>,
    /// Place among the observers that rounds were gathered for.
    pub observer: usize,
    /// Folds of units; as many as a condition has units where these are fewer, and at least 2.
    pub folds: NonZeroUsize,
    shares: Vec<f64>,
    multiples: Vec<u32>,
}

impl Settings {
    /// docs/method.md, "Poisoning and inflation": kNN, decision tree, ridge and random forest in four folds; shares 0.1 to 0.4; 2, 5, 10 and 50 times
    /// the windows.
    ///
    /// # Errors
    /// [`Error::Learn`] where a learner is not in the register.
    pub fn default_of(seed: u64) -> Result<Settings, Error> {
        const FOLDS: NonZeroUsize = NonZeroUsize::new(4).unwrap();
        let learners = ["knn", "decision_tree", "ridge", "random_forest"];
        let learners = learners.map(|name| Configured::new(name, &[])).into_iter();
        Ok(Settings {
            seed,
            learners: learners.collect::<Result<_, _>>()?,
            grouping: None,
            observer: 0,
            folds: FOLDS,
            shares: vec![0.1, 0.2, 0.3, 0.4],
            multiples: vec![2, 5, 10, 50],
        })
    }

    /// The same with other shares of poison; what is without poison is measured in any case.
    ///
    /// # Errors
    /// [`Error::PoisonShare`] for a share that is not at least 0 and below 0.5: from one half on labels are exchanged, and an attacker exchanges
    /// them back.
    pub fn with_shares(self, shares: &[f64]) -> Result<Settings, Error> {
        if let Some(&share) = shares.iter().find(|share| !(0.0..0.5).contains(*share)) {
            return Err(Error::PoisonShare { share });
        }
        let mut shares: Vec<f64> = shares.iter().copied().filter(|&share| share > 0.0).collect();
        shares.sort_by(f64::total_cmp);
        shares.dedup();
        Ok(Settings { shares, ..self })
    }

    /// The same with other multiples; the windows as they are are measured in any case.
    pub fn with_multiples(self, multiples: &[u32]) -> Settings {
        let mut multiples: Vec<u32> = multiples.iter().copied().filter(|&multiple| multiple > 1).collect();
        multiples.sort_unstable();
        multiples.dedup();
        Settings { multiples, ..self }
    }

    /// Shares of poison above 0, rising.
    fn shares(&self) -> impl Iterator<Item = f64> {
        self.shares.iter().copied()
    }

    /// Multiples above 1, rising.
    fn multiples(&self) -> impl Iterator<Item = u32> {
        self.multiples.iter().copied()
    }
}

/// Runs both sweeps on every two conditions of gathered rounds, as one observer sees them. What it gives is the same on any number of threads, measured
/// times apart.
///
/// # Errors
/// [`Error::NoLearners`], [`Error::FewUnits`], [`Error::NoTable`], [`Error::Learn`], [`Error::Stopped`]; as [`Gathered::task`].
///
/// # Panics
/// When rounds were not gathered for so many observers.
pub fn run(
    gathered: &Gathered,
    settings: &Settings,
    clock: Clock<'_>,
    engine: &Engine<'_>,
) -> Result<TrainingResult, Error> {
    if settings.learners.is_empty() {
        return Err(Error::NoLearners);
    }
    let start = clock();
    let pairs = gathered.tasks().into_iter().filter(|conditions| conditions.len() == 2);
    let of = |conditions: Vec<String>| {
        let task = gathered.task(&conditions, settings.observer, settings.seed)?;
        found(&task, settings, clock, engine)
    };
    let tasks = pairs.map(of).collect::<Result<Vec<_>, Error>>()?;
    Ok(TrainingResult {
        scope: Scope {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            device: gathered.device.clone(),
            generated: gathered.generated.clone(),
            observer: gathered.observers[settings.observer],
            learners: settings.learners.iter().map(Configured::name).collect(),
            neighbours: NEIGHBOURS,
            seed: settings.seed,
            elapsed_s: clock().saturating_sub(start).as_secs_f64(),
        },
        tasks,
    })
}

fn found(
    task: &Task,
    settings: &Settings,
    clock: Clock<'_>,
    engine: &Engine<'_>,
) -> Result<TaskFound, Error> {
    let table = windows(task, settings.grouping)?;
    let ground = Ground::new(task, table, settings, engine)?;
    let (poison, detection) = poison::sweep(&ground)?;
    let bytes: Option<f64> = ground.bytes().map(|bytes| bytes.iter().sum());
    Ok(TaskFound {
        conditions: task.conditions.clone(),
        windowing: table.windowing,
        units: task.n_units,
        paired: task.design.is_paired(),
        folds: ground.n_folds,
        windows: table.round.len(),
        features: table.data.features.len(),
        megabytes_per_day: bytes.and_then(|bytes| ground.megabytes_per_day(bytes)),
        chosen: ground.choices(),
        poison,
        detection,
        inflation: inflate::sweep(&ground, clock)?,
    })
}

/// The windows that are looked at, each a row.
fn windows(task: &Task, wanted: Option<Grouping>) -> Result<&Table, Error> {
    let of_windows = || task.tables.iter().filter(|table| table.windowing.is_of_windows());
    let found = of_windows().find(|table| wanted.is_none_or(|wanted| wanted == table.windowing));
    found.ok_or_else(|| Error::NoTable {
        wanted: wanted.map_or_else(|| "of one row each".to_owned(), |wanted| wanted.to_string()),
        known: of_windows().map(|table| table.windowing.to_string()).collect::<Vec<_>>().join(", "),
    })
}
