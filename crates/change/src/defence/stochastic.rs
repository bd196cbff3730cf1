//! Stochastic traffic padding: a constant rate while there is activity, and by chance while there is none.
//!
//! With p the share of periods with activity and q the chance of shaping one without, P(active | shaped) =
//! p/(p + (1 − p)q), and cover costs (1 − p)·q·R·T a period.

use super::cells::{Cells, DROPS, WAYS, size};
use super::{Actions, Aspect, Defence, Entry, Packet, Parameter, Who, ns};

pub(super) const ENTRY: Entry = Entry {
    name: "stochastic",
    about: "a constant rate while there is activity, and by chance in idle periods",
    source: "Apthorpe, Huang, Reisman, Narayanan, Feamster: Keeping the Smart Home Private with Smart(er) IoT Traffic Shaping, PETS 2019",
    who: Who::FarEndToo,
    parameters: &[
        size(1500.0),
        Parameter::number("hz", "packets of each direction while shaped", "packets/s", 50.0, (0.1, 10_000.0)),
        Parameter::number("period", "T: length of a period", "s", 10.0, (0.1, 3600.0)),
        Parameter::number(
            "chance",
            "q: chance that an idle period is shaped",
            "probability",
            0.1,
            (0.0, 1.0),
        ),
    ],
    drops: Some(DROPS),
    touches: &[Aspect::Length, Aspect::Time, Aspect::Count],
    settings: &["size=250,hz=2", "size=250,hz=8,period=1,chance=0.02"],
    build: |values, random| {
        Box::new(Stochastic {
            cells: Cells::new(values.number("size"), random),
            every_ns: ns(1.0 / values.number("hz")),
            period_ns: ns(values.number("period")),
            chance: values.number("chance"),
            next_ns: None,
            end_ns: None,
        })
    },
};

struct Stochastic {
    cells: Cells,
    every_ns: i64,
    period_ns: i64,
    chance: f64,
    /// When the next packets are sent, one each way; `None`: the period is not shaped.
    next_ns: Option<i64>,
    /// When the period ends.
    end_ns: Option<i64>,
}

impl Stochastic {
    fn begin_period(&mut self, now_ns: i64, is_shaped: bool) {
        self.next_ns = is_shaped.then_some(now_ns);
        self.end_ns = now_ns.checked_add(self.period_ns);
    }
}

impl Defence for Stochastic {
    fn begin(&mut self, now_ns: i64) {
        let is_shaped = self.cells.cover.random().chance(self.chance);
        self.begin_period(now_ns, is_shaped);
    }

    fn take(&mut self, now_ns: i64, packet: Packet, out: &mut Actions) {
        self.cells.hold(packet, out);
        if self.next_ns.is_none() {
            self.begin_period(now_ns, true);
        }
    }

    fn wake_ns(&self) -> Option<i64> {
        self.next_ns.into_iter().chain(self.end_ns).min()
    }

    fn wake(&mut self, now_ns: i64, out: &mut Actions) {
        // a period's end comes before the packets that would be sent at it
        let is_over =
            |end_ns: &i64| *end_ns <= now_ns && self.next_ns.is_none_or(|next_ns| *end_ns <= next_ns);
        if let Some(end_ns) = self.end_ns.filter(is_over) {
            let is_shaped = !self.cells.is_empty() || self.cells.cover.random().chance(self.chance);
            return self.begin_period(end_ns, is_shaped);
        }
        for way in WAYS {
            self.cells.send(way, out);
        }
        self.next_ns = self.next_ns.and_then(|next_ns| next_ns.checked_add(self.every_ns));
    }

    fn finish(&mut self, _: i64, out: &mut Actions) {
        (self.next_ns, self.end_ns) = (None, None);
        self.cells.let_out(out);
    }
}
