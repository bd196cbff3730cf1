//! Learners, splits and scores over tables of numbers. This crate has never heard of a packet.
//!
//! The way of the data: [`Dataset`] → [`split`] → [`learner::Learner`] → [`learner::Model`] → [`metric`]; series in time
//! become tables by a [`sequence::Transform`] first.
//! Nothing here reads a clock, prints, or draws hidden randomness: seeds and clocks are arguments.
//!
//! ```text
//!     cli        overhear (binary)   one file per command
//!     overhear   the questions       campaign, cut, schedule → assemble → experiment → figure → report
//!     inspect    who is there        frames → evidence → report
//!     synth      known truth         plan → frames
//!     change     altered traffic     events → events
//!     traffic    packets             capture → wire → event → (change) → observer, trace → window → feature
//!     learn      numbers             dataset → split → learner → model → metric; inference, leakage    <- here
//! ```
//!
//! A table, a learner, and its score on rows it has not seen:
//!
//! ```
//! use overhear_learn::learner::Configured;
//! use overhear_learn::{Dataset, Matrix, Options, Presort, cross_validate, split};
//! use std::time::Duration;
//!
//! let height: Vec<f64> = (0..60).map(f64::from).collect();
//! let data = Dataset {
//!     features: vec!["height".to_owned()],
//!     x: Matrix::from_columns(&[height])?,
//!     y: (0..60).map(|row| u32::from(row >= 30)).collect(),
//!     classes: vec!["low".to_owned(), "high".to_owned()],
//!     units: None,
//!     starts_ns: None,
//! };
//! let folds = split::k_fold(&data, 5, 1)?;
//! let options = Options { seed: 1, scale: true, importances: false, clock: &|| Duration::ZERO, max_training_rows: None };
//! let tree = Configured::new("decision_tree", &[])?.learner();
//! let found = cross_validate(&data, &Presort::new(&data.x), &*tree, &folds, &options)?;
//! assert!(found.mean_accuracy() > 0.9);
//! # Ok::<(), overhear_learn::Error>(())
//! ```

#![deny(unsafe_code)]

pub mod calibration;
pub mod cross_validation;
pub mod dataset;
pub mod error;
pub mod importance;
pub mod inference;
pub mod leakage;
pub mod learner;
pub mod matrix;
pub mod metric;
pub mod model_file;
pub mod presort;
pub mod scale;
pub mod sequence;
// the one room that may: vector instructions
#[allow(unsafe_code)]
mod simd;
pub mod split;
mod tree;

pub use cross_validation::{Evaluation, FoldResult, Options, cross_validate, run_fold};
pub use dataset::Dataset;
pub use error::Error;
pub use matrix::Matrix;
pub use model_file::ModelFile;
pub use presort::Presort;
pub use scale::Scaler;
pub use split::{Fold, Folds};
