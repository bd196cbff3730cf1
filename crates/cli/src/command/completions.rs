//! `overhear completions`

use super::Arguments;
use crate::failure::{Failure, print};
use clap::{Args, CommandFactory};
use std::process::ExitCode;

/// Write the completions of a shell
#[derive(Args)]
#[command(
    after_help = "Example: overhear completions bash > ~/.local/share/bash-completion/completions/overhear"
)]
pub struct Completions {
    /// For which shell
    shell: clap_complete::Shell,
}

impl Completions {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "overhear", &mut script);
        print(&String::from_utf8_lossy(&script))?;
        Ok(ExitCode::SUCCESS)
    }
}
