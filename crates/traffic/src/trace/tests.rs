//! A trace of a capture built by hand.

use super::*;
use crate::capture::LinkType;
use crate::packet::{Direction, Mac};

const DEVICE: Mac = Mac([2, 0, 0, 0, 0, 1]);
const ROUTER: Mac = Mac([2, 0, 0, 0, 0, 2]);

/// An Ethernet frame of 34 bytes with an IPv4 header that carries nothing.
fn frame(source: Mac, target: Mac) -> Vec<u8> {
    let ip = [0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 192, 0, 2, 9];
    [&target.0[..], &source.0, &[8, 0], &ip].concat()
}

/// A broadcast question of 42 bytes.
fn arp(source: Mac) -> Vec<u8> {
    [&[0xff; 6], &source.0[..], &[8, 6], &[0; 28]].concat()
}

/// A pcap of frames with their times in seconds.
fn capture(link: LinkType, frames: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut file = [0xa1b2_c3d4_u32.to_le_bytes(), [2, 0, 4, 0]].concat();
    file.extend([0; 8]);
    file.extend(65_535_u32.to_le_bytes());
    file.extend(u32::from(link.0).to_le_bytes());
    for (seconds, bytes) in frames {
        let length = bytes.len() as u32;
        for field in [*seconds, 0, length, length] {
            file.extend(field.to_le_bytes());
        }
        file.extend(bytes);
    }
    file
}

/// Times in seconds and directions of the packets, and the summary.
fn read_all(file: &[u8], device: Device) -> (Vec<(i64, Option<Direction>)>, Summary) {
    let mut packets = Vec::new();
    let mut reader = CaptureReader::new("x.pcap".to_owned(), file).unwrap();
    let selection = Selection { device, observer: Observer::Gateway };
    let summary = read(&mut reader, selection, |packet| {
        packets.push((packet.time_ns / 1_000_000_000, packet.direction));
    });
    (packets, summary.unwrap())
}

#[test]
fn a_clock_that_runs_backwards_is_raised_and_counted() {
    let other = Mac([2, 0, 0, 0, 0, 9]);
    let file = capture(
        LinkType::ETHERNET,
        &[
            (10, frame(DEVICE, ROUTER)),
            // another device's clock is none of this trace's
            (50, frame(other, ROUTER)),
            (7, frame(ROUTER, DEVICE)),
            (9, frame(DEVICE, ROUTER)),
            (11, frame(DEVICE, ROUTER)),
        ],
    );
    let (packets, summary) = read_all(&file, Device::Mac(DEVICE));
    let (out, into) = (Some(Direction::Out), Some(Direction::In));
    assert_eq!(packets, [(10, out), (10, into), (10, out), (11, out)]);
    assert_eq!((summary.frames, summary.packets, summary.bytes), (5, 4, 4 * 34));
    assert_eq!(summary.clock_regressions, 2);
    assert_eq!((summary.first_ns, summary.last_ns), (Some(10_000_000_000), Some(11_000_000_000)));
    let (packets, summary) = read_all(&file, Device::Any);
    assert_eq!(packets.iter().map(|packet| packet.0).collect::<Vec<_>>(), [10, 50, 50, 50, 50]);
    assert_eq!(summary.clock_regressions, 3);
}

#[test]
fn frames_without_ip_are_counted_and_take_no_part() {
    let cut = frame(DEVICE, ROUTER)[..20].to_vec();
    let file = capture(LinkType::ETHERNET, &[(1, arp(DEVICE)), (2, frame(DEVICE, ROUTER)), (3, cut)]);
    let (packets, summary) = read_all(&file, Device::Mac(DEVICE));
    assert_eq!(packets.len(), 1);
    assert_eq!((summary.frames, summary.non_ip_frames, summary.unknown_link_frames), (3, 2, 0));
}

#[test]
fn frames_of_an_unknown_link_type_are_counted() {
    let file = capture(LinkType(147), &[(1, frame(DEVICE, ROUTER)), (2, vec![])]);
    let (packets, summary) = read_all(&file, Device::Any);
    assert_eq!(packets, []);
    assert_eq!((summary.frames, summary.non_ip_frames, summary.unknown_link_frames), (2, 2, 2));
    assert_eq!((summary.first_ns, summary.last_ns), (None, None));
}

#[test]
fn a_cut_capture_says_where_and_keeps_what_was_whole() {
    let file = capture(LinkType::ETHERNET, &[(1, frame(DEVICE, ROUTER)), (2, frame(DEVICE, ROUTER))]);
    let (packets, summary) = read_all(&file[..file.len() - 1], Device::Any);
    assert_eq!((packets.len(), summary.cut_off_at), (1, Some(24 + 16 + 34)));
    assert_eq!(read_all(&file, Device::Any).1.cut_off_at, None);
}

#[test]
fn packets_before_damage_are_handed_on() {
    let mut file = capture(LinkType::ETHERNET, &[(1, frame(DEVICE, ROUTER))]);
    file.extend([0xff; 16]);
    let mut reader = CaptureReader::new("x.pcap".to_owned(), &file[..]).unwrap();
    let selection = Selection { device: Device::Any, observer: Observer::Gateway };
    let mut n_packets = 0;
    assert!(read(&mut reader, selection, |_| n_packets += 1).is_err());
    assert_eq!((n_packets, reader.n_frames()), (1, 1));
}
