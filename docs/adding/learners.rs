//! `overhear learners`: a command, whole

use super::Common;
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::Args;
use overhear_learn::learner::LEARNERS;
use std::process::ExitCode;

/// List the learners
#[derive(Args)]
#[command(after_help = "Example: overhear learners")]
pub struct Learners {}

impl Learners {
    pub fn run(&self, _: &Common, _: &Terminal) -> Result<ExitCode, Failure> {
        let lines: Vec<String> =
            LEARNERS.iter().map(|entry| format!("{:18} {}\n", entry.name, entry.about)).collect();
        print(&lines.concat())?;
        Ok(ExitCode::SUCCESS)
    }
}
