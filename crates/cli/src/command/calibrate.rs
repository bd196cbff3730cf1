//! `overhear calibrate`

use super::Common;
use crate::failure::{Failure, write_or_print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::engine::Engine;
use overhear::experiment::calibration::{self, Part, Settings};
use overhear::report::calibration::{document, text};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Check the tool itself against known truth
///
/// Draws campaigns whose truth is known and audits them: false positives where nothing leaks, power where something
/// does, what the intervals hold, how far leakage estimates are from channels in closed form, and what the paper's own
/// protocol finds where there is nothing. Says of each whether it holds.
#[derive(Args)]
#[command(after_help = "Example: overhear calibrate --campaigns 40 -o self-check.md")]
pub struct Calibrate {
    /// Campaigns in each cell that is drawn as feature tables
    #[arg(long, default_value = "400", value_name = "N")]
    campaigns: NonZeroUsize,
    /// Campaigns that go through packets [default: 30, or as many as --campaigns if these are fewer]
    #[arg(long, value_name = "N")]
    packet_campaigns: Option<usize>,
    /// Parts that run: tables, packets, compared, joint, laws, plants, paper, channels; several with commas [default: all]
    #[arg(long, value_name = "PART", value_delimiter = ',', num_args = 1..)]
    only: Vec<Part>,
    /// Random assignments of each test
    #[arg(long, default_value = "199", value_name = "N")]
    permutations: NonZeroUsize,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Calibrate {
    pub fn run(&self, common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        terminal.stop_on_interrupt();
        let usual = Settings::default_of(common.seed);
        let campaigns = self.campaigns.get();
        let settings = Settings {
            campaigns,
            packet_campaigns: self.packet_campaigns.unwrap_or(usual.packet_campaigns.min(campaigns)),
            permutations: self.permutations.get(),
            parts: if self.only.is_empty() { usual.parts.clone() } else { self.only.clone() },
            ..usual
        };
        let result = calibration::run(&settings, &Engine::new(terminal))?;
        terminal.clear();
        let said = if self.json { document(&result) } else { text(&result) };
        write_or_print(&said, self.output.as_deref())?;
        Ok(ExitCode::SUCCESS)
    }
}
