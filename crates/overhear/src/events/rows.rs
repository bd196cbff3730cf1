//! Packets of events as rows: the features of each event as one window, and its first sizes.

use super::Stretch;
use overhear_traffic::feature::{FeatureSet, N_FEATURES, fill};
use overhear_traffic::packet::{Direction, Packet};
use overhear_traffic::trace::Seen;
use overhear_traffic::window::{Pass, Windowing};
use std::num::NonZeroU32;

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The trace it is of, by its place.
    pub trace: usize,
    /// Its number in the trace, from 0.
    pub number: u64,
    /// Time of its first packet, ns since 1970 or since whatever a packet table counts from.
    pub start_ns: i64,
    /// Time of its last packet.
    pub end_ns: i64,
    /// Whether it is known which way its packets go.
    pub is_directed: bool,
    /// Every feature, at its place in the register; NaN where it is undefined or not of the set.
    pub features: Box<[f64; N_FEATURES]>,
    /// Sizes of its first packets, bytes: positive for what the device sends, negative for what it receives, NaN where that is
    /// not known; 0 after its last packet.
    pub sizes: Vec<f64>,
}

/// Gathers the events of one trace.
pub(super) struct Rows<'a> {
    set: FeatureSet,
    n_sizes: usize,
    trace: usize,
    /// Where events lie that are still to come; `None` where the whole trace is one.
    ahead: Option<&'a [Stretch]>,
    clock: u32,
    pass: Pass,
    sizes: Vec<f64>,
    last_ns: i64,
    n_packets: u64,
    is_directed: bool,
    events: Vec<Event>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(
        trace: usize,
        ahead: Option<&'a [Stretch]>,
        (set, n_sizes): (FeatureSet, usize),
    ) -> Rows<'a> {
        // no event outlasts a window of 136 years
        let whole = [Windowing::Time(NonZeroU32::MAX)];
        let pass = if set.needs_detail() { Pass::full(&whole) } else { Pass::new(&whole) };
        let (sizes, events) = (Vec::new(), Vec::new());
        let (clock, last_ns, n_packets, is_directed) = (0, 0, 0, true);
        Rows { set, n_sizes, trace, ahead, clock, pass, sizes, last_ns, n_packets, is_directed, events }
    }

    /// Takes what the trace hands on.
    pub(super) fn take(&mut self, seen: Seen<'_>) {
        match seen {
            Seen::Packet { packet, .. } => self.push(packet),
            Seen::Step => {
                self.close();
                self.clock += 1;
            }
        }
    }

    fn push(&mut self, packet: &Packet) {
        while let Some([next, rest @ ..]) = self.ahead
            && (next.clock, next.end_ns) <= (self.clock, packet.time_ns)
        {
            self.ahead = Some(rest);
            self.close();
        }
        let is_within = |next: &Stretch| next.clock == self.clock && next.start_ns <= packet.time_ns;
        if self.ahead.is_some_and(|ahead| !ahead.first().is_some_and(is_within)) {
            return;
        }
        self.pass.push(packet, |_, _| {});
        self.last_ns = packet.time_ns;
        self.n_packets += 1;
        self.is_directed &= packet.direction.is_some();
        if self.sizes.len() < self.n_sizes {
            let size = f64::from(packet.length_bytes);
            self.sizes.push(match packet.direction {
                Some(Direction::Out) => size,
                Some(Direction::In) => -size,
                None => f64::NAN,
            });
        }
    }

    /// Ends the event at hand, if there is one.
    fn close(&mut self) {
        if std::mem::take(&mut self.n_packets) == 0 {
            return;
        }
        let mut sizes = std::mem::take(&mut self.sizes);
        sizes.resize(self.n_sizes, 0.0);
        let mut event = Event {
            trace: self.trace,
            number: self.events.len() as u64,
            start_ns: self.last_ns,
            end_ns: self.last_ns,
            is_directed: self.is_directed,
            features: Box::new([f64::NAN; N_FEATURES]),
            sizes,
        };
        let set = self.set;
        self.pass.end_stretch(|_, window| {
            event.start_ns = window.start_ns;
            fill(&mut event.features, set, window);
        });
        self.events.push(event);
    }

    /// The events of the trace.
    pub(super) fn finish(mut self) -> Vec<Event> {
        self.close();
        self.events
    }
}
