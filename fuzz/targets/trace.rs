//! Frames of a few link types, their clock set at will, for all observers at once and for each alone.
//!
//! The first four bytes are the span. A frame is a byte that chooses link type and recipe, two for its time, and eight of
//! its fields.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overhear_traffic::capture::{Frame, LinkType};
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::{Device, Mac, Packet};
use overhear_traffic::trace::{self, Seen, Span, Summary, View};

const DEVICE: [u8; 6] = [2, 0, 0, 0, 0, 1];
const TENTH_NS: i64 = 100_000_000;

/// A frame of the device, to it, or between others.
fn bytes(choice: u8, fields: &[u8; 8]) -> (LinkType, Vec<u8>) {
    let [who, near, far, protocol, ttl, port, interface, cut] = *fields;
    let sender = [2, 0, 0, 0, 0, who & 3];
    let protocol = [6, 17, 1, 58][usize::from(protocol & 3)];
    let head = [0x45, 0, 0, 40, 0, 0, 0, 0, ttl, protocol, 0, 0];
    let packet = [&head[..], &[10, 0, 0, near & 7], &[far, 0, 2, 9], &[port; 20]].concat();
    let (link, mut frame) = match choice & 3 {
        0 | 1 => {
            let target = [2, 0, 0, 0, 0, who >> 2 & 3];
            (LinkType::ETHERNET, [&target[..], &sender, &[8, 0], &packet].concat())
        }
        2 => {
            let head = [0, who >> 4, 0, 1, 0, 6];
            (LinkType::LINUX_SLL, [&head[..], &sender, &[0, 0, 8, 0], &packet].concat())
        }
        _ => {
            let head = [8, 0, 0, 0, 0, 0, 0, interface & 1, 0, 1, who >> 4, 6];
            (LinkType::LINUX_SLL2, [&head[..], &sender, &[0, 0], &packet].concat())
        }
    };
    if cut & 0x80 != 0 {
        frame.truncate(usize::from(cut & 0x7f));
    }
    (link, frame)
}

/// What each observer is shown; `None` for a step of the clock.
fn shown(frames: &[Frame<'_>], view: &View<'_>) -> (Vec<Vec<Option<Packet>>>, Summary) {
    let mut all: Vec<Vec<Option<Packet>>> = view.observers.iter().map(|_| Vec::new()).collect();
    let summary = trace::read_all(&mut &*frames, view, |seen| match seen {
        Seen::Packet { observer, packet } => all[observer].push(Some(*packet)),
        Seen::Step => all.iter_mut().for_each(|shown| shown.push(None)),
    });
    (all, summary.expect("frames in memory"))
}

fuzz_target!(|input: &[u8]| {
    let Some(([start, drop, end, device], rest)) = input.split_first_chunk::<4>() else { return };
    let bound = |byte: u8| (byte & 1 != 0).then_some(i64::from(byte) * TENTH_NS);
    let drop_ns = u64::from(*drop) * TENTH_NS as u64;
    let span = Span { start_ns: bound(*start), drop_ns, end_ns: bound(*end) };
    let dedup = device & 0x80 != 0;
    let device = match device % 3 {
        0 => Device::Any,
        1 => Device::Mac(Mac(DEVICE)),
        _ => Device::Ip([10, 0, 0, 1].into()),
    };
    let (recipes, _) = rest.as_chunks::<11>();
    let mut now_ns: i64 = 0;
    let contents: Vec<(i64, LinkType, Vec<u8>)> = recipes
        .iter()
        .map(|[choice, scale, step, fields @ ..]| {
            let step = i64::from(*step as i8) << (scale % 52);
            // a lasting change, or one stamp that is off
            let time_ns = now_ns.saturating_add(step).clamp(-(1 << 62), 1 << 62);
            if choice & 4 == 0 {
                now_ns = time_ns;
            }
            let (link, bytes) = bytes(*choice, fields);
            (time_ns, link, bytes)
        })
        .collect();
    let frames: Vec<Frame<'_>> = contents
        .iter()
        .map(|(time_ns, link, bytes)| Frame {
            time_ns: *time_ns,
            length_bytes: bytes.len() as u32,
            link: *link,
            bytes,
        })
        .collect();
    let (all, summary) = shown(&frames, &View { device, observers: &Observer::ALL, span, dedup });
    assert_eq!(summary.frames, frames.len() as u64);
    let events = summary.events;
    assert!(events.count <= summary.frames);
    assert!(events.before + events.settling + events.after <= events.count);
    for (place, observer) in Observer::ALL.into_iter().enumerate() {
        let (own, own_summary) = shown(&frames, &View { device, observers: &[observer], span, dedup });
        assert_eq!(own[0], all[place]);
        assert_eq!(own_summary, Summary { seen: vec![summary.seen[place]], ..summary.clone() });
        let steps = own[0].iter().filter(|shown| shown.is_none()).count() as u64;
        assert_eq!(steps, summary.clock.steps);
        for stretch in own[0].split(Option::is_none) {
            assert!(stretch.iter().flatten().is_sorted_by_key(|packet| packet.time_ns));
        }
    }
});
