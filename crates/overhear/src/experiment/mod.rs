//! The experiments: each takes assembled data and gives a result that figures and reports are drawn from.

pub mod audit;
pub mod calibration;
pub mod defend;
pub mod evaluate;
pub mod interval;
pub mod paper;
pub mod planted;
pub mod reproduce;
pub mod sensitivity;
pub mod training;
