//! IPv4, IPv6 and what features need of the transport layer.
//!
//! Source: RFC 791, RFC 8200, RFC 9293, RFC 768.

use crate::packet::{Network, Transport};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) const ICMP: u8 = 1;
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const ICMPV6: u8 = 58;

/// Reads an IPv4 packet and what its transport layer carries; `None` where it is not one. `length_bytes`: what follows
/// the link layer on the wire, captured or not.
#[inline(always)]
pub(super) fn ipv4(packet: &[u8], length_bytes: u32) -> Option<(Network, &[u8])> {
    let header: &[u8; 20] = packet.first_chunk()?;
    let header_bytes = usize::from(header[0] & 0x0f) * 4;
    if header[0] >> 4 != 4 || header_bytes < 20 {
        return None;
    }
    let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let ip_length = match total {
        // what segmentation offload leaves behind: the frame's length stands for it
        0 => (length_bytes as usize).max(packet.len()),
        _ if total < header_bytes => return None,
        _ => total,
    };
    let fragment_offset = u16::from_be_bytes([header[6], header[7]]) & 0x1fff;
    // Ethernet padding behind a short packet is none of its payload
    let rest = packet.get(header_bytes..ip_length.min(packet.len())).unwrap_or(&[]);
    let (transport, payload) = transport(header[9], ICMP, fragment_offset > 0, rest);
    let network = Network {
        source: IpAddr::V4(Ipv4Addr::new(header[12], header[13], header[14], header[15])),
        target: IpAddr::V4(Ipv4Addr::new(header[16], header[17], header[18], header[19])),
        ttl: header[8],
        ip_length_bytes: ip_length as u32,
        transport,
    };
    Some((network, payload))
}

/// Reads an IPv6 packet, its extension headers walked; `None` where it is not one.
pub(super) fn ipv6(packet: &[u8], length_bytes: u32) -> Option<(Network, &[u8])> {
    let header: &[u8; 40] = packet.first_chunk()?;
    if header[0] >> 4 != 6 {
        return None;
    }
    let payload_length = usize::from(u16::from_be_bytes([header[4], header[5]]));
    let ip_length = match payload_length {
        // a jumbogram or segmentation offload
        0 => (length_bytes as usize).max(packet.len()),
        _ => 40 + payload_length,
    };
    let rest = &packet[40..ip_length.min(packet.len()).max(40)];
    let address = |at: usize| {
        let mut octets = [0; 16];
        octets.copy_from_slice(&header[at..at + 16]);
        IpAddr::V6(Ipv6Addr::from(octets))
    };
    let (protocol, later_fragment, rest) = extensions(header[6], rest);
    let (transport, payload) = transport(protocol, ICMPV6, later_fragment, rest);
    let network = Network {
        source: address(8),
        target: address(24),
        ttl: header[7],
        ip_length_bytes: ip_length as u32,
        transport,
    };
    Some((network, payload))
}

/// Walks hop-by-hop, routing, fragment, authentication, destination, mobility, HIP and shim6 headers.
fn extensions(mut protocol: u8, mut rest: &[u8]) -> (u8, bool, &[u8]) {
    let mut later_fragment = false;
    loop {
        let [next, length, ..] = *rest else { return (protocol, later_fragment, rest) };
        let bytes = match protocol {
            0 | 43 | 60 | 135 | 139 | 140 => (usize::from(length) + 1) * 8,
            51 => (usize::from(length) + 2) * 4,
            44 => {
                let Some(&[high, low]) = rest.get(2..4) else { return (next, true, &[]) };
                later_fragment |= u16::from_be_bytes([high, low]) >> 3 > 0;
                8
            }
            _ => return (protocol, later_fragment, rest),
        };
        protocol = next;
        rest = rest.get(bytes..).unwrap_or(&[]);
        if later_fragment {
            return (protocol, true, rest);
        }
    }
}

/// Reads ports and window, as far as they were captured.
#[inline(always)]
fn transport(protocol: u8, icmp: u8, later_fragment: bool, rest: &[u8]) -> (Transport, &[u8]) {
    let ports = match rest {
        &[a, b, c, d, ..] if !later_fragment => {
            Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
        }
        _ => None,
    };
    match protocol {
        TCP => {
            let header = if later_fragment { &[] } else { rest };
            let window = match header.get(14..16) {
                Some(&[high, low]) => Some(u16::from_be_bytes([high, low])),
                _ => None,
            };
            let header_bytes = header.get(12).map_or(0, |b| usize::from(b >> 4) * 4);
            let payload = header.get(header_bytes.max(20)..).unwrap_or(&[]);
            (Transport::Tcp { ports, window }, payload)
        }
        UDP if later_fragment => (Transport::Udp { ports }, &[]),
        UDP => (Transport::Udp { ports }, rest.get(8..).unwrap_or(&[])),
        protocol if protocol == icmp => (Transport::Icmp, &[]),
        other if later_fragment => (Transport::Other(other), &[]),
        other => (Transport::Other(other), rest),
    }
}
