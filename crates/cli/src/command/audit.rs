//! `overhear audit`

use super::Common;
use super::evaluate::{Learners, learners};
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::assemble::RoundSource;
use overhear::campaign::{Campaign, sha256_while};
use overhear::caveat::Fact;
use overhear::engine::Engine;
use overhear::experiment::audit::result::RunNote;
use overhear::experiment::audit::verdict::least_permutations;
use overhear::experiment::audit::view::{Representation, Sequence};
use overhear::experiment::audit::{self, Attackers, Gathered, GivenRound, Plan, Settings, View};
use overhear::experiment::sensitivity::{FEWEST_PAIRS, sensitivity};
use overhear::report::terminal::quoted;
use overhear::report::{self, caveats};
use overhear::table::{Roles, Table};
use overhear_change::plant::PLANTS;
use overhear_traffic::feature::FeatureSet;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::window::Windowing;
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
    /// Limit of balanced accuracy at every horizon [default: 0.55 one window, 0.65 minutes, 0.75 a round; as far from guessing with more than two conditions]
    #[arg(long, value_name = "X", value_parser = balanced_accuracy)]
    limit: Option<f64>,
    /// Say also which leaks would have been found: plants leaks of known size into the rounds of one condition and looks for the smallest
    /// dose of each kind that is a LEAK. Takes minutes
    #[arg(long, conflicts_with = "table")]
    sensitivity: bool,
    /// With --sensitivity: directory in which its results are kept [default: overhear in XDG_CACHE_HOME, else ~/.cache/overhear]
    #[arg(long, value_name = "DIR", requires = "sensitivity")]
    cache: Option<PathBuf>,
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
    #[command(flatten)]
    look: Looking,
}

/// How captures are looked at, and by whom: the options that `audit`, `gate` and `defend` share.
#[derive(Args, Clone)]
pub struct Looking {
    /// Whose packets [default: as campaign.toml says; with COND=CAPTURE all]
    #[arg(long, value_name = "MAC|IP")]
    device: Option<Device>,
    /// Who looks: gateway, isp, wifi, tunnel; several with commas or by repeating [default: gateway]
    #[arg(long = "observer", value_name = "NAME", value_delimiter = ',', num_args = 1..)]
    observers: Vec<Observer>,
    /// Windowing, t=SECONDS or n=PACKETS; several by repeating [default: t=15 and n=20]
    #[arg(short = 'W', long = "windowing", value_name = "WINDOWING")]
    windowings: Vec<Windowing>,
    /// Features of windows: full (all), paper, or groups with commas (paper, direction, histogram, burst, service); the paper's are looked
    /// at by themselves as well
    #[arg(long, default_value_t = FeatureSet::FULL, value_name = "SET")]
    features: FeatureSet,
    /// Learner, perhaps with settings, as in knn:k=7; several with commas or by repeating [default: knn, decision_tree,
    /// ridge, and extra_trees on whole rounds]
    #[arg(long = "learner", value_name = "NAME[:key=value,…]", num_args = 1.., value_parser = learners)]
    learners: Vec<Learners>,
    /// What is made of whole stretches second by second, for ridge to learn: cumul, minirocket, quant; several with commas or by
    /// repeating
    #[arg(long = "sequence", value_name = "NAME", value_delimiter = ',', num_args = 1..)]
    sequences: Vec<Sequence>,
    /// Take out packets that a capture holds more than once
    #[arg(long)]
    dedup: bool,
    /// Random assignments in the test; all there are where these are fewer [default: 999; more where so many tasks need them]
    #[arg(long, value_name = "N")]
    permutations: Option<usize>,
}

impl Looking {
    /// Random assignments, where they were asked for.
    pub fn permutations(&self) -> Option<usize> {
        self.permutations
    }
}

/// A balanced accuracy as an option: more than guessing, at most all.
pub fn balanced_accuracy(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err(format!("{text:?}: a balanced accuracy lies between 0 and 1")),
    }
}

/// The command as typed, and the time, for the report: without the number of threads, which changes no result.
pub fn run_note() -> RunNote {
    let mut command = vec!["overhear".to_owned()];
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--threads" => drop(arguments.next()),
            other if other.starts_with("--threads=") => {}
            other => command.push(quoted(other)),
        }
    }
    let date = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    RunNote { command: command.join(" "), date }
}

/// 999, or what so many tasks need to reach the level together.
fn default_permutations(n_tasks: usize) -> usize {
    least_permutations(n_tasks).max(999)
}

impl Input {
    /// Captures, no table.
    pub fn of_captures(input: &[String], look: &Looking) -> Input {
        Input {
            input: input.to_vec(),
            table: None,
            label: None,
            unit: None,
            drop: Vec::new(),
            keep: Vec::new(),
            look: look.clone(),
        }
    }

    /// Whether learners were named.
    pub fn names_learners(&self) -> bool {
        !self.look.learners.is_empty()
    }

    /// Reads what is to be audited.
    pub fn gather(&self, terminal: &Terminal) -> Result<Gathered, Failure> {
        let gathered = match &self.table {
            Some(path) => self.gather_table(path)?,
            None => self.gather_captures(terminal)?,
        };
        for line in caveats::lines(&gathered.caveats) {
            terminal.warn(&line);
        }
        for caveat in &gathered.caveats {
            terminal.detail(&caveat.to_string());
        }
        Ok(gathered)
    }

    /// How it is audited.
    pub fn settings(&self, seed: u64, gathered: &Gathered) -> Result<Settings, Failure> {
        let defaults = Settings::default_of(seed)?;
        let named: Vec<_> = self.look.learners.iter().flat_map(|some| some.0.iter().cloned()).collect();
        // who names learners has these alone
        let attackers = if named.is_empty() { defaults.attackers.clone() } else { Attackers::of(named)? };
        let permutations =
            self.look.permutations.unwrap_or_else(|| default_permutations(gathered.tasks().len()));
        Ok(Settings { attackers, permutations, ..defaults })
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
        let mut text = roles.text_columns();
        text.push("windowing");
        let table = Table::read(path, &text)?;
        Ok(audit::gather_table(&roles.assign(&table)?, &table.name)?)
    }

    fn gather_captures(&self, terminal: &Terminal) -> Result<Gathered, Failure> {
        let View { observers, representation, .. } = View::default();
        let observers = if self.look.observers.is_empty() { observers } else { self.look.observers.clone() };
        let windowings = if self.look.windowings.is_empty() {
            representation.windowings
        } else {
            self.look.windowings.clone()
        };
        let engine = Engine::new(terminal);
        let representation = Representation {
            windowings,
            features: self.look.features,
            sequences: self.look.sequences.clone(),
        };
        let view = View { device: self.look.device, observers, representation, dedup: self.look.dedup };
        if let [campaign] = self.input.as_slice()
            && (!campaign.contains('=') || Path::new(campaign).is_dir())
        {
            return Ok(Campaign::open(Path::new(campaign))?.gather(&view, &engine)?);
        }
        let device = self.look.device.unwrap_or(Device::Any);
        let mut given = of_captures(&self.input, &engine)?;
        given.iter_mut().for_each(|round| round.source.dedup |= self.look.dedup);
        let plan = Plan {
            name: &device.to_string(),
            device,
            observers: &view.observers,
            representation: &view.representation,
            generated: None,
            order: None,
        };
        Ok(audit::gather(given, &plan, &engine)?)
    }
}

fn of_captures(captures: &[String], engine: &Engine<'_>) -> Result<Vec<GivenRound>, Failure> {
    let named = |text: &String| {
        let named = text.split_once('=').filter(|(condition, _)| !condition.is_empty());
        let named = named.map(|(condition, path)| (condition.to_owned(), PathBuf::from(path)));
        named.ok_or_else(|| {
            Failure::Usage(format!("{text:?}: write COND=CAPTURE, as in quiet=a.pcap, or name one campaign"))
        })
    };
    let captures: Vec<(String, PathBuf)> = captures.iter().map(named).collect::<Result<_, _>>()?;
    engine.stage("checking captures", captures.len() as u64);
    Ok(engine.each(&captures, |(condition, path)| {
        let hash = sha256_while(path, &|| engine.check().is_ok());
        engine.check()?;
        let facts = hash.as_ref().err().map(|e| Fact::Missing { reason: e.to_string() });
        let source = RoundSource { sha256: hash.ok(), ..RoundSource::whole(path.clone(), condition) };
        Ok(GivenRound { source, facts: facts.into_iter().collect() })
    })?)
}

/// Where results are kept that take long, if the system says where a home is.
pub fn default_cache() -> Option<PathBuf> {
    let of = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = of("XDG_CACHE_HOME").or_else(|| Some(of("HOME")?.join(".cache")));
    Some(cache?.join("overhear"))
}

impl Audit {
    pub fn run(&self, common: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        terminal.stop_on_interrupt();
        let gathered = self.input.gather(terminal)?;
        let settings = Settings { limit: self.limit, ..self.input.settings(common.seed, &gathered)? };
        let start = Instant::now();
        let mut result = audit::run(&gathered, &settings, &|| start.elapsed(), &Engine::new(terminal))?;
        if self.sensitivity {
            let cache = self.cache.clone().or_else(default_cache);
            let engine = Engine::new(terminal);
            result.sensitivity = sensitivity(&gathered, &PLANTS, &settings, cache.as_deref(), &engine)?;
            if result.sensitivity.is_none() {
                terminal.warn(&format!(
                    "--sensitivity: no condition has {} rounds, the fewest into which leaks can be planted and found",
                    2 * FEWEST_PAIRS
                ));
            }
        }
        result.scope.run = Some(run_note());
        terminal.clear();
        if let Some(directory) = &self.output {
            report::audit::write(&result, directory)?;
        }
        if self.json {
            print(&String::from_utf8_lossy(&report::audit::document(&result)))?;
        } else {
            print(&report::audit::text(&result, self.output.as_deref(), terminal.look()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
