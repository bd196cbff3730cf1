//! Vantage points: the same packets, as far as an outsider there sees them.
//!
//! Source: docs/method.md, "Observers". Each observer is a threat model as a value: its file says all of it.

mod gateway;
mod isp;
mod tunnel;
mod wifi;

use crate::Error;
use crate::event::Event;
use crate::packet::{Device, Direction, Network, Packet};
use crate::wire::{Captured, Link};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Makes the register: the enumeration, its order, and for each observer the file that says what it is.
macro_rules! register {
    ($($(#[$about:meta])* $observer:ident = $file:ident,)*) => {
        /// Where the listener sits.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Observer {
            $($(#[$about])* $observer,)*
        }

        impl Observer {
            /// The register, in the order reports show it.
            pub const ALL: [Observer; [$(Observer::$observer,)*].len()] = [$(Observer::$observer,)*];

            /// All of it that is not arithmetic.
            pub const fn entry(self) -> &'static Entry {
                match self {
                    $(Observer::$observer => &$file::ENTRY,)*
                }
            }

            /// Length and headers that it sees of an event, and which way the event crosses the gateway where that
            /// matters; `None` where the event passes it by.
            #[inline(always)]
            fn sees_of(self, event: &Event, crossing: Option<Direction>) -> Option<(u32, Option<Network>)> {
                match self {
                    $(Observer::$observer => $file::sees_of(event, crossing),)*
                }
            }
        }
    };
}

register! {
    /// On the home's router: everything. The paper's attacker.
    Gateway = gateway,
    /// Behind the router: what crosses it, the home's addresses as one.
    Isp = isp,
    /// Beside the house, without the Wi-Fi key: times, directions, frame lengths.
    Wifi = wifi,
    /// Outside a VPN that the home's traffic runs through: times, directions, outer lengths.
    Tunnel = tunnel,
}

/// What an observer is; each stands in its observer's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Permanent name: command line, files and reports show it.
    pub name: &'static str,
    /// Who it is, for someone at home: `your internet provider`.
    pub who: &'static str,
    /// Where it is and what it sees, in a sentence.
    pub about: &'static str,
    /// Whether it sees headers: see [`Need::Headers`].
    pub sees_headers: bool,
    /// Whether it sees only what crosses the gateway.
    pub is_behind_gateway: bool,
}

/// What a feature can ask of a packet beyond its time and length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    TimeAndLength,
    /// Addresses, ports, protocol, TTL, TCP window: an IP header in the clear.
    Headers,
}

impl Observer {
    /// Permanent name.
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    /// Names of those that `admit` lets in, as a list for messages.
    pub fn names(admit: impl Fn(&Entry) -> bool) -> String {
        let admitted = Observer::ALL.iter().map(|observer| observer.entry()).filter(|entry| admit(entry));
        admitted.map(|entry| entry.name).collect::<Vec<_>>().join(", ")
    }

    /// Whether it sees what a feature asks for.
    pub fn sees(self, need: Need) -> bool {
        need == Need::TimeAndLength || self.entry().sees_headers
    }

    /// What it sees of one event; `None` where the event is not the device's or passes it by.
    #[inline(always)]
    pub fn view(self, device: Device, event: &Event) -> Option<Packet> {
        let direction = event_direction(device, event)?;
        let crossing = if self.is_behind_gateway() { crossing(event, direction) } else { None };
        self.view_going(direction, crossing, event)
    }

    /// Whether it sees only what crosses the gateway.
    #[inline(always)]
    pub(crate) fn is_behind_gateway(self) -> bool {
        self.entry().is_behind_gateway
    }

    /// What it sees of an event whose direction is known, and which way it crosses the gateway where that matters.
    #[inline(always)]
    pub(crate) fn view_going(
        self,
        direction: Option<Direction>,
        crossing: Option<Direction>,
        event: &Event,
    ) -> Option<Packet> {
        let (length_bytes, network) = match event.link.captured {
            // a packet table holds what its observer saw, whoever that was
            Captured::Listed(_) => (event.length_bytes, None),
            _ => self.sees_of(event, crossing)?,
        };
        Some(Packet { time_ns: event.time_ns, length_bytes, direction, network })
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
    if let Captured::Listed(direction) = link.captured {
        // a packet table is of one device
        return Some(Some(direction));
    }
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

/// Which way an event crosses the gateway; `None` where it stays at home or is no packet.
pub fn crossing(event: &Event, direction: Option<Direction>) -> Option<Direction> {
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
        let unknown = || Error::UnknownObserver { name: name.to_owned(), known: Observer::names(|_| true) };
        Observer::ALL.into_iter().find(|observer| observer.name() == name).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests;
