//! The questions: what a campaign of captures gives away, and how sure that is.

pub mod experiment;
