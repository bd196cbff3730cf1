//! Bursts that come back: some packets within a second, every five minutes.

use super::Entry;
use super::adding::{Adding, Due, Timetable, Train};
use crate::random::Random;
use crate::seen::Seen;
use overhear_traffic::trace::Span;

pub(super) const ENTRY: Entry = Entry {
    name: "burst",
    about: "X packets within a second, up and down in turn, every five minutes",
    unit: "packets",
    range: (0.0, 1000.0),
    is_whole: true,
    reference: None,
    build: |dose, random| Box::new(Adding::new(Burst::new(dose as u32, EVERY_NS), random)),
};

const EVERY_NS: i64 = 300 * SECOND_NS;
const SECOND_NS: i64 = 1_000_000_000;

/// Bursts with a phase that is drawn once a round.
struct Burst {
    train: Train,
    every_ns: i64,
}

impl Burst {
    /// `every_ns`: from one burst to the next; more than a second.
    fn new(packets: u32, every_ns: i64) -> Burst {
        Burst { train: Train::within(packets, SECOND_NS, Some(every_ns)), every_ns }
    }
}

impl Timetable for Burst {
    fn begin(&mut self, start_ns: i64, _: Span, random: &mut Random) {
        self.train.first_ns = start_ns.saturating_add(random.below(self.every_ns as u64) as i64);
    }

    fn next(&mut self, from_ns: i64, _: &mut Seen, _: &mut Random) -> Option<Due> {
        self.train.due(from_ns)
    }
}
