//! `overhear synth`

use super::Common;
use super::typed::{duration, times};
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::{Args, ValueEnum};
use overhear::engine::Engine;
use overhear::generate::{self, Recipe};
use overhear_change::plant::{PLANTS, Plant};
use overhear_synth::{Scenario, Settings};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Write a generated campaign whose truth is known
///
/// Generated traffic shows whether a method finds what was put in. It is no evidence about a real device.
#[derive(Args)]
#[command(after_help = help())]
pub struct Synth {
    /// Directory to write: rounds/*.pcapng and campaign.toml
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Which campaign
    #[arg(long, value_enum, default_value_t = Kind::Paper)]
    scenario: Kind,
    /// What the microphone changes: 0 nothing, 1 as much as in the paper
    #[arg(long, default_value_t = 1.0, value_name = "X")]
    effect: f64,
    /// Offset of each day, in standard deviations of a t=15 window's features
    #[arg(long, default_value_t = 0.0, value_name = "X")]
    day_effect: f64,
    /// Slow change over hours, in the same unit
    #[arg(long, default_value_t = 0.0, value_name = "X")]
    drift: f64,
    /// Rounds as a plan with dates, a table of times (.csv) or another campaign has them; conditions mic_off, mic_on,
    /// mic_on_noise
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scenario", "pairs", "round"])]
    plan: Option<PathBuf>,
    /// Pairs of rounds (crossover) [default: 24]
    #[arg(long, value_name = "N")]
    pairs: Option<u32>,
    /// Length of one round (crossover) [default: 30m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    round: Option<Duration>,
    /// Leak of known size in the rounds of mic_on_noise (crossover, --plan), as in upload:5; several by repeating
    #[arg(long = "plant", value_name = "NAME:DOSE")]
    plants: Vec<Plant>,
}

fn help() -> String {
    let mut text = "Plants, at a dose X:\n".to_owned();
    for entry in PLANTS {
        let (lowest, highest) = entry.range;
        let _ = writeln!(text, "  {:10} {}", entry.name, entry.about);
        let _ = writeln!(text, "  {:10} X: {lowest} to {highest} {}", "", entry.unit);
    }
    text + "\nExamples:\n  overhear synth --scenario crossover --pairs 24 --round 30m -o campaign\n  \
        overhear synth --scenario crossover --effect 0 --plant upload:5 --plant burst:40 -o planted"
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// The paper's: mic_off, mic_on, mic_on_noise, three days each
    Paper,
    /// Pairs of rounds, mic_on and mic_on_noise, in random order
    Crossover,
}

impl Synth {
    pub fn run(&self, common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        let scenario = match self.scenario {
            Kind::Paper if self.plan.is_none() => Scenario::Paper,
            Kind::Paper | Kind::Crossover => Scenario::Crossover,
        };
        if scenario == Scenario::Paper && (self.pairs.is_some() || self.round.is_some()) {
            terminal.warn(
                "the paper's scenario is three captures of three days: --pairs and --round say nothing in it",
            );
        }
        if scenario == Scenario::Paper && !self.plants.is_empty() {
            let what = "--plant: rounds of one condition are compared with rounds of another; add --scenario crossover";
            return Err(Failure::Usage(what.to_owned()));
        }
        let usual = Settings::default();
        let settings = Settings {
            scenario,
            effect: self.effect,
            day_effect: self.day_effect,
            drift: self.drift,
            pairs: self.pairs.unwrap_or(usual.pairs),
            round: self.round.unwrap_or(usual.round),
            seed: common.seed,
            ..usual
        };
        settings.check().map_err(|e| Failure::Usage(e.to_string()))?;
        let times = self.plan.as_deref().map(|plan| times(plan, None)).transpose()?;
        terminal.stop_on_interrupt();
        let recipe = Recipe { settings: &settings, times: times.as_ref(), plants: &self.plants };
        let campaign = generate::write_campaign(&recipe, &self.output, &Engine::new(terminal))?;
        terminal.clear();
        let rounds = campaign.manifest.rounds.len();
        print(&format!("{}: {rounds} rounds of generated traffic\n", self.output.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}
