//! Mirrored frames: what a switch, an access point or a router wraps and sends to whoever records.
//!
//! ERSPAN (types I to III) and Ethernet in GRE, VXLAN, TZSP. One level is unwrapped: what a speaker sends is in none of
//! them, so what stands inside is what was to be recorded.
//! Source: RFC 2784, RFC 2890, RFC 7348; draft-foschiano-erspan-03; the TZSP description of Wireshark's wiki.

use super::{Decoded, FrameKind, decode};
use crate::capture::{Frame, LinkType};
use crate::packet::Transport;
use serde::Serialize;

/// How a frame was wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mirror {
    /// Cisco's remote mirror over GRE.
    Erspan,
    /// Ethernet in GRE.
    Gretap,
    /// Ethernet in UDP, as virtual switches and clouds mirror.
    Vxlan,
    /// TaZmen Sniffer Protocol, as MikroTik and some access points mirror.
    Tzsp,
}

impl Mirror {
    /// As a person reads it.
    pub fn name(self) -> &'static str {
        match self {
            Mirror::Erspan => "ERSPAN",
            Mirror::Gretap => "GRETAP",
            Mirror::Vxlan => "VXLAN",
            Mirror::Tzsp => "TZSP",
        }
    }
}

const GRE: u8 = 47;
const VXLAN_PORTS: [u16; 2] = [4789, 8472];
const TZSP_PORT: u16 = 37008;

/// Whether a UDP datagram to this port may be a mirrored frame.
#[inline(always)]
pub(super) fn is_mirror_port(port: u16) -> bool {
    port == TZSP_PORT || VXLAN_PORTS.contains(&port)
}

/// The frame inside a mirrored one, with its own length; `None` where nothing readable is mirrored.
pub fn inside<'a>(frame: &Frame<'a>, decoded: &Decoded<'a>) -> Option<(Mirror, Frame<'a>)> {
    let network = decoded.network?;
    let (mirror, link, bytes, length) = match network.transport {
        Transport::Other(GRE) => gre(decoded.payload)?,
        Transport::Udp { ports: Some((_, TZSP_PORT)) } => tzsp(decoded.payload)?,
        Transport::Udp { ports: Some((_, port)) } if VXLAN_PORTS.contains(&port) => vxlan(decoded.payload)?,
        _ => return None,
    };
    // what the recording cut off the outer packet, it cut off the inner one
    let captured = frame.bytes.len().saturating_sub(decoded.link.header_bytes as usize);
    let cut = network.ip_length_bytes.saturating_sub(captured as u32);
    let length_bytes = length.unwrap_or(0).max(bytes.len() as u32 + cut);
    let inner = Frame { length_bytes, link, bytes, ..*frame };
    let found = decode(&inner);
    // a fragment of the outer packet holds a part only: the inner packet says how long it was
    let length_bytes = match found.network {
        Some(network) => length_bytes.max(found.link.header_bytes.saturating_add(network.ip_length_bytes)),
        None => length_bytes,
    };
    let readable = !matches!(found.link.kind, FrameKind::Damaged | FrameKind::UnknownLink);
    readable.then_some((mirror, Frame { length_bytes, ..inner }))
}

/// What is found inside: how it was wrapped, how it is to be read, and its length where the wrapper says it.
type Inside<'a> = (Mirror, LinkType, &'a [u8], Option<u32>);

fn gre(packet: &[u8]) -> Option<Inside<'_>> {
    let &[flags, version, a, b, ..] = packet else { return None };
    let field = |bit: u8| if flags & bit != 0 { 4 } else { 0 };
    let (checksum, key, sequence) = (field(0x80), field(0x20), field(0x10));
    if version & 7 != 0 {
        return None;
    }
    let body = packet.get(4 + checksum + key + sequence..)?;
    let (mirror, bytes) = match u16::from_be_bytes([a, b]) {
        0x6558 => (Mirror::Gretap, body),
        // type I has neither a sequence number nor a header of its own
        0x88be if sequence == 0 => (Mirror::Erspan, body),
        0x88be if body.first()? >> 4 == 1 => (Mirror::Erspan, body.get(8..)?),
        0x22eb if body.first()? >> 4 == 2 => {
            let has_subheader = body.get(11)? & 1 != 0;
            (Mirror::Erspan, body.get(if has_subheader { 20 } else { 12 }..)?)
        }
        _ => return None,
    };
    Some((mirror, LinkType::ETHERNET, bytes, None))
}

fn vxlan(payload: &[u8]) -> Option<Inside<'_>> {
    let (header, bytes) = payload.split_first_chunk::<8>()?;
    let is_vxlan = header[0] & 0x08 != 0 && header[7] == 0;
    is_vxlan.then_some((Mirror::Vxlan, LinkType::ETHERNET, bytes, None))
}

fn tzsp(payload: &[u8]) -> Option<Inside<'_>> {
    let (&[version, kind, a, b], mut rest) = payload.split_first_chunk::<4>()?;
    // a received packet, or one to be sent
    if version != 1 || kind > 1 {
        return None;
    }
    let link = match u16::from_be_bytes([a, b]) {
        0x01 => LinkType::ETHERNET,
        0x12 => LinkType::IEEE802_11,
        0x77 => LinkType::PRISM,
        0x7f => LinkType::IEEE802_11_AVS,
        _ => return None,
    };
    let mut length = None;
    loop {
        match *rest {
            // padding
            [0, ..] => rest = &rest[1..],
            // the end of the fields
            [1, ..] => return Some((Mirror::Tzsp, link, &rest[1..], length)),
            [tag, n, ..] => {
                let value = rest.get(2..2 + usize::from(n))?;
                // the packet's own length, where the sender cut it
                if let (0x29, &[high, low]) = (tag, value) {
                    length = Some(u32::from(u16::from_be_bytes([high, low])));
                }
                rest = &rest[2 + usize::from(n)..];
            }
            _ => return None,
        }
    }
}
