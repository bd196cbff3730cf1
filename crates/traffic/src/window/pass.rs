//! One pass over a trace, all windowings at once.

use super::distinct::{LastSeen, MAX_NUMBER, PacketNumber};
use super::{Sums, Totals, Window, Windowing};
use crate::packet::Packet;

/// Groups the packets of one trace into the windows of several windowings.
///
/// Packets go in with [`Pass::push`], in the trace's order; a window comes out with the packet after its
/// last. At the trace's end [`Pass::finish`] gives the bursts that have just become full and the last window
/// of each Δt; a burst shorter than N is left out.
pub struct Pass {
    by_time: Vec<ByTime>,
    by_count: Vec<ByCount>,
    open: Vec<Open>,
    last_seen: LastSeen,
    totals: Totals,
    /// The packet before; at first the trace's first.
    last_ns: i64,
    origin_ns: i64,
    number: PacketNumber,
    last_number: PacketNumber,
    next_boundary_ns: i64,
    next_full: u64,
}

/// A windowing by time: where its open window ends.
struct ByTime {
    windowing: u32,
    span_ns: i64,
    boundary_ns: i64,
}

/// A windowing by count: after how many packets of the trace its open window is full.
struct ByCount {
    windowing: u32,
    size: u64,
    full_at: u64,
}

/// The open window of one windowing.
#[derive(Clone, Copy, Default)]
struct Open {
    index: u64,
    /// Δt by time, 0 by count.
    span_ns: i64,
    first_ns: i64,
    before: Totals,
}

/// The first packet of a window; its gap belongs to none.
#[derive(Clone, Copy)]
struct First {
    time_ns: i64,
    gap_square: u128,
}

impl Pass {
    /// A pass that has seen no packet.
    pub fn new(windowings: &[Windowing]) -> Pass {
        Pass::numbering_to(windowings, MAX_NUMBER)
    }

    /// Tests number packets anew after a few.
    pub(super) fn numbering_to(windowings: &[Windowing], last_number: PacketNumber) -> Pass {
        let (mut by_time, mut by_count) = (Vec::new(), Vec::new());
        let mut open = vec![Open::default(); windowings.len()];
        for (windowing, kind) in (0..).zip(windowings) {
            match kind {
                Windowing::Time(seconds) => {
                    let span_ns = i64::from(seconds.get()) * 1_000_000_000;
                    open[windowing as usize].span_ns = span_ns;
                    by_time.push(ByTime { windowing, span_ns, boundary_ns: i64::MIN });
                }
                Windowing::Count(packets) => {
                    let size = u64::from(packets.get());
                    by_count.push(ByCount { windowing, size, full_at: size });
                }
            }
        }
        Pass {
            next_boundary_ns: i64::MIN,
            next_full: by_count.iter().map(|w| w.full_at).min().unwrap_or(u64::MAX),
            by_time,
            by_count,
            open,
            last_seen: LastSeen::new(windowings.len()),
            totals: Totals::default(),
            last_ns: 0,
            origin_ns: 0,
            number: 0,
            last_number,
        }
    }

    /// Takes the next packet of the trace. `closed` is called with the place of a windowing in the list
    /// given to [`Pass::new`] and its window, for every window that has ended.
    ///
    /// A packet earlier than the one before it counts as of the same time; [`crate::trace`] raises
    /// such times and says how often.
    #[inline(always)]
    pub fn push(&mut self, packet: &Packet, mut closed: impl FnMut(usize, &Window)) {
        if self.totals.n_packets == 0 {
            self.begin_trace(packet.time_ns);
        }
        let time_ns = packet.time_ns.max(self.last_ns);
        let gap_ns = nanoseconds(self.last_ns, time_ns);
        let first = First { time_ns, gap_square: u128::from(gap_ns) * u128::from(gap_ns) };
        // windows end here and not with their own last packet, whose sums were only just written, in other widths
        // than they are read in: the processor would wait for them (1.1 times the packets a second without the copy)
        if self.totals.n_packets == self.next_full {
            self.close_full(first, &mut closed);
        }
        if time_ns >= self.next_boundary_ns {
            self.pass_boundaries(first, &mut closed);
        }
        self.totals.gap_squares += first.gap_square;
        self.last_ns = time_ns;
        self.totals.add(packet);
        self.see(packet);
    }

    /// Ends the trace: gives the bursts that are full and the open windows by time.
    pub fn finish(mut self, mut closed: impl FnMut(usize, &Window)) {
        if self.totals.n_packets == 0 {
            return;
        }
        let n_packets = self.totals.n_packets;
        let full = self.by_count.iter().filter(|w| w.full_at == n_packets).map(|w| w.windowing);
        let ended: Vec<u32> = full.chain(self.by_time.iter().map(|w| w.windowing)).collect();
        for windowing in ended {
            let windowing = windowing as usize;
            closed(windowing, &self.close(windowing));
        }
    }

    #[cold]
    fn begin_trace(&mut self, time_ns: i64) {
        (self.origin_ns, self.last_ns) = (time_ns, time_ns);
        for windowing in 0..self.open.len() {
            self.begin(windowing, First { time_ns, gap_square: 0 });
        }
    }

    #[inline(always)]
    fn see(&mut self, packet: &Packet) {
        let Some(network) = packet.network else { return };
        if self.number == self.last_number {
            self.number = self.last_seen.renumber();
        }
        self.number += 1;
        self.last_seen.see(&network, self.number);
    }

    /// Begins a window at the packet at hand.
    #[inline(always)]
    fn begin(&mut self, windowing: usize, first: First) {
        let open = &mut self.open[windowing];
        open.first_ns = first.time_ns;
        open.before = self.totals;
        open.before.gap_squares += first.gap_square;
        self.last_seen.lanes().begin(windowing, self.number + 1);
    }

    #[inline(never)]
    fn pass_boundaries(&mut self, first: First, closed: &mut impl FnMut(usize, &Window)) {
        let time_ns = first.time_ns;
        self.next_boundary_ns = i64::MAX;
        for at in 0..self.by_time.len() {
            let ByTime { windowing, span_ns, boundary_ns } = self.by_time[at];
            let index = || nanoseconds(self.origin_ns, time_ns) / span_ns as u64;
            // the end of all times stands for a boundary beyond it
            let last = boundary_ns == i64::MAX && self.open[windowing as usize].index == index();
            if time_ns >= boundary_ns && !last {
                let (windowing, index) = (windowing as usize, index());
                if self.totals.n_packets > 0 {
                    closed(windowing, &self.close(windowing));
                    self.begin(windowing, first);
                }
                self.open[windowing].index = index;
                self.by_time[at].boundary_ns = self.start_ns(index, span_ns).saturating_add(span_ns);
            }
            self.next_boundary_ns = self.next_boundary_ns.min(self.by_time[at].boundary_ns);
        }
    }

    #[inline(never)]
    fn close_full(&mut self, first: First, closed: &mut impl FnMut(usize, &Window)) {
        self.next_full = u64::MAX;
        for at in 0..self.by_count.len() {
            if self.by_count[at].full_at == self.totals.n_packets {
                let windowing = self.by_count[at].windowing as usize;
                closed(windowing, &self.close(windowing));
                self.begin(windowing, first);
                self.open[windowing].index += 1;
                self.by_count[at].full_at += self.by_count[at].size;
            }
            self.next_full = self.next_full.min(self.by_count[at].full_at);
        }
    }

    #[inline(always)]
    fn close(&mut self, windowing: usize) -> Window {
        let open = &self.open[windowing];
        let (n_addresses, n_ports) = self.last_seen.lanes().counts(windowing);
        let sums = Sums {
            totals: self.totals - open.before,
            span_ns: nanoseconds(open.first_ns, self.last_ns),
            n_addresses,
            n_ports,
        };
        let start_ns = match open.span_ns {
            0 => open.first_ns,
            span_ns => self.start_ns(open.index, span_ns),
        };
        Window { index: open.index, start_ns, sums }
    }

    /// Where span `index` of a windowing by time begins.
    fn start_ns(&self, index: u64, span_ns: i64) -> i64 {
        // modulo 2⁶⁴, like the difference it undoes: a span that was met begins no later than its packet
        self.origin_ns.wrapping_add((index * span_ns as u64) as i64)
    }
}

/// From one time to a later one; right for any two, however far apart.
#[inline(always)]
fn nanoseconds(from_ns: i64, to_ns: i64) -> u64 {
    to_ns.wrapping_sub(from_ns) as u64
}
