//! Link layers: Ethernet, raw IP, loopback, PPP, Linux cooked, rows of packet tables; 802.11 stands in [`super::air`], headers of capturing systems in [`super::pseudo`].
//!
//! Source: the tcpdump registry of link types; IEEE 802.3, 802.1Q; RFC 1661, RFC 1662, RFC 2516.

use super::air::{Around, ieee802_11, radiotap};
use super::carries::{
    Carries, PPPOE_SESSION, ethertype_payload, mac, of_family, of_kind, of_version, u16_at,
};
use super::{Captured, FrameKind, Link};
use crate::capture::LinkType;
use crate::packet::Direction;

/// The packet type of a cooked frame that the capturing host sent.
const OUTGOING: u16 = 4;

/// Reads a frame whose link type puts no other link type behind a header of its own.
pub(super) fn read_plain(link_type: LinkType, bytes: &[u8]) -> (Link, Carries<'_>) {
    match link_type {
        LinkType::ETHERNET => ethernet(bytes),
        // 12 and 14 are what some systems wrote for raw IP before it had a number of its own
        LinkType::RAW | LinkType(12) | LinkType(14) => (Link::default(), of_version(bytes)),
        LinkType::IPV4 => (Link::default(), Carries::Ipv4(bytes)),
        LinkType::IPV6 => (Link::default(), Carries::Ipv6(bytes)),
        LinkType::NULL | LinkType::LOOP => loopback(bytes),
        LinkType::PPP | LinkType::PPP_HDLC => ppp(bytes, 0),
        // a byte says who sent it
        LinkType::PPP_WITH_DIR => ppp(bytes, 1),
        LinkType::PPP_ETHER => {
            let (at, carries) = ethertype_payload(bytes, 0, PPPOE_SESSION);
            (Link { header_bytes: at as u32, ..Link::default() }, carries)
        }
        LinkType::LINUX_SLL => cooked(bytes),
        LinkType::LINUX_SLL2 => cooked2(bytes),
        LinkType::SENT if bytes.is_empty() => listed(Direction::Out),
        LinkType::RECEIVED if bytes.is_empty() => listed(Direction::In),
        LinkType::IEEE802_11 => ieee802_11(bytes, Around::default()),
        LinkType::IEEE802_11_RADIOTAP => radiotap(bytes),
        _ => of_kind(FrameKind::UnknownLink),
    }
}

/// The link layer of an Ethernet frame whose length was checked.
#[inline(always)]
pub(super) fn ethernet_addresses(bytes: &[u8], header_bytes: u32) -> Link {
    Link {
        target: mac(bytes, 0),
        source: mac(bytes, 6),
        header_bytes,
        foreign_bytes: 0,
        kind: FrameKind::Data,
        captured: Captured::OnWire,
    }
}

fn ethernet(bytes: &[u8]) -> (Link, Carries<'_>) {
    let Some(ethertype) = u16_at(bytes, 12) else { return of_kind(FrameKind::Damaged) };
    let (at, carries) = ethertype_payload(bytes, 14, ethertype);
    (ethernet_addresses(bytes, at as u32), carries)
}

fn loopback(bytes: &[u8]) -> (Link, Carries<'_>) {
    let Some((&family, rest)) = bytes.split_first_chunk() else { return of_kind(FrameKind::Damaged) };
    (Link { header_bytes: 4, ..Link::default() }, of_family(family, rest))
}

/// PPP behind `at` bytes: address and control are often left out, and the protocol may take one byte.
fn ppp(bytes: &[u8], mut at: usize) -> (Link, Carries<'_>) {
    if bytes.get(at..).is_some_and(|rest| rest.starts_with(&[0xff, 0x03])) {
        at += 2;
    }
    let protocol = match bytes.get(at..) {
        Some(&[short, ..]) if short & 1 == 1 => {
            at += 1;
            u16::from(short)
        }
        Some(&[high, low, ..]) => {
            at += 2;
            u16::from_be_bytes([high, low])
        }
        _ => return of_kind(FrameKind::Damaged),
    };
    let carries = match protocol {
        0x0021 => Carries::Ipv4(&bytes[at..]),
        0x0057 => Carries::Ipv6(&bytes[at..]),
        _ => Carries::Other,
    };
    (Link { header_bytes: at as u32, ..Link::default() }, carries)
}

/// A row of a packet table.
fn listed(direction: Direction) -> (Link, Carries<'static>) {
    (Link { captured: Captured::Listed(direction), ..Link::default() }, Carries::Other)
}

fn cooked(bytes: &[u8]) -> (Link, Carries<'_>) {
    let (Some(packet_type), Some(address_bytes), Some(protocol)) =
        (u16_at(bytes, 0), u16_at(bytes, 4), u16_at(bytes, 14))
    else {
        return of_kind(FrameKind::Damaged);
    };
    let captured = Captured::Cooked { outgoing: packet_type == OUTGOING, interface: 0 };
    let source = if address_bytes == 6 { mac(bytes, 6) } else { None };
    let (at, carries) = ethertype_payload(bytes, 16, protocol);
    (Link { source, header_bytes: at as u32, captured, ..Link::default() }, carries)
}

fn cooked2(bytes: &[u8]) -> (Link, Carries<'_>) {
    let Some(header) = bytes.first_chunk::<20>() else { return of_kind(FrameKind::Damaged) };
    let [p, q, _, _, a, b, c, d, _, _, packet_type, address_bytes, address @ ..] = header;
    let protocol = u16::from_be_bytes([*p, *q]);
    let interface = u32::from_be_bytes([*a, *b, *c, *d]);
    let captured = Captured::Cooked { outgoing: u16::from(*packet_type) == OUTGOING, interface };
    let source = if *address_bytes == 6 { mac(address, 0) } else { None };
    let (at, carries) = ethertype_payload(bytes, 20, protocol);
    (Link { source, header_bytes: at as u32, captured, ..Link::default() }, carries)
}
