//! Link layers: Ethernet, raw IP, loopback, PPP, Linux cooked; with [`super::air`] and [`super::pseudo`] all that are read.
//!
//! Source: the tcpdump registry of link types; IEEE 802.3, 802.1Q; RFC 1661, RFC 1662, RFC 2516.

use super::air::{Around, ieee802_11, radiotap};
use super::{Captured, FrameKind, Link, pseudo};
use crate::capture::LinkType;
use crate::packet::Mac;

/// What a frame carries.
pub(super) enum Carries<'a> {
    Ipv4(&'a [u8]),
    Ipv6(&'a [u8]),
    Other,
}

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const PPPOE_SESSION: u16 = 0x8864;
/// The packet type of a cooked frame that the capturing host sent.
const OUTGOING: u16 = 4;
pub(super) const LLC_SNAP: [u8; 6] = [0xaa, 0xaa, 0x03, 0, 0, 0];

/// Reads the link layer of a frame.
pub(super) fn read(link_type: LinkType, bytes: &[u8]) -> (Link, Carries<'_>) {
    pseudo::read(link_type, bytes).unwrap_or_else(|| read_plain(link_type, bytes))
}

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
        LinkType::IEEE802_11 => ieee802_11(bytes, Around::default()),
        LinkType::IEEE802_11_RADIOTAP => radiotap(bytes),
        _ => of_kind(FrameKind::UnknownLink),
    }
}

pub(super) fn of_kind(kind: FrameKind) -> (Link, Carries<'static>) {
    (Link { kind, ..Link::default() }, Carries::Other)
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

#[inline(always)]
pub(super) fn mac(bytes: &[u8], at: usize) -> Option<Mac> {
    bytes.get(at..)?.first_chunk().copied().map(Mac)
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
}

fn ethernet(bytes: &[u8]) -> (Link, Carries<'_>) {
    let Some(ethertype) = u16_at(bytes, 12) else { return of_kind(FrameKind::Damaged) };
    let (at, carries) = ethertype_payload(bytes, 14, ethertype);
    (ethernet_addresses(bytes, at as u32), carries)
}

/// Steps over VLAN tags, PPPoE and SNAP; where the network layer begins and what it is.
pub(super) fn ethertype_payload(bytes: &[u8], mut at: usize, mut ethertype: u16) -> (usize, Carries<'_>) {
    loop {
        let rest = bytes.get(at..).unwrap_or(&[]);
        match ethertype {
            IPV4 => return (at, Carries::Ipv4(rest)),
            IPV6 => return (at, Carries::Ipv6(rest)),
            0x8100 | 0x88a8 | 0x9100 | 0x9200 => {
                let Some(inner) = u16_at(rest, 2) else { return (at, Carries::Other) };
                (at, ethertype) = (at + 4, inner);
            }
            PPPOE_SESSION => {
                return match u16_at(rest, 6) {
                    Some(0x0021) => (at + 8, Carries::Ipv4(&rest[8..])),
                    Some(0x0057) => (at + 8, Carries::Ipv6(&rest[8..])),
                    _ => (at, Carries::Other),
                };
            }
            // an 802.3 length: SNAP may carry an ethertype
            0..=1500 if rest.starts_with(&LLC_SNAP) => {
                let Some(inner) = u16_at(rest, 6) else { return (at, Carries::Other) };
                // a length in the place of the inner type would lead back here
                if inner <= 1500 {
                    return (at, Carries::Other);
                }
                (at, ethertype) = (at + 8, inner);
            }
            _ => return (at, Carries::Other),
        }
    }
}

/// An IP packet of whatever version its first half-byte says.
pub(super) fn of_version(bytes: &[u8]) -> Carries<'_> {
    match bytes.first().map(|b| b >> 4) {
        Some(4) => Carries::Ipv4(bytes),
        Some(6) => Carries::Ipv6(bytes),
        _ => Carries::Other,
    }
}

/// What an address family says of the bytes behind it. The number is in the capturing host's byte order; the small
/// reading is the true one.
pub(super) fn of_family(family: [u8; 4], bytes: &[u8]) -> Carries<'_> {
    match u32::from_le_bytes(family).min(u32::from_be_bytes(family)) {
        2 => Carries::Ipv4(bytes),
        10 | 24 | 28 | 30 => Carries::Ipv6(bytes),
        _ => Carries::Other,
    }
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
