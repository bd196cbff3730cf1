//! Random events there and back, and frames that a reader can check by hand.

use super::*;
use crate::capture::{Frame, LinkType};
use crate::packet::Mac;
use crate::wire::decode;
use proptest::prelude::*;

fn event(source: IpAddr, target: IpAddr, length_bytes: u32, transport: Transport) -> Event {
    let [near, far] = [Mac([2, 0, 0, 0, 0, 1]), Mac([2, 0, 0, 0, 0, 2])];
    let link = Link { source: Some(near), target: Some(far), header_bytes: 14, ..Link::default() };
    let ip_length_bytes = length_bytes.saturating_sub(14);
    let network = Network { source, target, ttl: 64, ip_length_bytes, transport };
    Event { time_ns: 1_000, length_bytes, link, network: Some(network), number: None }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// What decoding says of an event's frame.
fn back(event: &Event) -> Event {
    let mut bytes = Vec::new();
    ethernet(event, &mut bytes).unwrap();
    let Event { time_ns, length_bytes, .. } = *event;
    assert!(bytes.len() <= (length_bytes as usize).min(106));
    let frame = Frame { time_ns, length_bytes, link: LinkType::ETHERNET, bytes: &bytes };
    Event::of(&frame, &decode(&frame))
}

fn transports() -> impl Strategy<Value = Transport> {
    let ports = || any::<(u16, u16)>();
    prop_oneof![
        4 => (ports(), any::<u16>())
            .prop_map(|(ports, window)| Transport::Tcp { ports: Some(ports), window: Some(window) }),
        1 => ports().prop_map(|ports| Transport::Tcp { ports: Some(ports), window: None }),
        4 => ports().prop_map(|ports| Transport::Udp { ports: Some(ports) }),
        1 => Just(Transport::Tcp { ports: None, window: None }),
        1 => Just(Transport::Udp { ports: None }),
        1 => Just(Transport::Icmp),
        1 => any::<u8>().prop_map(Transport::Other),
    ]
}

fn addresses() -> impl Strategy<Value = (IpAddr, IpAddr)> {
    prop_oneof![
        any::<([u8; 4], [u8; 4])>().prop_map(|(source, target)| (source.into(), target.into())),
        any::<([u8; 16], [u8; 16])>().prop_map(|(source, target)| (source.into(), target.into())),
    ]
}

prop_compose! {
    /// Frames of Ethernet, with tags or padding, and whatever length.
    fn events()(
        (source, target) in addresses(),
        transport in transports(),
        macs in any::<([u8; 6], [u8; 6])>(),
        (ttl, tags, padding) in (any::<u8>(), 0..4_u32, 0..20_u32),
        ip_length_bytes in prop_oneof![20..100_u32, 20..1500_u32, 65_500..65_600_u32],
        time_ns in any::<i64>(),
    ) -> Event {
        let header_bytes = 14 + 4 * tags;
        let [near, far] = [macs.0, macs.1].map(|mac| Some(Mac(mac)));
        let link = Link { source: near, target: far, header_bytes, ..Link::default() };
        let network = Some(Network { source, target, ttl, ip_length_bytes, transport });
        Event { time_ns, length_bytes: header_bytes + ip_length_bytes + padding, link, network, number: None }
    }
}

/// Whether a header can say what the event does: what must be writable, found another way.
fn is_sayable(event: &Event) -> bool {
    let network = event.network.unwrap();
    let is_four = network.source.is_ipv4();
    let (header, own) = if is_four { (20, 1) } else { (40, 58) };
    let least = match network.transport {
        Transport::Tcp { window: Some(_), .. } => 16,
        Transport::Tcp { ports: Some(_), .. } | Transport::Udp { ports: Some(_) } => 4,
        Transport::Other(protocol) if [6, 17, own].contains(&protocol) => return false,
        _ => 0,
    };
    let length = network.ip_length_bytes;
    let is_padded = event.length_bytes > event.link.header_bytes + length;
    let field = if is_four { length } else { length.saturating_sub(40) };
    length >= header + least && (!is_padded || (1..=65_535).contains(&field))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn decoding_what_was_written_gives_the_event_back(event in events()) {
        let mut bytes = vec![7];
        let written = ethernet(&event, &mut bytes);
        prop_assert_eq!(written.is_ok(), is_sayable(&event));
        prop_assert!(written.is_ok() || bytes == [7], "nothing is left of what cannot be written");
        if written.is_ok() {
            prop_assert_eq!(back(&event), event);
        }
    }

    #[test]
    fn any_event_is_written_or_refused(
        event in events(),
        lengths in any::<(u32, u32)>(),
        header_bytes in any::<u32>(),
        foreign_bytes in 0..2_u32,
    ) {
        let link = Link { header_bytes, foreign_bytes, ..event.link };
        let network = event.network.map(|own| Network { ip_length_bytes: lengths.1, ..own });
        let strange = Event { length_bytes: lengths.0, link, network, ..event };
        for event in [strange, Event { link: event.link, ..strange }, Event { network: None, ..event }] {
            if ethernet(&event, &mut Vec::new()).is_ok() {
                prop_assert_eq!(back(&event), event);
            }
        }
    }
}

/// The sum of 16-bit words that a receiver works out: all ones where the checksum is right.
fn sum(parts: &[&[u8]]) -> u16 {
    let bytes = parts.concat();
    let words = bytes.chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(*word.get(1).unwrap_or(&0)));
    let sum: u32 = words.sum();
    ((sum & 0xffff) + (sum >> 16)) as u16
}

#[test]
fn checksums_are_right_where_the_payload_is_zeros() {
    let four = (ip("192.168.0.2"), ip("192.0.2.9"));
    let six = (ip("2001:db8::2"), ip("2001:db8:1::9"));
    let ports = Some((40_000, 443));
    let tcp = (6, Transport::Tcp { ports, window: Some(501) });
    let udp = (17, Transport::Udp { ports });
    for (ends, header_bytes) in [(four, 20), (six, 40)] {
        let icmp = (if header_bytes == 20 { 1 } else { 58 }, Transport::Icmp);
        for (protocol, transport) in [tcp, udp, icmp] {
            let mut frame = Vec::new();
            ethernet(&event(ends.0, ends.1, 300, transport), &mut frame).unwrap();
            let ip = &frame[14..];
            if header_bytes == 20 {
                assert_eq!(sum(&[&ip[..20]]), 0xffff);
            }
            // zeros add nothing
            let carried = (300 - 14 - header_bytes as u16).to_be_bytes();
            let addresses = if header_bytes == 20 { &ip[12..20] } else { &ip[8..40] };
            let pseudo = if protocol == 1 { vec![] } else { [addresses, &carried, &[0, protocol]].concat() };
            assert_eq!(sum(&[&pseudo, &ip[header_bytes..]]), 0xffff, "protocol {protocol}");
        }
    }
}

#[test]
fn what_no_frame_says_is_refused_with_the_reason() {
    let udp = Transport::Udp { ports: Some((1, 2)) };
    let good = event(ip("10.0.0.1"), ip("192.0.2.9"), 60, udp);
    let refused = |event: Event| ethernet(&event, &mut Vec::new()).unwrap_err();
    assert_eq!(back(&good), good);
    assert_eq!(refused(Event { network: None, ..good }), Unwritable::NoPacket);
    let link = Link { source: None, ..good.link };
    assert_eq!(refused(Event { link, ..good }), Unwritable::LinkLayer);
    assert_eq!(refused(event(ip("10.0.0.1"), ip("::1"), 60, udp)), Unwritable::Families);
    let tcp = Transport::Tcp { ports: None, window: Some(1) };
    assert_eq!(refused(event(ip("10.0.0.1"), ip("192.0.2.9"), 60, tcp)), Unwritable::Transport);
    assert_eq!(refused(Event { length_bytes: 33, ..good }), Unwritable::Length);
    assert_eq!(refused(good.with_length(37)), Unwritable::Length, "a datagram without its ports");
}

#[test]
fn packets_of_different_times_are_no_copies_of_one() {
    let written = |time_ns: i64| {
        let udp = Transport::Udp { ports: Some((1, 2)) };
        let event = Event { time_ns, ..event(ip("10.0.0.1"), ip("192.0.2.9"), 60, udp) };
        let mut frame = Vec::new();
        ethernet(&event, &mut frame).unwrap();
        frame
    };
    assert_eq!(written(1), written(1));
    assert_ne!(written(1), written(2));
}
