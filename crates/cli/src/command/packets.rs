//! `overhear packets`

use super::{Common, noticed};
use crate::failure::Failure;
use crate::terminal::Terminal;
use clap::Args;
use overhear::table::packets::{self, PacketRow, PacketWriter};
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::{Device, Packet};
use overhear_traffic::trace::{self, Seen, Span, View};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write the packets of captures as a table: time, size, direction
///
/// Tools of website fingerprinting take such tables, and every command that takes a capture reads them. Times are the device's
/// clock put right. Where traces follow each other in one table (--keys, or several captures) the columns capture and stretch
/// say which one a packet is of.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  overhear packets speaker.pcap --device 02:00:00:00:00:01 -o packets.csv\n  \
    overhear packets speaker.pcap --device 02:00:00:00:00:01 --observer wifi --relative -o seen.parquet\n\
    Columns: time_s (seconds, exact to the nanosecond), size_bytes, direction (1 the device sends, -1 it receives)."
)]
pub struct Packets {
    /// Captures, each a trace of its own; - is standard input
    #[arg(required = true, value_name = "CAPTURE")]
    captures: Vec<PathBuf>,
    /// Whose packets, by MAC or IP address; a packet table is of one device
    #[arg(long, value_name = "MAC|IP")]
    device: Option<Device>,
    /// Who looks: gateway, isp, wifi or tunnel
    #[arg(long, default_value_t = Observer::Gateway, value_name = "NAME")]
    observer: Observer,
    /// Take out packets that a capture holds more than once
    #[arg(long)]
    dedup: bool,
    /// Count time from the first packet of each trace instead of 1970
    #[arg(long)]
    relative: bool,
    /// Write the columns capture and stretch also where a single capture is read
    #[arg(long)]
    keys: bool,
    /// Table to write, CSV or by the ending .parquet Parquet [default: CSV on standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Why a table cannot go on.
enum Stopped {
    /// It cannot be written.
    Writing(overhear::Error),
    /// Which way a packet goes is not known.
    NoDirection,
    /// The clock was set back, and nothing in a row would say so.
    ClockSetBack,
}

/// The table being written, and the trace at hand.
struct Table<'a> {
    writer: PacketWriter,
    keyed: bool,
    relative: bool,
    capture: &'a str,
    stretch: u32,
    /// What times are counted from; `None` before the trace's first packet.
    origin_ns: Option<i64>,
}

impl Packets {
    pub fn run(&self, _: &Common, terminal: &Terminal) -> Result<ExitCode, Failure> {
        if self.output.is_some() {
            terminal.end_on_interrupt();
        }
        let keyed = self.keys || self.captures.len() > 1;
        let names: Vec<String> = self.captures.iter().map(|path| path.display().to_string()).collect();
        let writer = PacketWriter::create(self.output.as_deref(), keyed)?;
        let relative = self.relative;
        let mut table = Table { writer, keyed, relative, capture: "", stretch: 0, origin_ns: None };
        let mut n_packets = 0;
        for (path, name) in self.captures.iter().zip(&names) {
            table.begin(name, 0);
            n_packets += self.read(path, &mut table, terminal)?;
        }
        if n_packets == 0 {
            let whose = self.device.map(|device| format!(" of {device}")).unwrap_or_default();
            return Err(Failure::Message(format!(
                "no packet{whose} that observer {} sees; `overhear inspect` lists the devices of a capture",
                self.observer
            )));
        }
        table.writer.finish()?;
        Ok(ExitCode::SUCCESS)
    }

    /// Writes the packets of one capture; how many there were.
    fn read<'a>(&self, path: &Path, table: &mut Table<'a>, terminal: &Terminal) -> Result<u64, Failure> {
        let mut capture = packets::open(path)?;
        if rayon::current_num_threads() > 1 {
            capture = capture.read_ahead();
        }
        let device = self.device.unwrap_or(Device::Any);
        let observers = [self.observer];
        let view = View { device, observers: &observers, span: Span::default(), dedup: self.dedup };
        let mut written = Ok(());
        let summary = trace::read_all(&mut capture, &view, |seen| {
            if written.is_ok() {
                written = table.take(seen);
            }
        })?;
        let name = path.display();
        written.map_err(|stopped| match stopped {
            Stopped::Writing(error) => error.into(),
            Stopped::NoDirection => Failure::Usage(format!(
                "{name}: a packet table says which way each packet goes, seen from one device: add --device; `overhear inspect {name}` \
                 lists the devices"
            )),
            Stopped::ClockSetBack => Failure::Message(format!(
                "{name}: its clock was set back by more than a second, and a packet table has one clock; --keys writes the column \
                 stretch, which tells what was before from what was after"
            )),
        })?;
        noticed(&summary, &name.to_string(), device).iter().for_each(|line| terminal.warn(line));
        Ok(summary.counts().packets)
    }
}

impl<'a> Table<'a> {
    fn begin(&mut self, capture: &'a str, stretch: u32) {
        (self.capture, self.stretch, self.origin_ns) = (capture, stretch, None);
        self.writer.begin(capture, stretch);
    }

    fn take(&mut self, seen: Seen<'_>) -> Result<(), Stopped> {
        match seen {
            Seen::Packet { packet, .. } => self.row(packet),
            Seen::Step if self.keyed => {
                self.begin(self.capture, self.stretch + 1);
                Ok(())
            }
            Seen::Step => Err(Stopped::ClockSetBack),
        }
    }

    fn row(&mut self, packet: &Packet) -> Result<(), Stopped> {
        let Packet { time_ns, length_bytes: size_bytes, direction, .. } = *packet;
        let origin_ns = *self.origin_ns.get_or_insert(if self.relative { time_ns } else { 0 });
        let direction = direction.ok_or(Stopped::NoDirection)?;
        let row = PacketRow { time_ns: time_ns.saturating_sub(origin_ns), size_bytes, direction };
        self.writer.row(row).map_err(Stopped::Writing)
    }
}
