//! What stands between a capture and whoever looks: one frame as what it says, without its bytes.
//!
//! [`crate::trace`] chooses the device's events and puts their times right, a [`crate::change`] may alter them, an
//! observer sees packets of them.

use crate::capture::Frame;
use crate::packet::{Network, Transport};
use crate::wire::{Air, Captured, Decoded, Link};
use std::net::IpAddr;

/// One decoded frame that owns what it says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// Nanoseconds since 1970.
    pub time_ns: i64,
    /// Length of the frame, bytes.
    pub length_bytes: u32,
    /// The link layer.
    pub link: Link,
    /// The network layer; `None` where there is none or it cannot be read.
    pub network: Option<Network>,
    /// Its place among the events that a [`crate::change`] is given, from 0, by which it is known again however it was
    /// altered; `None` before, and of an event that a change added.
    pub number: Option<u64>,
}

impl Event {
    /// A frame and what was decoded of it.
    #[inline(always)]
    pub fn of(frame: &Frame<'_>, decoded: &Decoded<'_>) -> Event {
        let Frame { time_ns, length_bytes, .. } = *frame;
        Event { time_ns, length_bytes, link: decoded.link, network: decoded.network, number: None }
    }

    /// The same packet the other way: addresses of link and network and ports exchanged, all else as it is.
    #[must_use]
    pub fn reversed(&self) -> Event {
        let Link { source, target, captured, .. } = self.link;
        let captured = match captured {
            Captured::OnWire => Captured::OnWire,
            Captured::InAir(air) => Captured::InAir(Air { to_ds: air.from_ds, from_ds: air.to_ds, ..air }),
            Captured::Cooked { outgoing, interface } => Captured::Cooked { outgoing: !outgoing, interface },
            Captured::Listed(direction) => Captured::Listed(direction.opposite()),
        };
        let link = Link { source: target, target: source, captured, ..self.link };
        Event { link, network: self.network.map(reversed), ..*self }
    }

    /// The same packet with another length on the wire, bytes; that of its IP packet follows.
    #[must_use]
    pub fn with_length(&self, length_bytes: u32) -> Event {
        let around = self.link.header_bytes.saturating_add(self.link.foreign_bytes);
        let ip_length_bytes = length_bytes.saturating_sub(around);
        Event { length_bytes, network: self.network.map(|own| Network { ip_length_bytes, ..own }), ..*self }
    }

    /// The shortest that such a packet can be on the wire, bytes: its headers without options, and nothing in them.
    pub fn least_bytes(&self) -> u32 {
        let around = self.link.header_bytes.saturating_add(self.link.foreign_bytes);
        let Some(network) = self.network else { return around };
        let ip = match network.source {
            IpAddr::V4(_) => 20,
            IpAddr::V6(_) => 40,
        };
        let transport = match network.transport {
            Transport::Tcp { .. } => 20,
            Transport::Udp { .. } | Transport::Icmp => 8,
            Transport::Other(_) => 0,
        };
        around.saturating_add(ip + transport)
    }
}

fn reversed(network: Network) -> Network {
    let exchanged = |ports: Option<(u16, u16)>| ports.map(|(source, target)| (target, source));
    let transport = match network.transport {
        Transport::Tcp { ports, window } => Transport::Tcp { ports: exchanged(ports), window },
        Transport::Udp { ports } => Transport::Udp { ports: exchanged(ports) },
        other => other,
    };
    Network { source: network.target, target: network.source, transport, ..network }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Mac;

    fn event() -> Event {
        let transport = Transport::Tcp { ports: Some((40_000, 443)), window: Some(501) };
        let [source, target] = ["192.168.0.2", "192.0.2.9"].map(|text| text.parse().unwrap());
        let network = Network { source, target, ttl: 64, ip_length_bytes: 86, transport };
        let [near, far] = [Mac([2, 0, 0, 0, 0, 1]), Mac([2, 0, 0, 0, 0, 2])];
        let link = Link { source: Some(near), target: Some(far), header_bytes: 14, ..Link::default() };
        Event { time_ns: 7, length_bytes: 100, link, network: Some(network), number: Some(3) }
    }

    #[test]
    fn a_reversed_packet_has_its_ends_exchanged_and_all_else_kept() {
        let (event, back) = (event(), event().reversed());
        let (network, other) = (event.network.unwrap(), back.network.unwrap());
        assert_eq!((back.link.source, back.link.target), (event.link.target, event.link.source));
        assert_eq!((other.source, other.target), (network.target, network.source));
        assert_eq!(other.transport, Transport::Tcp { ports: Some((443, 40_000)), window: Some(501) });
        assert_eq!((other.ttl, other.ip_length_bytes, back.length_bytes), (64, 86, 100));
        assert_eq!(back.reversed(), event);
    }

    #[test]
    fn the_ip_packet_is_as_long_as_its_frame_lets_it() {
        let longer = event().with_length(1514);
        assert_eq!((longer.length_bytes, longer.network.unwrap().ip_length_bytes), (1514, 1500));
        assert_eq!(event().with_length(3).network.unwrap().ip_length_bytes, 0);
        assert_eq!(event().least_bytes(), 54);
    }
}
