//! Headers that a capturing system puts in front of a frame: PPI, Prism, AVS, PKTAP, NFLOG, OpenBSD's ENC.
//!
//! Source: the tcpdump registry of link types; the PPI specification of CACE; Linux' `nfnetlink_log.h`; Apple's `pktap.h`.

use super::air::{Around, ieee802_11};
use super::carries::{Carries, of_family, of_kind, of_version, u16_at};
use super::link;
use super::{Captured, FrameKind, Link};
use crate::capture::LinkType;
use crate::packet::Mac;

/// Reads a frame behind such a header; `None` where the link type has none.
pub(super) fn read(link_type: LinkType, bytes: &[u8]) -> Option<(Link, Carries<'_>)> {
    Some(match link_type {
        LinkType::PPI => ppi(bytes),
        LinkType::PRISM => prism(bytes),
        LinkType::IEEE802_11_AVS => avs(bytes),
        LinkType::PKTAP => pktap(bytes),
        LinkType::NFLOG => nflog(bytes),
        LinkType::ENC => enc(bytes),
        _ => return None,
    })
}

fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}

/// What stands behind a header of so many bytes, read as a link type that has no such header itself.
fn behind(bytes: &[u8], header_bytes: usize, link_type: LinkType) -> (Link, Carries<'_>) {
    let Some(rest) = bytes.get(header_bytes..) else { return of_kind(FrameKind::Damaged) };
    let (link, carries) = link::read_plain(link_type, rest);
    let link = Link {
        header_bytes: link.header_bytes + header_bytes as u32,
        foreign_bytes: link.foreign_bytes + header_bytes as u32,
        ..link
    };
    (link, carries)
}

fn ppi(bytes: &[u8]) -> (Link, Carries<'_>) {
    let (Some(header_bytes), Some(link_type)) = (bytes.get(2..4), u32_le(bytes, 4)) else {
        return of_kind(FrameKind::Damaged);
    };
    let header_bytes = usize::from(u16::from_le_bytes([header_bytes[0], header_bytes[1]]));
    let link_type = LinkType(u16::try_from(link_type).unwrap_or(u16::MAX));
    let Some(mut fields) = bytes.get(8..header_bytes) else { return of_kind(FrameKind::Damaged) };
    if link_type != LinkType::IEEE802_11 {
        return behind(bytes, header_bytes, link_type);
    }
    let mut fcs_bytes = 0;
    while let Some((&[a, b, c, d], rest)) = fields.split_first_chunk::<4>() {
        let (kind, length) = (u16::from_le_bytes([a, b]), usize::from(u16::from_le_bytes([c, d])));
        let Some(field) = rest.get(..length) else { break };
        // 802.11-Common: a time stamp, then flags
        if let (2, Some(&[flags, _])) = (kind, field.get(8..10)) {
            if flags & 0b1100 != 0 {
                return of_kind(FrameKind::Damaged);
            }
            fcs_bytes = if flags & 1 != 0 { 4 } else { 0 };
        }
        fields = &rest[length..];
    }
    let around = Around { before_bytes: header_bytes, fcs_bytes, padded: false };
    ieee802_11(&bytes[header_bytes..], around)
}

/// The first word of an AVS header, in network order.
const AVS: [u8; 4] = [0x80, 0x21, 0x10, 0x01];

fn prism(bytes: &[u8]) -> (Link, Carries<'_>) {
    if bytes.starts_with(&AVS) {
        return avs(bytes);
    }
    // the length is in the byte order of the capturing host: the smaller reading is the true one
    let Some(&[a, b, c, d]) = bytes.get(4..).and_then(<[u8]>::first_chunk) else {
        return of_kind(FrameKind::Damaged);
    };
    let length = u32::from_le_bytes([a, b, c, d]).min(u32::from_be_bytes([a, b, c, d]));
    in_air(bytes, length, 8)
}

fn avs(bytes: &[u8]) -> (Link, Carries<'_>) {
    match bytes.get(4..).and_then(<[u8]>::first_chunk) {
        Some(&length) if bytes.starts_with(&AVS) => in_air(bytes, u32::from_be_bytes(length), 8),
        _ => of_kind(FrameKind::Damaged),
    }
}

fn in_air(bytes: &[u8], header_bytes: u32, least: u32) -> (Link, Carries<'_>) {
    match bytes.get(header_bytes as usize..) {
        Some(frame) if header_bytes >= least => {
            let around = Around { before_bytes: header_bytes as usize, ..Around::default() };
            ieee802_11(frame, around)
        }
        _ => of_kind(FrameKind::Damaged),
    }
}

/// Apple's header: its length, a record type, and the link type of what follows.
fn pktap(bytes: &[u8]) -> (Link, Carries<'_>) {
    match (u32_le(bytes, 0), u32_le(bytes, 4), u32_le(bytes, 8)) {
        (Some(length @ 12..), Some(1), Some(link_type)) => {
            behind(bytes, length as usize, LinkType(u16::try_from(link_type).unwrap_or(u16::MAX)))
        }
        _ => of_kind(FrameKind::Damaged),
    }
}

/// OpenBSD's and FreeBSD's view into IPsec: family in the capturing host's order, SPI, flags.
fn enc(bytes: &[u8]) -> (Link, Carries<'_>) {
    let Some(rest) = bytes.get(12..) else { return of_kind(FrameKind::Damaged) };
    let carries = of_family([bytes[0], bytes[1], bytes[2], bytes[3]], rest);
    (Link { header_bytes: 12, foreign_bytes: 12, ..Link::default() }, carries)
}

// Fields of Linux' netfilter log.
const IN_INTERFACE: u16 = 4;
const OUT_INTERFACE: u16 = 5;
const HARDWARE_ADDRESS: u16 = 8;
const PAYLOAD: u16 = 9;

/// Linux' netfilter log: a family, and fields of which one is the packet and one its sender's address.
fn nflog(bytes: &[u8]) -> (Link, Carries<'_>) {
    let Some(&[family, 0, ..]) = bytes.first_chunk::<4>() else { return of_kind(FrameKind::Damaged) };
    let (mut source, mut came_in, mut goes_out) = (None, false, false);
    let mut at = 4;
    while let Some(&[a, b, c, d]) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        // lengths and types are in the capturing host's order; types are small
        let (length, kind) = match d {
            0 => (u16::from_le_bytes([a, b]), u16::from(c)),
            _ => (u16::from_be_bytes([a, b]), u16::from(d)),
        };
        let length = usize::from(length);
        if length < 4 {
            break;
        }
        // a packet may be cut short by the recording
        let value = &bytes[at + 4..(at + length).clamp(at + 4, bytes.len())];
        match kind {
            IN_INTERFACE => came_in = true,
            OUT_INTERFACE => goes_out = true,
            HARDWARE_ADDRESS if u16_at(value, 0) == Some(6) => {
                source = value.get(4..).and_then(<[u8]>::first_chunk).copied().map(Mac);
            }
            PAYLOAD => {
                let before_bytes = (at + 4) as u32;
                let captured = Captured::Cooked { outgoing: goes_out && !came_in, interface: 0 };
                let link = Link {
                    source,
                    header_bytes: before_bytes,
                    foreign_bytes: before_bytes,
                    captured,
                    ..Link::default()
                };
                return match family {
                    2 => (link, Carries::Ipv4(value)),
                    10 => (link, Carries::Ipv6(value)),
                    // bridged frames, whose header is in another field
                    _ => (link, of_version(value)),
                };
            }
            _ => {}
        }
        at += length.next_multiple_of(4);
    }
    of_kind(FrameKind::Damaged)
}
