//! Packets from further away: a planted leak, whole.

use super::Entry;
use super::altering::{Alter, Altering};
use crate::random::Random;
use overhear_traffic::event::Event;
use overhear_traffic::packet::{Direction, Network};

pub(super) const ENTRY: Entry = Entry {
    name: "hops",
    about: "a share X of incoming packets with one hop more behind them",
    unit: "share of incoming packets",
    range: (0.0, 1.0),
    is_whole: false,
    reference: None,
    build: |dose, random| Box::new(Altering { alter: Hops { share: dose }, random }),
};

struct Hops {
    share: f64,
}

impl Alter for Hops {
    fn alter(&mut self, packet: &Event, direction: Direction, random: &mut Random) -> Option<Event> {
        if direction == Direction::Out || !random.chance(self.share) {
            return None;
        }
        let network = packet.network.map(|own| Network { ttl: own.ttl.saturating_sub(1), ..own });
        Some(Event { network, ..*packet })
    }
}
