//! What the plants that alter packets one by one have in common.

use crate::random::Random;
use overhear_traffic::change::{Change, Out};
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction;

/// Shortest frame of Ethernet that carries a packet, bytes, its check sequence left out; where headers are longer, they
/// are the bound.
const LEAST_BYTES: u32 = 60;
/// Longest frame of Ethernet, bytes, its check sequence left out.
const MOST_BYTES: u32 = 1514;

/// Alters packets one by one.
pub(super) trait Alter: Send {
    /// What becomes of a packet; `None`: it goes by as it is.
    fn alter(&mut self, packet: &Event, direction: Direction, random: &mut Random) -> Option<Event>;
}

/// Gives the device's packets to what alters them. What carries no packet goes by.
pub(super) struct Altering<A> {
    pub alter: A,
    pub random: Random,
}

impl<A: Alter> Change for Altering<A> {
    fn take(&mut self, event: &Event, direction: Option<Direction>, out: &mut Out<'_>) {
        let altered = match (event.network, direction) {
            (Some(_), Some(direction)) => self.alter.alter(event, direction, &mut self.random),
            _ => None,
        };
        out(altered.as_ref().unwrap_or(event));
    }
}

/// The lengths that a packet of these headers may have on Ethernet, bytes, both ends included; `None` where its headers
/// fill more.
pub(super) fn lengths_of(packet: &Event) -> Option<(u32, u32)> {
    let least = packet.least_bytes().max(LEAST_BYTES);
    (least <= MOST_BYTES).then_some((least, MOST_BYTES))
}
