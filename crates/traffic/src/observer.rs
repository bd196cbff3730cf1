//! Vantage points: the same packets, as far as an outsider there sees them.
//!
//! Source: docs/method.md, "Observers". Each observer is a threat model as a value.

use crate::Error;
use crate::event::Event;
use crate::packet::{Device, Direction, Network, Packet};
use crate::wire::{Captured, FrameKind, Link};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

/// Where the listener sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observer {
    /// On the home's router: everything. The paper's attacker.
    Gateway,
    /// Behind the router: what crosses it, the home's addresses as one.
    Isp,
    /// Beside the house, without the Wi-Fi key: times, directions, frame lengths.
    Wifi,
    /// Outside a VPN that the home's traffic runs through: times, directions, outer lengths.
    Tunnel,
}

/// What a feature can ask of a packet beyond its time and length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    TimeAndLength,
    /// Addresses, ports, protocol, TTL, TCP window: an IP header in the clear.
    Headers,
}

/// What stands for every address of the home once a router has translated them.
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

impl Observer {
    /// The register, in the order reports show it.
    pub const ALL: [Observer; 4] = [Observer::Gateway, Observer::Isp, Observer::Wifi, Observer::Tunnel];

    /// Permanent name.
    pub fn name(self) -> &'static str {
        match self {
            Observer::Gateway => "gateway",
            Observer::Isp => "isp",
            Observer::Wifi => "wifi",
            Observer::Tunnel => "tunnel",
        }
    }

    /// What it sees, in a sentence.
    pub fn about(self) -> &'static str {
        match self {
            Observer::Gateway => "on the home's router: every packet of the device, headers in the clear",
            Observer::Isp => "behind the router: packets that cross it, the home's addresses as one",
            Observer::Wifi => {
                "near the house without the Wi-Fi key: time, direction and length of each frame"
            }
            Observer::Tunnel => "outside a VPN: time, direction and padded length of each outer packet",
        }
    }

    /// Whether it sees what a feature asks for.
    pub fn sees(self, need: Need) -> bool {
        need == Need::TimeAndLength || matches!(self, Observer::Gateway | Observer::Isp)
    }

    /// What it sees of one event; `None` where the event is not the device's or passes it by.
    #[inline(always)]
    pub fn view(self, device: Device, event: &Event) -> Option<Packet> {
        let direction = event_direction(device, event)?;
        let crossing = if self.is_behind_gateway() { crossing(event, direction) } else { None };
        self.view_going(direction, crossing, event)
    }

    /// Whether it sees only what crosses the gateway.
    pub(crate) fn is_behind_gateway(self) -> bool {
        matches!(self, Observer::Isp | Observer::Tunnel)
    }

    /// What it sees of an event whose direction is known, and which way it crosses the gateway where that matters.
    #[inline(always)]
    pub(crate) fn view_going(
        self,
        direction: Option<Direction>,
        crossing: Option<Direction>,
        event: &Event,
    ) -> Option<Packet> {
        let Event { time_ns, length_bytes, ref link, network } = *event;
        let (length_bytes, network) = match self {
            Observer::Gateway => (length_bytes, Some(network?)),
            Observer::Isp => (length_bytes, Some(isp(network?, crossing?)?)),
            Observer::Wifi => (wifi_length(length_bytes, link)?, None),
            Observer::Tunnel => {
                crossing?;
                (60 + network?.ip_length_bytes.next_multiple_of(16), None)
            }
        };
        Some(Packet { time_ns, length_bytes, direction, network })
    }
}

/// Which way an event goes, as far as that can be known; `None` where it is not the device's.
#[inline(always)]
pub(crate) fn event_direction(device: Device, event: &Event) -> Option<Option<Direction>> {
    direction(device, &event.link, event.network.map(|network| [network.source, network.target]))
}

/// The same of a frame; `ends` are source and destination of its IP packet.
#[inline(always)]
pub(crate) fn direction(device: Device, link: &Link, ends: Option<[IpAddr; 2]>) -> Option<Option<Direction>> {
    let [sent, received] = match device {
        Device::Any => return Some(None),
        Device::Mac(mac) => [link.source, link.target].map(|end| end == Some(mac)),
        Device::Ip(ip) => ends?.map(|end| end == ip),
    };
    match (sent, received) {
        (true, _) => Some(Some(Direction::Out)),
        (false, true) => Some(Some(Direction::In)),
        (false, false) => None,
    }
}

/// A packet's headers behind the router: one hop on, the home's address translated.
#[inline(always)]
fn isp(mut network: Network, crossing: Direction) -> Option<Network> {
    match crossing {
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
    Some(network)
}

/// Length of a data frame in the air: 26 bytes of header, 8 of SNAP and 16 of CCMP around what Ethernet carried.
#[inline(always)]
fn wifi_length(length_bytes: u32, link: &Link) -> Option<u32> {
    match (link.kind, link.captured) {
        (FrameKind::NoData | FrameKind::Damaged | FrameKind::UnknownLink, _) => None,
        (_, Captured::InAir(_)) => Some(length_bytes.saturating_sub(link.foreign_bytes)),
        _ => Some(length_bytes.saturating_sub(link.header_bytes).saturating_add(26 + 8 + 16)),
    }
}

/// Which way an event crosses the gateway; `None` where it stays at home or is no packet.
pub(crate) fn crossing(event: &Event, direction: Option<Direction>) -> Option<Direction> {
    let Network { source, target, .. } = event.network?;
    let [source_is_home, target_is_home] = [is_home(source), is_home(target)];
    let way = direction.or(match (source_is_home, target_is_home) {
        (true, false) => Some(Direction::Out),
        (false, true) => Some(Direction::In),
        (true, true) => None,
        // public addresses on both sides: the direction is a guess, that it crosses is not
        (false, false) => Some(Direction::Out),
    })?;
    let far_is_home = match way {
        Direction::Out => target_is_home,
        Direction::In => source_is_home,
    };
    let are_neighbours = match (source, target) {
        (IpAddr::V6(source), IpAddr::V6(target)) => source.segments()[..4] == target.segments()[..4],
        _ => false,
    };
    if far_is_home || are_neighbours { None } else { Some(way) }
}

/// Whether an address never leaves the home: private, link-local, multicast, broadcast, loopback.
#[inline(always)]
fn is_home(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => match a.octets() {
            [10 | 127 | 224..=239, ..] | [172, 16..=31, ..] | [192, 168, ..] | [169, 254, ..] => true,
            octets => matches!(octets, [0, 0, 0, 0] | [255, 255, 255, 255]),
        },
        IpAddr::V6(a) => {
            a.is_unique_local()
                || a.is_unicast_link_local()
                || a.is_multicast()
                || a.is_loopback()
                || a.is_unspecified()
        }
    }
}

impl fmt::Display for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Observer {
    type Err = Error;

    fn from_str(name: &str) -> Result<Observer, Error> {
        let unknown = || Error::UnknownObserver { name: name.to_owned() };
        Observer::ALL.into_iter().find(|observer| observer.name() == name).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests;
