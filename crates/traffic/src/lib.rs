//! From captured packets to windows of features.

pub mod capture;
pub mod synth;
