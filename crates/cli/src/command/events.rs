//! `overhear events`

use super::typed::{duration, times};
use super::{Common, noticed};
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::cut::TimedRound;
use overhear::events::{self, Agreement, Cutting, EventTable, Events as Found, Recipe, Settings};
use overhear_traffic::feature::FeatureSet;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Cut captures into events, bursts of activity over the idle level, and write a row for each
///
/// A second is active with more packets than --factor times the idle level, which is the median over all seconds, and than
/// --floor. Active seconds with at most --gap between them are one event. In a packet table with columns beside time, size and direction
/// rows that are equal there are one trace, and each trace is an event, as it was published. `evaluate`, `audit --table` and
/// `predict` take the table.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  overhear events speaker.pcap --device 02:00:00:00:00:01 -o events.csv\n  \
    overhear events voice-commands.csv.gz --sequence 100 -o commands.csv\n  \
    overhear events evening.pcap --device 02:00:00:00:00:01 --compare said.csv -o events.csv\n\
    said.csv has the columns condition, start, and end or duration_s. -v names the idle level."
)]
pub struct Events {
    /// Captures or packet tables; - is standard input, for packet tables that hold several traces
    #[arg(required = true, value_name = "CAPTURE")]
    captures: Vec<PathBuf>,
    /// Whose packets, by MAC or IP address [default: all packets, whose directions are then unknown]
    #[arg(long, value_name = "MAC|IP")]
    device: Option<Device>,
    /// Who looks: gateway, isp, wifi or tunnel
    #[arg(long, default_value_t = Observer::Gateway, value_name = "NAME")]
    observer: Observer,
    /// Take out packets that a capture holds more than once
    #[arg(long)]
    dedup: bool,
    /// Features of each event: full (all), paper, or groups with commas (paper, direction, histogram, burst, service)
    #[arg(long, default_value_t = FeatureSet::FULL, value_name = "SET")]
    features: FeatureSet,
    /// Also the sizes of each event's first N packets: positive the device sends, negative it receives, 0 after the last
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=5000))]
    sequence: u16,
    /// Condition to write into the table
    #[arg(long, value_name = "NAME", conflicts_with = "compare")]
    condition: Option<String>,
    /// Columns of a packet table that tell its traces apart; several with commas [default: all but time, size and direction]
    #[arg(long, value_name = "COL", value_delimiter = ',', num_args = 1..)]
    keys: Option<Vec<String>>,
    /// Find events inside the traces of such a table instead of taking each as one
    #[arg(long)]
    find: bool,
    /// Take each capture, or trace, as one event
    #[arg(long, conflicts_with = "find")]
    whole: bool,
    /// Idle level in packets a second, where it is known [default: learnt]
    #[arg(long, value_name = "PACKETS", value_parser = not_negative)]
    level: Option<f64>,
    /// The idle level is this quantile of the packets a second, silent seconds too
    #[arg(long, default_value_t = 0.5, value_name = "Q", value_parser = share, conflicts_with = "level")]
    quantile: f64,
    /// A second is active with more than so many times the idle level
    #[arg(long, default_value_t = 2.0, value_name = "X", value_parser = not_negative)]
    factor: f64,
    /// A second is active with more packets than these, however low the idle level is
    #[arg(long, default_value_t = 10.0, value_name = "PACKETS", value_parser = not_negative)]
    floor: f64,
    /// Active seconds with no longer a pause between them are one event
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = duration)]
    gap: Duration,
    /// Leave out events with fewer packets
    #[arg(long, default_value_t = 20, value_name = "N")]
    min_packets: u64,
    /// When what happened (a table, a plan or a campaign.toml): each event takes the condition of what it overlaps, and how far both agree is
    /// printed
    #[arg(long, value_name = "FILE", requires = "output")]
    compare: Option<PathBuf>,
    /// With --compare: print JSON
    #[arg(long, requires = "compare")]
    json: bool,
    /// Table to write, CSV or by the ending .parquet Parquet [default: CSV on standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn not_negative(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| format!("{text:?}: write a number that is not negative"))
}

fn share(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| format!("{text:?}: a quantile lies between 0 and 1"))
}

impl Events {
    pub fn run(&self, _: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        if self.output.is_some() {
            terminal.end_on_interrupt();
        }
        let written = match &self.compare {
            Some(path) => times(path, None)?.rounds,
            None => Vec::new(),
        };
        let recipe = self.recipe();
        let mut table = EventTable::new(self.features, self.observer, recipe.n_sizes);
        let (mut n_packets, mut agreement) = (0, Agreement::default());
        for path in &self.captures {
            let found = events::read(path, &recipe)?;
            self.tell(path, &found, terminal);
            n_packets += found.n_packets();
            let (own, conditions) = self.conditions(&found, &written);
            agreement = agreement.with(own);
            table.add(&path.display().to_string(), &found, &conditions)?;
        }
        self.check(n_packets, table.n_events(), terminal)?;
        table.write(self.output.as_deref())?;
        if self.compare.is_some() {
            print(&if self.json { json(&agreement)? } else { text(&agreement) })?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn recipe(&self) -> Recipe<'_> {
        let settings = Settings {
            quantile: self.quantile,
            level: self.level,
            factor: self.factor,
            floor: self.floor,
            gap_ns: u64::try_from(self.gap.as_nanos()).unwrap_or(u64::MAX),
            min_packets: self.min_packets,
        };
        Recipe {
            device: self.device.unwrap_or(Device::Any),
            observer: self.observer,
            dedup: self.dedup,
            features: self.features,
            n_sizes: usize::from(self.sequence),
            keys: self.keys.as_deref(),
            cutting: match (self.find, self.whole) {
                (true, _) => Cutting::Found,
                (_, true) => Cutting::Whole,
                _ => Cutting::AsPublished,
            },
            settings,
        }
    }

    /// What happened at each event, and how far found events are those written down.
    fn conditions(&self, found: &Found, written: &[TimedRound]) -> (Agreement, Vec<Option<String>>) {
        if self.compare.is_none() {
            return (Agreement::default(), vec![self.condition.clone(); found.events.len()]);
        }
        let counts = || found.traces.iter().map(|trace| trace.summary.counts());
        let first = counts().filter_map(|counts| counts.first_ns).min();
        let last = counts().filter_map(|counts| counts.last_ns).max();
        Agreement::of(&found.events, written, first.zip(last).unwrap_or((0, -1)))
    }

    /// Says what was noticed while a capture was read.
    fn tell(&self, path: &Path, found: &Found, terminal: &Terminal) {
        let name = path.display().to_string();
        let device = self.device.unwrap_or(Device::Any);
        // of many traces each thing is said once
        let mut said = HashSet::new();
        for line in found.traces.iter().flat_map(|trace| noticed(&trace.summary, &name, device)) {
            if said.insert(line.clone()) {
                terminal.warn(&line);
            }
        }
        for (place, trace) in found.traces.iter().enumerate() {
            let Some((level, threshold)) = trace.level else { continue };
            let events = found.events.iter().filter(|event| event.trace == place).count();
            let keys: String = trace.keys.iter().map(|key| format!(", {key}")).collect();
            terminal.detail(&format!(
                "{name}{keys}: the idle level is {level} packets a second, a second is active above {threshold}; events: {events}"
            ));
        }
        let is_single = |trace: &events::Trace| trace.summary.counts().packets == 1;
        if found.traces.len() > 1 && found.traces.iter().all(is_single) {
            let columns = found.key_columns.join(", ");
            terminal.warn(&format!(
                "{name}: every row is a trace of its own, as {columns} differ from row to row; --keys names the columns that tell traces apart"
            ));
        }
        if found.events.iter().any(|event| !event.is_directed) && self.needs_direction() {
            terminal.warn(&format!(
                "{name}: no device is named, so directions are unknown, and columns that need them are empty; --device names one, \
                 `overhear inspect {name}` lists them"
            ));
        }
    }

    fn needs_direction(&self) -> bool {
        self.features.needs_detail() || self.sequence > 0
    }

    /// Nothing of the device is most likely a wrong one; nothing over the idle level may be so.
    fn check(&self, n_packets: u64, n_events: usize, terminal: &Terminal) -> Result<(), Failure> {
        if n_packets == 0 {
            let whose = self.device.map(|device| format!(" of {device}")).unwrap_or_default();
            return Err(Failure::Message(format!(
                "no packet{whose} that observer {} sees; `overhear inspect` lists the devices of a capture",
                self.observer
            )));
        }
        if n_events == 0 {
            terminal.warn(
                "no event: nothing rises so far over the idle level for so many packets; -v names the level, --level, --factor, \
                 --floor and --min-packets set what counts",
            );
        }
        Ok(())
    }
}

fn text(agreement: &Agreement) -> String {
    let Agreement { found, right, written, met, overlap } = *agreement;
    let mut out = format!("{right} of {found} found events overlap one written down");
    let _ = write!(out, "; {met} of {written} written down are met by one found");
    if let Some(overlap) = overlap {
        let _ = write!(out, "; of the time of both {:.0} % is common, on average", 100.0 * overlap);
    }
    out + "\n"
}

fn json(agreement: &Agreement) -> Result<String, Failure> {
    let document = serde_json::json!({ "schema": "overhear/events/1", "agreement": agreement });
    Ok(format!("{document:#}\n"))
}
