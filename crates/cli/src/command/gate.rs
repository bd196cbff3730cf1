//! `overhear gate`

use super::Common;
use super::audit::{Input, balanced_accuracy, run_note};
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::engine::Engine;
use overhear::experiment::audit::gate::{GateDecision, Limit, broken, compared, lines};
use overhear::experiment::audit::{self, AuditResult, Horizon, Settings};
use overhear::report::gate as report;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// A limit on leakage, for a build server
///
/// Decided on the interval's end: exit code 0 if the upper end is below the limit at every horizon, 3 if a lower end is
/// above it and the randomisation test agrees, else 4. Failed controls, and conditions that go together with time, leave
/// it at 4; captures that are missing, altered or damaged are a failure (1). With several tasks or observers the worst decides.
#[derive(Args)]
#[command(
    after_help = "Exit codes: 0 within the limit, 3 above it, 4 inconclusive, 1 failed, 2 wrong usage.\n\
    Examples:\n  overhear gate CAMPAIGN --max-ba 0.65\n  overhear gate CAMPAIGN --max-bits 0.2 --horizon round\n  \
    overhear gate --compare OLD NEW --horizon round"
)]
pub struct Gate {
    #[command(flatten)]
    input: Input,
    /// Most balanced accuracy
    #[arg(long, value_name = "X", value_parser = balanced_accuracy, conflicts_with = "max_bits")]
    max_ba: Option<f64>,
    /// Most min-entropy leakage, bits
    #[arg(long, value_name = "X", value_parser = bits)]
    max_bits: Option<f64>,
    /// Compare two campaigns, OLD and NEW, unit by unit: exit code 3 if NEW gives away more
    #[arg(long, requires = "input", conflicts_with_all = ["max_ba", "max_bits", "table"])]
    compare: bool,
    /// With --compare: rise of balanced accuracy that counts as none
    #[arg(long, default_value_t = 0.05, value_name = "X", requires = "compare")]
    margin: f64,
    /// One horizon alone: window, 1m, 5m or round [default: all]
    #[arg(long, value_name = "NAME", value_parser = horizon)]
    horizon: Option<Horizon>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Directory for gate.json, junit.xml, summary.md and the report [default: none is written]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

fn horizon(name: &str) -> Result<Horizon, String> {
    name.parse()
        .ok()
        .filter(|horizon| Horizon::ALL.contains(horizon))
        .ok_or_else(|| format!("{name:?} is no horizon; there are: window, 1m, 5m, round"))
}

fn bits(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if f64::is_finite(value) && value >= 0.0 => Ok(value),
        _ => Err(format!("{text:?}: write a number of bits, 0 or more")),
    }
}

fn code(decision: GateDecision) -> ExitCode {
    match decision {
        GateDecision::Within => ExitCode::SUCCESS,
        GateDecision::Inconclusive => ExitCode::from(4),
        GateDecision::Above => ExitCode::from(3),
    }
}

impl Gate {
    pub fn run(&self, common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        terminal.stop_on_interrupt();
        let gate = self.decide(common.seed, terminal)?;
        terminal.clear();
        if let Some(directory) = &self.output {
            gate.write(directory)?;
        }
        match self.json {
            true => print(&format!("{:#}\n", gate.document()))?,
            false => print(&gate.text())?,
        }
        Ok(code(gate.decision()))
    }

    fn decide(&self, seed: u64, terminal: &Terminal) -> Result<report::Gate, Failure> {
        let horizon = self.horizon;
        let (measure, limit) = match (self.compare, self.max_ba, self.max_bits) {
            (true, ..) => {
                let [old, new] = self.input.two_campaigns()?;
                let [old, new] = [self.audited(&old, seed, terminal)?, self.audited(&new, seed, terminal)?];
                let lines = compared((&old, &new), &audit::compare(&old, &new), self.margin, horizon);
                let (measure, results) = ("rise of balanced accuracy", vec![old, new]);
                return Ok(report::Gate { measure, limit: self.margin, horizon, lines, results });
            }
            (false, Some(limit), _) => ("balanced accuracy", Limit::BalancedAccuracy(limit)),
            (false, None, Some(limit)) => ("min-entropy bits", Limit::Bits(limit)),
            _ => {
                return Err(Failure::Usage(
                    "name a limit: --max-ba or --max-bits, or --compare OLD NEW".to_owned(),
                ));
            }
        };
        let result = self.audited(&self.input, seed, terminal)?;
        let lines = lines(&result, limit, horizon);
        let (Limit::BalancedAccuracy(limit) | Limit::Bits(limit)) = limit;
        Ok(report::Gate { measure, limit, horizon, lines, results: vec![result] })
    }

    /// An audit of one campaign; captures that are not what the manifest says are no thin evidence but a failure.
    fn audited(&self, input: &Input, seed: u64, terminal: &Terminal) -> Result<AuditResult, Failure> {
        let gathered = input.gather(terminal)?;
        // what decides nothing is asked for by a report alone
        let background = self.output.is_some();
        let settings = Settings { background, ..input.settings(seed, &gathered)? };
        let start = Instant::now();
        let mut result = audit::run(&gathered, &settings, &|| start.elapsed(), &Engine::new(terminal))?;
        result.scope.run = self.output.is_some().then(run_note);
        let broken = broken(&result);
        if let Some(first) = broken.first() {
            let more =
                if broken.len() > 1 { format!(", and {} more", broken.len() - 1) } else { String::new() };
            return Err(Failure::Message(format!(
                "the campaign is not whole, and nothing is decided on a part of it: {first}{more}"
            )));
        }
        Ok(result)
    }
}
