//! `overhear features`

use super::noticed;
use crate::failure::{Failure, print};
use crate::terminal::Terminal;
use clap::Args;
use overhear::caveat::Fact;
use overhear::table::features::FeatureWriter;
use overhear::table::layout::CaptureKey;
use overhear_traffic::capture::CaptureReader;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::trace::{self, Selection, Summary};
use overhear_traffic::window::{Pass, Window, Windowing};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write windows of features of a capture as a table
#[derive(Args)]
#[command(
    after_help = "Example: overhear features speaker.pcap -W t=15 -W n=20 --device 02:00:00:00:00:01 -o windows.csv\n\
    Rows stand in the order in which windows end; those of one windowing are in order."
)]
pub struct Features {
    /// Captures, each a trace of its own; - is standard input
    #[arg(required = true, value_name = "CAPTURE")]
    captures: Vec<PathBuf>,
    /// Windowing: t=SECONDS or n=PACKETS; several in one pass
    #[arg(short = 'W', long = "windowing", required = true, value_name = "WINDOWING")]
    windowings: Vec<Windowing>,
    /// Only this device's packets, by MAC or IP address [default: all packets]
    #[arg(long, value_name = "MAC|IP")]
    device: Option<Device>,
    /// Who looks: gateway, isp, wifi or tunnel
    #[arg(long, default_value_t = Observer::Gateway, value_name = "NAME")]
    observer: Observer,
    /// Condition to write into the table
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

impl Features {
    pub fn run(&self, terminal: &Terminal) -> Result<ExitCode, Failure> {
        // one that is named twice would give every row twice
        let mut windowings = self.windowings.clone();
        let mut seen = HashSet::new();
        windowings.retain(|windowing| seen.insert(*windowing));
        if self.count { self.count(&windowings, terminal) } else { self.write(&windowings, terminal) }
    }

    fn count(&self, windowings: &[Windowing], terminal: &Terminal) -> Result<ExitCode, Failure> {
        let mut counts = vec![0u64; windowings.len()];
        let mut packets = 0;
        for path in &self.captures {
            packets += self
                .read(path, windowings, terminal, |windowing, _| counts[windowing] += 1)?
                .counts()
                .packets;
        }
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

    fn write(&self, windowings: &[Windowing], terminal: &Terminal) -> Result<ExitCode, Failure> {
        if self.output.is_some() {
            terminal.end_on_interrupt();
        }
        let mut table = FeatureWriter::create(self.output.as_deref(), self.observer)?;
        for path in &self.captures {
            let capture = path.display().to_string();
            let key = CaptureKey { capture, condition: self.condition.clone(), unit: None };
            table.begin(&key, windowings)?;
            let mut written = Ok(());
            self.read(path, windowings, terminal, |windowing, window| {
                if written.is_ok() {
                    written = table.row(windowing, window);
                }
            })?;
            written?;
        }
        table.finish()?;
        Ok(ExitCode::SUCCESS)
    }

    /// Streams one capture into windows.
    fn read(
        &self,
        path: &Path,
        windowings: &[Windowing],
        terminal: &Terminal,
        mut closed: impl FnMut(usize, &Window),
    ) -> Result<Summary, Failure> {
        let mut capture = CaptureReader::open(path)?;
        if rayon::current_num_threads() > 1 {
            capture = capture.read_ahead();
        }
        let selection = Selection { device: self.device.unwrap_or(Device::Any), observer: self.observer };
        let mut pass = Pass::new(windowings);
        let summary = trace::read(&mut capture, selection, |seen| pass.take(seen, &mut closed))?;
        pass.finish(closed);
        let name = path.display().to_string();
        noticed(&summary, &name, selection.device).iter().for_each(|line| terminal.warn(line));
        if summary.clock.regressions > 0 {
            let raised = Fact::ClockRaised { packets: summary.clock.regressions };
            terminal.detail(&format!("{name}: {raised}"));
        }
        if summary.counts().packets == 0 {
            let device = selection.device;
            let frames = summary.frames;
            terminal.warn(&format!(
                "{name}: no packet of {device} that observer {} sees, among {frames} frames",
                self.observer
            ));
        }
        Ok(summary)
    }
}
