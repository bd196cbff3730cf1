//! A keep-alive whose phase moves: the same packets, at other seconds of the minute.

use super::Entry;
use super::adding::{Adding, Due, Length, Timetable, Train};
use crate::random::Random;
use crate::seen::Seen;
use overhear_traffic::trace::Span;

pub(super) const ENTRY: Entry = Entry {
    name: "phase",
    about: "a keep-alive every minute, X s late; the other rounds carry it at 0 s",
    unit: "s",
    range: (0.0, 30.0),
    is_whole: false,
    reference: Some(0.0),
    build: |dose, random| {
        Box::new(Adding::new(Phase { late_ns: (dose * 1e9) as i64, train: KEEP_ALIVE }, random))
    },
};

/// One small packet up and its answer a round trip later, every minute.
const KEEP_ALIVE: Train = Train {
    first_ns: 0,
    packets: 2,
    spacing_ns: 30_000_000,
    period_ns: Some(60_000_000_000),
    length: Length::Small,
};

struct Phase {
    late_ns: i64,
    train: Train,
}

impl Timetable for Phase {
    fn begin(&mut self, start_ns: i64, _: Span, _: &mut Random) {
        self.train.first_ns = start_ns.saturating_add(self.late_ns);
    }

    fn next(&mut self, from_ns: i64, _: &mut Seen, _: &mut Random) -> Option<Due> {
        self.train.due(from_ns)
    }
}
