//! What a link layer carries, and the ethertypes that say so.

use super::{FrameKind, Link};
use crate::packet::Mac;

/// What a frame carries.
pub(super) enum Carries<'a> {
    Ipv4(&'a [u8]),
    Ipv6(&'a [u8]),
    Other,
}

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
pub(super) const PPPOE_SESSION: u16 = 0x8864;
pub(super) const LLC_SNAP: [u8; 6] = [0xaa, 0xaa, 0x03, 0, 0, 0];

pub(super) fn of_kind(kind: FrameKind) -> (Link, Carries<'static>) {
    (Link { kind, ..Link::default() }, Carries::Other)
}

#[inline(always)]
pub(super) fn mac(bytes: &[u8], at: usize) -> Option<Mac> {
    bytes.get(at..)?.first_chunk().copied().map(Mac)
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
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
