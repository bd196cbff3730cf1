//! IPv4, IPv6, and what they carry.

use super::*;

fn v4(protocol: u8, payload: &[u8]) -> Transport {
    network(&[&[8, 0], &ipv4(protocol, payload)]).unwrap().transport
}

fn v6(next: u8, payload: &[u8]) -> Transport {
    network(&[&[0x86, 0xdd], &ipv6(next, payload)]).unwrap().transport
}

#[test]
fn both_versions_give_addresses_ttl_and_length() {
    let four = network(&[&[8, 0], &ipv4(6, &tcp())]).unwrap();
    assert_eq!((four.source.to_string(), four.target.to_string()), ("10.0.0.1".into(), "192.0.2.9".into()));
    assert_eq!((four.ttl, four.ip_length_bytes, four.transport), (64, 20 + 27, TCP));
    let six = network(&[&[0x86, 0xdd], &ipv6(6, &tcp())]).unwrap();
    assert_eq!((six.source.to_string(), six.target.to_string()), ("fe80::1".into(), "2001:db8::9".into()));
    assert_eq!((six.ttl, six.ip_length_bytes, six.transport), (255, 40 + 27, TCP));
}

#[test]
fn tcp_options_are_none_of_the_payload() {
    let frame = ethernet(&[&[8, 0], &ipv4(6, &tcp())]);
    assert_eq!(decode(LinkType::ETHERNET, &frame).payload, b"hey");
}

#[test]
fn ip_options_are_stepped_over() {
    let mut packet = ipv4(17, &udp());
    packet[0] = 0x46;
    packet.splice(20..20, [1, 1, 1, 1]);
    packet[3] += 4;
    assert_udp(decode(LinkType::RAW, &packet));
}

#[test]
fn ethernet_padding_is_none_of_the_payload() {
    let frame = ethernet(&[&[8, 0], &ipv4(17, &udp()), &[0; 30]]);
    assert_udp(decode(LinkType::ETHERNET, &frame));
    let frame = ethernet(&[&[0x86, 0xdd], &ipv6(17, &udp()), &[0; 30]]);
    assert_udp(decode(LinkType::ETHERNET, &frame));
}

#[test]
fn a_length_of_zero_means_the_captured_bytes() {
    let mut packet = ipv4(17, &udp());
    packet[2..4].fill(0);
    let decoded = decode(LinkType::RAW, &packet);
    assert_udp(decoded);
    assert_eq!(decoded.network.unwrap().ip_length_bytes, 31);
    let mut packet = ipv6(17, &udp());
    packet[4..6].fill(0);
    let decoded = decode(LinkType::RAW, &packet);
    assert_udp(decoded);
    assert_eq!(decoded.network.unwrap().ip_length_bytes, 51);
}

#[test]
fn a_damaged_ip_header_is_no_packet() {
    let good = ipv4(17, &udp());
    let with = |place: usize, byte: u8| {
        let mut packet = good.clone();
        packet[place] = byte;
        network(&[&[8, 0], &packet])
    };
    assert!(with(0, 0x45).is_some());
    assert_eq!(with(0, 0x44), None, "a header of 16 bytes");
    assert_eq!(with(0, 0x65), None, "another version");
    assert_eq!(with(3, 19), None, "a packet shorter than its header");
    assert_eq!(network(&[&[8, 0], &good[..19]]), None, "a header cut off");
    assert_eq!(network(&[&[0x86, 0xdd], &ipv6(17, &[])[..39]]), None);
    assert_eq!(network(&[&[0x86, 0xdd], &good]), None);
}

#[test]
fn a_capture_cut_in_the_transport_header_keeps_the_protocol() {
    let cut = |bytes: usize| {
        let packet = ipv4(6, &tcp());
        network(&[&[8, 0], &packet[..20 + bytes]]).unwrap()
    };
    let ports = Some((49152, 443));
    assert_eq!(cut(0).transport, Transport::Tcp { ports: None, window: None });
    assert_eq!(cut(3).transport, Transport::Tcp { ports: None, window: None });
    assert_eq!(cut(4).transport, Transport::Tcp { ports, window: None });
    assert_eq!(cut(15).transport, Transport::Tcp { ports, window: None });
    assert_eq!(cut(16).transport, TCP);
    assert_eq!(cut(0).ip_length_bytes, 47, "the packet's own length, not the captured");
    let udp = network(&[&[8, 0], &ipv4(17, &udp())[..22]]).unwrap();
    assert_eq!(udp.transport, Transport::Udp { ports: None });
}

#[test]
fn a_later_fragment_counts_for_its_protocol_not_for_ports() {
    for (protocol, expected) in [
        (6, Transport::Tcp { ports: None, window: None }),
        (17, Transport::Udp { ports: None }),
        (1, Transport::Icmp),
    ] {
        let mut packet = ipv4(protocol, &tcp());
        packet[7] = 1;
        assert_eq!(network(&[&[8, 0], &packet]).unwrap().transport, expected);
        let frame = ethernet(&[&[8, 0], &packet]);
        assert!(decode(LinkType::ETHERNET, &frame).payload.is_empty());
    }
    // the first one has ports: more fragments follow, offset 0
    let mut packet = ipv4(6, &tcp());
    packet[6] = 0x20;
    assert_eq!(network(&[&[8, 0], &packet]).unwrap().transport, TCP);
}

#[test]
fn icmp_errors_are_not_entered() {
    let quoted = [&[3, 3, 0, 0, 0, 0, 0, 0], &ipv4(17, &udp())[..]].concat();
    assert_eq!(v4(1, &quoted), Transport::Icmp);
    let quoted = [&[1, 4, 0, 0, 0, 0, 0, 0], &ipv6(17, &udp())[..]].concat();
    assert_eq!(v6(58, &quoted), Transport::Icmp);
}

#[test]
fn tunnels_are_not_entered() {
    assert_eq!(v4(4, &ipv4(17, &udp())), Transport::Other(4));
    assert_eq!(v4(41, &ipv6(17, &udp())), Transport::Other(41));
    assert_eq!(v4(47, &[&[0, 0, 8, 0], &ipv4(17, &udp())[..]].concat()), Transport::Other(47));
    assert_eq!(v6(41, &ipv6(17, &udp())), Transport::Other(41));
    let outer = network(&[&[8, 0], &ipv4(41, &ipv6(17, &udp()))]).unwrap();
    assert_eq!((outer.source.to_string(), outer.ttl), ("10.0.0.1".into(), 64));
}

#[test]
fn ipv6_extension_headers_are_walked() {
    let header = |next: u8| [next, 0, 0, 0, 0, 0, 0, 0];
    let long = |next: u8| [&[next, 1][..], &[0; 14]].concat();
    for extension in [0, 43, 60, 135, 139, 140] {
        assert_eq!(v6(extension, &[&header(17), &udp()[..]].concat()), UDP, "{extension}");
        assert_eq!(v6(extension, &[&long(6), &tcp()[..]].concat()), TCP, "{extension}");
    }
    // hop-by-hop, routing, destination, then authentication: 12 bytes, its length in another unit
    let authentication = [17, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let chain = [&header(43)[..], &long(60), &header(51), &authentication, &udp()].concat();
    assert_eq!(v6(0, &chain), UDP);
    assert_eq!(v6(0, &header(58)), Transport::Icmp);
    assert_eq!(v6(0, &header(59)), Transport::Other(59));
    assert_eq!(v6(50, &[0; 40]), Transport::Other(50), "encrypted");
}

#[test]
fn ipv6_fragments_are_like_those_of_ipv4() {
    let fragment = |next: u8, offset: u8| [next, 0, 0, offset << 3 | 1, 0, 0, 0, 7];
    assert_eq!(v6(44, &[&fragment(6, 0), &tcp()[..]].concat()), TCP);
    let later = [&fragment(6, 1), &tcp()[..]].concat();
    assert_eq!(v6(44, &later), Transport::Tcp { ports: None, window: None });
    assert_eq!(v6(44, &fragment(58, 2)), Transport::Icmp);
    let behind = [&[44, 0, 0, 0, 0, 0, 0, 0], &fragment(17, 1)[..], &udp()].concat();
    assert_eq!(v6(60, &behind), Transport::Udp { ports: None });
}

#[test]
fn extension_headers_cut_off_keep_what_is_known() {
    assert_eq!(v6(0, &[]), Transport::Other(0));
    assert_eq!(v6(0, &[17]), Transport::Other(0));
    assert_eq!(v6(0, &[17, 0]), Transport::Udp { ports: None });
    assert_eq!(v6(0, &[17, 255, 0, 0]), Transport::Udp { ports: None });
    assert_eq!(v6(44, &[6, 0, 0]), Transport::Tcp { ports: None, window: None });
}
