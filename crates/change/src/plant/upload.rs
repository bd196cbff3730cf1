//! More upload: packets to the far end that the device talks to most, at random times.

use super::Entry;
use super::adding::{Adding, Due, Length, Timetable};
use crate::random::Random;
use crate::seen::Seen;
use overhear_traffic::packet::Direction;
use overhear_traffic::trace::Span;

pub(super) const ENTRY: Entry = Entry {
    name: "upload",
    about: "X kB/s more from the device to its busiest far end, at random times",
    unit: "kB/s",
    range: (0.0, 100.0),
    is_whole: false,
    reference: None,
    build: |dose, random| Box::new(Adding::new(Upload { bytes_per_s: dose * 1000.0 }, random)),
};

/// A Poisson process whose rate makes up for the lengths that are drawn.
struct Upload {
    bytes_per_s: f64,
}

impl Timetable for Upload {
    fn begin(&mut self, _: i64, _: Span, _: &mut Random) {}

    fn next(&mut self, from_ns: i64, seen: &mut Seen, random: &mut Random) -> Option<Due> {
        if self.bytes_per_s == 0.0 {
            return None;
        }
        let way = Direction::Out;
        let least = seen.template(way).map_or(0, |template| template.least_bytes());
        // full frames until the device has sent something
        let mean = seen.mean_length(way, least).unwrap_or(1514.0);
        let wait_ns = random.wait(mean / self.bytes_per_s * 1e9);
        Some(Due { time_ns: from_ns.checked_add(wait_ns as i64)?, way, length: Length::AsSeen })
    }
}
