//! Packets that a capture holds twice.

use super::*;
use crate::capture::LinkType;

/// A UDP packet with a number, between the device and a host, with a TTL.
fn packet(number: u16, ttl: u8, out: bool) -> Vec<u8> {
    let [high, low] = number.to_be_bytes();
    let (near, far) = ([10, 0, 0, 1], [192, 0, 2, 9]);
    let (from, to) = if out { (near, far) } else { (far, near) };
    let ip = [0x45, 0, 0, 36, high, low, 0, 0, ttl, 17, high, low];
    [&ip[..], &from, &to, &[0x10, 0, 1, 0xbb, 0, 16, 0, 0], &[7; 8]].concat()
}

fn ethernet(source: Mac, target: Mac, packet: &[u8]) -> Vec<u8> {
    [&target.0[..], &source.0, &[8, 0], packet].concat()
}

fn counts(link: LinkType, device: Device, frames: &[(i64, Vec<u8>)], dedup: bool) -> (CopyCounts, u64) {
    let frames: Vec<Frame<'_>> = frames
        .iter()
        .map(|(time_ns, bytes)| Frame { time_ns: *time_ns, length_bytes: bytes.len() as u32, link, bytes })
        .collect();
    let observers = [Observer::Wifi];
    let view = View { device, observers: &observers, span: Span::default(), dedup };
    let summary = read_all(&mut &frames[..], &view, |_| {}).unwrap();
    assert_eq!(summary.frames, frames.len() as u64);
    (summary.copies, summary.counts().packets)
}

const OTHER: Mac = Mac([2, 0, 0, 0, 0, 3]);
const US: i64 = 1_000;

#[test]
fn a_mirror_of_two_ports_is_noticed_and_taken_out() {
    let twice: Vec<(i64, Vec<u8>)> = (0..60)
        .flat_map(|i| {
            let frame = ethernet(DEVICE, ROUTER, &packet(i, 64, true));
            let at = i64::from(i) * S / 2;
            [(at, frame.clone()), (at + 20 * US, frame)]
        })
        .collect();
    let (copies, packets) = counts(LinkType::ETHERNET, Device::Mac(DEVICE), &twice, false);
    assert_eq!((copies.looked_at, copies.copies, copies.taken_out, packets), (120, 60, 0, 120));
    assert!(copies.are_many());
    let (copies, packets) = counts(LinkType::ETHERNET, Device::Mac(DEVICE), &twice, true);
    assert_eq!((copies.copies, copies.taken_out, packets), (60, 60, 60));
    assert!(!copies.are_many());
    let (copies, packets) = counts(LinkType::ETHERNET, Device::Mac(ROUTER), &twice, true);
    assert_eq!((copies.taken_out, packets), (60, 60));
}

#[test]
fn a_routers_two_sides_hold_one_packet() {
    let routed = [
        (0, ethernet(DEVICE, ROUTER, &packet(1, 64, true))),
        (300 * US, ethernet(ROUTER, OTHER, &packet(1, 63, true))),
        (S, ethernet(OTHER, ROUTER, &packet(2, 52, false))),
        (S + 300 * US, ethernet(ROUTER, DEVICE, &packet(2, 51, false))),
    ];
    let device = Device::Ip([10, 0, 0, 1].into());
    let (copies, packets) = counts(LinkType::ETHERNET, device, &routed, true);
    assert_eq!((copies.taken_out, packets), (2, 2));
}

#[test]
fn what_is_sent_again_later_or_differs_is_no_copy() {
    let frames = [
        (0, ethernet(DEVICE, ROUTER, &packet(1, 64, true))),
        // 11 ms later, another number, the other way
        (11_000 * US, ethernet(DEVICE, ROUTER, &packet(1, 64, true))),
        (11_000 * US + 1, ethernet(DEVICE, ROUTER, &packet(2, 64, true))),
        (11_000 * US + 2, ethernet(ROUTER, DEVICE, &packet(2, 64, false))),
    ];
    let (copies, packets) = counts(LinkType::ETHERNET, Device::Mac(DEVICE), &frames, true);
    assert_eq!((copies.looked_at, copies.copies, packets), (4, 0, 4));
}

/// An encrypted data frame with a number: its DS bits, whether it is sent again, who sends it to whom.
fn air(number: u16, flags: u8, [a, b, c]: [Mac; 3]) -> Vec<u8> {
    [&[8, 0x40 | flags, 0, 0][..], &a.0, &b.0, &c.0, &number.to_le_bytes(), &[9; 40]].concat()
}

#[test]
fn retries_and_relays_in_the_air_are_copies() {
    const POINT: Mac = Mac([2, 0, 0, 0, 0, 7]);
    let frames = [
        // to the access point, again, and passed on to another station
        (0, air(16, 0x01, [POINT, DEVICE, OTHER])),
        (2_000 * US, air(16, 0x09, [POINT, DEVICE, OTHER])),
        (4_000 * US, air(900, 0x02, [OTHER, POINT, DEVICE])),
        // the same number without the mark of a retry is a new frame
        (6_000 * US, air(16, 0x01, [POINT, DEVICE, OTHER])),
        // from the router behind the access point, and a retry whose first try was not heard
        (S, air(32, 0x02, [DEVICE, POINT, ROUTER])),
        (2 * S, air(48, 0x0a, [DEVICE, POINT, ROUTER])),
        // another station's way to the access point
        (3 * S, air(7, 0x01, [POINT, OTHER, DEVICE])),
        (3 * S + 900 * US, air(64, 0x02, [DEVICE, POINT, OTHER])),
    ];
    let (copies, packets) = counts(LinkType::IEEE802_11, Device::Mac(DEVICE), &frames, false);
    assert_eq!((copies.looked_at, copies.copies, packets), (8, 3, 8));
    let (copies, packets) = counts(LinkType::IEEE802_11, Device::Mac(DEVICE), &frames, true);
    assert_eq!((copies.taken_out, packets), (3, 5));
}

#[test]
fn of_many_packets_one_in_32_is_looked_at() {
    let many: Vec<(i64, Vec<u8>)> = (0..20_000_u16)
        .flat_map(|i| {
            let frame = ethernet(DEVICE, ROUTER, &packet(i.wrapping_mul(40_503), 64, true));
            let at = i64::from(i) * 20_000 * US;
            [(at, frame.clone()), (at + 20 * US, frame)]
        })
        .collect();
    let (copies, _) = counts(LinkType::ETHERNET, Device::Mac(DEVICE), &many, false);
    assert!((4_600..6_200).contains(&copies.looked_at), "{copies:?}");
    assert!((copies.share() - 0.5).abs() < 0.01, "{copies:?}");
}
