//! `overhear defend`

use super::Common;
use super::audit::{Input, default_cache, run_note};
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::assemble::Stack;
use overhear::defence::{DEFENCES, Ledger, Rates, Setting, Takes};
use overhear::defended;
use overhear::engine::Engine;
use overhear::experiment::audit::{self, Gathered};
use overhear::experiment::defend::{self, Budget, Search, Settings};
use overhear::experiment::training;
use overhear::report;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// What a countermeasure costs, and what it is worth against an attacker who adapts
///
/// Lets the campaign's packets pass defences in virtual time, through a link of a stated rate, counts what they cost, and tries attackers on
/// what comes out: one who learnt before, one who learnt from defended traffic, one who also filters out cover. Without --with a default set
/// of defences and stacks is tried. Recorded packets do not react to delay or loss.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  overhear defend CAMPAIGN -o frontier\n  overhear defend CAMPAIGN --with normalise-ttl --with batch:ms=250\n  \
    overhear defend --list"
)]
pub struct Defend {
    /// Directory of a campaign, or captures as COND=CAPTURE
    #[arg(value_name = "CAMPAIGN|COND=CAPTURE", required_unless_present = "list")]
    input: Vec<String>,
    /// A defence with its settings; several, by repeating, are a stack in this order [default: a set of defences and stacks]
    #[arg(long = "with", value_name = "NAME[:key=value,…]", conflicts_with = "list")]
    with: Vec<Setting>,
    /// List the defences with their settings, and stop
    #[arg(long)]
    list: bool,
    /// Rates of the link behind the defences, up and down, as 20Mbit,100Mbit; one for both; none: without bound
    #[arg(long, value_name = "UP[,DOWN]", default_value = "20Mbit,100Mbit", value_parser = rates)]
    link: Rates,
    /// Look for better settings and stacks within the budget, on half of the units, and try the best on the other half; N: how many are drawn
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "40", conflicts_with = "with")]
    search: Option<usize>,
    /// Say also what is left with each of the N far ends blocked that the device exchanges most packets with
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "8")]
    far_ends: Option<usize>,
    /// Say also what is left with these far ends blocked together, by name (with what is below it) or address; several by repeating
    #[arg(long, value_name = "NAME|IP")]
    block: Vec<String>,
    /// What a recommended defence may add, MB a day both ways
    #[arg(long, value_name = "MB", default_value_t = Budget::default().mb_a_day)]
    budget: f64,
    /// What a recommended defence may delay 99 % of the packets by, ms
    #[arg(long, value_name = "MS", default_value_t = Budget::default().delay_p99_ms)]
    delay: f64,
    /// Draws of a defence that draws; attackers learn from all of them
    #[arg(long, value_name = "N", default_value_t = defend::DRAWS, value_parser = draws)]
    draws: usize,
    #[command(flatten)]
    look: super::audit::Looking,
    /// Directory in which finished points are kept, so that a sweep goes on where it was stopped [default: overhear in XDG_CACHE_HOME, else
    /// ~/.cache/overhear]
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Try instead what the paper proposes against learning itself: poisoned and inflated training windows, against attackers who sanitise,
    /// subsample or learn elsewhere
    #[arg(long, conflicts_with_all = ["with", "search", "far_ends", "block", "write_captures"])]
    training: bool,
    /// With --with: write the defended rounds as a campaign of captures to DIR, headers only, and stop
    #[arg(long, value_name = "DIR", requires = "with")]
    write_captures: Option<PathBuf>,
    /// Directory of the report [default: none is written]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Print report.json
    #[arg(long)]
    json: bool,
}

/// Rates of a link as they are typed.
fn rates(text: &str) -> Result<Rates, String> {
    let one = |text: &str| -> Result<Option<u64>, String> {
        let wrong = || format!("{text:?}: write a rate as 20Mbit, 500kbit or 1Gbit, or none");
        if text == "none" {
            return Ok(None);
        }
        let (number, unit) = [("kbit", 1e3), ("Mbit", 1e6), ("Gbit", 1e9), ("bit", 1.0)]
            .iter()
            .find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)))
            .ok_or_else(wrong)?;
        let rate = number.parse::<f64>().map_err(|_| wrong())? * unit;
        if (1_000.0..=1e12).contains(&rate) {
            Ok(Some(rate as u64))
        } else {
            Err(format!("{text:?}: a link has from 1 kbit to 1000 Gbit"))
        }
    };
    let (up, down) = text.split_once(',').unwrap_or((text, text));
    Ok(Rates { up_bits_per_s: one(up)?, down_bits_per_s: one(down)? })
}

/// How many draws as they are typed.
fn draws(text: &str) -> Result<usize, String> {
    let most = 20;
    text.parse().ok().filter(|n| (1..=most).contains(n)).ok_or(format!("{text:?}: from 1 to {most} draws"))
}

impl Defend {
    pub fn run(&self, common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        if self.list {
            print(&list())?;
            return Ok(ExitCode::SUCCESS);
        }
        terminal.stop_on_interrupt();
        let engine = Engine::new(terminal);
        let input = Input::of_captures(&self.input, &self.look);
        let gathered = input.gather(terminal)?;
        if self.training {
            return self.training(&gathered, common, terminal);
        }
        if let Some(directory) = &self.write_captures {
            let stack = Stack {
                settings: self.with.clone(),
                rates: self.link,
                seed: common.seed,
                ledger: Ledger::default(),
            };
            let written = defended::write_campaign(&gathered, &stack, directory, &engine)?;
            terminal.clear();
            print(&format!("{}: {written} rounds of defended traffic\n", directory.display()))?;
            return Ok(ExitCode::SUCCESS);
        }
        let defaults = Settings::default_of(input.settings(common.seed, &gathered)?)?;
        // who names learners has these alone
        let sweep =
            if input.names_learners() { defaults.audit.attackers.clone() } else { defaults.sweep.clone() };
        let permutations = self.look.permutations().unwrap_or(defaults.audit.permutations);
        let audit = audit::Settings { permutations, ..defaults.audit.clone() };
        let stacks = if self.with.is_empty() { defaults.stacks.clone() } else { vec![self.with.clone()] };
        let settings = Settings {
            audit,
            sweep,
            stacks,
            rates: self.link,
            draws: self.draws,
            budget: Budget { mb_a_day: self.budget, delay_p99_ms: self.delay, ..defaults.budget },
            far_ends: self.far_ends.unwrap_or(0),
            block: self.block.clone(),
            search: self.search.map(|stacks| Search { stacks }),
            cache: self.cache.clone().or_else(|| Some(default_cache()?.join("defend"))),
            ..defaults
        };
        let start = Instant::now();
        let mut result = defend::defend(&gathered, &settings, &|| start.elapsed(), &engine)?;
        result.audit.scope.run = Some(run_note());
        terminal.clear();
        if let Some(directory) = &self.output {
            report::defend::write(&result, directory)?;
        }
        if self.json {
            print(&String::from_utf8_lossy(&report::defend::document(&result)))?;
        } else {
            print(&report::defend::text(&result, self.output.as_deref(), terminal.look()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Defend {
    /// Poisoning and inflation; with `--output` its tables and figure are written.
    fn training(
        &self,
        gathered: &Gathered,
        common: &Common,
        terminal: &Terminal,
    ) -> Result<ExitCode, Failure> {
        let start = Instant::now();
        let settings = training::Settings::default_of(common.seed)?;
        let result = training::run(gathered, &settings, &|| start.elapsed(), &Engine::new(terminal))?;
        terminal.clear();
        if let Some(directory) = &self.output {
            report::training::write(&result, directory)?;
        }
        print(&if self.json {
            report::training::document(&result)
        } else {
            report::training::text(&result)
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Every defence: what it does, who can run it, what it touches, its settings and its source.
fn list() -> String {
    let mut out = String::new();
    for entry in DEFENCES {
        let touches: Vec<&str> = entry.touches.iter().map(|aspect| aspect.words()).collect();
        let _ = writeln!(out, "{}\n    {}", entry.name, entry.about);
        let _ = writeln!(out, "    run by {}; changes {}", entry.who.words(), touches.join(", "));
        for parameter in entry.parameters {
            let default = match parameter.takes {
                Takes::Number { default, range: (low, high), .. } => {
                    format!("{low} to {high}, default {default}")
                }
                Takes::Addresses | Takes::Lengths => "must be given".to_owned(),
                Takes::Texts { what, .. } => format!("{what}, none by default"),
            };
            let unit =
                if parameter.unit.is_empty() { String::new() } else { format!(", {}", parameter.unit) };
            let _ = writeln!(out, "    {}=…: {}{unit}; {default}", parameter.name, parameter.about);
        }
        if let Some(drops) = entry.drops {
            let _ = writeln!(out, "    drops {drops}");
        }
        let _ = writeln!(out, "    {}\n", entry.source);
    }
    out
}
