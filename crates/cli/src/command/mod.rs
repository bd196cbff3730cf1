//! The commands, one file each, and what all of them share.

mod audit;
mod calibrate;
mod completions;
mod cut;
mod defend;
mod evaluate;
mod events;
mod features;
mod gate;
mod inspect;
mod man;
mod packets;
mod plan;
mod predict;
mod reproduce;
mod synth;
mod typed;

use crate::failure::Failure;
use crate::options::Common;
use crate::terminal::Terminal;
use clap::{Parser, Subcommand};
use overhear::assemble::of_capture;
use overhear::campaign::Generated;
use overhear::caveat::Fact;
use overhear_traffic::packet::Device;
use overhear_traffic::trace::Summary;
use std::process::ExitCode;

/// Measures what a smart speaker's encrypted traffic tells an outsider.
///
/// For your own devices and labs: evidence and defence.
#[derive(Parser)]
#[command(name = "overhear", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage; of gate also 3 above the limit, 4 inconclusive.\n\
    A capture is a file or - for standard input: pcap, pcapng or a packet table (CSV: time_s, size_bytes, direction), plain or gz, zst, lz4, \
    recognised by content."
)]
pub struct Arguments {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

/// Makes the register: the subcommands, and for each the file that it is in.
macro_rules! register {
    ($($command:ident = $file:ident,)*) => {
        #[derive(Subcommand)]
        pub enum Command {
            $($command($file::$command),)*
        }

        impl Command {
            pub fn run(&self, common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
                let done = match self {
                    $(Command::$command(command) => command.run(common, terminal),)*
                };
                terminal.clear();
                done
            }
        }
    };
}

// in the order of `--help`
register! {
    Reproduce = reproduce,
    Synth = synth,
    Audit = audit,
    Gate = gate,
    Defend = defend,
    Calibrate = calibrate,
    Plan = plan,
    Cut = cut,
    Inspect = inspect,
    Features = features,
    Events = events,
    Packets = packets,
    Evaluate = evaluate,
    Predict = predict,
    Completions = completions,
    Man = man,
}

/// What a capture's reader noticed, to warn of: not that a clock was raised by less than a second, and that a capture is
/// cooked where a MAC address names the device.
fn noticed(summary: &Summary, path: &str, device: Device) -> Vec<String> {
    let matters = |fact: &Fact| match fact {
        Fact::ClockRaised { .. } => false,
        Fact::CookedCapture { .. } => matches!(device, Device::Mac(_)),
        _ => true,
    };
    let generated = summary.generated.as_deref().map(Generated::of_comment);
    let generated = generated.map(|words| format!("{path}: generated traffic ({words}), no real device's"));
    let facts = of_capture(summary, false);
    let facts = facts.iter().filter(|fact| matters(fact)).map(|fact| format!("{path}: {fact}"));
    generated.into_iter().chain(facts).collect()
}
