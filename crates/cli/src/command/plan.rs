//! `overhear plan`

use super::Common;
use super::typed::{duration, instant};
use crate::failure::{Failure, write_or_print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::experiment::audit::LEVEL;
use overhear::schedule::{Design, Schedule};
use overhear_traffic::packet::Device;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Write a randomised crossover schedule
///
/// Rounds come in units, one round of each condition, spread evenly over the days. The order is drawn by the seed and
/// balanced within days: each condition comes first as often as every other. An audit takes the plan as proof of the
/// order when campaign.toml names it: `plan = { file = "plan.toml", sha256 = "…" }`.
#[derive(Args)]
#[command(
    after_help = "Example: overhear plan --pairs 24 --round 30m --start 2026-12-01T08:00:00Z --drawn now -o plan.toml"
)]
pub struct Plan {
    /// Units: pairs with two conditions
    #[arg(long, default_value_t = 24, value_name = "N")]
    pairs: u32,
    /// Length of one round
    #[arg(long, default_value = "30m", value_name = "TIME", value_parser = duration)]
    round: Duration,
    /// Time between two rounds of a unit
    #[arg(long, default_value = "1m", value_name = "TIME", value_parser = duration)]
    pause: Duration,
    /// Settling time at the beginning of each round that is left out
    #[arg(long, default_value = "2m", value_name = "TIME", value_parser = duration)]
    drop: Duration,
    /// Days to spread the units over; more are taken where they do not fit
    #[arg(long, default_value_t = 3, value_name = "N")]
    days: u32,
    /// Conditions; two or more, with commas
    #[arg(long, value_delimiter = ',', num_args = 1.., default_value = "mic_on,mic_on_noise", value_name = "NAME")]
    conditions: Vec<String>,
    /// When the first round begins, as 2026-12-01T08:00:00Z [default: rounds have no dates, only offsets]
    #[arg(long, value_name = "TIME", value_parser = instant)]
    start: Option<jiff::Timestamp>,
    /// When the order is drawn, "now" or a time: a plan that says so proves the order to an audit [default: it does not say]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    drawn: Option<jiff::Timestamp>,
    /// Whose packets, for `overhear cut`
    #[arg(long, value_name = "MAC|IP")]
    device: Option<Device>,
    /// Name of the device
    #[arg(long, default_value = "", value_name = "NAME")]
    name: String,
    /// Schedule to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn moment(text: &str) -> Result<jiff::Timestamp, String> {
    if text == "now" {
        return Ok(jiff::Timestamp::now());
    }
    text.parse().map_err(|_| "write now, or date, time and offset, as in 2026-12-01T08:00:00Z".to_owned())
}

impl Plan {
    pub fn run(&self, common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        let design = Design {
            units: self.pairs,
            round: self.round,
            pause: self.pause,
            drop: self.drop,
            days: self.days,
            conditions: self.conditions.clone(),
            seed: common.seed,
        };
        let schedule = Schedule::draw(&design).map_err(|e| Failure::Usage(e.to_string()))?;
        let text = schedule.to_toml((&self.name, self.device), self.start, self.drawn);
        write_or_print(&text, self.output.as_deref())?;
        if schedule.smallest_p() > LEVEL {
            terminal.warn(&format!(
                "with {} units over {} days no result can be called a leak: p is {:.3} at best; take more units",
                self.pairs,
                self.days,
                schedule.smallest_p()
            ));
        } else if self.days < 3 || self.pairs < 24 {
            terminal.warn(
                "an audit asks for at least 24 units over at least 3 days; with fewer it may find no answer",
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}
