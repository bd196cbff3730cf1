//! Traces of captures built by hand, and of random frames.

mod cooked;
mod copies;
mod property;

use super::*;
use crate::capture::{CaptureReader, LinkType};
use crate::packet::{Direction, Mac};
use crate::window::{Pass, Window};

const DEVICE: Mac = Mac([2, 0, 0, 0, 0, 1]);
const ROUTER: Mac = Mac([2, 0, 0, 0, 0, 2]);
const S: i64 = 1_000_000_000;

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

fn reader(file: &[u8]) -> CaptureReader<&[u8]> {
    CaptureReader::new("x.pcap".to_owned(), file).unwrap()
}

/// Times in seconds and directions of the packets in the span, and the summary.
fn read_span(file: &[u8], device: Device, span: Span) -> (Vec<(i64, Option<Direction>)>, Summary) {
    let mut packets = Vec::new();
    let view = View { device, observers: &[Observer::Gateway], span, dedup: false };
    let summary = read_all(&mut reader(file), &view, |seen| {
        if let Seen::Packet { packet, .. } = seen {
            packets.push((packet.time_ns / S, packet.direction));
        }
    });
    (packets, summary.unwrap())
}

/// The same of everything.
fn read_whole(file: &[u8], device: Device) -> (Vec<(i64, Option<Direction>)>, Summary) {
    read_span(file, device, Span::default())
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
            (9, frame(ROUTER, DEVICE)),
            (9, frame(DEVICE, ROUTER)),
            (11, frame(DEVICE, ROUTER)),
        ],
    );
    let (packets, summary) = read_whole(&file, Device::Mac(DEVICE));
    let (out, into) = (Some(Direction::Out), Some(Direction::In));
    assert_eq!(packets, [(10, out), (10, into), (10, out), (11, out)]);
    let counts = summary.counts();
    assert_eq!((summary.frames, counts.packets, counts.bytes), (5, 4, 4 * 34));
    assert_eq!(summary.clock, ClockCounts { regressions: 2, ..ClockCounts::default() });
    assert_eq!((counts.first_ns, counts.last_ns), (Some(10 * S), Some(11 * S)));
    let (packets, summary) = read_whole(&file, Device::Any);
    assert_eq!(packets.iter().map(|packet| packet.0).collect::<Vec<_>>(), [10, 10, 10, 10, 11]);
    assert_eq!((summary.clock.regressions, summary.clock.outliers), (2, 1));
}

#[test]
fn one_clock_serves_all_observers() {
    // the gateway does not see the question that is stamped a day ahead
    let file = capture(
        LinkType::ETHERNET,
        &[(10, frame(DEVICE, ROUTER)), (90_000, arp(DEVICE)), (11, frame(DEVICE, ROUTER))],
    );
    let view = View {
        device: Device::Mac(DEVICE),
        observers: &[Observer::Wifi, Observer::Gateway],
        span: Span::default(),
        dedup: false,
    };
    let mut seen = Vec::new();
    let summary = read_all(&mut reader(&file), &view, |one| match one {
        Seen::Packet { observer, packet } => seen.push((observer, packet.time_ns / S)),
        Seen::Step => panic!("no step"),
    });
    assert_eq!(seen, [(0, 10), (1, 10), (0, 10), (0, 11), (1, 11)]);
    let summary = summary.unwrap();
    assert_eq!((summary.clock.outliers, summary.events.count), (1, 3));
    assert_eq!(summary.seen.iter().map(|counts| counts.packets).collect::<Vec<_>>(), [3, 2]);
}

#[test]
fn a_step_ends_windows_and_gaps() {
    let times = [100, 101, 109, 50, 51, 61];
    let file = capture(LinkType::ETHERNET, &times.map(|time| (time, frame(DEVICE, ROUTER))));
    let windowings = ["t=5", "n=2"].map(|text| text.parse().unwrap());
    let (mut pass, mut windows) = (Pass::new(&windowings), [Vec::new(), Vec::new()]);
    let mut closed = |windowing: usize, window: &Window| {
        let (packets, span_ns) = (window.sums.totals.n_packets, window.sums.span_ns as i64);
        windows[windowing].push((window.stretch, window.index, window.start_ns / S, packets, span_ns / S));
    };
    let selection = Selection { device: Device::Mac(DEVICE), observer: Observer::Gateway };
    let summary = read(&mut reader(&file), selection, |seen| pass.take(seen, &mut closed)).unwrap();
    pass.finish(closed);
    assert_eq!((summary.clock.steps, summary.clock.largest_step_ns), (1, 59 * S as u64));
    assert_eq!(windows[0], [(0, 0, 100, 2, 1), (0, 1, 105, 1, 0), (1, 2, 50, 2, 1), (1, 4, 60, 1, 0)]);
    // the burst that the step cuts off is left out
    assert_eq!(windows[1], [(0, 0, 100, 2, 1), (1, 1, 50, 2, 1)]);
    // the earliest and the latest of both stretches
    assert_eq!((summary.counts().first_ns, summary.counts().last_ns), (Some(50 * S), Some(109 * S)));
    assert_eq!((summary.events.first_ns, summary.events.last_ns), (Some(50 * S), Some(109 * S)));
}

#[test]
fn what_lies_outside_of_the_span_is_counted() {
    let times = [9, 10, 11, 12, 13, 14, 15, 16, 17];
    let file = capture(LinkType::ETHERNET, &times.map(|time| (time, frame(DEVICE, ROUTER))));
    let span = Span { start_ns: Some(10 * S), drop_ns: 2 * S as u64, end_ns: Some(15 * S) };
    let (packets, summary) = read_span(&file, Device::Mac(DEVICE), span);
    assert_eq!(packets.iter().map(|packet| packet.0).collect::<Vec<_>>(), [12, 13, 14]);
    let Events { count, before, settling, after, .. } = summary.events;
    assert_eq!((count, before, settling, after), (9, 1, 2, 3));
    assert_eq!((summary.events.first_ns, summary.events.last_ns), (Some(9 * S), Some(17 * S)));
    assert_eq!((summary.counts().first_ns, summary.counts().last_ns), (Some(12 * S), Some(14 * S)));
    let span = Span { drop_ns: 2 * S as u64, ..Span::default() };
    let (packets, summary) = read_span(&file, Device::Mac(DEVICE), span);
    assert_eq!((packets.len(), summary.events.settling), (7, 2));
}

#[test]
fn frames_without_ip_are_counted_and_take_no_part() {
    let cut = frame(DEVICE, ROUTER)[..20].to_vec();
    let no_link_layer = frame(DEVICE, ROUTER)[..13].to_vec();
    let frames = [(1, arp(DEVICE)), (2, frame(DEVICE, ROUTER)), (3, cut), (4, no_link_layer)];
    let file = capture(LinkType::ETHERNET, &frames);
    let (packets, summary) = read_whole(&file, Device::Mac(DEVICE));
    assert_eq!((packets.len(), summary.counts().packets), (1, 1));
    assert_eq!((summary.frames, summary.non_ip_frames, summary.unknown_link_frames), (4, 3, 0));
    // of the question and of the cut packet it is known whose they are
    assert_eq!((summary.damaged_frames, summary.events.count), (2, 3));
}

#[test]
fn frames_of_an_unknown_link_type_are_counted() {
    let file = capture(LinkType(147), &[(1, frame(DEVICE, ROUTER)), (2, vec![])]);
    let (packets, summary) = read_whole(&file, Device::Any);
    assert_eq!(packets, []);
    assert_eq!((summary.frames, summary.non_ip_frames, summary.unknown_link_frames), (2, 2, 2));
    assert_eq!((summary.events, summary.counts()), (Events::default(), Counts::default()));
}

#[test]
fn a_cut_capture_says_where_and_keeps_what_was_whole() {
    let file = capture(LinkType::ETHERNET, &[(1, frame(DEVICE, ROUTER)), (2, frame(DEVICE, ROUTER))]);
    let (packets, summary) = read_whole(&file[..file.len() - 1], Device::Any);
    assert_eq!((packets.len(), summary.cut_off_at), (1, Some(24 + 16 + 34)));
    assert_eq!(read_whole(&file, Device::Any).1.cut_off_at, None);
}

#[test]
fn packets_before_damage_are_handed_on() {
    let mut file = capture(LinkType::ETHERNET, &[(1, frame(DEVICE, ROUTER))]);
    file.extend([0xff; 16]);
    let mut reader = reader(&file);
    let selection = Selection { device: Device::Any, observer: Observer::Gateway };
    let mut n_packets = 0;
    assert!(read(&mut reader, selection, |_| n_packets += 1).is_err());
    assert_eq!((n_packets, reader.n_frames()), (1, 1));
}
