//! Frames built byte by byte.

mod air;
mod link;
mod mirror;
mod network;
mod oracle;
mod pseudo;

use super::{Captured, Decoded, FrameKind, Plain};
use crate::capture::{Frame, LinkType};
use crate::packet::{Direction, Mac, Network, Transport};

/// Decodes a frame that was captured whole.
fn decode(link: LinkType, bytes: &[u8]) -> Decoded<'_> {
    super::decode(&Frame { time_ns: 0, length_bytes: bytes.len() as u32, link, bytes })
}

const NEAR: Mac = Mac([2, 0, 0, 0, 0, 1]);
const FAR: Mac = Mac([2, 0, 0, 0, 0, 2]);
const SNAP: [u8; 6] = [0xaa, 0xaa, 3, 0, 0, 0];

/// An IPv4 packet from 10.0.0.1 to 192.0.2.9, TTL 64.
fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let [high, low] = (20 + payload.len() as u16).to_be_bytes();
    let header = [0x45, 0, high, low, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 192, 0, 2, 9];
    [&header, payload].concat()
}

/// An IPv6 packet from fe80::1 to 2001:db8::9, hop limit 255.
fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let [high, low] = (payload.len() as u16).to_be_bytes();
    let mut packet = vec![0x60, 0, 0, 0, high, low, next, 255];
    packet.extend("fe80::1".parse::<std::net::Ipv6Addr>().unwrap().octets());
    packet.extend("2001:db8::9".parse::<std::net::Ipv6Addr>().unwrap().octets());
    packet.extend(payload);
    packet
}

/// A UDP datagram from port 5353 to 443 with a payload of "hey".
fn udp() -> Vec<u8> {
    [&5353_u16.to_be_bytes()[..], &443_u16.to_be_bytes(), &[0, 11, 0, 0], b"hey"].concat()
}

/// A TCP segment from port 49152 to 443, window 29200, four bytes of options, a payload of "hey".
fn tcp() -> Vec<u8> {
    let mut segment = [&49152_u16.to_be_bytes()[..], &443_u16.to_be_bytes(), &[0; 8]].concat();
    segment.extend([0x60, 0x18]);
    segment.extend(29_200_u16.to_be_bytes());
    segment.extend([0, 0, 0, 0, 1, 1, 1, 1]);
    segment.extend(b"hey");
    segment
}

const UDP: Transport = Transport::Udp { ports: Some((5353, 443)) };
const TCP: Transport = Transport::Tcp { ports: Some((49152, 443)), window: Some(29_200) };

/// An Ethernet frame from NEAR to FAR; `rest` begins with the ethertype.
fn ethernet(rest: &[&[u8]]) -> Vec<u8> {
    [&FAR.0[..], &NEAR.0, &rest.concat()].concat()
}

/// The network layer of an Ethernet frame.
fn network(rest: &[&[u8]]) -> Option<Network> {
    let frame = ethernet(rest);
    decode(LinkType::ETHERNET, &frame).network
}

/// What the frame must carry: the UDP datagram above.
fn assert_udp(decoded: Decoded<'_>) {
    assert_eq!(decoded.network.map(|network| network.transport), Some(UDP));
    assert_eq!(decoded.payload, b"hey");
}
