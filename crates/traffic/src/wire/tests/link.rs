//! Wired link types.

use super::*;

#[test]
fn ethernet_has_two_addresses() {
    let frame = ethernet(&[&[8, 0], &ipv4(17, &udp())]);
    let decoded = decode(LinkType::ETHERNET, &frame);
    assert_udp(decoded);
    assert_eq!((decoded.link.source, decoded.link.target), (Some(NEAR), Some(FAR)));
    assert_eq!((decoded.link.header_bytes, decoded.link.kind), (14, FrameKind::Data));
}

#[test]
fn tags_and_sessions_are_stepped_over() {
    let (v4, v6) = (ipv4(17, &udp()), ipv6(17, &udp()));
    let cases: [(&[u8], &[u8], u32); 8] = [
        (&[0x86, 0xdd], &v6, 14),
        (&[0x81, 0, 0, 5, 8, 0], &v4, 18),
        (&[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 0x86, 0xdd], &v6, 22),
        (&[0x91, 0, 0, 5, 0x92, 0, 0, 6, 0x81, 0, 0, 7, 8, 0], &v4, 26),
        (&[0x88, 0x64, 0x11, 0, 0, 1, 0, 33, 0, 0x21], &v4, 22),
        (&[0x81, 0, 0, 5, 0x88, 0x64, 0x11, 0, 0, 1, 0, 53, 0, 0x57], &v6, 26),
        (&[0, 50, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &v4, 22),
        (&[0, 50, 0xaa, 0xaa, 3, 0, 0, 0, 0x81, 0, 0, 5, 8, 0], &v4, 26),
    ];
    for (between, packet, header_bytes) in cases {
        let frame = ethernet(&[between, packet]);
        let decoded = decode(LinkType::ETHERNET, &frame);
        assert_udp(decoded);
        assert_eq!(decoded.link.header_bytes, header_bytes, "{between:02x?}");
        assert_eq!(decoded.link.source, Some(NEAR));
    }
}

#[test]
fn what_carries_no_ip_has_no_network_layer() {
    let v4 = ipv4(17, &udp());
    let between: [&[u8]; 7] = [
        &[8, 6],
        &[0x88, 0x63, 0x11, 9, 0, 0, 0, 0],
        &[0x88, 0x64, 0x11, 0, 0, 1, 0, 33, 0xc0, 0x21],
        &[0, 50, 0x42, 0x42, 3],
        &[0, 50, 0xaa, 0xaa, 3, 0, 0, 0x0c, 8, 0],
        &[0, 50, 0xaa, 0xaa, 3, 0, 0, 0, 0, 50, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
        &[0x06, 0x00],
    ];
    for between in between {
        let frame = ethernet(&[between, &v4]);
        let decoded = decode(LinkType::ETHERNET, &frame);
        assert_eq!((decoded.network, decoded.payload), (None, &[][..]), "{between:02x?}");
        assert_eq!(decoded.link.target, Some(FAR));
        assert_eq!(decoded.link.kind, FrameKind::Data);
    }
}

#[test]
fn a_cut_ethernet_header_is_damaged() {
    let frame = ethernet(&[&[8, 0]]);
    assert_eq!(decode(LinkType::ETHERNET, &frame[..13]).link.kind, FrameKind::Damaged);
    assert_eq!(decode(LinkType::ETHERNET, &frame).link.kind, FrameKind::DamagedPacket);
}

#[test]
fn a_packet_whose_header_is_cut_or_damaged_is_told_from_other_protocols() {
    let (v4, v6) = (ipv4(17, &udp()), ipv6(17, &udp()));
    let kind = |rest: &[&[u8]]| decode(LinkType::ETHERNET, &ethernet(rest)).link.kind;
    assert_eq!(kind(&[&[8, 0], &v4[..19]]), FrameKind::DamagedPacket);
    assert_eq!(kind(&[&[8, 0], &v6]), FrameKind::DamagedPacket);
    assert_eq!(kind(&[&[0x86, 0xdd], &v6[..39]]), FrameKind::DamagedPacket);
    assert_eq!(kind(&[&[8, 6], &v4[..19]]), FrameKind::Data);
}

#[test]
fn raw_packets_are_told_by_their_version() {
    for link in [LinkType::RAW, LinkType(12), LinkType(14)] {
        assert_udp(decode(link, &ipv4(17, &udp())));
        assert_udp(decode(link, &ipv6(17, &udp())));
        assert_eq!(decode(link, &[0x55; 60]).network, None);
        assert_eq!(decode(link, &[]).network, None);
    }
}

#[test]
fn a_link_type_of_one_version_carries_no_other() {
    let (v4, v6) = (ipv4(17, &udp()), ipv6(17, &udp()));
    assert_udp(decode(LinkType::IPV4, &v4));
    assert_udp(decode(LinkType::IPV6, &v6));
    assert_eq!(decode(LinkType::IPV4, &v6).network, None);
    assert_eq!(decode(LinkType::IPV6, &v4).network, None);
}

#[test]
fn loopback_families_come_in_both_orders() {
    let (v4, v6) = (ipv4(17, &udp()), ipv6(17, &udp()));
    for link in [LinkType::NULL, LinkType::LOOP] {
        for (family, packet) in [(2_u32, &v4), (10, &v6), (24, &v6), (28, &v6), (30, &v6)] {
            for family in [family.to_le_bytes(), family.to_be_bytes()] {
                let frame = [&family[..], packet].concat();
                let decoded = decode(link, &frame);
                assert_udp(decoded);
                assert_eq!(decoded.link.header_bytes, 4);
            }
        }
        assert_eq!(decode(link, &[0, 0, 0, 7, 0x45]).network, None);
        assert_eq!(decode(link, &[2, 0, 0]).link.kind, FrameKind::Damaged);
    }
}

#[test]
fn cooked_frames_name_their_sender() {
    let head = [&[0, 4, 0, 1, 0, 6][..], &NEAR.0, &[0, 0]].concat();
    let frame = [&head[..], &[8, 0], &ipv4(17, &udp())].concat();
    let decoded = decode(LinkType::LINUX_SLL, &frame);
    assert_udp(decoded);
    assert_eq!((decoded.link.source, decoded.link.target), (Some(NEAR), None));
    assert_eq!(decoded.link.header_bytes, 16);
    assert_eq!(decoded.link.captured, Captured::Cooked { outgoing: true, interface: 0 });
    for (packet_type, expected) in [(0, false), (1, false), (2, false), (3, false), (4, true)] {
        let frame = [&[0, packet_type], &frame[2..]].concat();
        let captured = decode(LinkType::LINUX_SLL, &frame).link.captured;
        assert_eq!(captured, Captured::Cooked { outgoing: expected, interface: 0 });
    }
    let tagged = [&head[..], &[0x81, 0, 0, 5, 0x86, 0xdd], &ipv6(17, &udp())].concat();
    assert_udp(decode(LinkType::LINUX_SLL, &tagged));
    assert_eq!(decode(LinkType::LINUX_SLL, &frame[..15]).link.kind, FrameKind::Damaged);
}

#[test]
fn cooked_frames_of_the_second_version_too() {
    let head = [&[0x86, 0xdd, 0, 0, 0, 0, 0, 3, 0, 1, 4, 6][..], &NEAR.0, &[0, 0]].concat();
    let frame = [&head[..], &ipv6(17, &udp())].concat();
    let decoded = decode(LinkType::LINUX_SLL2, &frame);
    assert_udp(decoded);
    assert_eq!((decoded.link.source, decoded.link.header_bytes), (Some(NEAR), 20));
    assert_eq!(decoded.link.captured, Captured::Cooked { outgoing: true, interface: 3 });
    assert_eq!(decode(LinkType::LINUX_SLL2, &frame[..19]).link.kind, FrameKind::Damaged);
}

#[test]
fn an_address_that_is_no_mac_is_none() {
    // ppp: no address at all
    let head = [0, 4, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0];
    let frame = [&head[..], &ipv4(17, &udp())].concat();
    let decoded = decode(LinkType::LINUX_SLL, &frame);
    assert_udp(decoded);
    assert_eq!(decoded.link.source, None);
}

#[test]
fn a_link_type_that_is_not_read_says_so() {
    let frame = ethernet(&[&[8, 0], &ipv4(17, &udp())]);
    let decoded = decode(LinkType(147), &frame);
    assert_eq!((decoded.link.kind, decoded.network), (FrameKind::UnknownLink, None));
}

#[test]
fn a_row_of_a_packet_table_says_its_direction_and_nothing_else() {
    for (link, direction) in [(LinkType::SENT, Direction::Out), (LinkType::RECEIVED, Direction::In)] {
        let decoded = decode(link, &[]);
        assert_eq!(
            (decoded.link.captured, decoded.link.kind),
            (Captured::Listed(direction), FrameKind::Data)
        );
        assert_eq!((decoded.network, decoded.link.source, decoded.link.header_bytes), (None, None, 0));
        // others use the number for frames of their own
        assert_eq!(decode(link, &[0]).link.kind, FrameKind::UnknownLink);
    }
}
