//! `overhear gate`

use super::Common;
use super::audit::{Input, balanced_accuracy};
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::engine::Engine;
use overhear::experiment::audit::gate::{GateDecision, GateLine, Limit, broken, compared, lines, worst};
use overhear::experiment::audit::{self, AuditResult, Horizon, Settings};
use serde_json::json;
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

fn name(decision: GateDecision) -> &'static str {
    match decision {
        GateDecision::Within => "within",
        GateDecision::Inconclusive => "inconclusive",
        GateDecision::Above => "above",
    }
}

fn code(decision: GateDecision) -> ExitCode {
    match decision {
        GateDecision::Within => ExitCode::SUCCESS,
        GateDecision::Inconclusive => ExitCode::from(4),
        GateDecision::Above => ExitCode::from(3),
    }
}

/// What was measured, its limit, the lines, and the audits behind them.
struct Decided {
    measure: &'static str,
    limit: f64,
    lines: Vec<GateLine>,
    results: Vec<AuditResult>,
}

impl Gate {
    pub fn run(&self, common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        terminal.stop_on_interrupt();
        let decided = self.decide(common.seed, terminal)?;
        terminal.clear();
        let worst = worst(&decided.lines);
        match self.json {
            true => print(&format!("{:#}\n", self.document(&decided, worst)))?,
            false => print(&self.text(&decided))?,
        }
        Ok(code(worst))
    }

    fn decide(&self, seed: u64, terminal: &Terminal) -> Result<Decided, Failure> {
        let (measure, limit) = match (self.compare, self.max_ba, self.max_bits) {
            (true, ..) => return self.decide_rise(seed, terminal),
            (false, Some(limit), _) => ("balanced accuracy", Limit::BalancedAccuracy(limit)),
            (false, None, Some(limit)) => ("min-entropy bits", Limit::Bits(limit)),
            _ => {
                return Err(Failure::Usage(
                    "name a limit: --max-ba or --max-bits, or --compare OLD NEW".to_owned(),
                ));
            }
        };
        let result = audited(&self.input, seed, terminal)?;
        let lines = lines(&result, limit, self.horizon);
        let (Limit::BalancedAccuracy(limit) | Limit::Bits(limit)) = limit;
        Ok(Decided { measure, limit, lines, results: vec![result] })
    }

    fn decide_rise(&self, seed: u64, terminal: &Terminal) -> Result<Decided, Failure> {
        let [old, new] = self.input.two_campaigns()?;
        let old = audited(&old, seed, terminal)?;
        let new = audited(&new, seed, terminal)?;
        let rises = audit::compare(&old, &new);
        let lines = compared((&old, &new), &rises, self.margin, self.horizon);
        Ok(Decided {
            measure: "rise of balanced accuracy",
            limit: self.margin,
            lines,
            results: vec![old, new],
        })
    }

    fn document(&self, decided: &Decided, worst: GateDecision) -> serde_json::Value {
        let campaign = |result: &AuditResult| {
            let left_out: Vec<usize> = (0..result.schedule.len())
                .filter(|&index| result.left_out(index).is_some())
                .map(|index| index + 1)
                .collect();
            json!({
                "device": result.scope.device,
                "generated": result.scope.generated,
                "units": result.scope.units,
                "paired": result.scope.paired,
                "hours": result.scope.hours,
                "rounds": result.schedule.len(),
                "rounds_left_out": left_out,
                "caveats": result.caveats,
                "seed": result.scope.seed,
                "permutations": result.scope.permutations,
                "learners": result.scope.learners,
                "windowings": result.scope.windowings,
                "version": result.scope.version,
            })
        };
        json!({
            "schema": "overhear/gate/1",
            "measure": decided.measure,
            "horizon": self.horizon,
            "limit": decided.limit,
            "decision": name(worst),
            "lines": decided.lines,
            "campaigns": decided.results.iter().map(campaign).collect::<Vec<_>>(),
        })
    }

    fn text(&self, decided: &Decided) -> String {
        let mut out = String::new();
        for line in &decided.lines {
            let found = match (line.value, line.low, line.high) {
                (Some(value), Some(low), Some(high)) => {
                    format!("{value:.3} (at least {low:.3}, at most {high:.3})")
                }
                _ if line.because.is_none() && self.compare => {
                    "is not known: one campaign lacks it".to_owned()
                }
                _ if line.because.is_none() => "is not known there: the rows have no times".to_owned(),
                _ => "is not known: too few units for an interval".to_owned(),
            };
            let horizon = line.horizon.map_or(String::new(), |horizon| format!(", {horizon}"));
            out.push_str(&format!(
                "{}: {}, {}{horizon}: {} {found}, limit {}\n",
                name(line.decision),
                line.task,
                line.observer,
                decided.measure,
                decided.limit
            ));
        }
        let findings = decided
            .results
            .iter()
            .flat_map(|result| result.findings.iter().map(move |finding| (result, finding)));
        for (result, finding) in findings {
            let forbids = |line: &&GateLine| {
                line.task == finding.task && line.observer == finding.observer && line.because.is_some()
            };
            if decided.lines.iter().any(|line| forbids(&line)) {
                let line = overhear::report::audit::sentence::line(result, finding);
                out.push_str(&format!("{}, {}: {line}\n", finding.task, finding.observer));
            }
        }
        if decided.lines.is_empty() {
            out.push_str("inconclusive: the two campaigns have no task and horizon in common\n");
        }
        out
    }
}

/// An audit of one campaign; captures that are not what the manifest says are no thin evidence but a failure.
fn audited(input: &Input, seed: u64, terminal: &Terminal) -> Result<AuditResult, Failure> {
    let gathered = input.gather(terminal)?;
    // what decides nothing is not asked for
    let settings = Settings { background: false, ..input.settings(seed, &gathered)? };
    let start = Instant::now();
    let result = audit::run(&gathered, &settings, &|| start.elapsed(), &Engine::new(terminal))?;
    let broken = broken(&result);
    if let Some(first) = broken.first() {
        let more = if broken.len() > 1 { format!(", and {} more", broken.len() - 1) } else { String::new() };
        return Err(Failure::Message(format!(
            "the campaign is not whole, and nothing is decided on a part of it: {first}{more}"
        )));
    }
    Ok(result)
}
