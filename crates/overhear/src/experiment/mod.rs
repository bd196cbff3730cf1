//! The experiments: each takes assembled data and gives a result that figures and reports are drawn from.

pub mod paper;
