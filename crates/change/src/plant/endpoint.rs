//! Another far end: some of the packets to and from the busiest one go elsewhere.

use super::Entry;
use super::altering::{Alter, Altering};
use crate::random::Random;
use crate::seen::{Seen, far_end};
use overhear_traffic::event::Event;
use overhear_traffic::packet::{Direction, Network};
use std::net::IpAddr;

pub(super) const ENTRY: Entry = Entry {
    name: "endpoint",
    about: "a share X of the busiest far end's packets to and from another address",
    unit: "share of its packets",
    range: (0.0, 1.0),
    is_whole: false,
    reference: None,
    build: |dose, random| Box::new(Altering { alter: Endpoint::new(dose), random }),
};

struct Endpoint {
    share: f64,
    seen: Seen,
    /// The busiest far end and the address that stands for it.
    other: Option<(IpAddr, IpAddr)>,
}

impl Endpoint {
    fn new(share: f64) -> Endpoint {
        Endpoint { share, seen: Seen::default(), other: None }
    }

    /// The address that stands for a far end: beside it, and none that the device talks to.
    fn other(&mut self, address: IpAddr) -> IpAddr {
        match self.other {
            Some((known, other)) if known == address => other,
            _ => {
                let mut others = (1..=u8::MAX).map(|flipped| beside(address, flipped));
                let other = others.find(|other| !self.seen.knows(*other)).unwrap_or(address);
                self.other = Some((address, other));
                other
            }
        }
    }
}

/// The address whose last byte differs in these bits.
fn beside(address: IpAddr, flipped: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => (u32::from(address) ^ u32::from(flipped)).to_be_bytes().into(),
        IpAddr::V6(address) => (u128::from(address) ^ u128::from(flipped)).to_be_bytes().into(),
    }
}

impl Alter for Endpoint {
    fn alter(&mut self, packet: &Event, direction: Direction, random: &mut Random) -> Option<Event> {
        self.seen.add(packet, Some(direction), random);
        let (address, way) = far_end(packet, Some(direction))?;
        if Some(address) != self.seen.busiest() || !random.chance(self.share) {
            return None;
        }
        let other = self.other(address);
        let network = packet.network.map(|own| match way {
            Direction::Out => Network { target: other, ..own },
            Direction::In => Network { source: other, ..own },
        });
        Some(Event { network, ..*packet })
    }
}
