//! Random packets through another decoder, etherparse, and ours: the same fields. Random bytes: no panic.

use super::*;
use etherparse::{PacketBuilder, SlicedPacket, TransportSlice};
use proptest::prelude::*;

/// Addresses, TTL and transport, as etherparse reads an Ethernet frame.
fn theirs(frame: &[u8]) -> (Vec<u8>, u8, Transport) {
    let packet = SlicedPacket::from_ethernet(frame).unwrap();
    let (addresses, ttl) = match packet.net.unwrap() {
        etherparse::NetSlice::Ipv4(ip) => {
            ([ip.header().source(), ip.header().destination()].concat(), ip.header().ttl())
        }
        etherparse::NetSlice::Ipv6(ip) => {
            ([ip.header().source(), ip.header().destination()].concat(), ip.header().hop_limit())
        }
        etherparse::NetSlice::Arp(_) => unreachable!("none is built"),
    };
    let transport = match packet.transport.unwrap() {
        TransportSlice::Tcp(tcp) => Transport::Tcp {
            ports: Some((tcp.source_port(), tcp.destination_port())),
            window: Some(tcp.window_size()),
        },
        TransportSlice::Udp(udp) => {
            Transport::Udp { ports: Some((udp.source_port(), udp.destination_port())) }
        }
        TransportSlice::Icmpv4(_) | TransportSlice::Icmpv6(_) => Transport::Icmp,
        TransportSlice::Igmp(_) => unreachable!("none is built"),
    };
    (addresses, ttl, transport)
}

fn ours(frame: &[u8]) -> (Vec<u8>, u8, Transport) {
    let network = decode(LinkType::ETHERNET, frame).network.unwrap();
    let octets = |address| match address {
        std::net::IpAddr::V4(a) => a.octets().to_vec(),
        std::net::IpAddr::V6(a) => a.octets().to_vec(),
    };
    ([octets(network.source), octets(network.target)].concat(), network.ttl, network.transport)
}

/// Version, VLAN tags, addresses, TTL, protocol, ports, window, payload.
type Recipe = (bool, u8, [u8; 32], u8, u8, (u16, u16), u16, Vec<u8>);

fn frame(recipe: Recipe) -> Vec<u8> {
    let (six, tags, addresses, ttl, protocol, (source, target), window, payload) = recipe;
    let start = PacketBuilder::ethernet2(NEAR.0, FAR.0);
    let vlan = |tag: u16| tag.try_into().unwrap();
    let (first, second) = addresses.split_at(16);
    let (four, other) = (first[..4].try_into().unwrap(), second[..4].try_into().unwrap());
    let (first, second) = (first.try_into().unwrap(), second.try_into().unwrap());
    let ip = match (tags, six) {
        (0, false) => start.ipv4(four, other, ttl),
        (0, true) => start.ipv6(first, second, ttl),
        (1, false) => start.single_vlan(vlan(7)).ipv4(four, other, ttl),
        (1, true) => start.single_vlan(vlan(7)).ipv6(first, second, ttl),
        (_, false) => start.double_vlan(vlan(7), vlan(8)).ipv4(four, other, ttl),
        (_, true) => start.double_vlan(vlan(7), vlan(8)).ipv6(first, second, ttl),
    };
    let mut out = Vec::new();
    match protocol {
        0 => ip.tcp(source, target, 1, window).write(&mut out, &payload),
        1 => ip.udp(source, target).write(&mut out, &payload),
        _ if six => ip.icmpv6_echo_request(1, 2).write(&mut out, &payload),
        _ => ip.icmpv4_echo_request(1, 2).write(&mut out, &payload),
    }
    .unwrap();
    out
}

fn recipe() -> impl Strategy<Value = Recipe> {
    let payload = prop::collection::vec(any::<u8>(), 0..200);
    (
        any::<bool>(),
        0..3u8,
        any::<[u8; 32]>(),
        any::<u8>(),
        0..3u8,
        any::<(u16, u16)>(),
        any::<u16>(),
        payload,
    )
}

/// Link types that are read, and some that are not.
fn link() -> impl Strategy<Value = LinkType> {
    let known = [
        0, 1, 9, 12, 14, 50, 51, 101, 105, 108, 109, 113, 119, 127, 163, 192, 204, 228, 229, 239, 258, 276,
        147,
    ];
    prop::sample::select(known.map(LinkType).to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn built_packets_decode_alike(recipe in recipe()) {
        let payload = recipe.7.clone();
        let (frame, protocol) = (frame(recipe.clone()), recipe.4);
        prop_assert_eq!(ours(&frame), theirs(&frame));
        if protocol < 2 {
            prop_assert_eq!(decode(LinkType::ETHERNET, &frame).payload, &payload[..]);
        }
    }

    #[test]
    fn the_short_way_says_the_same(
        recipe in recipe(),
        length in any::<prop::sample::Index>(),
        change in prop::option::of((0..60_usize, any::<u8>())),
    ) {
        let mut frame = frame(recipe.clone());
        let is_whole = length.index(2) == 0;
        if !is_whole {
            frame.truncate(length.index(frame.len() + 1));
        }
        if let Some((place, byte)) = change
            && let Some(at) = frame.get_mut(place)
        {
            *at = byte;
        }
        let plain = Plain::read(LinkType::ETHERNET, &frame);
        let (six, tags, _, _, protocol, ..) = recipe;
        if is_whole && change.is_none() {
            prop_assert_eq!(plain.is_some(), !six && tags == 0 && protocol < 2);
        }
        if let Some(plain) = plain {
            let decoded = decode(LinkType::ETHERNET, &frame);
            prop_assert_eq!(plain.decoded(), Decoded { payload: &[], ..decoded });
        }
    }

    #[test]
    fn a_cut_or_changed_packet_never_panics(
        recipe in recipe(),
        length in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        link in link(),
    ) {
        let mut frame = frame(recipe);
        frame.truncate(length.index(frame.len() + 1));
        for (place, byte) in changes {
            if !frame.is_empty() {
                let place = place.index(frame.len());
                frame[place] = byte;
            }
        }
        let decoded = decode(link, &frame);
        prop_assert!(decoded.link.header_bytes as usize <= frame.len());
        prop_assert!(decoded.payload.len() <= frame.len());
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..120), link in link()) {
        let decoded = decode(link, &bytes);
        prop_assert!(decoded.link.header_bytes as usize <= bytes.len());
    }
}
