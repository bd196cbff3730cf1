//! The program from the command line.

mod audit;
mod cases;
mod pipeline;
mod support;
mod tables;
mod walks;
