//! An event as a frame of Ethernet: the way back from [`decode`](super::decode).
//!
//! Headers alone are written, as a capture that is cut behind them holds them. Lengths in them are the event's; checksums
//! are right where the payload is zeros. What an event does not say is filled in: flags are those of a connection under
//! way, and numbers (IPv4 identification, flow label, TCP sequence) come from the time, so that no two packets pass for
//! copies of one.
//! Source: IEEE 802.3, 802.1Q; RFC 791, RFC 8200, RFC 9293, RFC 768, RFC 792, RFC 4443, RFC 1071.

use super::network::{ICMP, ICMPV6, TCP, UDP};
use super::{Captured, FrameKind, Link};
use crate::event::Event;
use crate::packet::{Network, Transport};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an event is no frame of Ethernet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// It carries no IP packet, or none that could be read.
    #[error("it carries no IP packet")]
    NoPacket,
    /// Its link layer is none of Ethernet, or has no addresses.
    #[error("its link layer is not Ethernet's")]
    LinkLayer,
    /// One end has an IPv4 address, the other an IPv6 one.
    #[error("its addresses are of two families")]
    Families,
    /// Its transport layer says what no header says.
    #[error("its transport layer fits no header")]
    Transport,
    /// Its lengths leave no room for its headers, or contradict each other.
    #[error("its lengths do not fit its headers")]
    Length,
}

/// Most VLAN tags that are written.
const MOST_TAGS: u32 = 8;

/// Appends an event as a frame of Ethernet, headers alone: at most 106 bytes, and no more than the event is long.
///
/// Decoding the frame gives the event back, its number aside. Bytes between the addresses and the network layer are
/// written as VLAN tags.
///
/// # Errors
/// [`Unwritable`]; nothing was appended.
pub fn ethernet(event: &Event, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    let network = event.network.ok_or(Unwritable::NoPacket)?;
    let begin = out.len();
    let written = link(&event.link, &network, out).and_then(|()| ip(event, &network, out));
    if written.is_err() {
        out.truncate(begin);
    }
    written
}

fn link(link: &Link, network: &Network, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    let plain = (link.kind, link.captured, link.foreign_bytes) == (FrameKind::Data, Captured::OnWire, 0);
    let (Some(source), Some(target), Some(tags), true) =
        (link.source, link.target, link.header_bytes.checked_sub(14), plain)
    else {
        return Err(Unwritable::LinkLayer);
    };
    if tags % 4 != 0 || tags / 4 > MOST_TAGS {
        return Err(Unwritable::LinkLayer);
    }
    out.extend_from_slice(&target.0);
    out.extend_from_slice(&source.0);
    // of priority 0 and no VLAN
    (0..tags / 4).for_each(|_| out.extend_from_slice(&[0x81, 0, 0, 0]));
    out.extend_from_slice(if network.source.is_ipv4() { &[0x08, 0x00] } else { &[0x86, 0xdd] });
    Ok(())
}

fn ip(event: &Event, network: &Network, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    let mark = mark(event.time_ns);
    let (header_bytes, family) = match (network.source, network.target) {
        (IpAddr::V4(source), IpAddr::V4(target)) => (20, Family::Four(source, target)),
        (IpAddr::V6(source), IpAddr::V6(target)) => (40, Family::Six(source, target)),
        _ => return Err(Unwritable::Families),
    };
    let on_wire = event.length_bytes.saturating_sub(event.link.header_bytes);
    let ip_length = network.ip_length_bytes;
    let carried = ip_length.checked_sub(header_bytes).ok_or(Unwritable::Length)?;
    let room = on_wire.checked_sub(header_bytes).ok_or(Unwritable::Length)?.min(carried);
    let (protocol, header) = transport(network, (carried, room), mark)?;
    let said = family.length_field(ip_length);
    // a field of 0 leaves it to the frame's length to tell
    if said == 0 && ip_length != on_wire {
        return Err(Unwritable::Length);
    }
    let at = out.len();
    family.header(said, protocol, network.ttl, mark, out);
    let transport_at = out.len();
    out.extend_from_slice(&header);
    family.sum(at, transport_at, protocol, carried, out);
    Ok(())
}

/// Both addresses of a packet.
enum Family {
    Four(Ipv4Addr, Ipv4Addr),
    Six(Ipv6Addr, Ipv6Addr),
}

impl Family {
    /// What the header's field for the length says; 0 where it cannot say it.
    fn length_field(&self, ip_length: u32) -> u16 {
        let said = match self {
            Family::Four(..) => ip_length,
            Family::Six(..) => ip_length - 40,
        };
        u16::try_from(said).unwrap_or(0)
    }

    fn header(&self, length: u16, protocol: u8, ttl: u8, mark: u32, out: &mut Vec<u8>) {
        let [a, b] = length.to_be_bytes();
        let [.., c, d] = mark.to_be_bytes();
        match self {
            Family::Four(source, target) => {
                // unfragmented, and not to be fragmented
                out.extend_from_slice(&[0x45, 0, a, b, c, d, 0x40, 0, ttl, protocol, 0, 0]);
                out.extend_from_slice(&source.octets());
                out.extend_from_slice(&target.octets());
            }
            Family::Six(source, target) => {
                out.extend_from_slice(&[0x60, 0, c, d, a, b, protocol, ttl]);
                out.extend_from_slice(&source.octets());
                out.extend_from_slice(&target.octets());
            }
        }
    }

    /// Fills in the checksums of a packet whose header stands at `at`. `carried`: length of what it carries, bytes.
    fn sum(&self, at: usize, transport_at: usize, protocol: u8, carried: u32, out: &mut [u8]) {
        let addresses_at = match self {
            Family::Four(..) => {
                let sum = checksum(&[&out[at..at + 20]]);
                out[at + 10..at + 12].copy_from_slice(&sum);
                at + 12
            }
            Family::Six(..) => at + 8,
        };
        let (whole, place) = match protocol {
            TCP => (20, 16),
            UDP => (8, 6),
            ICMP | ICMPV6 => (8, 2),
            _ => return,
        };
        let (head, header) = out.split_at_mut(transport_at);
        if header.len() < whole {
            return;
        }
        let [a, b, c, d] = carried.to_be_bytes();
        let pseudo = [&head[addresses_at..], &[a, b, c, d, 0, protocol]];
        let sum = match protocol {
            ICMP => checksum(&[header]),
            _ => checksum(&[pseudo[0], pseudo[1], header]),
        };
        // a datagram whose sum is 0 says the other 0: RFC 768
        let sum = if protocol == UDP && sum == [0, 0] { [0xff, 0xff] } else { sum };
        header[place..place + 2].copy_from_slice(&sum);
    }
}

/// Protocol and header of a packet's transport layer, as far as the event knows it and `room` holds it. `carried`: its
/// length, bytes.
fn transport(network: &Network, (carried, room): (u32, u32), mark: u32) -> Result<(u8, Vec<u8>), Unwritable> {
    let icmp = if network.source.is_ipv4() { ICMP } else { ICMPV6 };
    let joined = |ports: (u16, u16)| (u32::from(ports.0) << 16 | u32::from(ports.1)).to_be_bytes();
    // how much of the header must be there, and how much may
    let (protocol, mut header, least, most) = match network.transport {
        Transport::Tcp { ports: Some(ports), window } => {
            // an acknowledgement, with data where there is room for some
            let flags = if room > 20 { 0x18 } else { 0x10 };
            let [a, b] = window.unwrap_or(0).to_be_bytes();
            let (sequence, ports) = (mark.to_be_bytes(), joined(ports));
            let header = [&ports[..], &sequence, &[0, 0, 0, 1, 0x50, flags, a, b, 0, 0, 0, 0]].concat();
            if window.is_some() { (TCP, header, 16, 20) } else { (TCP, header, 4, 8) }
        }
        Transport::Tcp { ports: None, window: None } => (TCP, Vec::new(), 0, 0),
        Transport::Tcp { ports: None, window: Some(_) } => return Err(Unwritable::Transport),
        Transport::Udp { ports: Some(ports) } => {
            let [a, b] = u16::try_from(carried).unwrap_or(0).to_be_bytes();
            (UDP, [&joined(ports)[..], &[a, b, 0, 0]].concat(), 4, 8)
        }
        Transport::Udp { ports: None } => (UDP, Vec::new(), 0, 0),
        Transport::Icmp => {
            let echo = if icmp == ICMP { 8 } else { 128 };
            let [.., a, b] = mark.to_be_bytes();
            (icmp, vec![echo, 0, 0, 0, 0, 1, a, b], 0, 8)
        }
        Transport::Other(protocol) if [TCP, UDP, icmp].contains(&protocol) => {
            return Err(Unwritable::Transport);
        }
        Transport::Other(protocol) => (protocol, Vec::new(), 0, 0),
    };
    if room < least {
        return Err(Unwritable::Length);
    }
    header.truncate(room.min(most) as usize);
    Ok((protocol, header))
}

/// A number that packets of different times do not share but by chance.
fn mark(time_ns: i64) -> u32 {
    ((time_ns as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

/// The Internet checksum of some bytes, each part of an even length. Source: RFC 1071.
fn checksum(parts: &[&[u8]]) -> [u8; 2] {
    let words = parts.iter().flat_map(|part| part.as_chunks::<2>().0);
    let mut sum: u32 = words.map(|word| u32::from(u16::from_be_bytes(*word))).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    (!(sum as u16)).to_be_bytes()
}

#[cfg(test)]
mod tests;
