//! Vantage points: the same packets, as far as an outsider there sees them.
//!
//! Source: METHOD.md section 1, "Observer". Each observer is a threat model as a value.

use crate::Error;
use crate::capture::{Frame, LinkType};
use crate::packet::{Device, Direction, Network, Packet};
use crate::wire::{Decoded, FrameKind, Link};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
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

    /// What it sees of one frame; `None` where the frame is not the device's or passes it by.
    #[inline(always)]
    pub fn view(self, device: Device, frame: &Frame<'_>, decoded: &Decoded<'_>) -> Option<Packet> {
        let ends = decoded.network.map(|network| [network.source, network.target]);
        let direction = direction(device, &decoded.link, ends)?;
        match self {
            Observer::Gateway => {
                let (time_ns, length_bytes) = (frame.time_ns, frame.length_bytes);
                decoded.network.map(|n| Packet { time_ns, length_bytes, direction, network: Some(n) })
            }
            Observer::Isp => isp(frame, decoded.network?, direction),
            Observer::Wifi => wifi(frame, decoded, direction),
            Observer::Tunnel => {
                let network = decoded.network?;
                crossing(&network, direction)?;
                let length_bytes = 60 + network.ip_length_bytes.next_multiple_of(16);
                Some(Packet { time_ns: frame.time_ns, length_bytes, direction, network: None })
            }
        }
    }
}

/// Which way a frame goes, as far as that can be known; `None` where it is not the device's. `ends` are source and
/// destination of the IP packet.
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

/// A packet behind the router: one hop on, the home's address translated.
fn isp(frame: &Frame<'_>, mut network: Network, direction: Option<Direction>) -> Option<Packet> {
    match crossing(&network, direction)? {
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
    Some(Packet {
        time_ns: frame.time_ns,
        length_bytes: frame.length_bytes,
        direction,
        network: Some(network),
    })
}

/// A data frame in the air: 26 bytes of header, 8 of SNAP and 16 of CCMP around what Ethernet carried.
fn wifi(frame: &Frame<'_>, decoded: &Decoded<'_>, direction: Option<Direction>) -> Option<Packet> {
    let link = decoded.link;
    let in_the_air = matches!(frame.link, LinkType::IEEE802_11 | LinkType::IEEE802_11_RADIOTAP);
    let length_bytes = match link.kind {
        FrameKind::NoData | FrameKind::Damaged | FrameKind::UnknownLink => return None,
        _ if in_the_air => frame.length_bytes.saturating_sub(link.foreign_bytes),
        _ => frame.length_bytes.saturating_sub(link.header_bytes) + 26 + 8 + 16,
    };
    Some(Packet { time_ns: frame.time_ns, length_bytes, direction, network: None })
}

/// Which way a packet crosses the gateway; `None` where it stays at home.
fn crossing(network: &Network, direction: Option<Direction>) -> Option<Direction> {
    let way = direction.or_else(|| match (is_home(network.source), is_home(network.target)) {
        (true, false) => Some(Direction::Out),
        (false, true) => Some(Direction::In),
        (true, true) => None,
        // public addresses on both sides: the direction is a guess, that it crosses is not
        (false, false) => Some(Direction::Out),
    })?;
    let (near, far) = match way {
        Direction::Out => (network.source, network.target),
        Direction::In => (network.target, network.source),
    };
    let neighbour = match (near, far) {
        (IpAddr::V6(near), IpAddr::V6(far)) => near.segments()[..4] == far.segments()[..4],
        _ => false,
    };
    if is_home(far) || neighbour { None } else { Some(way) }
}

/// Whether an address never leaves the home: private, link-local, multicast, broadcast, loopback.
fn is_home(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => {
            a.is_private()
                || a.is_link_local()
                || a.is_multicast()
                || a.is_broadcast()
                || a.is_loopback()
                || a.is_unspecified()
        }
        IpAddr::V6(a) => is_home_v6(a),
    }
}

fn is_home_v6(a: Ipv6Addr) -> bool {
    a.is_unique_local()
        || a.is_unicast_link_local()
        || a.is_multicast()
        || a.is_loopback()
        || a.is_unspecified()
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
