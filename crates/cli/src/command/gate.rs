//! `overhear gate`

use super::Common;
use super::audit::{Input, balanced_accuracy};
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::experiment::audit::result::{Estimate, Horizon};
use overhear::experiment::audit::{self, Gathered, Settings};
use serde_json::json;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// A limit on leakage, for a build server
///
/// Decided on the interval's end: exit code 0 if the upper end is below the limit, 3 if the lower end is above it,
/// else 4. With several tasks or observers the worst decides.
#[derive(Args)]
#[command(
    after_help = "Exit codes: 0 within the limit, 3 above it, 4 inconclusive, 1 failed, 2 wrong usage.\n\
    Examples:\n  overhear gate CAMPAIGN --max-ba 0.55\n  overhear gate CAMPAIGN --max-bits 0.2 --horizon round\n  \
    overhear gate --compare OLD NEW --horizon round"
)]
pub struct Gate {
    #[command(flatten)]
    input: Input,
    /// Most balanced accuracy
    #[arg(long, value_name = "X", value_parser = balanced_accuracy, conflicts_with = "max_bits")]
    max_ba: Option<f64>,
    /// Most min-entropy leakage, bits
    #[arg(long, value_name = "X")]
    max_bits: Option<f64>,
    /// Compare two campaigns, OLD and NEW, unit by unit: exit code 3 if NEW gives away more
    #[arg(long, requires = "input", conflicts_with_all = ["max_ba", "max_bits", "table"])]
    compare: bool,
    /// With --compare: rise of balanced accuracy that counts as none
    #[arg(long, default_value_t = 0.05, value_name = "X")]
    margin: f64,
    /// Horizon: window, 1m, 5m or round
    #[arg(long, default_value = "window", value_parser = ["window", "1m", "5m", "round"], value_name = "NAME")]
    horizon: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What the gate says of one figure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Decision {
    Within,
    Inconclusive,
    Above,
}

impl Decision {
    fn of(estimate: &Estimate, limit: f64) -> Decision {
        match () {
            () if estimate.high < limit => Decision::Within,
            () if estimate.low > limit => Decision::Above,
            () => Decision::Inconclusive,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Decision::Within => "within",
            Decision::Inconclusive => "inconclusive",
            Decision::Above => "above",
        }
    }

    fn code(self) -> ExitCode {
        match self {
            Decision::Within => ExitCode::SUCCESS,
            Decision::Inconclusive => ExitCode::from(4),
            Decision::Above => ExitCode::from(3),
        }
    }
}

/// One figure and what is said of it; no estimate with too few units.
struct Line {
    task: String,
    observer: String,
    estimate: Option<Estimate>,
    decision: Decision,
}

impl Gate {
    pub fn run(&self, common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        terminal.stop_on_interrupt();
        // the interval decides: the randomisation test and what stands beside a verdict are not asked for
        let settings = Settings { permutations: 0, beside: false, ..self.input.settings(common.seed)? };
        let (measure, limit, lines) = match (self.compare, self.max_ba, self.max_bits) {
            (true, ..) => ("rise of balanced accuracy", self.margin, self.compared(&settings, terminal)?),
            (false, Some(limit), _) => {
                ("balanced accuracy", limit, self.measured(&settings, limit, terminal)?)
            }
            (false, None, Some(limit)) => {
                ("min-entropy bits", limit, self.measured(&settings, limit, terminal)?)
            }
            _ => {
                return Err(Failure::Usage(
                    "name a limit: --max-ba or --max-bits, or --compare OLD NEW".to_owned(),
                ));
            }
        };
        terminal.clear();
        let worst = lines.iter().map(|line| line.decision).max().unwrap_or(Decision::Inconclusive);
        if self.json {
            let line = |line: &Line| {
                json!({
                    "task": line.task,
                    "observer": line.observer,
                    "value": line.estimate.map(|e| e.value),
                    "low": line.estimate.map(|e| e.low),
                    "high": line.estimate.map(|e| e.high),
                    "decision": line.decision.name(),
                })
            };
            let document = json!({
                "schema": "overhear/gate/1",
                "measure": measure,
                "horizon": self.horizon,
                "limit": limit,
                "decision": worst.name(),
                "lines": lines.iter().map(line).collect::<Vec<_>>(),
            });
            print(&format!("{document:#}\n"))?;
        } else {
            for line in &lines {
                let found = line.estimate.map_or("too few units for an interval".to_owned(), |e| {
                    format!("{:.3} (95 % interval {:.3} to {:.3})", e.value, e.low, e.high)
                });
                let (task, observer, horizon) = (&line.task, &line.observer, &self.horizon);
                print(&format!(
                    "{}: {task}, {observer}, {horizon}: {measure} {found}, limit {limit}\n",
                    line.decision.name()
                ))?;
            }
        }
        Ok(worst.code())
    }

    fn measured(&self, settings: &Settings, limit: f64, terminal: &Terminal) -> Result<Vec<Line>, Failure> {
        let gathered = self.input.gather(terminal)?;
        let of = |horizon: &Horizon| match self.max_bits {
            None => Some(horizon.balanced_accuracy),
            Some(_) => horizon.leakage.iter().find(|l| l.measure == "min_entropy").map(|l| l.estimate),
        };
        let horizons = self.horizons(&gathered, settings, terminal)?;
        let line = |(task, observer, horizon): (String, String, Option<Horizon>)| {
            let estimate = horizon.as_ref().and_then(of);
            let decision = estimate.map_or(Decision::Inconclusive, |e| Decision::of(&e, limit));
            Line { task, observer, estimate, decision }
        };
        Ok(horizons.into_iter().map(line).collect())
    }

    fn compared(&self, settings: &Settings, terminal: &Terminal) -> Result<Vec<Line>, Failure> {
        let [old, new] = self.input.two_campaigns()?;
        let [old, new] = [old, new].map(|input| {
            let gathered = input.gather(terminal)?;
            self.horizons(&gathered, settings, terminal)
        });
        let (old, new) = (old?, new?);
        let line = |(task, observer, after): (String, String, Option<Horizon>)| {
            let before = old.iter().find(|(t, o, _)| *t == task && *o == observer);
            let both = before.and_then(|(.., before)| before.as_ref()).zip(after.as_ref());
            let estimate = both.map(|(before, after)| audit::rise(before, after));
            let decision = match estimate {
                Some(e) if e.low > 0.0 => Decision::Above,
                Some(e) if e.high < self.margin => Decision::Within,
                _ => Decision::Inconclusive,
            };
            Line { task, observer, estimate, decision }
        };
        Ok(new.into_iter().map(line).collect())
    }

    /// The wanted horizon of every task and observer.
    fn horizons(
        &self,
        gathered: &Gathered,
        settings: &Settings,
        terminal: &Terminal,
    ) -> Result<Vec<(String, String, Option<Horizon>)>, Failure> {
        let start = Instant::now();
        let clock = || -> Duration { start.elapsed() };
        let result = audit::run(gathered, settings, &clock, terminal)?;
        let wanted = |finding: audit::result::Finding| {
            let horizon = finding.horizons.into_iter().find(|h| h.horizon == self.horizon);
            (finding.task, finding.observer, horizon)
        };
        Ok(result.findings.into_iter().map(wanted).collect())
    }
}
