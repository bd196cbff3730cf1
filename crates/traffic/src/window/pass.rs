//! One pass over a trace, all windowings at once.

use super::distinct::{LastSeen, MAX_NUMBER, PacketNumber};
use super::{Detail, Service, Sums, Totals, Window, Windowing};
use crate::packet::Packet;
use crate::trace::Seen;

/// Groups the packets of one trace into the windows of several windowings.
///
/// Packets go in with [`Pass::push`], in the trace's order; a window comes out with the packet after its
/// last. Where the clock was set back [`Pass::end_stretch`], and at the trace's end [`Pass::finish`], gives the
/// bursts that have just become full and the last window of each Δt; a burst shorter than N is left out.
/// [`Pass::advance`] gives windows that silence has ended.
///
/// A pass for all features ([`Pass::full`]) also gives the windows by time in which no packet lies, between the first window of a stretch
/// and its last: at most [`MOST_SILENT`] of each windowing.
pub struct Pass {
    by_time: Vec<ByTime>,
    by_count: Vec<ByCount>,
    running: Running,
    origin_ns: i64,
    /// The time that is known to have passed without a packet.
    passed_ns: i64,
    next_boundary_ns: i64,
    next_full: u64,
}

/// Windows without a packet that a windowing gives at most: a capture may claim a silence of centuries.
pub const MOST_SILENT: u64 = 100_000;

/// A windowing by time: where its open window ends.
struct ByTime {
    span_ns: i64,
    boundary_ns: i64,
    /// Windows without a packet that may still be given.
    silent_left: u64,
    open: Open,
}

/// A windowing by count: after how many packets of the trace its open window is full.
struct ByCount {
    size: u64,
    full_at: u64,
    open: Open,
}

/// The open window of one windowing.
struct Open {
    windowing: usize,
    /// Its number in the stretch.
    index: u64,
    /// How many numbers the stretches before have used up.
    used: u64,
    /// Whether it was given before the packet after its last came.
    given: bool,
    /// How many windows without a packet were given after it.
    silent: u64,
    first_ns: i64,
    before: Totals,
}

impl Open {
    fn new(windowing: usize) -> Open {
        Open { windowing, index: 0, used: 0, given: false, silent: 0, first_ns: 0, before: Totals::default() }
    }
}

/// What adds up along the trace.
struct Running {
    totals: Totals,
    /// Time of the packet before; at first of the trace's first.
    last_ns: i64,
    stretch: u32,
    last_seen: LastSeen,
    number: PacketNumber,
    last_number: PacketNumber,
    /// One per windowing where all features are wanted.
    details: Option<Vec<Detail>>,
}

/// The first packet of a window; its gap belongs to none.
#[derive(Clone, Copy)]
struct First {
    time_ns: i64,
    gap_square: u128,
}

impl Running {
    /// The open window, which ends with the packet before this one.
    #[inline(always)]
    fn close(&self, open: &Open, start_ns: i64) -> Window<'_> {
        let (n_addresses, n_ports) = self.last_seen.lanes.counts(open.windowing);
        let sums = Sums {
            totals: self.totals - open.before,
            span_ns: nanoseconds(open.first_ns, self.last_ns),
            n_addresses,
            n_ports,
        };
        let detail = self.details.as_ref().map(|details| &details[open.windowing]);
        Window { index: open.used + open.index, stretch: self.stretch, start_ns, sums, detail }
    }

    /// The windows without a packet from one index up to another, as far as they may be given.
    #[inline(never)]
    fn silence(
        &mut self,
        by_time: &mut ByTime,
        origin_ns: i64,
        to: u64,
        closed: &mut impl FnMut(usize, &Window<'_>),
    ) {
        let Some(details) = &mut self.details else { return };
        let ByTime { span_ns, silent_left, open, .. } = by_time;
        let detail = &mut details[open.windowing];
        detail.clear();
        let from = open.index + 1 + open.silent;
        let to = to.min(from.saturating_add(*silent_left));
        for index in from..to {
            let (stretch, start_ns) = (self.stretch, start_ns(origin_ns, index, *span_ns));
            let (sums, detail) = (Sums::default(), Some(&*detail));
            closed(open.windowing, &Window { index: open.used + index, stretch, start_ns, sums, detail });
            *silent_left -= 1;
            open.silent += 1;
        }
    }

    /// Begins a window at the packet at hand.
    #[inline(always)]
    fn begin(&mut self, open: &mut Open, index: u64, first: First) {
        open.index = index;
        open.given = false;
        open.silent = 0;
        if let Some(details) = &mut self.details {
            details[open.windowing].clear();
        }
        open.first_ns = first.time_ns;
        open.before = self.totals;
        open.before.gap_squares += first.gap_square;
        self.last_seen.lanes.begin(open.windowing, self.number + 1);
    }

    #[inline(always)]
    fn add(&mut self, packet: &Packet, first: First) {
        self.totals.gap_squares += first.gap_square;
        self.last_ns = first.time_ns;
        self.totals.add(packet);
        if let Some(details) = &mut self.details {
            add_detail(details, packet, first.time_ns);
        }
        let Some(network) = &packet.network else { return };
        if self.number == self.last_number {
            self.number = self.last_seen.renumber();
        }
        self.number += 1;
        self.last_seen.see(network, self.number);
    }
}

impl Pass {
    /// A pass that has seen no packet.
    pub fn new(windowings: &[Windowing]) -> Pass {
        Pass::numbering_to(windowings, MAX_NUMBER)
    }

    /// A pass for all features, that has seen no packet.
    pub fn full(windowings: &[Windowing]) -> Pass {
        let mut pass = Pass::new(windowings);
        pass.running.details = Some(vec![Detail::default(); windowings.len()]);
        pass
    }

    /// Tests number packets anew after a few.
    pub(super) fn numbering_to(windowings: &[Windowing], last_number: PacketNumber) -> Pass {
        let (mut by_time, mut by_count) = (Vec::new(), Vec::new());
        for (windowing, kind) in windowings.iter().enumerate() {
            let open = Open::new(windowing);
            match kind {
                Windowing::Time(seconds) => {
                    let span_ns = i64::from(seconds.get()) * 1_000_000_000;
                    by_time.push(ByTime { span_ns, boundary_ns: i64::MIN, silent_left: MOST_SILENT, open });
                }
                Windowing::Count(packets) => {
                    let size = u64::from(packets.get());
                    by_count.push(ByCount { size, full_at: size, open });
                }
            }
        }
        let running = Running {
            totals: Totals::default(),
            last_ns: 0,
            stretch: 0,
            last_seen: LastSeen::new(windowings.len()),
            number: 0,
            last_number,
            details: None,
        };
        let (passed_ns, next_boundary_ns, next_full) = (i64::MIN, i64::MIN, u64::MAX);
        Pass { by_time, by_count, running, origin_ns: 0, passed_ns, next_boundary_ns, next_full }
    }

    /// Takes the next packet of the trace. `closed` is called with the place of a windowing in the list
    /// given to [`Pass::new`] and its window, for every window that has ended.
    ///
    /// A packet earlier than the one before it counts as of the same time; [`crate::trace`] raises
    /// such times and says how often.
    #[inline(always)]
    pub fn push(&mut self, packet: &Packet, mut closed: impl FnMut(usize, &Window<'_>)) {
        let n_packets = self.running.totals.n_packets;
        if n_packets == 0 {
            self.begin_stretch(packet.time_ns);
        }
        let time_ns = packet.time_ns.max(self.running.last_ns).max(self.passed_ns);
        let gap_ns = nanoseconds(self.running.last_ns, time_ns);
        let first = First { time_ns, gap_square: u128::from(gap_ns) * u128::from(gap_ns) };
        // windows end here and not with their own last packet, whose sums were only just written, in other widths
        // than they are read in: the processor would wait for them (1.1 times the packets a second without the copy)
        if n_packets == self.next_full {
            self.close_full(first, &mut closed);
        }
        if time_ns >= self.next_boundary_ns {
            self.pass_boundaries(first, &mut closed);
        }
        self.running.add(packet, first);
    }

    /// Takes what a trace hands on to a single observer: a packet, or a step of the clock.
    #[inline(always)]
    pub fn take(&mut self, seen: Seen<'_>, closed: impl FnMut(usize, &Window<'_>)) {
        match seen {
            Seen::Packet { packet, .. } => self.push(packet, closed),
            Seen::Step => self.end_stretch(closed),
        }
    }

    /// Gives what the next packet would give if it came at `now_ns`: the windows by time that end then or before,
    /// and the bursts that are full. For live sources, whose silence ends windows too.
    ///
    /// A packet that comes later with an earlier time counts as of `now_ns`. Before the first packet of a stretch
    /// no window is open, and nothing happens.
    pub fn advance(&mut self, now_ns: i64, mut closed: impl FnMut(usize, &Window<'_>)) {
        let n_packets = self.running.totals.n_packets;
        if n_packets == 0 {
            return;
        }
        self.passed_ns = self.passed_ns.max(now_ns);
        for ByCount { full_at, open, .. } in &mut self.by_count {
            if *full_at == n_packets && !open.given {
                closed(open.windowing, &self.running.close(open, open.first_ns));
                open.given = true;
            }
        }
        for by_time in &mut self.by_time {
            let ByTime { span_ns, boundary_ns, open, .. } = by_time;
            // the end of all times stands for a boundary beyond it
            if *boundary_ns > now_ns || *boundary_ns == i64::MAX {
                continue;
            }
            if !open.given {
                let start_ns = start_ns(self.origin_ns, open.index, *span_ns);
                closed(open.windowing, &self.running.close(open, start_ns));
                open.given = true;
            }
            if self.running.details.is_some() {
                let index = nanoseconds(self.origin_ns, now_ns) / *span_ns as u64;
                self.running.silence(by_time, self.origin_ns, index, &mut closed);
            }
        }
    }

    /// Ends a stretch of the trace: gives the bursts that are full and the open windows by time, and begins anew
    /// with the next packet. Windows by time then count from that packet; a window's index goes on.
    #[inline(never)]
    pub fn end_stretch(&mut self, mut closed: impl FnMut(usize, &Window<'_>)) {
        let n_packets = self.running.totals.n_packets;
        if n_packets > 0 {
            for ByCount { full_at, open, .. } in &mut self.by_count {
                let is_full = *full_at == n_packets;
                if is_full && !open.given {
                    closed(open.windowing, &self.running.close(open, open.first_ns));
                }
                open.used += open.index + u64::from(is_full);
            }
            for ByTime { span_ns, open, .. } in &mut self.by_time {
                if !open.given {
                    let start_ns = start_ns(self.origin_ns, open.index, *span_ns);
                    closed(open.windowing, &self.running.close(open, start_ns));
                }
                open.used += open.index + 1 + open.silent;
            }
        }
        self.running.totals = Totals::default();
        self.running.stretch = self.running.stretch.saturating_add(1);
        self.passed_ns = i64::MIN;
    }

    /// Ends the trace: gives the bursts that are full and the open windows by time.
    pub fn finish(mut self, closed: impl FnMut(usize, &Window<'_>)) {
        self.end_stretch(closed);
    }

    #[cold]
    fn begin_stretch(&mut self, time_ns: i64) {
        (self.origin_ns, self.running.last_ns) = (time_ns, time_ns);
        let first = First { time_ns, gap_square: 0 };
        self.next_full = u64::MAX;
        for by_count in &mut self.by_count {
            self.running.begin(&mut by_count.open, 0, first);
            by_count.full_at = by_count.size;
            self.next_full = self.next_full.min(by_count.full_at);
        }
        self.next_boundary_ns = i64::MAX;
        for by_time in &mut self.by_time {
            self.running.begin(&mut by_time.open, 0, first);
            by_time.boundary_ns = time_ns.saturating_add(by_time.span_ns);
            self.next_boundary_ns = self.next_boundary_ns.min(by_time.boundary_ns);
        }
    }

    /// Ends the windows by count that are full.
    #[inline(never)]
    fn close_full(&mut self, first: First, closed: &mut impl FnMut(usize, &Window<'_>)) {
        self.next_full = u64::MAX;
        for ByCount { size, full_at, open } in &mut self.by_count {
            if *full_at == self.running.totals.n_packets {
                if !open.given {
                    closed(open.windowing, &self.running.close(open, open.first_ns));
                }
                self.running.begin(open, open.index + 1, first);
                *full_at += *size;
            }
            self.next_full = self.next_full.min(*full_at);
        }
    }

    /// Ends the windows by time whose boundary has been passed.
    #[inline(never)]
    fn pass_boundaries(&mut self, first: First, closed: &mut impl FnMut(usize, &Window<'_>)) {
        self.next_boundary_ns = i64::MAX;
        for by_time in &mut self.by_time {
            let ByTime { span_ns, boundary_ns, open, .. } = by_time;
            if first.time_ns >= *boundary_ns {
                let index = nanoseconds(self.origin_ns, first.time_ns) / *span_ns as u64;
                // the end of all times stands for a boundary beyond it
                if *boundary_ns != i64::MAX || index != open.index {
                    if !open.given {
                        let start_ns = start_ns(self.origin_ns, open.index, *span_ns);
                        closed(open.windowing, &self.running.close(open, start_ns));
                    }
                    if index > open.index + 1 {
                        self.running.silence(by_time, self.origin_ns, index, closed);
                    }
                    let ByTime { span_ns, boundary_ns, open, .. } = by_time;
                    self.running.begin(open, index, first);
                    *boundary_ns = start_ns(self.origin_ns, index, *span_ns).saturating_add(*span_ns);
                }
            }
            self.next_boundary_ns = self.next_boundary_ns.min(by_time.boundary_ns);
        }
    }
}

#[inline(never)]
fn add_detail(details: &mut [Detail], packet: &Packet, time_ns: i64) {
    let service = packet.network.as_ref().map(Service::of);
    details.iter_mut().for_each(|detail| detail.add(packet, service, time_ns));
}

/// Where span `index` of a windowing by time begins.
#[inline(always)]
fn start_ns(origin_ns: i64, index: u64, span_ns: i64) -> i64 {
    // modulo 2⁶⁴, like the difference it undoes: a span that was met begins no later than its packet
    origin_ns.wrapping_add((index * span_ns as u64) as i64)
}

/// From one time to a later one; right for any two, however far apart.
#[inline(always)]
fn nanoseconds(from_ns: i64, to_ns: i64) -> u64 {
    to_ns.wrapping_sub(from_ns) as u64
}
