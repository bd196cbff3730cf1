//! What cover packets look like: as those to and from the far end that the device talks to most.

use super::actions::Actions;
use super::packet::{Packet, around_bytes};
use super::queue::place;
use crate::random::Random;
use crate::seen::Seen;
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction;

/// What was seen of real packets, by which cover is made.
pub(super) struct Cover {
    seen: Seen,
    /// The latest packet each way of those that show no addresses: encrypted frames, rows of packet tables.
    unnamed: [Option<Event>; 2],
    random: Random,
}

impl Cover {
    pub fn new(random: Random) -> Cover {
        Cover { seen: Seen::default(), unnamed: [None; 2], random }
    }

    /// Takes note of a packet before the defence alters it.
    pub fn see(&mut self, packet: &Packet) {
        let direction = packet.direction();
        match packet.event.network {
            Some(_) => self.seen.add(&packet.event, Some(direction), &mut self.random),
            None => self.unnamed[place(direction)] = Some(packet.event),
        }
    }

    /// Whether a packet was seen by which cover can be made.
    #[cfg(feature = "maybenot")]
    pub fn is_ready(&self) -> bool {
        !self.seen.is_empty() || self.unnamed.iter().any(Option::is_some)
    }

    /// Inserts a packet whose IP packet has so many bytes, or its headers' where they are more. False, and nothing
    /// done, before the device's first packet that crosses the gateway.
    pub fn send(&mut self, way: Direction, ip_length_bytes: u32, out: &mut Actions) -> bool {
        let unnamed = || self.unnamed[place(way)].or(self.unnamed[1 - place(way)].map(|own| own.reversed()));
        let Some(event) = self.seen.template(way).or_else(unnamed) else { return false };
        let length_bytes = around_bytes(&event).saturating_add(ip_length_bytes).max(event.least_bytes());
        out.cover(event.with_length(length_bytes), way);
        true
    }

    /// For what else is drawn.
    pub fn random(&mut self) -> &mut Random {
        &mut self.random
    }
}
