//! `overhear audit`

use super::Common;
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::assemble::{RoundSource, Source};
use overhear::campaign::{Campaign, Round};
use overhear::experiment::audit::result::Finding;
use overhear::experiment::audit::{self, AuditResult, Gathered, GivenRound, Plan, Settings};
use overhear::report;
use overhear::table::{Roles, Table};
use overhear_learn::learner::{self, LearnerEntry};
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::window::Windowing;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Is it a leak? Verdict, numbers and report
///
/// Leaves whole units (pairs of rounds, or captures) out, never splits one; permutes conditions as the design could
/// have dealt them; chooses learner and window inside the training side. Answers LEAK, NO LEAK ABOVE a limit, or
/// INCONCLUSIVE with the reason.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  overhear audit CAMPAIGN -o report\n  overhear audit quiet=a.pcap noise=b.pcap --device 02:00:00:00:00:01\n  \
    overhear audit --table events.csv --label state --unit event --drop device,protocol,hosts,start_time"
)]
pub struct Audit {
    #[command(flatten)]
    pub input: Input,
    /// Directory of the report [default: none is written]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Print report.json
    #[arg(long)]
    json: bool,
}

/// What is audited, and how: the options that `audit` and `gate` share.
#[derive(Args, Clone)]
pub struct Input {
    /// Directory of a campaign, or captures as COND=CAPTURE
    #[arg(value_name = "CAMPAIGN|COND=CAPTURE", required_unless_present = "table")]
    input: Vec<String>,
    /// A table instead of captures
    #[arg(long, value_name = "FILE", requires_all = ["label", "unit"], conflicts_with = "input")]
    table: Option<PathBuf>,
    /// With --table: column of the condition
    #[arg(long, value_name = "COL")]
    label: Option<String>,
    /// With --table: column of the unit; rows sharing one are never split
    #[arg(long, value_name = "COL")]
    unit: Option<String>,
    /// With --table: column to leave out; several with commas or by repeating
    #[arg(long, value_name = "COL", value_delimiter = ',', num_args = 1..)]
    drop: Vec<String>,
    /// With --table: column that is a feature though it looks like a row number or a time
    #[arg(long, value_name = "COL", value_delimiter = ',', num_args = 1..)]
    keep: Vec<String>,
    /// With COND=CAPTURE: whose packets [default: all]
    #[arg(long, value_name = "MAC|IP")]
    device: Option<Device>,
    /// Who looks: gateway, isp, wifi, tunnel; several with commas or by repeating [default: gateway]
    #[arg(long = "observer", value_name = "NAME", value_delimiter = ',', num_args = 1..)]
    observers: Vec<Observer>,
    /// Windowing, t=SECONDS or n=PACKETS; several by repeating [default: t=15 and n=20]
    #[arg(short = 'W', long = "windowing", value_name = "WINDOWING")]
    windowings: Vec<Windowing>,
    /// Learner; several with commas or by repeating [default: knn, decision_tree, random_forest]
    #[arg(long = "learner", value_name = "NAME", value_delimiter = ',', num_args = 1.., value_parser = entry)]
    learners: Vec<&'static LearnerEntry>,
    /// Random assignments in the test; all there are where these are fewer
    #[arg(long, default_value_t = 999, value_name = "N")]
    permutations: usize,
    /// Limit of balanced accuracy at every horizon [default: 0.55 one window, 0.65 minutes, 0.75 a round; as far from guessing with more than two conditions]
    #[arg(long, value_name = "X", value_parser = balanced_accuracy)]
    limit: Option<f64>,
}

fn entry(name: &str) -> Result<&'static LearnerEntry, String> {
    learner::find(name).map_err(|e| e.to_string())
}

/// A balanced accuracy as an option: more than guessing, at most all.
pub fn balanced_accuracy(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err(format!("{text:?}: a balanced accuracy lies between 0 and 1")),
    }
}

impl Input {
    /// Reads what is to be audited.
    pub fn gather(&self, terminal: &Terminal) -> Result<Gathered, Failure> {
        let gathered = match &self.table {
            Some(path) => self.gather_table(path)?,
            None => self.gather_captures(terminal)?,
        };
        for warning in &gathered.warnings {
            terminal.warn(warning);
        }
        Ok(gathered)
    }

    /// How it is audited.
    pub fn settings(&self, seed: u64) -> Result<Settings, Failure> {
        let defaults = Settings::default_of(seed)?;
        let learners =
            if self.learners.is_empty() { defaults.learners.clone() } else { self.learners.clone() };
        Ok(Settings { learners, permutations: self.permutations, limit: self.limit, ..defaults })
    }

    /// The two campaigns of a comparison, each with the other options.
    pub fn two_campaigns(&self) -> Result<[Input; 2], Failure> {
        match self.input.as_slice() {
            [old, new] => {
                Ok([old, new].map(|campaign| Input { input: vec![campaign.clone()], ..self.clone() }))
            }
            _ => Err(Failure::Usage("--compare takes two campaigns: OLD NEW".to_owned())),
        }
    }

    fn gather_table(&self, path: &Path) -> Result<Gathered, Failure> {
        let roles = Roles {
            label: self.label.clone().unwrap_or_default(),
            unit: self.unit.clone(),
            fold: None,
            drop: self.drop.clone(),
            keep: self.keep.clone(),
        };
        let table = Table::read(path, &roles.text_columns())?;
        Ok(audit::gather_table(&roles.assign(&table)?, &table.name)?)
    }

    fn gather_captures(&self, terminal: &Terminal) -> Result<Gathered, Failure> {
        let observers =
            if self.observers.is_empty() { vec![Observer::Gateway] } else { self.observers.clone() };
        let default: Vec<Windowing> = ["t=15", "n=20"].iter().filter_map(|w| w.parse().ok()).collect();
        let windowings = if self.windowings.is_empty() { default } else { self.windowings.clone() };
        let (name, device, generated, given) = match self.input.as_slice() {
            [campaign] if !campaign.contains('=') || Path::new(campaign).is_dir() => {
                let campaign = Campaign::open(Path::new(campaign))?;
                let device = self.device.unwrap_or(campaign.device());
                let name = match campaign.manifest.device.name.as_str() {
                    "" => device.to_string(),
                    name => name.to_owned(),
                };
                let generated = campaign.manifest.generated.as_ref().map(|knobs| knobs.in_words());
                (name, device, generated, of_campaign(&campaign))
            }
            captures => {
                let device = self.device.unwrap_or(Device::Any);
                (device.to_string(), device, None, of_captures(captures)?)
            }
        };
        let plan = Plan { name: &name, device, observers: &observers, windowings: &windowings, generated };
        Ok(audit::gather(given, &plan, terminal)?)
    }
}

fn of_campaign(campaign: &Campaign) -> Vec<GivenRound> {
    let given = |(index, round): (usize, &Round)| {
        let checked = campaign.check_round(index);
        GivenRound {
            source: RoundSource {
                source: Source::Capture(campaign.capture_path(round)),
                condition: round.condition.clone(),
                unit: round.unit,
                start_ns: round.start_ns(),
                drop_s: round.drop_s.unwrap_or(0.0),
                sha256: checked.as_ref().ok().cloned(),
            },
            duration_s: round.duration_s,
            left_out: checked.err().map(|e| e.to_string()),
        }
    };
    campaign.manifest.rounds.iter().enumerate().map(given).collect()
}

fn of_captures(captures: &[String]) -> Result<Vec<GivenRound>, Failure> {
    let given = |text: &String| {
        let (condition, path) = text.split_once('=').filter(|(c, _)| !c.is_empty()).ok_or_else(|| {
            Failure::Usage(format!("{text:?}: write COND=CAPTURE, as in quiet=a.pcap, or name one campaign"))
        })?;
        Ok(GivenRound {
            source: RoundSource {
                source: Source::Capture(path.into()),
                condition: condition.to_owned(),
                unit: None,
                start_ns: None,
                drop_s: 0.0,
                sha256: overhear::campaign::sha256_of(Path::new(path)).ok(),
            },
            duration_s: None,
            left_out: None,
        })
    };
    captures.iter().map(given).collect()
}

impl Audit {
    pub fn run(&self, common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        terminal.stop_on_interrupt();
        let settings = self.input.settings(common.seed)?;
        let gathered = self.input.gather(terminal)?;
        let start = Instant::now();
        let result = audit::run(&gathered, &settings, &|| start.elapsed(), terminal)?;
        terminal.clear();
        if let Some(directory) = &self.output {
            report::audit::write(&result, directory)?;
        }
        if self.json {
            print(&String::from_utf8_lossy(&report::audit::document(&result)))?;
        } else {
            print(&self.text(&result))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn text(&self, result: &AuditResult) -> String {
        let mut out = String::new();
        if let Some(generated) = &result.scope.generated {
            let _ = writeln!(out, "generated traffic ({generated})\n");
        }
        for finding in &result.findings {
            let _ = writeln!(out, "{} as {} sees it", finding.task, finding.observer);
            let _ = writeln!(out, "  {}\n  {}", finding.verdict, finding.sentence);
            out.push_str(&horizons(finding));
            for control in &finding.controls {
                let said = match control.passed {
                    Some(true) => "passed",
                    Some(false) => "FAILED",
                    None => "not run",
                };
                let _ = writeln!(out, "  {}: {said}; {}", control.name, control.detail);
            }
            for next in &finding.next {
                let _ = writeln!(out, "  next: {next}");
            }
            out.push('\n');
        }
        if let Some(directory) = &self.output {
            let _ = writeln!(out, "{}", directory.join("report.html").display());
        }
        out
    }
}

fn horizons(finding: &Finding) -> String {
    let mut out = String::new();
    if finding.horizons.is_empty() {
        return out;
    }
    let _ = writeln!(
        out,
        "\n  {:8} {:>9} {:>16} {:>7} {:>7} {:>9}",
        "horizon", "balanced", "95 % interval", "limit", "AUC", "bits"
    );
    for h in &finding.horizons {
        let ba = h.balanced_accuracy;
        let bits = h.leakage.iter().find(|l| l.measure == "min_entropy").map_or(0.0, |l| l.estimate.value);
        let auc = h.auc.map_or("–".to_owned(), |auc| format!("{:.3}", auc.value));
        let interval = format!("{:.3} to {:.3}", ba.low, ba.high);
        let _ = writeln!(
            out,
            "  {:8} {:>9.3} {interval:>16} {:>7.2} {auc:>7} {bits:>9.3}",
            h.horizon, ba.value, h.limit
        );
    }
    let kind = if finding.exhaustive { "all" } else { "random" };
    let _ = writeln!(
        out,
        "  p = {:.4} over {} {kind} assignments, max-T over learners, windows and horizons\n",
        finding.p, finding.assignments
    );
    out
}
