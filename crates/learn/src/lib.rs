//! Learners, splits and scores over tables of numbers. This crate has never heard of a packet.
//!
//! The way of the data: [`Dataset`] → [`split`] → [`learner::Learner`] → [`learner::Model`] → [`metric`].
//! Nothing here reads a clock, prints, or draws hidden randomness: seeds and clocks are arguments.

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
