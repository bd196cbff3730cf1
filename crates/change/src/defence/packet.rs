//! A packet on its way through defences.

use overhear_traffic::event::Event;
use overhear_traffic::packet::{Direction, Network};
use overhear_traffic::wire::{Captured, FrameKind};
use std::net::IpAddr;

/// Longest IP packet that Ethernet carries, bytes.
pub const MTU_BYTES: u32 = 1500;

/// Longest IP packet without a jumbo option, bytes: RFC 8200, section 3.
const MOST_IP_BYTES: u32 = 40 + 65_535;

/// A packet on its way through defences. It cannot be copied: what is sent is gone.
///
/// A defence may alter what [`Packet::event`] says. Whoever drives it remembers which packet it is and how long it was;
/// a packet that leaves shorter than it came is made as long again.
#[derive(Debug)]
pub struct Packet {
    /// What its headers say. Its time and number are the driver's: what a defence writes there is not looked at.
    pub event: Event,
    direction: Direction,
    pub(super) origin: Origin,
    /// It leaves no shorter than this, bytes on the wire.
    pub(super) least_bytes: u32,
}

/// Where a packet comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin {
    /// The device's traffic.
    Real(Real),
    /// A beginning of the real packet of this number that was split; its end is the packet itself.
    Part(Option<u64>),
    /// A defence.
    Cover,
}

/// What the driver remembers of a real packet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Real {
    pub number: Option<u64>,
    pub length_bytes: u32,
    /// When it would have left without a defence, ns.
    pub due_ns: i64,
}

impl Packet {
    /// A real packet as it comes now. By its event's number it is known again; see [`Packet::number`].
    pub fn new(event: Event, direction: Direction) -> Packet {
        let Event { number, length_bytes, time_ns, .. } = event;
        Packet::of(event, direction, Origin::Real(Real { number, length_bytes, due_ns: time_ns }))
    }

    pub(super) fn of(event: Event, direction: Direction, origin: Origin) -> Packet {
        Packet { event, direction, origin, least_bytes: event.length_bytes }
    }

    /// The number that it came with, whatever its event says now; of a part, that of the packet which was split. `None`
    /// of cover.
    pub fn number(&self) -> Option<u64> {
        match self.origin {
            Origin::Real(real) => real.number,
            Origin::Part(number) => number,
            Origin::Cover => None,
        }
    }

    /// Whether it is a beginning of a packet that was split: the next bytes of its payload, behind its headers.
    pub fn is_part(&self) -> bool {
        matches!(self.origin, Origin::Part(_))
    }

    /// Which way it goes.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Whether a defence added it.
    pub fn is_cover(&self) -> bool {
        matches!(self.origin, Origin::Cover)
    }

    /// Length of its IP packet, bytes; what is around it is left out. Of a row of a packet table: the length listed.
    pub fn ip_length_bytes(&self) -> u32 {
        ip_length_bytes(&self.event)
    }

    /// Makes its IP packet so long, bytes, where it is shorter. What Ethernet fills a short frame with counts for it.
    pub fn pad_to(&mut self, ip_length_bytes: u32) {
        if ip_length_bytes > self.ip_length_bytes() {
            let length_bytes = around_bytes(&self.event).saturating_add(ip_length_bytes);
            self.event.length_bytes = self.event.length_bytes.max(length_bytes);
            self.event.network = self.event.network.map(|own| Network { ip_length_bytes, ..own });
        }
    }

    /// Address of its other end; `None` where it is not known.
    pub fn far_end(&self) -> Option<IpAddr> {
        let network = self.event.network?;
        Some(if self.direction == Direction::Out { network.target } else { network.source })
    }

    /// Bytes of headers in its IP packet; 0 where they are not known.
    pub(super) fn ip_headers_bytes(&self) -> u32 {
        self.event.least_bytes().saturating_sub(around_bytes(&self.event))
    }

    /// In how many packets of so many bytes of IP it goes.
    pub(super) fn parts(&self, ip_length_bytes: u32) -> u32 {
        let (headers, whole) = (self.ip_headers_bytes(), self.ip_length_bytes());
        if whole <= ip_length_bytes || headers >= ip_length_bytes {
            return 1;
        }
        (whole - headers).div_ceil(ip_length_bytes - headers)
    }

    /// Takes its beginning as a packet of so many bytes of IP, headers repeated, and leaves the rest; `None` where its
    /// headers leave no room or it is no longer than that.
    pub(super) fn split(&mut self, ip_length_bytes: u32) -> Option<Packet> {
        if self.parts(ip_length_bytes) == 1 {
            return None;
        }
        let carried = ip_length_bytes - self.ip_headers_bytes();
        let rest = self.ip_length_bytes() - carried;
        let length_bytes = around_bytes(&self.event).saturating_add(ip_length_bytes);
        let part = self.event.with_length(length_bytes);
        self.event.length_bytes = self.event.length_bytes.saturating_sub(carried);
        self.event.network = self.event.network.map(|own| Network { ip_length_bytes: rest, ..own });
        self.least_bytes = self.event.length_bytes;
        let origin = if self.is_cover() { Origin::Cover } else { Origin::Part(self.number()) };
        Some(Packet::of(part, self.direction, origin))
    }
}

/// Whether an event is a packet that defences are given: one of IP, an encrypted frame, or a row of a packet table.
pub(super) fn is_packet(event: &Event) -> bool {
    let is_known = event.network.is_some()
        || event.link.kind == FrameKind::Encrypted
        || matches!(event.link.captured, Captured::Listed(_));
    is_known && ip_length_bytes(event) <= MOST_IP_BYTES
}

fn ip_length_bytes(event: &Event) -> u32 {
    let of_frame = || event.length_bytes.saturating_sub(around_bytes(event));
    event.network.map_or_else(of_frame, |network| network.ip_length_bytes)
}

/// Bytes of a frame that are not of its IP packet.
pub(super) fn around_bytes(event: &Event) -> u32 {
    event.link.header_bytes.saturating_add(event.link.foreign_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use overhear_traffic::packet::Transport;
    use overhear_traffic::wire::Link;

    fn packet(length_bytes: u32, ip_length_bytes: u32) -> Packet {
        let [source, target] = [[192, 168, 0, 2], [192, 0, 2, 9]].map(IpAddr::from);
        let transport = Transport::Udp { ports: Some((40_000, 443)) };
        let network = Network { source, target, ttl: 64, ip_length_bytes, transport };
        let link = Link { header_bytes: 14, ..Link::default() };
        let event = Event { time_ns: 0, length_bytes, link, network: Some(network), number: None };
        Packet::of(event, Direction::Out, Origin::Cover)
    }

    fn lengths(packet: &Packet) -> (u32, u32) {
        (packet.event.length_bytes, packet.ip_length_bytes())
    }

    #[test]
    fn padding_fills_what_ethernet_filled_and_never_shortens() {
        let mut short = packet(60, 40);
        short.pad_to(44);
        assert_eq!(lengths(&short), (60, 44));
        short.pad_to(1500);
        assert_eq!(lengths(&short), (1514, 1500));
        short.pad_to(100);
        assert_eq!(lengths(&short), (1514, 1500));
    }

    #[test]
    fn parts_carry_all_of_a_packet_each_with_headers() {
        let mut long = packet(1514, 1500);
        assert_eq!([long.parts(28), long.parts(528), long.parts(1499), long.parts(1500)], [1, 3, 2, 1]);
        let parts: Vec<_> = std::iter::from_fn(|| long.split(528)).map(|part| lengths(&part)).collect();
        // 1472 bytes behind headers of 28: 500 + 500 + 472
        assert_eq!(parts, [(542, 528), (542, 528)]);
        assert_eq!(lengths(&long), (514, 500));
        assert!(packet(1514, 1500).split(28).is_none(), "headers alone");
        assert!(packet(100, 86).split(500).is_none());
    }

    #[test]
    fn a_row_of_a_packet_table_is_as_long_as_it_is_listed() {
        let mut row = packet(40, 40);
        row.event.link = Link { captured: Captured::Listed(Direction::Out), ..Link::default() };
        row.event.network = None;
        assert!(is_packet(&row.event));
        row.pad_to(1500);
        assert_eq!(lengths(&row), (1500, 1500));
        assert_eq!(lengths(&row.split(1000).unwrap()), (1000, 1000));
        assert_eq!(row.ip_length_bytes(), 500);
    }
}
