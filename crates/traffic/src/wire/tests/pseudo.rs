//! Headers that capturing systems put in front.

use super::*;
use crate::wire::Link;

/// The whole frame, read: a UDP packet behind so many bytes of header that are none of the frame's own.
fn assert_behind(link: LinkType, frame: &[u8], foreign_bytes: u32) -> Link {
    let decoded = decode(link, frame);
    assert_udp(decoded);
    assert_eq!(decoded.link.foreign_bytes, foreign_bytes, "{link:?}");
    decoded.link
}

fn air() -> Vec<u8> {
    let header = [&[8, 1, 0, 0][..], &[2, 0, 0, 0, 0, 3], &NEAR.0, &FAR.0, &[0, 0]].concat();
    [&header[..], &SNAP, &[8, 0], &ipv4(17, &udp())].concat()
}

#[test]
fn ppi_says_what_follows_and_whether_it_is_whole() {
    let ethernet = ethernet(&[&[8, 0], &ipv4(17, &udp())]);
    let header = [0, 0, 8, 0, 1, 0, 0, 0];
    let link = assert_behind(LinkType::PPI, &[&header[..], &ethernet].concat(), 8);
    assert_eq!((link.source, link.target), (Some(NEAR), Some(FAR)));
    let common = |flags: u8| {
        let field = [&[2, 0, 20, 0][..], &[0; 8], &[flags, 0], &[0; 10]].concat();
        [&[0, 0, 32, 0, 105, 0, 0, 0][..], &field, &air(), &[9; 4]].concat()
    };
    let link = assert_behind(LinkType::PPI, &common(1), 32 + 4);
    assert_eq!(link.source, Some(NEAR));
    for flags in [4, 8] {
        assert_eq!(decode(LinkType::PPI, &common(flags)).link.kind, FrameKind::Damaged);
    }
    // itself in itself is not entered
    let nested = [&[0, 0, 8, 0, 192, 0, 0, 0][..], &[0, 0, 8, 0, 1, 0, 0, 0]].concat();
    assert_eq!(decode(LinkType::PPI, &nested).link.kind, FrameKind::UnknownLink);
}

#[test]
fn prism_and_avs_stand_before_802_11() {
    for length in [144_u32.to_le_bytes(), 144_u32.to_be_bytes()] {
        let header = [&[0x44, 0, 0, 0][..], &length, &[0; 136]].concat();
        let link = assert_behind(LinkType::PRISM, &[&header[..], &air()].concat(), 144);
        assert_eq!((link.source, link.target), (Some(NEAR), Some(FAR)));
    }
    let avs = [&[0x80, 0x21, 0x10, 1][..], &64_u32.to_be_bytes(), &[0; 56]].concat();
    for link in [LinkType::IEEE802_11_AVS, LinkType::PRISM] {
        assert_behind(link, &[&avs[..], &air()].concat(), 64);
    }
    assert_eq!(decode(LinkType::IEEE802_11_AVS, &avs[..20]).link.kind, FrameKind::Damaged);
}

#[test]
fn ppp_may_leave_bytes_out() {
    let packet = ipv4(17, &udp());
    for header in [&[0xff, 3, 0, 0x21][..], &[0, 0x21], &[0x21], &[0xff, 3, 0x21]] {
        assert_udp(decode(LinkType::PPP, &[header, &packet].concat()));
        assert_udp(decode(LinkType::PPP_HDLC, &[header, &packet].concat()));
        assert_udp(decode(LinkType::PPP_WITH_DIR, &[&[1], header, &packet].concat()));
    }
    assert_udp(decode(LinkType::PPP, &[&[0x57], &ipv6(17, &udp())[..]].concat()));
    assert_udp(decode(LinkType::PPP_ETHER, &[&[0x11, 0, 0, 1, 0, 33, 0, 0x21][..], &packet].concat()));
    assert_eq!(decode(LinkType::PPP, &[0xc0, 0x21, 1]).network, None, "link control");
    assert_eq!(decode(LinkType::PPP, &[]).link.kind, FrameKind::Damaged);
}

#[test]
fn pktap_and_enc_say_what_follows() {
    let frame = ethernet(&[&[8, 0], &ipv4(17, &udp())]);
    let mut header = vec![0; 108];
    header[..12].copy_from_slice(&[108, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
    assert_behind(LinkType::PKTAP, &[&header[..], &frame].concat(), 108);
    header[0] = 4;
    assert_eq!(decode(LinkType::PKTAP, &header).link.kind, FrameKind::Damaged);
    for (family, packet) in [(2_u32, ipv4(17, &udp())), (24, ipv6(17, &udp()))] {
        for family in [family.to_le_bytes(), family.to_be_bytes()] {
            assert_behind(LinkType::ENC, &[&family[..], &[0; 8], &packet].concat(), 12);
        }
    }
}

#[test]
fn nflog_holds_a_packet_among_other_fields() {
    let packet = ipv4(17, &udp());
    for little in [true, false] {
        let word = |n: u16| if little { n.to_le_bytes() } else { n.to_be_bytes() };
        let field = |kind: u16, value: &[u8]| {
            let mut out = [&word(4 + value.len() as u16)[..], &word(kind), value].concat();
            out.resize(out.len().next_multiple_of(4), 0);
            out
        };
        let address = field(8, &[&[0, 6, 0, 0][..], &NEAR.0, &[0, 0]].concat());
        let [came_in, goes_out] = [4, 5].map(|kind| field(kind, &[0, 0, 0, 3]));
        let frame = |family: u8, fields: &[&[u8]]| [&[family, 0, 0, 5], &fields.concat()[..]].concat();
        let bytes = frame(2, &[&field(10, b"wlan\0"), &came_in, &address, &field(9, &packet)]);
        let link =
            assert_behind(LinkType::NFLOG, &bytes, (bytes.len() - packet.len().next_multiple_of(4)) as u32);
        assert_eq!(link.source, Some(NEAR));
        assert_eq!(link.captured, Captured::Cooked { outgoing: false, interface: 0 });
        let bytes = frame(2, &[&goes_out, &field(9, &packet)]);
        let outgoing = decode(LinkType::NFLOG, &bytes).link;
        assert_eq!(outgoing.captured, Captured::Cooked { outgoing: true, interface: 0 });
        assert_udp(decode(LinkType::NFLOG, &frame(10, &[&field(9, &ipv6(17, &udp()))])));
    }
    for damaged in [&[2, 0, 0][..], &[2, 1, 0, 0, 4, 0, 9, 0], &[2, 0, 0, 0, 2, 0, 9, 0], &[2, 0, 0, 0]] {
        assert_eq!(decode(LinkType::NFLOG, damaged).link.kind, FrameKind::Damaged, "{damaged:02x?}");
    }
}
