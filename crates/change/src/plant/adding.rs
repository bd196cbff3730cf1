//! What the plants that add packets have in common: when packets are due, they are added, through silences too.

use crate::random::Random;
use crate::seen::Seen;
use overhear_traffic::change::{Change, Out};
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction;
use overhear_traffic::trace::Span;

/// Most packets that a plant adds to a round: a hundred times what a speaker sends in an hour of music.
pub const MOST_ADDED: u32 = 1 << 24;

/// A longer silence is not filled: whoever recorded was away, or the clock was wrong.
const LONGEST_SILENCE_NS: u64 = 24 * 3600 * 1_000_000_000;

/// Length of a keep-alive on the wire, bytes: a TCP segment with timestamps and nothing in it.
pub(super) const SMALL_BYTES: u32 = 66;

/// When packets are due.
pub(super) trait Timetable: Send {
    /// A round begins at `start_ns`; `span` says what else is known of it.
    fn begin(&mut self, start_ns: i64, span: Span, random: &mut Random);

    /// The first packet due at `from_ns` or later; `None`: no more.
    fn next(&mut self, from_ns: i64, seen: &mut Seen, random: &mut Random) -> Option<Due>;
}

/// A packet that is due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Due {
    pub time_ns: i64,
    pub way: Direction,
    pub length: Length,
}

/// How long an added packet is; never shorter than its headers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Length {
    /// As one of those seen in its direction.
    AsSeen,
    /// [`SMALL_BYTES`].
    Small,
}

/// Adds the packets of a timetable.
pub(super) struct Adding<T> {
    timetable: T,
    random: Random,
    seen: Seen,
    span: Span,
    has_begun: bool,
    /// Time of the latest event of this stretch.
    now_ns: Option<i64>,
    due: Option<Due>,
    /// How many packets may still be added.
    left: u32,
}

impl<T: Timetable> Adding<T> {
    pub fn new(timetable: T, random: Random) -> Adding<T> {
        Adding {
            timetable,
            random,
            seen: Seen::default(),
            span: Span::default(),
            has_begun: false,
            now_ns: None,
            due: None,
            left: MOST_ADDED,
        }
    }

    fn next(&mut self, from_ns: i64) -> Option<Due> {
        self.timetable.next(from_ns, &mut self.seen, &mut self.random)
    }

    /// A stretch begins with an event of this time, the first one with the round.
    fn begin_stretch(&mut self, time_ns: i64) {
        let mut from_ns = time_ns;
        if !std::mem::replace(&mut self.has_begun, true) {
            from_ns = self.span.start_ns.unwrap_or(time_ns);
            self.timetable.begin(from_ns, self.span, &mut self.random);
        }
        self.due = self.next(from_ns);
    }

    /// Adds what is due until `until_ns`, and within the round.
    fn fill(&mut self, until_ns: i64, out: &mut Out<'_>) {
        let silence_ns = self.now_ns.map_or(0, |now_ns| until_ns.abs_diff(now_ns));
        if self.seen.is_empty() || silence_ns > LONGEST_SILENCE_NS {
            self.due = self.next(until_ns);
        }
        let end_ns = self.span.end_ns;
        while let Some(due) = self.due {
            if due.time_ns > until_ns || end_ns.is_some_and(|end_ns| due.time_ns >= end_ns) {
                return;
            }
            if let Some(event) = self.packet(due) {
                if self.left == 0 {
                    return;
                }
                self.left -= 1;
                out(&event);
            }
            self.due = due.time_ns.checked_add(1).and_then(|from_ns| self.next(from_ns));
        }
    }

    fn packet(&mut self, due: Due) -> Option<Event> {
        let template = self.seen.template(due.way)?;
        let drawn = match due.length {
            Length::AsSeen => self.seen.draw_length(due.way, &mut self.random),
            Length::Small => None,
        };
        let length_bytes = drawn.unwrap_or(SMALL_BYTES).max(template.least_bytes());
        Some(Event { time_ns: due.time_ns, number: None, ..template.with_length(length_bytes) })
    }
}

impl<T: Timetable> Change for Adding<T> {
    fn begin(&mut self, span: Span) {
        self.span = span;
    }

    fn take(&mut self, event: &Event, direction: Option<Direction>, out: &mut Out<'_>) {
        if self.now_ns.is_none() {
            self.begin_stretch(event.time_ns);
        }
        self.fill(event.time_ns, out);
        self.seen.add(event, direction, &mut self.random);
        self.now_ns = Some(event.time_ns);
        out(event);
    }

    fn step(&mut self, _: &mut Out<'_>) {
        self.now_ns = None;
    }

    fn finish(&mut self, until_ns: Option<i64>, out: &mut Out<'_>) {
        // what is due at the end itself is not of the round
        if let (Some(_), Some(last_ns)) = (self.now_ns, until_ns.and_then(|until_ns| until_ns.checked_sub(1)))
        {
            self.fill(last_ns, out);
        }
    }
}

/// Packets at equal distances, up and down alternating, once or again and again.
pub(super) struct Train {
    /// When the first one is due, ns since 1970.
    pub first_ns: i64,
    /// How many there are.
    pub packets: u32,
    /// From one to the next, ns; above 0.
    pub spacing_ns: i64,
    /// From one train to the next, ns, longer than a train; `None`: there is one.
    pub period_ns: Option<i64>,
    /// How long each packet is.
    pub length: Length,
}

impl Train {
    /// A train of `packets` that passes within `within_ns`.
    pub fn within(packets: u32, within_ns: i64, period_ns: Option<i64>) -> Train {
        let spacing_ns = (within_ns / i64::from(packets.max(1))).max(1);
        Train { first_ns: 0, packets, spacing_ns, period_ns, length: Length::AsSeen }
    }

    /// The first packet due at `from_ns` or later.
    pub fn due(&self, from_ns: i64) -> Option<Due> {
        let since = i128::from(from_ns) - i128::from(self.first_ns);
        let spacing = i128::from(self.spacing_ns);
        let (mut train, mut packet) = (0, 0);
        if since > 0 {
            let within = self.period_ns.map_or(since, |period| since % i128::from(period));
            train = self.period_ns.map_or(0, |period| since / i128::from(period));
            packet = (within + spacing - 1) / spacing;
        }
        if packet >= i128::from(self.packets) {
            self.period_ns?;
            (train, packet) = (train + 1, 0);
        }
        let begins = i128::from(self.first_ns) + train * i128::from(self.period_ns.unwrap_or(0));
        let way = if packet % 2 == 0 { Direction::Out } else { Direction::In };
        let time_ns = i64::try_from(begins + packet * spacing).ok()?;
        (self.packets > 0).then_some(Due { time_ns, way, length: self.length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_of_a_train_are_due_one_after_another_and_trains_come_back() {
        let train = Train { first_ns: 100, ..Train::within(3, 30, Some(1000)) };
        let times = |from: &[i64]| -> Vec<i64> {
            from.iter().map(|from| train.due(*from).unwrap().time_ns).collect()
        };
        assert_eq!(times(&[i64::MIN, 0, 100, 101, 110, 111, 120]), [100, 100, 100, 110, 110, 120, 120]);
        assert_eq!(times(&[121, 1099, 1100, 1101, 5121]), [1100, 1100, 1100, 1110, 6100]);
        assert_eq!(train.due(i64::MAX), None);
        let ways = [100, 110, 120].map(|from| train.due(from).unwrap().way);
        assert_eq!(ways, [Direction::Out, Direction::In, Direction::Out]);
    }

    #[test]
    fn a_single_train_does_not_come_back_and_an_empty_one_never_comes() {
        let once = Train::within(2, 10, None);
        assert_eq!(once.due(-5).unwrap().time_ns, 0);
        assert_eq!(once.due(5).unwrap().time_ns, 5);
        assert_eq!(once.due(6), None);
        assert_eq!(Train::within(0, 10, Some(100)).due(0), None);
    }
}
