//! Countermeasures against the leak of a campaign: what each costs, and what is left against an attacker who adapts.
//!
//! Source: docs/method.md, "Defences" and "Worth of a defence". [`defend`] takes an audit's rounds, lets them pass each
//! stack of defences in virtual time, and tries attackers who know of the defence on what comes out. Rounds are recorded: end points that
//! would have reacted to delay or loss do not.

mod attackers;
mod blocking;
mod list;
pub mod measure;
mod point;
mod recommend;
pub mod result;
mod search;

pub use list::{default_stacks, parse};
pub use measure::Budget;
pub use search::Search;

use super::audit::view::Vantage;
use super::audit::{self, Gathered};
use crate::Error;
use crate::engine::Engine;
use overhear_change::defence::{Entry, Rates, Setting, Who};
use overhear_traffic::observer::Observer;
use point::Bench;
use result::{Frontier, Sweep};
use std::path::PathBuf;
use std::time::Duration;

/// How defences are tried.
#[derive(Clone)]
pub struct Settings {
    /// Attackers, seed and limits of the audit of the undefended rounds, controls included, and of what is recommended. At least as many
    /// assignments are drawn as so many tasks need to reach the level.
    pub audit: audit::Settings,
    /// Attackers of the sweep, where there are many points.
    pub sweep: audit::Attackers,
    /// Repetitions of the nested cross-validation in the sweep.
    pub sweep_repetitions: usize,
    /// Stacks of defences to try.
    pub stacks: Vec<Vec<Setting>>,
    /// The link behind them.
    pub rates: Rates,
    /// Draws of a defence that draws; attackers learn from all of them, on other units than they are tried on.
    pub draws: usize,
    /// What a defence may cost to be recommended.
    pub budget: Budget,
    /// How many of the device's far ends to block one by one, those with most packets first.
    pub far_ends: usize,
    /// Far ends to block together, by name (and what is below it) or address.
    pub block: Vec<String>,
    /// A search for better parameters and stacks.
    pub search: Option<Search>,
    /// Where points that are finished are kept, by the hash of all that they depend on.
    pub cache: Option<PathBuf>,
}

/// Draws of a defence that draws.
pub const DRAWS: usize = 3;

impl Settings {
    /// The default sweep: every defence at a few settings, and stacks. Attackers of the sweep are decision tree and ridge, and extra trees on
    /// whole rounds; what is recommended is confirmed against the audit's.
    ///
    /// # Errors
    /// [`Error::Learn`] where a learner is not in the register.
    pub fn default_of(audit: audit::Settings) -> Result<Settings, Error> {
        use overhear_learn::learner::Configured;
        let learners = ["decision_tree", "ridge"].map(|name| Configured::new(name, &[]));
        let learners = learners.into_iter().collect::<Result<_, _>>()?;
        let of_rounds = vec![Configured::new("extra_trees", &[])?];
        let sweep = audit::Attackers { of_rounds, ..audit::Attackers::of(learners)? };
        Ok(Settings {
            audit: audit::Settings { permutations: 199, background: false, ..audit },
            sweep,
            sweep_repetitions: 2,
            stacks: default_stacks(),
            rates: Rates::default(),
            draws: DRAWS,
            budget: Budget::default(),
            far_ends: 0,
            block: Vec::new(),
            search: None,
            cache: None,
        })
    }
}

/// Tries defences on an audit's rounds. `clock` tells the time since some fixed moment.
///
/// # Errors
/// [`Error::NoPacketsToDefend`] of a table, [`Error::Learn`], [`Error::Traffic`], [`Error::Stopped`], [`Error::Io`] of the cache.
pub fn defend(
    gathered: &Gathered,
    settings: &Settings,
    clock: &dyn Fn() -> Duration,
    engine: &Engine<'_>,
) -> Result<Frontier, Error> {
    let start = clock();
    if gathered.look().is_none() {
        return Err(Error::NoPacketsToDefend);
    }
    let least = audit::verdict::least_permutations(gathered.tasks().len());
    let audit =
        audit::Settings { permutations: settings.audit.permutations.max(least), ..settings.audit.clone() };
    let audited = audit::run(gathered, &audit, &|| clock().saturating_sub(start), engine)?;
    let bench = Bench::new(gathered, settings, engine)?;
    engine.stage("trying defences", settings.stacks.len() as u64);
    let mut points = Vec::new();
    for stack in &settings.stacks {
        points.push(bench.swept(stack)?);
        engine.step();
    }
    let mut found = Frontier {
        audit: audited,
        sweep: Sweep {
            learners: settings.sweep.names(!gathered.sequences().is_empty()),
            repetitions: settings.sweep_repetitions,
            draws: settings.draws,
            up_bits_per_s: settings.rates.up_bits_per_s,
            down_bits_per_s: settings.rates.down_bits_per_s,
            budget: settings.budget,
            elapsed_s: 0.0,
        },
        undefended: bench.undefended(),
        points,
        recommended: Vec::new(),
        far_ends: bench.far_ends()?,
        search: settings.search.map(|search| search.run(&bench, engine)).transpose()?.flatten(),
    };
    found.recommended = bench.recommend(&found, engine)?;
    found.sweep.elapsed_s = clock().saturating_sub(start).as_secs_f64();
    Ok(found)
}

/// Whether a defence changes something that an observer sees. What the router does to the device's packets it does behind the air between
/// them, where a Wi-Fi sniffer has seen them before.
pub fn is_seen(entry: &Entry, vantage: Vantage) -> bool {
    let Vantage::Observer(observer) = vantage else { return false };
    let is_behind = observer == Observer::Wifi && matches!(entry.who, Who::Router | Who::FarEndToo);
    entry.is_seen_by(observer) && !is_behind
}
