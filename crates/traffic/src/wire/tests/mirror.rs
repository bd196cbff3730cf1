//! Mirrored frames, one level unwrapped.

use super::*;
use crate::wire::{Mirror, inside};

/// The mirrored frame, and around it an Ethernet frame whose IP packet carries `before` and it.
fn mirrored(protocol: u8, before: &[u8]) -> Vec<u8> {
    let inner = ethernet(&[&[8, 0], &ipv4(17, &udp())]);
    ethernet(&[&[8, 0], &ipv4(protocol, &[before, &inner].concat())])
}

fn to_port(port: u16, before: &[u8]) -> Vec<u8> {
    [&5555_u16.to_be_bytes()[..], &port.to_be_bytes(), &[0, 0, 0, 0], before].concat()
}

fn unwrapped(bytes: &[u8], length_bytes: u32) -> Option<(Mirror, u32)> {
    let frame = Frame { time_ns: 7, length_bytes, link: LinkType::ETHERNET, bytes };
    let (mirror, inner) = inside(&frame, &crate::wire::decode(&frame))?;
    assert_eq!(inner.time_ns, 7);
    if bytes.len() as u32 == length_bytes {
        assert_udp(crate::wire::decode(&inner));
    }
    Some((mirror, inner.length_bytes))
}

/// Length of the mirrored frame: Ethernet, IPv4, UDP, "hey".
const INNER: u32 = 14 + 20 + 8 + 3;

#[test]
fn what_a_switch_mirrors_is_unwrapped() {
    let erspan2 = [&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1][..], &[0x10, 0, 0, 0, 0, 0, 0, 0]].concat();
    let erspan3 = [&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1][..], &[0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]].concat();
    let with_subheader =
        [&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1][..], &[0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], &[0; 8]].concat();
    let cases = [
        (mirrored(47, &[0, 0, 0x88, 0xbe]), Mirror::Erspan),
        (mirrored(47, &erspan2), Mirror::Erspan),
        (mirrored(47, &erspan3), Mirror::Erspan),
        (mirrored(47, &with_subheader), Mirror::Erspan),
        (mirrored(47, &[0, 0, 0x65, 0x58]), Mirror::Gretap),
        // with checksum and key
        (mirrored(47, &[0xa0, 0, 0x65, 0x58, 1, 2, 3, 4, 5, 6, 7, 8]), Mirror::Gretap),
        (mirrored(17, &to_port(4789, &[8, 0, 0, 0, 0, 0, 7, 0])), Mirror::Vxlan),
        (mirrored(17, &to_port(8472, &[8, 0, 0, 0, 0, 0, 7, 0])), Mirror::Vxlan),
        (mirrored(17, &to_port(37008, &[1, 0, 0, 1, 1])), Mirror::Tzsp),
        // a padding byte and the signal's strength before the end
        (mirrored(17, &to_port(37008, &[1, 0, 0, 1, 0, 10, 1, 200, 1])), Mirror::Tzsp),
    ];
    for (frame, mirror) in cases {
        assert_eq!(unwrapped(&frame, frame.len() as u32), Some((mirror, INNER)));
        assert!(Plain::read(LinkType::ETHERNET, &frame).is_none(), "{mirror:?} takes the long way");
    }
}

#[test]
fn a_cut_mirror_keeps_the_length_of_what_it_mirrored() {
    let frame = mirrored(17, &to_port(4789, &[8, 0, 0, 0, 0, 0, 7, 0]));
    let cut = &frame[..frame.len() - 5];
    assert_eq!(unwrapped(cut, frame.len() as u32), Some((Mirror::Vxlan, INNER)));
    // TZSP says it itself, where the sender cut
    let said = mirrored(17, &to_port(37008, &[1, 0, 0, 1, 0x29, 2, 5, 0xdc, 1]));
    assert_eq!(unwrapped(&said, said.len() as u32), Some((Mirror::Tzsp, 1500)));
}

#[test]
fn what_mirrors_nothing_is_left_as_it_is() {
    for frame in [
        // another version of GRE, IP in GRE, no flag, a wrong version, an unknown protocol, a cut header
        mirrored(47, &[0, 1, 0x88, 0xbe]),
        mirrored(47, &[0, 0, 8, 0]),
        mirrored(17, &to_port(4789, &[0; 8])),
        mirrored(17, &to_port(37008, &[2, 0, 0, 1, 1])),
        mirrored(17, &to_port(37008, &[1, 0, 0, 99, 1])),
        ethernet(&[&[8, 0], &ipv4(47, &[0, 0, 0x88])]),
        ethernet(&[&[8, 0], &ipv4(17, &to_port(37008, &[1, 0, 0, 1, 9, 200]))]),
    ] {
        assert_eq!(unwrapped(&frame, frame.len() as u32), None);
    }
    // a mirrored mirror is unwrapped once
    let inner = mirrored(47, &[0, 0, 0x65, 0x58]);
    let outer = ethernet(&[&[8, 0], &ipv4(47, &[&[0, 0, 0x65, 0x58], &inner[..]].concat())]);
    let frame =
        Frame { time_ns: 0, length_bytes: outer.len() as u32, link: LinkType::ETHERNET, bytes: &outer };
    let (_, once) = inside(&frame, &crate::wire::decode(&frame)).unwrap();
    assert_eq!(once.bytes, inner);
}
