//! `overhear man`

use super::{Arguments, Common};
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::{Args, CommandFactory};
use std::process::ExitCode;

/// Write the manual page, every command in it
#[derive(Args)]
#[command(after_help = "Example: overhear man | man -l -")]
pub struct Man {}

impl Man {
    pub fn run(&self, _: &Common, _: &Terminal) -> Result<ExitCode, Failure> {
        let mut command = Arguments::command();
        command.build();
        let mut page = Vec::new();
        let written = clap_mangen::Man::new(command.clone()).render(&mut page).and_then(|()| {
            for one in command.get_subcommands().filter(|c| c.get_name() != "help") {
                clap_mangen::Man::new(one.clone()).render_synopsis_section(&mut page)?;
                clap_mangen::Man::new(one.clone()).render_description_section(&mut page)?;
                clap_mangen::Man::new(one.clone()).render_options_section(&mut page)?;
                // examples stand behind the options
                clap_mangen::Man::new(one.clone()).render_extra_section(&mut page)?;
            }
            Ok(())
        });
        written.map_err(|e| Failure::Message(format!("the manual page could not be written: {e}")))?;
        print(&String::from_utf8_lossy(&page))?;
        Ok(ExitCode::SUCCESS)
    }
}
