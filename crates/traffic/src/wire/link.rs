//! Link layers: Ethernet, raw IP, loopback, Linux cooked, 802.11 and radiotap.
//!
//! Source: the tcpdump registry of link types; IEEE 802.3, 802.1Q, 802.11; RFC 2516; radiotap.org.

use super::{Captured, FrameKind, Link};
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
const LLC_SNAP: [u8; 6] = [0xaa, 0xaa, 0x03, 0, 0, 0];

/// Reads the link layer of a frame.
pub(super) fn read(link_type: LinkType, bytes: &[u8]) -> (Link, Carries<'_>) {
    match link_type {
        LinkType::ETHERNET => ethernet(bytes),
        // 12 and 14 are what some systems wrote for raw IP before it had a number of its own
        LinkType::RAW | LinkType(12) | LinkType(14) => raw(bytes),
        LinkType::IPV4 => (Link::default(), Carries::Ipv4(bytes)),
        LinkType::IPV6 => (Link::default(), Carries::Ipv6(bytes)),
        LinkType::NULL | LinkType::LOOP => loopback(bytes),
        LinkType::LINUX_SLL => cooked(bytes),
        LinkType::LINUX_SLL2 => cooked2(bytes),
        LinkType::IEEE802_11 => ieee802_11(bytes, Around::default()),
        LinkType::IEEE802_11_RADIOTAP => radiotap(bytes),
        _ => of_kind(FrameKind::UnknownLink),
    }
}

fn of_kind(kind: FrameKind) -> (Link, Carries<'static>) {
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
fn mac(bytes: &[u8], at: usize) -> Option<Mac> {
    bytes.get(at..)?.first_chunk().copied().map(Mac)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
}

fn ethernet(bytes: &[u8]) -> (Link, Carries<'_>) {
    let Some(ethertype) = u16_at(bytes, 12) else { return of_kind(FrameKind::Damaged) };
    let (at, carries) = ethertype_payload(bytes, 14, ethertype);
    (ethernet_addresses(bytes, at as u32), carries)
}

/// Steps over VLAN tags, PPPoE and SNAP; where the network layer begins and what it is.
fn ethertype_payload(bytes: &[u8], mut at: usize, mut ethertype: u16) -> (usize, Carries<'_>) {
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

fn raw(bytes: &[u8]) -> (Link, Carries<'_>) {
    let carries = match bytes.first().map(|b| b >> 4) {
        Some(4) => Carries::Ipv4(bytes),
        Some(6) => Carries::Ipv6(bytes),
        _ => Carries::Other,
    };
    (Link::default(), carries)
}

fn loopback(bytes: &[u8]) -> (Link, Carries<'_>) {
    let Some(&[a, b, c, d]) = bytes.first_chunk() else { return of_kind(FrameKind::Damaged) };
    // the family is in the capturing host's byte order; the small number is the true one
    let family = u32::from_le_bytes([a, b, c, d]).min(u32::from_be_bytes([a, b, c, d]));
    let carries = match family {
        2 => Carries::Ipv4(&bytes[4..]),
        10 | 24 | 28 | 30 => Carries::Ipv6(&bytes[4..]),
        _ => Carries::Other,
    };
    (Link { header_bytes: 4, ..Link::default() }, carries)
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

/// Steps over the radiotap header and learns whether the frame ends in a checksum.
fn radiotap(bytes: &[u8]) -> (Link, Carries<'_>) {
    let Some(&[0, _, low, high, ..]) = bytes.first_chunk::<8>() else { return of_kind(FrameKind::Damaged) };
    let header_bytes = usize::from(u16::from_le_bytes([low, high]));
    if header_bytes < 8 || header_bytes > bytes.len() {
        return of_kind(FrameKind::Damaged);
    }
    let flags = radiotap_flags(&bytes[..header_bytes]);
    let around = Around {
        radiotap_bytes: header_bytes,
        fcs_bytes: if flags & 0x10 != 0 { 4 } else { 0 },
        padded: flags & 0x20 != 0,
    };
    ieee802_11(&bytes[header_bytes..], around)
}

/// The flags field of a radiotap header; 0 where it has none.
fn radiotap_flags(header: &[u8]) -> u8 {
    let word = |at: usize| header.get(at..)?.first_chunk().copied().map(u32::from_le_bytes);
    let Some(present) = word(4) else { return 0 };
    let mut at = 4;
    // further presence words while bit 31 is set
    while word(at).is_some_and(|w| w & 1 << 31 != 0) {
        at += 4;
    }
    at += 4;
    if present & 1 != 0 {
        at = at.next_multiple_of(8) + 8;
    }
    if present & 2 != 0 { header.get(at).copied().unwrap_or(0) } else { 0 }
}

/// What a capturing driver put around an 802.11 frame.
#[derive(Default)]
struct Around {
    radiotap_bytes: usize,
    fcs_bytes: usize,
    /// The 802.11 header is followed by padding to a multiple of four bytes.
    padded: bool,
}

/// An 802.11 frame: who and whom; encrypted frames carry nothing that can be read.
fn ieee802_11(bytes: &[u8], around: Around) -> (Link, Carries<'_>) {
    let Some(&[control, flags]) = bytes.first_chunk() else { return of_kind(FrameKind::Damaged) };
    let (version, frame_type, subtype) = (control & 3, control >> 2 & 3, control >> 4);
    let Around { radiotap_bytes, fcs_bytes, padded } = around;
    let mut foreign_bytes = (radiotap_bytes + fcs_bytes) as u32;
    if version != 0 || frame_type != 2 || subtype & 4 != 0 {
        let (kind, captured) = (FrameKind::NoData, Captured::InAir);
        return (Link { kind, foreign_bytes, captured, ..Link::default() }, Carries::Other);
    }
    let (to_ds, from_ds, encrypted) = (flags & 1 != 0, flags & 2 != 0, flags & 0x40 != 0);
    let (target_at, source_at) = match (to_ds, from_ds) {
        (false, false) => (4, 10),
        (true, false) => (16, 10),
        (false, true) => (4, 16),
        (true, true) => (16, 24),
    };
    let mut header_bytes = if to_ds && from_ds { 30_usize } else { 24 };
    if subtype & 8 != 0 {
        // a QoS frame, with HT control where the order bit is set
        header_bytes += if flags & 0x80 != 0 { 6 } else { 2 };
    }
    if padded {
        foreign_bytes += (header_bytes.next_multiple_of(4) - header_bytes) as u32;
        header_bytes = header_bytes.next_multiple_of(4);
    }
    if bytes.len() < header_bytes {
        return of_kind(FrameKind::Damaged);
    }
    let body = &bytes[header_bytes..bytes.len() - fcs_bytes.min(bytes.len() - header_bytes)];
    let (snap_bytes, carries) = match body {
        body if encrypted || !body.starts_with(&LLC_SNAP) => (0, Carries::Other),
        body => match u16_at(body, 6) {
            Some(ethertype) => {
                let (at, carries) = ethertype_payload(body, 8, ethertype);
                (at, carries)
            }
            None => (0, Carries::Other),
        },
    };
    let link = Link {
        source: mac(bytes, source_at),
        target: mac(bytes, target_at),
        header_bytes: (radiotap_bytes + header_bytes + snap_bytes) as u32,
        foreign_bytes,
        kind: if encrypted { FrameKind::Encrypted } else { FrameKind::Data },
        captured: Captured::InAir,
    };
    (link, carries)
}
