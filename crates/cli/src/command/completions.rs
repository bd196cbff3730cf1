//! `overhear completions`

use super::{Arguments, Common};
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::{Args, Command, CommandFactory, ValueHint};
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
    pub fn run(&self, _: &Common, _: &Terminal) -> Result<ExitCode, Failure> {
        let mut script = Vec::new();
        let mut command = hinted(Arguments::command());
        clap_complete::generate(self.shell, &mut command, "overhear", &mut script);
        print(&String::from_utf8_lossy(&script))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Says of every value whether it is a file, a directory or neither, by what help calls it: a shell then offers files only
/// where a file is wanted.
fn hinted(command: Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let command = command.mut_args(|arg| {
        if !arg.get_action().takes_values() {
            return arg;
        }
        let called: String =
            arg.get_value_names().unwrap_or_default().iter().map(|name| name.as_str()).collect();
        let hint = match called.as_str() {
            name if name.contains("CAPTURE") || name.contains("CAMPAIGN") => ValueHint::AnyPath,
            "FILE" | "MODEL" | "INPUT" | "TABLE" => ValueHint::FilePath,
            "DIR" => ValueHint::DirPath,
            _ => ValueHint::Other,
        };
        arg.value_hint(hint)
    });
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, hinted))
}
