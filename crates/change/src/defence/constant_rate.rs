//! A constant rate: packets of one length at equal distances, for a while at least or always (BuFLO).
//!
//! BuFLO's end is the end of what was to be sent; here sending ends once nothing waits and the least time is over.

use super::cells::{Cells, DROPS, WAYS, size};
use super::{Actions, Aspect, Defence, Entry, Packet, Parameter, Who, ns};

pub(super) const ENTRY: Entry = Entry {
    name: "constant-rate",
    about: "packets of one length at equal distances, for a while or always",
    source: "Dyer, Coull, Ristenpart, Shrimpton: Peek-a-Boo, I Still See You, IEEE S&P 2012 (BuFLO)",
    who: Who::FarEndToo,
    parameters: &[
        size(1500.0),
        Parameter::number("hz", "packets of each direction", "packets/s", 50.0, (0.1, 10_000.0)),
        Parameter::number("tau", "least time from the first packet", "s", 10.0, (0.0, 3600.0)),
        Parameter::whole(
            "always",
            "1: sends whatever comes, from the round's beginning",
            "0 or 1",
            0.0,
            (0.0, 1.0),
        ),
    ],
    drops: Some(DROPS),
    touches: &[Aspect::Length, Aspect::Time, Aspect::Count],
    settings: &[
        "size=250,hz=8,tau=1",
        "size=250,hz=2,always=1",
        "size=250,hz=8,always=1",
        "size=500,hz=20,always=1",
    ],
    build: |values, random| {
        Box::new(ConstantRate {
            cells: Cells::new(values.number("size"), random),
            every_ns: ns(1.0 / values.number("hz")),
            least_ns: ns(values.number("tau")),
            is_always: values.number("always") == 1.0,
            next_ns: None,
            until_ns: i64::MIN,
        })
    },
};

struct ConstantRate {
    cells: Cells,
    every_ns: i64,
    least_ns: i64,
    is_always: bool,
    /// When the next packets are sent, one each way; `None`: not sending.
    next_ns: Option<i64>,
    /// Sends until then at least.
    until_ns: i64,
}

impl Defence for ConstantRate {
    fn begin(&mut self, now_ns: i64) {
        self.next_ns = self.is_always.then_some(now_ns);
    }

    fn take(&mut self, now_ns: i64, packet: Packet, out: &mut Actions) {
        self.cells.hold(packet, out);
        if self.next_ns.is_none() {
            (self.next_ns, self.until_ns) = (Some(now_ns), now_ns.saturating_add(self.least_ns));
        }
    }

    fn wake_ns(&self) -> Option<i64> {
        self.next_ns
    }

    fn wake(&mut self, _: i64, out: &mut Actions) {
        for way in WAYS {
            self.cells.send(way, out);
        }
        self.next_ns = self.next_ns.and_then(|next_ns| next_ns.checked_add(self.every_ns));
        let is_over = self.next_ns.is_some_and(|next_ns| next_ns >= self.until_ns) && self.cells.is_empty();
        if is_over && !self.is_always {
            self.next_ns = None;
        }
    }

    fn finish(&mut self, _: i64, out: &mut Actions) {
        self.next_ns = None;
        self.cells.let_out(out);
    }
}
