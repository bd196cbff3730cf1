//! Packets the other way: what came in goes out, at equal lengths and times.

use super::Entry;
use super::altering::{Alter, Altering};
use crate::random::Random;
use overhear_traffic::event::Event;
use overhear_traffic::packet;

pub(super) const ENTRY: Entry = Entry {
    name: "direction",
    about: "a share X of incoming packets goes out instead; lengths, TTL, TCP window stay",
    unit: "share of incoming packets",
    range: (0.0, 1.0),
    is_whole: false,
    reference: None,
    build: |dose, random| Box::new(Altering { alter: Direction { share: dose }, random }),
};

struct Direction {
    share: f64,
}

impl Alter for Direction {
    fn alter(&mut self, packet: &Event, direction: packet::Direction, random: &mut Random) -> Option<Event> {
        (direction == packet::Direction::In && random.chance(self.share)).then(|| packet.reversed())
    }
}
