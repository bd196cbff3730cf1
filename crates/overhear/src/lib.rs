//! The questions: what a campaign of captures gives away, and how sure that is.
//!
//! The way of the data: [`campaign`] → [`assemble`] → [`experiment`] → [`figure`] → [`report`].
//! Nothing here prints or reads a clock: progress, times and seeds are arguments.

pub mod assemble;
pub mod campaign;
pub mod caveat;
pub mod cut;
pub mod engine;
pub mod error;
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
