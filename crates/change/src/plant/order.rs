//! Another order: of packets that follow each other closely, all that go out come first.

use super::Entry;
use crate::random::Random;
use overhear_traffic::change::{Change, Out};
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction;

pub(super) const ENTRY: Entry = Entry {
    name: "order",
    about: "in a share X of groups of close packets, those that go out come first",
    unit: "share of groups",
    range: (0.0, 1.0),
    is_whole: false,
    reference: None,
    build: |dose, random| Box::new(Order { share: dose, random, group: Vec::new() }),
};

/// A group has at most so many packets: with the next one another begins.
pub const MOST_HELD: usize = 1024;

/// From a packet to the next one of its group, ns, at most.
const NEAR_NS: u64 = 1_000_000_000;

/// Holds a group back until it is over; its packets then take each other's times.
struct Order {
    share: f64,
    random: Random,
    group: Vec<(Event, Option<Direction>)>,
}

impl Order {
    fn let_out(&mut self, out: &mut Out<'_>) {
        let times: Vec<i64> = self.group.iter().map(|(event, _)| event.time_ns).collect();
        if self.group.len() > 1 && self.random.chance(self.share) {
            // stable: neighbours of one direction keep their order
            self.group.sort_by_key(|(_, direction)| *direction != Some(Direction::Out));
        }
        for ((event, _), time_ns) in self.group.drain(..).zip(times) {
            out(&Event { time_ns, ..event });
        }
    }
}

impl Change for Order {
    fn take(&mut self, event: &Event, direction: Option<Direction>, out: &mut Out<'_>) {
        let is_near = |(last, _): &(Event, _)| event.time_ns.abs_diff(last.time_ns) < NEAR_NS;
        let goes_on = self.group.last().is_none_or(is_near) && self.group.len() < MOST_HELD;
        if !goes_on {
            self.let_out(out);
        }
        self.group.push((*event, direction));
    }

    fn step(&mut self, out: &mut Out<'_>) {
        self.let_out(out);
    }

    fn finish(&mut self, _: Option<i64>, out: &mut Out<'_>) {
        self.let_out(out);
    }
}
