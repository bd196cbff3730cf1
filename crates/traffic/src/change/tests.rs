//! Small changes that a reader can follow, one after another, over frames and over their events.

use super::*;
use crate::Error;
use crate::capture::{End, Frame, Frames, LinkType};
use crate::observer::Observer;
use crate::packet::{Mac, Packet};
use crate::trace::{self, Seen, View};
use crate::wire::{self, Link};

const DEVICE: Mac = Mac([2, 0, 0, 0, 0, 1]);
const ROUTER: Mac = Mac([2, 0, 0, 0, 0, 2]);
const S: i64 = 1_000_000_000;

/// Times and bytes of frames.
type Contents = Vec<(i64, Vec<u8>)>;

/// Adds a packet of 100 bytes a tenth of a second after each, unless another comes first.
#[derive(Default)]
struct Echo(Option<Event>);

impl Change for Echo {
    fn take(&mut self, event: &Event, _: Option<Direction>, out: &mut Out<'_>) {
        if let Some(echo) = self.0.take().filter(|echo| echo.time_ns <= event.time_ns) {
            out(&echo);
        }
        out(event);
        let echo = Event { time_ns: event.time_ns.saturating_add(S / 10), number: None, ..*event };
        self.0 = Some(echo.with_length(100));
    }

    fn step(&mut self, out: &mut Out<'_>) {
        self.finish(None, out);
    }

    fn finish(&mut self, until_ns: Option<i64>, out: &mut Out<'_>) {
        let in_time = |echo: &Event| until_ns.is_none_or(|until_ns| echo.time_ns < until_ns);
        if let Some(echo) = self.0.take().filter(in_time) {
            out(&echo);
        }
    }
}

/// Makes every packet ten bytes longer.
struct Longer;

impl Change for Longer {
    fn take(&mut self, event: &Event, _: Option<Direction>, out: &mut Out<'_>) {
        out(&event.with_length(event.length_bytes.saturating_add(10)));
    }
}

/// Lets each event out with the next one, at its time.
#[derive(Default)]
struct Late(Option<Event>);

impl Change for Late {
    fn take(&mut self, event: &Event, _: Option<Direction>, out: &mut Out<'_>) {
        if let Some(held) = self.0.replace(*event) {
            out(&Event { time_ns: event.time_ns, ..held });
        }
    }

    fn step(&mut self, out: &mut Out<'_>) {
        self.finish(None, out);
    }

    fn finish(&mut self, _: Option<i64>, out: &mut Out<'_>) {
        if let Some(held) = self.0.take() {
            out(&held);
        }
    }
}

/// Lets out times that fall.
struct Falling;

impl Change for Falling {
    fn take(&mut self, event: &Event, _: Option<Direction>, out: &mut Out<'_>) {
        out(event);
        out(&Event { time_ns: event.time_ns - S, number: None, ..*event });
    }
}

fn made(names: &[&str]) -> Changes {
    let one = |name: &&str| -> Box<dyn Change> {
        match *name {
            "echo" => Box::new(Echo::default()),
            "longer" => Box::new(Longer),
            "late" => Box::new(Late::default()),
            _ => Box::new(Falling),
        }
    };
    Changes::new(Device::Mac(DEVICE), names.iter().map(one).collect())
}

/// A datagram of 60 bytes from the device, its last byte telling which.
fn frame(which: u8) -> Vec<u8> {
    let ip = [0x45, 0, 0, 46, 0, which, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 192, 0, 2, 9];
    let udp = [0x9c, 0x40, 1, 0xbb, 0, 26, 0, 0];
    [&ROUTER.0[..], &DEVICE.0, &[8, 0], &ip, &udp, &[which; 18]].concat()
}

/// A question to everybody, which carries no packet.
fn arp() -> Vec<u8> {
    [&[0xff; 6], &DEVICE.0[..], &[8, 6], &[0; 28]].concat()
}

fn frames<'a>(contents: &'a [(i64, Vec<u8>)]) -> Vec<Frame<'a>> {
    let one = |(time_ns, bytes): &'a (i64, Vec<u8>)| Frame {
        time_ns: *time_ns,
        length_bytes: bytes.len() as u32,
        link: LinkType::ETHERNET,
        bytes,
    };
    contents.iter().map(one).collect()
}

fn contents(times: &[i64]) -> Contents {
    times.iter().zip((1..=200).cycle()).map(|(time_ns, which)| (*time_ns, frame(which))).collect()
}

/// Times and bytes of the changed frames, and how it ended.
fn written(contents: &[(i64, Vec<u8>)], names: &[&str]) -> (Contents, Result<End, Error>) {
    let (device, span, mut change, mut written) =
        (Device::Mac(DEVICE), Span::default(), made(names), Vec::new());
    let mut frames = ChangedFrames { frames: &frames(contents)[..], device, span, change: &mut change };
    let end = frames.drive(|frame| written.push((frame.time_ns, frame.bytes.to_vec())));
    (written, end)
}

/// Times in tenths of a second and lengths of what the gateway sees; `None` for a step.
fn seen(times: &[i64], names: &[&str], span: Span) -> Vec<Option<(i64, u32)>> {
    let (contents, mut seen) = (contents(times), Vec::new());
    let view = View { device: Device::Mac(DEVICE), observers: &[Observer::Gateway], span, dedup: false };
    trace::read_changed(&mut &frames(&contents)[..], &view, &mut made(names), |one| match one {
        Seen::Packet { packet, .. } => seen.push(Some((packet.time_ns / (S / 10), packet.length_bytes))),
        Seen::Step => seen.push(None),
    })
    .unwrap();
    seen
}

#[test]
fn changes_are_made_one_after_another() {
    let whole = Span::default();
    let plain = [Some((10, 60)), Some((20, 60))];
    assert_eq!(seen(&[S, 2 * S], &[], whole), plain);
    let echoed = [(10, 60), (11, 100), (20, 60), (21, 100)].map(Some);
    assert_eq!(seen(&[S, 2 * S], &["echo"], whole), echoed);
    let padded = [(10, 70), (11, 110), (20, 70), (21, 110)].map(Some);
    assert_eq!(seen(&[S, 2 * S], &["echo", "longer"], whole), padded);
    let padded_first = [(10, 70), (11, 100), (20, 70), (21, 100)].map(Some);
    assert_eq!(seen(&[S, 2 * S], &["longer", "echo"], whole), padded_first);
    // what the first lets out at the end goes through the others
    let late = [(20, 60), (20, 60), (21, 100)].map(Some);
    assert_eq!(seen(&[S, 2 * S], &["late", "echo"], whole), late);
}

#[test]
fn what_is_held_back_comes_out_before_a_step() {
    let times = [100 * S, 101 * S, 50 * S, 51 * S];
    let found = seen(&times, &["late"], Span::default());
    let of = |tenths: i64| Some((tenths, 60));
    assert_eq!(found, [of(1010), of(1010), None, of(510), of(510)]);
}

#[test]
fn what_lies_outside_of_the_round_goes_by_as_it_is() {
    let span = Span { start_ns: Some(2 * S), drop_ns: 0, end_ns: Some(4 * S) };
    let contents = contents(&[S, 2 * S, 3 * S, 4 * S, 5 * S]);
    let (mut changed, device) = (made(&["echo"]), Device::Mac(DEVICE));
    let mut written = Vec::new();
    let frames = &frames(&contents)[..];
    let mut changing = ChangedFrames { frames, device, span, change: &mut changed };
    changing.drive(|frame| written.push((frame.time_ns / (S / 10), frame.length_bytes))).unwrap();
    assert_eq!(written, [(10, 60), (20, 60), (21, 100), (30, 60), (31, 100), (40, 60), (50, 60)]);
    assert_eq!(seen(&[S, 2 * S, 3 * S, 4 * S], &["echo"], span).len(), 4);
}

#[test]
fn nothing_is_added_behind_the_end_of_the_round() {
    let span = Span { start_ns: Some(0), drop_ns: 0, end_ns: Some(S + 1) };
    assert_eq!(seen(&[S], &["echo"], span), [Some((10, 60))]);
}

#[test]
fn a_time_that_falls_is_raised() {
    let found = seen(&[S, 2 * S], &["falling"], Span::default());
    assert_eq!(found, [10, 10, 20, 20].map(|tenths| Some((tenths, 60))));
}

#[test]
fn an_event_that_is_not_the_devices_is_nobodys() {
    struct Other;
    impl Change for Other {
        fn take(&mut self, event: &Event, _: Option<Direction>, out: &mut Out<'_>) {
            let link = Link { source: Some(ROUTER), ..event.link };
            out(&Event { link, ..*event });
        }
    }
    let list: Vec<Box<dyn Change>> = vec![Box::new(Other), Box::new(Longer)];
    let mut changes = Changes::new(Device::Mac(DEVICE), list);
    let contents = contents(&[S]);
    let frame = frames(&contents)[0];
    let event = Event::of(&frame, &wire::decode(&frame));
    changes.take(&event, Some(Direction::Out), &mut |_| panic!("nobody's"));
}

#[test]
fn frames_that_only_changed_their_time_keep_their_bytes() {
    let mut contents = contents(&[S, 2 * S, 3 * S]);
    contents.insert(1, (S, arp()));
    let (written, end) = written(&contents, &["late", "echo"]);
    assert_eq!(
        end.unwrap_err().to_string(),
        "a changed packet of 2100000000 ns cannot be written as a frame: it carries no IP packet"
    );
    let kept: Vec<_> = written.iter().filter(|(_, bytes)| bytes.len() != 42 || *bytes == arp()).collect();
    assert_eq!(kept, [&(S, frame(1)), &(2 * S, arp()), &(3 * S, frame(2)), &(3 * S, frame(3))]);
    // Ethernet, IPv4 and UDP headers of what was added
    assert!(written.len() > kept.len());
}

#[test]
fn a_frame_is_forgotten_once_too_many_wait() {
    /// Lets everything out at the end.
    #[derive(Default)]
    struct Hoard(Vec<Event>);
    impl Change for Hoard {
        fn take(&mut self, event: &Event, _: Option<Direction>, _: &mut Out<'_>) {
            self.0.push(*event);
        }
        fn finish(&mut self, _: Option<i64>, out: &mut Out<'_>) {
            self.0.iter().for_each(out);
        }
    }
    let contents = contents(&[1; 5000].map(|one| one * S));
    let contents: Vec<_> = contents.into_iter().map(|(time_ns, _)| (time_ns, frame(9))).collect();
    let (device, span, mut change) = (Device::Mac(DEVICE), Span::default(), Hoard::default());
    let mut lengths = Vec::new();
    ChangedFrames { frames: &frames(&contents)[..], device, span, change: &mut change }
        .drive(|frame| lengths.push((frame.length_bytes, frame.bytes.len())))
        .unwrap();
    assert_eq!((lengths[0], lengths[5000 - 4096 - 1]), ((60, 42), (60, 42)), "headers written anew");
    assert_eq!((lengths[5000 - 4096], lengths[4999]), ((60, 60), (60, 60)));
}

/// The packets that each observer sees.
fn packets(frames: &mut impl Frames, change: Option<&mut dyn Change>) -> Vec<(usize, Packet)> {
    let mut seen = Vec::new();
    let observers = &Observer::ALL;
    let view = View { device: Device::Mac(DEVICE), observers, span: Span::default(), dedup: false };
    let each = |one: Seen<'_>| match one {
        Seen::Packet { observer, packet } => seen.push((observer, *packet)),
        Seen::Step => panic!("no step"),
    };
    match change {
        Some(change) => trace::read_changed(frames, &view, change, each),
        None => trace::read_all(frames, &view, each),
    }
    .unwrap();
    seen
}

#[test]
fn a_file_of_changed_traffic_is_seen_as_the_changed_traffic_is() {
    let contents = contents(&(0..50).map(|n| n * n * 40_000_000).collect::<Vec<_>>());
    for names in [&["echo"][..], &["longer", "late"], &["late", "echo", "longer", "echo"], &[]] {
        let frames = frames(&contents);
        let directly = packets(&mut &frames[..], Some(&mut made(names)));
        let (device, span, mut change) = (Device::Mac(DEVICE), Span::default(), made(names));
        let written =
            packets(&mut ChangedFrames { frames: &frames[..], device, span, change: &mut change }, None);
        assert!(directly.len() >= 200);
        assert_eq!(directly, written, "{names:?}");
    }
}
