//! 802.11 and radiotap.

use super::*;
use crate::wire::Link;

const POINT: Mac = Mac([2, 0, 0, 0, 0, 3]);

/// A data frame: control bytes, three addresses, sequence, what comes before the body, and the body.
fn air(control: [u8; 2], addresses: [Mac; 3], before: &[u8], body: &[u8]) -> Vec<u8> {
    let [a, b, c] = addresses;
    [&control[..], &[0, 0], &a.0, &b.0, &c.0, &[0, 0], before, body].concat()
}

fn body() -> Vec<u8> {
    [&SNAP[..], &[8, 0], &ipv4(17, &udp())].concat()
}

fn link_of(frame: &[u8]) -> Link {
    decode(LinkType::IEEE802_11, frame).link
}

#[test]
fn who_sends_to_whom_follows_from_the_ds_bits() {
    let cases = [
        ([8, 0], [FAR, NEAR, POINT], &[][..], 32),
        // to the access point, which is the first address
        ([8, 1], [POINT, NEAR, FAR], &[], 32),
        ([8, 2], [FAR, POINT, NEAR], &[], 32),
        // between access points: the fourth address is the sender's
        ([8, 3], [POINT, POINT, FAR], &NEAR.0[..], 38),
        // QoS; QoS with HT control
        ([0x88, 1], [POINT, NEAR, FAR], &[0, 0], 34),
        ([0x88, 0x81], [POINT, NEAR, FAR], &[0; 6], 38),
        ([0x88, 3], [POINT, POINT, FAR], &[2, 0, 0, 0, 0, 1, 0, 0], 40),
    ];
    for (control, addresses, before, header_bytes) in cases {
        let frame = air(control, addresses, before, &body());
        let decoded = decode(LinkType::IEEE802_11, &frame);
        assert_udp(decoded);
        let Link { source, target, header_bytes: found, kind, foreign_bytes, captured } = decoded.link;
        assert_eq!((source, target), (Some(NEAR), Some(FAR)), "{control:02x?}");
        assert_eq!((found, foreign_bytes, kind), (header_bytes, 0, FrameKind::Data), "{control:02x?}");
        assert!(
            matches!(captured, Captured::InAir(air) if (air.to_ds, air.from_ds) == (control[1] & 1 != 0, control[1] & 2 != 0))
        );
    }
}

#[test]
fn an_encrypted_frame_gives_its_addresses_and_no_more() {
    let frame = air([0x88, 0x41], [POINT, NEAR, FAR], &[0, 0], &body());
    let decoded = decode(LinkType::IEEE802_11, &frame);
    assert_eq!((decoded.network, decoded.payload), (None, &[][..]));
    assert_eq!(decoded.link.kind, FrameKind::Encrypted);
    assert_eq!((decoded.link.source, decoded.link.target), (Some(NEAR), Some(FAR)));
}

#[test]
fn frames_without_data_are_told_apart() {
    let kind = |control: [u8; 2]| link_of(&air(control, [POINT, NEAR, FAR], &[], &body())).kind;
    // beacon, acknowledgement, null, QoS null, a version that is not read
    for control in [[0x80, 0], [0xd4, 0], [0x48, 1], [0xc8, 1], [0x09, 1]] {
        assert_eq!(kind(control), FrameKind::NoData, "{control:02x?}");
    }
    assert_eq!(kind([0x18, 1]), FrameKind::Data, "data with an acknowledgement");
}

#[test]
fn a_cut_header_is_damaged() {
    let frame = air([0x88, 1], [POINT, NEAR, FAR], &[0, 0], &[]);
    assert_eq!(link_of(&frame[..25]).kind, FrameKind::Damaged);
    assert_eq!(link_of(&frame).kind, FrameKind::Data);
    assert_eq!(link_of(&[8]).kind, FrameKind::Damaged);
}

/// A radiotap header with a time stamp (so that flags stand at byte 16) around a frame.
fn radiotap(flags: u8, frame: &[u8]) -> Vec<u8> {
    let header = [0, 0, 18, 0, 0b11, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, flags, 0];
    [&header, frame].concat()
}

#[test]
fn radiotap_says_whether_a_checksum_ends_the_frame() {
    let frame = air([8, 1], [POINT, NEAR, FAR], &[], &body());
    let decode = |bytes: &[u8]| decode(LinkType::IEEE802_11_RADIOTAP, bytes).link;
    assert_udp(super::decode(LinkType::IEEE802_11_RADIOTAP, &radiotap(0, &frame)));
    assert_eq!(decode(&radiotap(0, &frame)).foreign_bytes, 18);
    let checked = radiotap(0x10, &[&frame[..], &[9; 4]].concat());
    assert_udp(super::decode(LinkType::IEEE802_11_RADIOTAP, &checked));
    assert_eq!((decode(&checked).foreign_bytes, decode(&checked).header_bytes), (22, 18 + 32));
}

#[test]
fn a_frame_with_a_bad_checksum_is_damaged() {
    let frame = air([8, 1], [POINT, NEAR, FAR], &[], &body());
    let link = |flags| decode(LinkType::IEEE802_11_RADIOTAP, &radiotap(flags, &frame)).link;
    for flags in [0x40, 0x50, 0x60] {
        // its addresses may be anybody's
        assert_eq!((link(flags).kind, link(flags).source), (FrameKind::Damaged, None));
    }
    assert_eq!((link(0x80).kind, link(0x80).source), (FrameKind::Data, Some(NEAR)));
}

#[test]
fn radiotap_says_whether_the_header_is_padded() {
    // 26 bytes of header, two of padding
    let frame = air([0x88, 1], [POINT, NEAR, FAR], &[0, 0, 0xff, 0xff], &body());
    let frame = radiotap(0x20, &frame);
    let decoded = decode(LinkType::IEEE802_11_RADIOTAP, &frame);
    assert_udp(decoded);
    assert_eq!((decoded.link.foreign_bytes, decoded.link.header_bytes), (20, 18 + 28 + 8));
}

#[test]
fn radiotap_may_have_several_presence_words() {
    let frame = air([8, 1], [POINT, NEAR, FAR], &[], &[&body()[..], &[9; 4]].concat());
    // three words; no time stamp; flags right after them
    let header = [0, 0, 17, 0, 2, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0x10];
    let decoded_frame = [&header[..], &frame].concat();
    let decoded = decode(LinkType::IEEE802_11_RADIOTAP, &decoded_frame);
    assert_udp(decoded);
    assert_eq!(decoded.link.foreign_bytes, 21);
}

#[test]
fn a_radiotap_header_longer_than_the_frame_is_damaged() {
    for header in
        [&[0, 0, 200, 0, 0, 0, 0, 0][..], &[0, 0, 7, 0, 0, 0, 0, 0], &[1, 0, 8, 0, 0, 0, 0, 0], &[0, 0]]
    {
        assert_eq!(decode(LinkType::IEEE802_11_RADIOTAP, header).link.kind, FrameKind::Damaged);
    }
    // presence words without an end
    let endless = [[0, 0, 16, 0].as_slice(), &[0xff; 12]].concat();
    assert_eq!(decode(LinkType::IEEE802_11_RADIOTAP, &endless).link.kind, FrameKind::Damaged);
}
