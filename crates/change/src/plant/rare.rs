//! A rare event: once a round, at a random moment, packets up and down.

use super::Entry;
use super::adding::{Adding, Due, Timetable, Train};
use crate::random::Random;
use crate::seen::Seen;
use overhear_traffic::trace::Span;

pub(super) const ENTRY: Entry = Entry {
    name: "rare",
    about: "X packets within two seconds, up and down in turn, once a round",
    unit: "packets",
    range: (0.0, 10_000.0),
    is_whole: true,
    reference: None,
    build: |dose, random| Box::new(Adding::new(Rare(Train::within(dose as u32, EVENT_NS, None)), random)),
};

/// How long the event takes.
const EVENT_NS: i64 = 2_000_000_000;
/// Of a round whose end is not known the event lies within the first half hour.
const USUAL_NS: i64 = 1_800_000_000_000;

/// One event in what is looked at of the round: behind the settling time, and whole before the end.
struct Rare(Train);

impl Timetable for Rare {
    fn begin(&mut self, start_ns: i64, span: Span, random: &mut Random) {
        let settled_ns = start_ns.saturating_add_unsigned(span.drop_ns);
        let end_ns = span.end_ns.unwrap_or(start_ns.saturating_add(USUAL_NS));
        let latest_ns = end_ns.saturating_sub(EVENT_NS).max(settled_ns);
        self.0.first_ns = settled_ns.saturating_add_unsigned(random.below(latest_ns.abs_diff(settled_ns)));
    }

    fn next(&mut self, from_ns: i64, _: &mut Seen, _: &mut Random) -> Option<Due> {
        self.0.due(from_ns)
    }
}
