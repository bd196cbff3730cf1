//! Behind the home's router.

use super::Entry;
use crate::event::Event;
use crate::packet::{Direction, Network};
use std::net::{IpAddr, Ipv4Addr};

pub(super) const ENTRY: Entry = Entry {
    name: "isp",
    who: "your internet provider",
    about: "behind the router: packets that cross it, the home's addresses as one",
    sees_headers: true,
    is_behind_gateway: true,
};

/// What stands for every address of the home once a router has translated them.
pub(super) const HOME: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// One hop on, the home's address translated.
#[inline(always)]
pub(super) fn sees_of(event: &Event, crossing: Option<Direction>) -> Option<(u32, Option<Network>)> {
    let mut network = event.network?;
    match crossing? {
        Direction::Out => {
            // a router drops what has no hop left
            network.ttl = network.ttl.checked_sub(1).filter(|&ttl| ttl > 0)?;
            network.source = HOME;
        }
        Direction::In => {
            network.ttl = network.ttl.saturating_add(1);
            network.target = HOME;
        }
    }
    Some((event.length_bytes, Some(network)))
}
