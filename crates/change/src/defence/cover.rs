//! What cover packets look like: as those to and from one far end of the device.

use super::actions::Actions;
use super::packet::{Packet, around_bytes};
use super::queue::place;
use crate::random::Random;
use crate::seen::{Seen, far_end};
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction;
use std::net::IpAddr;

/// What was seen of real packets, by which cover is made.
pub(super) struct Cover {
    ends: Ends,
    /// The latest packet each way of those that show no addresses: encrypted frames, rows of packet tables.
    unnamed: [Option<Event>; 2],
    random: Random,
}

/// Whose packets cover looks like.
enum Ends {
    /// The first far end that was seen: which one it is says little about what the device does later. Its latest packet each way.
    First(Option<IpAddr>, [Option<Event>; 2]),
    /// The one that most packets went to and came from so far.
    Busiest(Seen),
}

impl Cover {
    /// Cover that looks like packets of the first far end.
    pub fn new(random: Random) -> Cover {
        Cover { ends: Ends::First(None, [None; 2]), unnamed: [None; 2], random }
    }

    /// What looks like packets of the busiest far end, as the device's own queries do.
    pub fn of_busiest(random: Random) -> Cover {
        Cover { ends: Ends::Busiest(Seen::default()), ..Cover::new(random) }
    }

    /// Takes note of a packet before the defence alters it.
    pub fn see(&mut self, packet: &Packet) {
        let direction = packet.direction();
        if packet.event.network.is_none() {
            self.unnamed[place(direction)] = Some(packet.event);
            return;
        }
        match &mut self.ends {
            Ends::Busiest(seen) => seen.add(&packet.event, Some(direction), &mut self.random),
            Ends::First(first, latest) => {
                let Some((address, way)) = far_end(&packet.event, Some(direction)) else { return };
                if *first.get_or_insert(address) == address {
                    latest[place(way)] = Some(packet.event);
                }
            }
        }
    }

    /// Whether a packet was seen by which cover can be made.
    #[cfg(feature = "maybenot")]
    pub fn is_ready(&self) -> bool {
        self.template(Direction::Out).is_some()
    }

    /// Inserts a packet whose IP packet has so many bytes, or its headers' where they are more. False, and nothing
    /// done, before the device's first packet that crosses the gateway.
    pub fn send(&mut self, way: Direction, ip_length_bytes: u32, out: &mut Actions) -> bool {
        let Some(event) = self.template(way) else { return false };
        let length_bytes = around_bytes(&event).saturating_add(ip_length_bytes).max(event.least_bytes());
        out.cover(event.with_length(length_bytes), way);
        true
    }

    fn template(&self, way: Direction) -> Option<Event> {
        let of = |latest: &[Option<Event>; 2]| {
            latest[place(way)].or_else(|| latest[1 - place(way)].map(|own| own.reversed()))
        };
        let named = match &self.ends {
            Ends::Busiest(seen) => seen.template(way),
            Ends::First(_, latest) => of(latest),
        };
        named.or_else(|| of(&self.unnamed))
    }

    /// For what else is drawn.
    pub fn random(&mut self) -> &mut Random {
        &mut self.random
    }
}
