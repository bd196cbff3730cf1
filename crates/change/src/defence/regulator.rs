//! RegulaTor: bursts to the device in one shape that decays, and packets from it in proportion.
//!
//! The published parameters are for web pages, to be scaled to a speaker's rates. What is published for one page load
//! begins anew, surge and padding budget, with the first packet down after a silence of both directions.

use super::cells::{Cells, DROPS, size};
use super::{Actions, Aspect, Defence, Entry, Packet, Parameter, SECOND_NS, Who, ns};
use overhear_traffic::packet::Direction;

pub(super) const ENTRY: Entry = Entry {
    name: "regulator",
    about: "bursts in one shape that decays, upload in proportion to it",
    source: "Holland, Hopper: RegulaTor: A Straightforward Website Fingerprinting Defense, PETS 2022",
    who: Who::FarEndToo,
    parameters: &[
        size(1500.0),
        Parameter::number(
            "rate",
            "R: packets down at the beginning of a surge",
            "packets/s",
            277.0,
            (1.0, 10_000.0),
        ),
        Parameter::number("decay", "D: the rate's factor after each second", "1/s", 0.94, (0.01, 1.0)),
        Parameter::number(
            "surge",
            "T: a surge begins when more than T·rate packets wait",
            "s",
            3.55,
            (0.01, 1000.0),
        ),
        Parameter::whole("padding", "N: most cover packets down", "packets", 3550.0, (0.0, 1_000_000.0)),
        Parameter::number("ratio", "U: packets down for each one up", "packets", 3.95, (1.0, 1000.0)),
        Parameter::number("hold", "C: longest time that a packet up is held", "s", 1.77, (0.01, 1000.0)),
        Parameter::number("idle", "silence before a new load", "s", 10.0, (0.1, 86_400.0)),
    ],
    drops: Some(DROPS),
    touches: &[Aspect::Length, Aspect::Time, Aspect::Count],
    settings: &[
        "size=250,rate=20,decay=0.5,padding=20,ratio=2,hold=1",
        "size=500,rate=20,decay=0.8,surge=0.5,padding=20,ratio=2,hold=1",
    ],
    build: |values, random| {
        Box::new(Regulator {
            cells: Cells::new(values.number("size"), random),
            rate: values.number("rate"),
            decay: values.number("decay"),
            threshold_s: values.number("surge"),
            padding: values.number("padding") as u64,
            ratio: values.number("ratio"),
            hold_ns: ns(values.number("hold")),
            idle_ns: ns(values.number("idle")),
            latest_ns: None,
            surge_ns: 0,
            down_ns: 0,
            left: 0,
            next_ns: None,
            credit: 0.0,
        })
    },
};

/// Packets a second, at least.
const LEAST_RATE: f64 = 1.0;

struct Regulator {
    cells: Cells,
    rate: f64,
    decay: f64,
    threshold_s: f64,
    padding: u64,
    ratio: f64,
    hold_ns: i64,
    idle_ns: i64,
    /// Time of the latest real packet.
    latest_ns: Option<i64>,
    /// When the surge began.
    surge_ns: i64,
    /// When the latest packet down was sent.
    down_ns: i64,
    /// Cover packets down that may still be sent.
    left: u64,
    /// When the next packet down is due; `None`: nothing is being sent.
    next_ns: Option<i64>,
    /// Packets down since the last one up, less what was sent for them.
    credit: f64,
}

impl Regulator {
    /// Packets a second down, at a time.
    fn rate_at(&self, now_ns: i64) -> f64 {
        let since_s = now_ns.abs_diff(self.surge_ns) as f64 / SECOND_NS as f64;
        (self.rate * self.decay.powf(since_s)).max(LEAST_RATE)
    }

    /// A packet down has come, the first of a load or not.
    fn came_down(&mut self, now_ns: i64, is_first: bool) {
        if is_first {
            (self.surge_ns, self.next_ns) = (now_ns, Some(now_ns));
            self.left = self.cells.cover.random().below(self.padding + 1);
            return;
        }
        if self.next_ns.is_none() {
            let due_ns = self.down_ns.saturating_add(ns(1.0 / self.rate_at(now_ns)));
            self.next_ns = Some(now_ns.max(due_ns));
        }
        self.surge_if_too_many_wait(now_ns);
    }

    /// Begins another surge: what was due at the slow rate's pace is due at the surge's.
    fn surge_if_too_many_wait(&mut self, now_ns: i64) {
        let waiting = self.cells.waiting(Direction::In).len() as f64;
        if waiting > self.threshold_s * self.rate_at(now_ns) {
            self.surge_ns = now_ns;
            let soon_ns = now_ns.saturating_add(ns(1.0 / self.rate_at(now_ns)));
            self.next_ns = self.next_ns.map(|next_ns| next_ns.min(soon_ns));
        }
    }

    fn send_down(&mut self, due_ns: i64, out: &mut Actions) {
        let way = Direction::In;
        let is_covered = self.cells.waiting(way).is_empty();
        if is_covered && self.left == 0 {
            self.next_ns = None;
            return;
        }
        self.left -= u64::from(is_covered);
        self.cells.send(way, out);
        self.down_ns = due_ns;
        self.next_ns = due_ns.checked_add(ns(1.0 / self.rate_at(due_ns)));
        self.surge_if_too_many_wait(due_ns);
        self.credit += 1.0;
        while self.credit >= self.ratio {
            self.credit -= self.ratio;
            self.cells.send(Direction::Out, out);
        }
    }

    /// When the first packet up must leave.
    fn up_ns(&self) -> Option<i64> {
        Some(self.cells.waiting(Direction::Out).front()?.event.time_ns.saturating_add(self.hold_ns))
    }
}

impl Defence for Regulator {
    fn begin(&mut self, _: i64) {
        (self.next_ns, self.latest_ns, self.credit) = (None, None, 0.0);
    }

    fn take(&mut self, now_ns: i64, packet: Packet, out: &mut Actions) {
        let way = packet.direction();
        self.cells.hold(packet, out);
        let goes_on = |latest_ns: i64| now_ns.abs_diff(latest_ns) < self.idle_ns as u64;
        let is_first = !self.latest_ns.is_some_and(goes_on);
        if way == Direction::In {
            self.came_down(now_ns, is_first);
        }
        // a packet up alone begins no load, and does not put one off
        if way == Direction::In || !is_first {
            self.latest_ns = Some(now_ns);
        }
    }

    fn wake_ns(&self) -> Option<i64> {
        self.next_ns.into_iter().chain(self.up_ns()).min()
    }

    fn wake(&mut self, now_ns: i64, out: &mut Actions) {
        if let Some(due_ns) = self.next_ns.filter(|due_ns| *due_ns <= now_ns) {
            self.send_down(due_ns, out);
        }
        while self.up_ns().is_some_and(|up_ns| up_ns <= now_ns) {
            self.cells.send_real(Direction::Out, out);
        }
    }

    fn finish(&mut self, now_ns: i64, out: &mut Actions) {
        self.begin(now_ns);
        self.cells.let_out(out);
    }
}
