//! Reads a capture into events: once to learn its idle level, once more for the rows.

use super::find::find;
use super::rows::Rows;
use super::{Event, Settings, Stretch};
use crate::Error;
use crate::table::packets;
use overhear_traffic::capture::CaptureReader;
use overhear_traffic::feature::FeatureSet;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::trace::{self, Seen, Span, Summary, View};
use overhear_traffic::window::Bins;
use std::path::Path;

/// What becomes of a capture.
#[derive(Debug, Clone)]
pub struct Recipe<'a> {
    /// Whose packets.
    pub device: Device,
    /// Who looks.
    pub observer: Observer,
    /// Whether copies of packets are taken out.
    pub dedup: bool,
    /// Features of each event.
    pub features: FeatureSet,
    /// How many sizes of first packets each event is given.
    pub n_sizes: usize,
    /// Columns of a packet table that tell traces apart; `None`: all but time, size and direction.
    pub keys: Option<&'a [String]>,
    /// Where events lie.
    pub cutting: Cutting,
    /// How events are found.
    pub settings: Settings,
}

/// Where events lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cutting {
    /// Each trace of a packet table that tells traces apart is one event, as it was published; in other captures they are found.
    AsPublished,
    /// They are found in every trace by itself.
    Found,
    /// Every trace, or capture, is one event.
    Whole,
}

/// One trace of a capture.
#[derive(Debug, Clone)]
pub struct Trace {
    /// What stands in the columns that tell traces apart.
    pub keys: Vec<String>,
    /// What its reader noticed.
    pub summary: Summary,
    /// The idle level and the threshold over it, packets a second; `None` where nothing had to be found.
    pub level: Option<(f64, f64)>,
}

/// The events of a capture.
#[derive(Debug, Clone)]
pub struct Events {
    /// Names of the columns that tell traces apart; none of a capture that is no packet table.
    pub key_columns: Vec<String>,
    /// Whether each trace is one event, rather than that events were found in it.
    pub is_whole: bool,
    /// Whether the capture is a packet table: nobody sees headers in it.
    pub is_packet_table: bool,
    /// Its traces.
    pub traces: Vec<Trace>,
    /// Their events, trace by trace.
    pub events: Vec<Event>,
}

impl Events {
    /// Packets of the device that the observer sees, events or not.
    pub fn n_packets(&self) -> u64 {
        self.traces.iter().map(|trace| trace.summary.counts().packets).sum()
    }
}

/// Reads a capture into events. Where events have to be found it is read twice.
///
/// # Errors
/// [`Error::Traffic`] for a damaged capture; [`Error::ReadTwice`] for standard input where events have to be found.
pub fn read(path: &Path, recipe: &Recipe<'_>) -> Result<Events, Error> {
    let (capture, key_columns) = open(path, recipe)?;
    let is_whole = match recipe.cutting {
        Cutting::AsPublished => !key_columns.is_empty(),
        Cutting::Found => false,
        Cutting::Whole => true,
    };
    let (is_packet_table, traces) = (capture.is_packet_table(), Vec::new());
    let mut events = Events { key_columns, is_whole, is_packet_table, traces, events: Vec::new() };
    if is_whole {
        events.gather(capture, None, recipe)?;
    } else if path == Path::new("-") {
        return Err(Error::ReadTwice { path: path.to_owned() });
    } else {
        let found = learn(capture, recipe)?;
        events.gather(open(path, recipe)?.0, Some(&found), recipe)?;
    }
    Ok(events)
}

/// A capture, its traces to be read one by one, and the columns that tell them apart.
fn open(path: &Path, recipe: &Recipe<'_>) -> Result<(CaptureReader, Vec<String>), Error> {
    let mut capture = packets::open(path)?;
    let keys = recipe.keys.map_or_else(|| capture.key_columns(), <[String]>::to_vec);
    capture.split_by(&keys)?;
    Ok((capture, keys))
}

/// Where the events of one trace lie.
struct OfTrace {
    level: Option<(f64, f64)>,
    stretches: Vec<Stretch>,
}

/// Learns the idle level of every trace, and finds where its events lie.
fn learn(mut capture: CaptureReader, recipe: &Recipe<'_>) -> Result<Vec<OfTrace>, Error> {
    let mut all = Vec::new();
    while capture.next_trace()?.is_some() {
        let mut bins = Bins::from(None);
        let summary = recipe.see(&mut capture, |seen| match seen {
            Seen::Packet { packet, .. } => bins.push(packet),
            Seen::Step => bins.end_stretch(),
        })?;
        let found = find(bins.all(), recorded_ns(&summary), &recipe.settings);
        let level = found.level.map(|level| (level, found.threshold));
        all.push(OfTrace { level, stretches: found.stretches });
    }
    Ok(all)
}

/// From when to when a trace was recorded: its first and last frame, whosever they are, unless some time was wrong.
fn recorded_ns(summary: &Summary) -> Option<(i64, i64)> {
    let is_steady = summary.clock.steps == 0 && summary.clock.outliers == 0;
    summary.first_frame_ns.zip(summary.last_frame_ns).filter(|_| is_steady)
}

impl Events {
    /// Reads the rows of a capture's events, which lie where `found` says of each trace; `None`: each trace is one.
    fn gather(
        &mut self,
        mut capture: CaptureReader,
        found: Option<&[OfTrace]>,
        recipe: &Recipe<'_>,
    ) -> Result<(), Error> {
        while let Some(keys) = capture.next_trace()? {
            let number = self.traces.len();
            let found = found.and_then(|found| found.get(number));
            let ahead = found.map(|found| found.stretches.as_slice());
            let mut rows = Rows::new(number, ahead, (recipe.features, recipe.n_sizes));
            let summary = recipe.see(&mut capture, |seen| rows.take(seen))?;
            self.events.extend(rows.finish());
            self.traces.push(Trace { keys, summary, level: found.and_then(|found| found.level) });
        }
        Ok(())
    }
}

impl Recipe<'_> {
    /// Streams the packets of one trace.
    fn see(&self, capture: &mut CaptureReader, each: impl FnMut(Seen<'_>)) -> Result<Summary, Error> {
        let observers = [self.observer];
        let view =
            View { device: self.device, observers: &observers, span: Span::default(), dedup: self.dedup };
        Ok(trace::read_all(capture, &view, each)?)
    }
}
