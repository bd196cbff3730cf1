//! Learners, splits and scores over tables of numbers. This crate has never heard of a packet.
//!
//! The way of the data: [`Dataset`] → [`split`] → [`learner::Learner`] → [`learner::Model`] → [`metric`].
//! Nothing here reads a clock, prints, or draws hidden randomness: seeds and clocks are arguments.

pub mod dataset;
pub mod error;
pub mod learner;
pub mod matrix;
pub mod presort;
pub mod scale;

pub use dataset::Dataset;
pub use error::Error;
pub use matrix::Matrix;
pub use presort::Presort;
pub use scale::Scaler;
