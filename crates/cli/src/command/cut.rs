//! `overhear cut`

use super::Common;
use super::typed::{instant, times};
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::cut::{self, Recording};
use overhear::engine::Engine;
use overhear_traffic::packet::Device;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Cut a recording into the rounds of a campaign
///
/// Every packet goes to the round in whose time it lies; what lies in none is left. Rounds that were not recorded, or
/// that a recording breaks off in, stay in campaign.toml as lost, so that an audit can count them.
#[derive(Args)]
#[command(after_help = "Examples:\n  overhear cut evening.pcap --plan plan.toml -o campaign\n  \
    overhear cut router-*.pcap.gz --plan times.csv --device 02:00:00:00:00:01 -o campaign\n\
    times.csv has the columns condition, start, end (or duration_s), and perhaps unit and drop_s.")]
pub struct Cut {
    /// Captures, in any order; rotated ones are read one after another
    #[arg(required = true, value_name = "CAPTURE")]
    captures: Vec<PathBuf>,
    /// When the rounds were: what `overhear plan` wrote, a table of times (.csv), or another campaign's campaign.toml
    #[arg(long, value_name = "FILE")]
    plan: PathBuf,
    /// When the first round began, for a plan without dates, as 2026-12-01T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = instant)]
    start: Option<jiff::Timestamp>,
    /// Whose packets the campaign is about [default: as the plan says, else all]
    #[arg(long, value_name = "MAC|IP")]
    device: Option<Device>,
    /// What to call the device [default: as the plan says]
    #[arg(long, default_value = "", value_name = "NAME")]
    name: String,
    /// Write into campaign.toml that packets which a capture holds more than once are taken out
    #[arg(long)]
    dedup: bool,
    /// Directory of the campaign, new or empty
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

impl Cut {
    pub fn run(&self, _: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        let times = times(&self.plan, self.start)?;
        terminal.stop_on_interrupt();
        let recording = Recording {
            captures: &self.captures,
            times: &times,
            device: self.device,
            name: &self.name,
            dedup: self.dedup,
        };
        let cut = cut::cut(&recording, &self.output, &Engine::new(terminal))?;
        terminal.clear();
        for (path, byte) in &cut.cut_off {
            terminal.warn(&format!("{}: the file ends in mid-packet, byte {byte}", path.display()));
        }
        if cut.steps_back > 0 {
            terminal.warn(&format!(
                "{} times lie more than a second before the latest one: the clock was set, or captures overlap; packets went by the time they carry",
                cut.steps_back
            ));
        }
        if cut.campaign.manifest.device.address.is_none() {
            terminal.warn(
                "no device is named: every packet counts; --device names one, `overhear inspect` lists them",
            );
        }
        print(&text(&cut, &self.output))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn text(cut: &cut::Cut, output: &Path) -> String {
    let rounds = &cut.campaign.manifest.rounds;
    let width = rounds.iter().map(|round| round.condition.chars().count()).max().unwrap_or(0).max(9);
    let mut out = format!("{:>5} {:>5}  {:width$}  {:>9}\n", "round", "unit", "condition", "packets");
    for (number, (round, frames)) in (1..).zip(rounds.iter().zip(&cut.frames)) {
        let unit = round.unit.map_or("–".to_owned(), |unit| unit.to_string());
        let _ = write!(out, "{number:>5} {unit:>5}  {:width$}  {frames:>9}", round.condition);
        let _ = match &round.lost {
            Some(reason) => writeln!(out, "  lost: {reason}"),
            None => writeln!(out),
        };
    }
    let lost = rounds.iter().filter(|round| round.lost.is_some()).count();
    let kept = rounds.len() - lost;
    let _ = writeln!(
        out,
        "\n{kept} rounds in {}, {lost} lost; {} packets lie in no round",
        output.display(),
        cut.outside
    );
    let _ = writeln!(out, "next: overhear audit {} -o report", output.display());
    out
}
