//! `overhear features`

use super::{Common, noticed};
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::assemble::RoundSource;
use overhear::campaign::{Campaign, Generated};
use overhear::caveat::{Caveat, Fact};
use overhear::engine::Engine;
use overhear::experiment::audit::view::Representation;
use overhear::experiment::audit::{self, Plan};
use overhear::report::caveats;
use overhear::table::features::FeatureWriter;
use overhear::table::layout::CaptureKey;
use overhear::table::packets;
use overhear_traffic::feature::FeatureSet;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::trace::{self, Span, Summary, View};
use overhear_traffic::window::{Pass, Window, Windowing};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write windows of features of captures, or of a campaign, as a table
///
/// Of a campaign condition and unit of each round are filled in, and rounds that an audit would leave out (cut off,
/// altered, overlapping) are left out with a warning.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  overhear features speaker.pcap -W t=15 -W n=20 --device 02:00:00:00:00:01 -o windows.csv\n  \
    overhear features CAMPAIGN -W t=15 -o windows.csv\n\
    Rows stand in the order in which windows end; those of one windowing are in order."
)]
pub struct Features {
    /// Captures, each a trace of its own (- is standard input), or the directory of one campaign
    #[arg(required = true, value_name = "CAPTURE|CAMPAIGN")]
    captures: Vec<PathBuf>,
    /// Windowing: t=SECONDS or n=PACKETS; several in one pass
    #[arg(short = 'W', long = "windowing", required = true, value_name = "WINDOWING")]
    windowings: Vec<Windowing>,
    /// Features: paper, full (all), or groups with commas (paper, direction, histogram, burst, service). All but paper alone also have a row
    /// for windows by time in which no packet lies, and need --device to know directions
    #[arg(long, default_value_t = FeatureSet::PAPER, value_name = "SET")]
    features: FeatureSet,
    /// Only this device's packets, by MAC or IP address [default: as campaign.toml says; of captures all packets]
    #[arg(long, value_name = "MAC|IP")]
    device: Option<Device>,
    /// Who looks: gateway, isp, wifi or tunnel
    #[arg(long, default_value_t = Observer::Gateway, value_name = "NAME")]
    observer: Observer,
    /// Take out packets that a capture holds more than once
    #[arg(long)]
    dedup: bool,
    /// Of captures: condition to write into the table
    #[arg(long, value_name = "NAME")]
    condition: Option<String>,
    /// Print only how many windows each windowing gave
    #[arg(long, conflicts_with = "output")]
    count: bool,
    /// With --count: as JSON
    #[arg(long, requires = "count")]
    json: bool,
    /// Table to write, CSV or by the ending .parquet Parquet [default: CSV on standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What is read, one trace after another, and of whose packets.
struct Traces {
    device: Device,
    all: Vec<Trace>,
}

impl Traces {
    /// Whether all of them are packet tables. Nobody sees headers in these, as with Wi-Fi; standard input is not looked at.
    fn are_packet_tables(&self) -> bool {
        self.all.iter().all(|trace| trace.path != Path::new("-") && packets::is_packet_table(&trace.path))
    }
}

/// A capture or a part of one, with what the table says of it.
struct Trace {
    path: PathBuf,
    span: Span,
    dedup: bool,
    key: CaptureKey,
    /// Whether what its reader notices was said before.
    is_known: bool,
}

impl Features {
    pub fn run(&self, _: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        if self.output.is_some() {
            terminal.end_on_interrupt();
        }
        // one that is named twice would give every row twice
        let mut windowings = self.windowings.clone();
        let mut seen = HashSet::new();
        windowings.retain(|windowing| seen.insert(*windowing));
        let traces = match self.captures.as_slice() {
            [one] if is_campaign(one) => self.rounds(one, terminal)?,
            captures => Traces {
                device: self.device.unwrap_or(Device::Any),
                all: captures.iter().map(|path| self.whole(path)).collect(),
            },
        };
        match self.count {
            true => self.count(&traces, &windowings, terminal),
            false => self.write(&traces, &windowings, terminal),
        }
    }

    fn whole(&self, path: &Path) -> Trace {
        let capture = path.display().to_string();
        let key = CaptureKey { capture, condition: self.condition.clone(), unit: None };
        Trace { path: path.to_owned(), span: Span::default(), dedup: self.dedup, key, is_known: false }
    }

    /// The rounds of a campaign that can be used.
    fn rounds(&self, path: &Path, terminal: &Terminal) -> Result<Traces, Failure> {
        if self.condition.is_some() {
            return Err(Failure::Usage("--condition: a campaign names its own conditions".to_owned()));
        }
        let campaign = Campaign::open(path)?;
        let device = self.device.unwrap_or(campaign.device());
        let engine = Engine::new(terminal);
        let mut given = audit::given_by(&campaign, &engine)?;
        given.iter_mut().for_each(|round| round.source.dedup |= self.dedup);
        let observers = [self.observer];
        let representation = Representation::of_windows(&self.windowings[..1], FeatureSet::PAPER);
        let name = &campaign.manifest.device.name;
        let plan = Plan {
            name,
            device,
            observers: &observers,
            representation: &representation,
            generated: None,
            order: None,
        };
        let (given, found) = audit::look(given, &plan, &engine)?;
        terminal.clear();
        let known: Vec<Caveat> = given
            .iter()
            .enumerate()
            .flat_map(|(index, round)| round.caveats(index).collect::<Vec<_>>())
            .collect();
        caveats::lines(&known).iter().for_each(|line| terminal.warn(line));
        let said = found.iter().flatten().find_map(|windows| windows.summary.generated.as_deref());
        let knobs = campaign.manifest.generated.as_ref().map(Generated::in_words);
        if let Some(words) = knobs.or_else(|| said.map(Generated::of_comment)) {
            terminal.warn(&format!("{}: generated traffic ({words}), no real device's", path.display()));
        }
        let mut all = Vec::new();
        for round in given.iter().filter(|round| !round.is_left_out()) {
            let RoundSource { condition, unit, dedup, .. } = &round.source;
            let capture = round.source.name().display().to_string();
            let key = CaptureKey { capture, condition: Some(condition.clone()), unit: *unit };
            let (path, span) = (round.source.name(), round.source.span());
            all.push(Trace { path, span, dedup: *dedup, key, is_known: true });
        }
        Ok(Traces { device, all })
    }

    fn count(
        &self,
        traces: &Traces,
        windowings: &[Windowing],
        terminal: &Terminal,
    ) -> Result<ExitCode, Failure> {
        let mut counts = vec![0u64; windowings.len()];
        let mut packets = 0;
        for trace in &traces.all {
            let summary =
                self.read(trace, traces.device, windowings, terminal, |windowing, _| counts[windowing] += 1)?;
            packets += summary.counts().packets;
        }
        self.check_packets(packets, traces)?;
        let pairs = || windowings.iter().map(ToString::to_string).zip(&counts);
        if self.json {
            let windows: serde_json::Map<_, _> = pairs().map(|(w, n)| (w, (*n).into())).collect();
            let schema = "overhear/features/1";
            let document = serde_json::json!({ "schema": schema, "packets": packets, "windows": windows });
            print(&format!("{document:#}\n"))?;
        } else {
            print(&pairs().map(|(windowing, n)| format!("{windowing} {n}\n")).collect::<String>())?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn write(
        &self,
        traces: &Traces,
        windowings: &[Windowing],
        terminal: &Terminal,
    ) -> Result<ExitCode, Failure> {
        let sees = if traces.are_packet_tables() { Observer::Wifi } else { self.observer };
        let mut table = FeatureWriter::create(self.output.as_deref(), self.features, sees)?;
        let mut packets = 0;
        for trace in &traces.all {
            table.begin(&trace.key, windowings)?;
            let mut written = Ok(());
            let mut rows = vec![0u64; windowings.len()];
            let summary = self.read(trace, traces.device, windowings, terminal, |windowing, window| {
                rows[windowing] += 1;
                if written.is_ok() {
                    written = table.row(windowing, window);
                }
            })?;
            written?;
            // an audit takes such a round as silence; a table cannot show it
            for (windowing, _) in windowings.iter().zip(&rows).filter(|(_, rows)| **rows == 0) {
                terminal.warn(&format!("{}: no window of {windowing}, and so no row", trace.key.capture));
            }
            packets += summary.counts().packets;
        }
        self.check_packets(packets, traces)?;
        table.finish()?;
        Ok(ExitCode::SUCCESS)
    }

    /// A device of whom nothing was seen is most likely a wrong one: no table is better than an empty one.
    fn check_packets(&self, packets: u64, traces: &Traces) -> Result<(), Failure> {
        if packets > 0 {
            return Ok(());
        }
        let what = match traces.device {
            Device::Any => format!("no packet that observer {} sees", self.observer),
            device => format!("no packet of {device} that observer {} sees", self.observer),
        };
        Err(Failure::Message(format!("{what}; `overhear inspect` lists the devices of a capture")))
    }

    /// Streams one trace into windows.
    fn read(
        &self,
        trace: &Trace,
        device: Device,
        windowings: &[Windowing],
        terminal: &Terminal,
        mut closed: impl FnMut(usize, &Window<'_>),
    ) -> Result<Summary, Failure> {
        let mut capture = packets::open(&trace.path)?;
        if rayon::current_num_threads() > 1 {
            capture = capture.read_ahead();
        }
        let observers = [self.observer];
        let view = View { device, observers: &observers, span: trace.span, dedup: trace.dedup };
        let mut pass =
            if self.features.needs_detail() { Pass::full(windowings) } else { Pass::new(windowings) };
        let summary = trace::read_all(&mut capture, &view, |seen| pass.take(seen, &mut closed))?;
        pass.finish(closed);
        if !trace.is_known {
            let name = trace.path.display().to_string();
            noticed(&summary, &name, device).iter().for_each(|line| terminal.warn(line));
            if summary.clock.regressions > 0 {
                let raised = Fact::ClockRaised { packets: summary.clock.regressions };
                terminal.detail(&format!("{name}: {raised}"));
            }
        }
        Ok(summary)
    }
}

/// Whether a path is a campaign: a directory, or its manifest.
pub fn is_campaign(path: &Path) -> bool {
    path.is_dir() || path.extension().is_some_and(|ending| ending == "toml")
}
