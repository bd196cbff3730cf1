//! The questions: what a campaign of captures gives away, and how sure that is.
//!
//! The way of the data: [`campaign`] → [`assemble`] → [`experiment`] → [`figure`] → [`report`].
//! Nothing here prints or reads a clock: progress, times and seeds are arguments.
//!
//! ```text
//!     cli        overhear (binary)   one file per command
//!     overhear   the questions       campaign, cut, schedule → assemble → experiment → figure → report <- here
//!     inspect    who is there        frames → evidence → report
//!     synth      known truth         plan → frames
//!     change     altered traffic     events → events
//!     traffic    packets             capture → wire → event → (change) → observer, trace → window → feature
//!     learn      numbers             dataset → split → learner → model → metric; inference, leakage
//! ```
//!
//! A campaign on disk, generated here, and what an outsider could tell from it:
//!
//! ```
//! use overhear::campaign::Campaign;
//! use overhear::engine::Engine;
//! use overhear::experiment::audit::{Attackers, Settings, View};
//! use overhear::learn::learner::Configured;
//! use overhear::synth::{self, Scenario};
//! use std::time::Duration;
//!
//! # let directory = std::env::temp_dir().join(format!("overhear-doctest-{}", std::process::id()));
//! let engine = Engine::silent();
//! let generated = synth::Settings {
//!     scenario: Scenario::Crossover,
//!     pairs: 4,
//!     round: Duration::from_secs(180),
//!     ..synth::Settings::default()
//! };
//! let recipe = overhear::generate::Recipe { settings: &generated, times: None, plants: &[] };
//! overhear::generate::write_campaign(&recipe, &directory, &engine)?;
//!
//! let settings = Settings {
//!     attackers: Attackers::of(vec![Configured::new("knn", &[])?])?,
//!     permutations: 99,
//!     ..Settings::default_of(1)?
//! };
//! let result = Campaign::open(&directory)?.audit(&View::default(), &settings, &engine)?;
//! println!("{}", overhear::report::audit::sentence::verdict(&result));
//! # std::fs::remove_dir_all(&directory)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

pub mod assemble;
pub mod campaign;
pub mod caveat;
pub mod cut;
pub mod defended;
pub mod engine;
pub mod error;
pub mod events;
pub mod experiment;
pub mod figure;
pub mod generate;
pub mod packet_stats;
pub mod progress;
pub mod report;
pub mod schedule;
pub mod setting;
pub mod table;
pub mod unfinished;
pub mod whole_file;

pub use error::Error;
pub use overhear_change::defence;
pub use overhear_inspect as inspect;
pub use overhear_learn as learn;
pub use overhear_synth as synth;
pub use overhear_traffic as traffic;
