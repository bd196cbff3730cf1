//! The program from the command line.

mod audit;
mod cases;
mod defend;
mod packets;
mod pipeline;
#[path = "../../../traffic/tests/skip/mod.rs"]
mod skip;
mod support;
mod tables;
mod walks;
