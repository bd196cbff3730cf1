//! The functions on the way from a capture's bytes to windows of features, one by one, in memory.
//!
//!     cargo bench -p overhear-traffic

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use overhear_synth::{self as synth, Settings};
use overhear_traffic::capture::{CaptureReader, LinkType};
use overhear_traffic::capture::{Frame, write::PcapWriter};
use overhear_traffic::feature::{Columns, values};
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::{Device, Packet};
use overhear_traffic::trace::{self, Seen, Selection, Span, View};
use overhear_traffic::window::{Pass, Window, Windowing};
use overhear_traffic::wire;
use std::sync::LazyLock;

const GATEWAY: Selection = Selection { device: Device::Any, observer: Observer::Gateway };

/// The first round of a generated campaign as a pcap file.
static CAPTURE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let settings = Settings::default();
    let round = &synth::plan(&settings).expect("the usual settings")[0];
    let mut writer = PcapWriter::new(Vec::new(), LinkType::ETHERNET).expect("memory takes it");
    synth::generate(&settings, round, &mut |frame| {
        writer.write(frame.time_ns, frame.bytes, frame.bytes.len() as u32)
    })
    .expect("memory takes it");
    writer.finish().expect("memory takes it")
});

static PACKETS: LazyLock<Vec<Packet>> = LazyLock::new(|| {
    let mut packets = Vec::new();
    let keep = |seen: Seen<'_>| match seen {
        Seen::Packet { packet, .. } => packets.push(*packet),
        Seen::Step => {}
    };
    trace::read(&mut reader(), GATEWAY, keep).expect("a whole capture");
    packets
});

static WINDOWS: LazyLock<Vec<Window<'static>>> = LazyLock::new(|| {
    let mut windows = Vec::new();
    let mut pass = Pass::new(&Windowing::paper());
    PACKETS.iter().for_each(|packet| pass.push(packet, |_, window| windows.push(window.without_detail())));
    windows
});

fn reader() -> CaptureReader<&'static [u8]> {
    CaptureReader::new("memory".to_owned(), CAPTURE.as_slice()).expect("a capture")
}

/// Record after record, nothing decoded.
#[divan::bench]
fn records(bencher: Bencher) {
    bencher.counter(ItemsCount::new(PACKETS.len())).bench(|| {
        let mut reader = reader();
        let mut bytes = 0;
        while let Some(frame) = reader.next_frame().expect("a whole capture") {
            bytes += frame.bytes.len();
        }
        bytes
    });
}

/// The general decoder; the trace takes a shorter way for Ethernet with IPv4.
#[divan::bench]
fn decode(bencher: Bencher) {
    let mut frames = Vec::new();
    let mut reader = reader();
    while let Some(frame) = reader.next_frame().expect("a whole capture") {
        frames.push((frame.link, frame.bytes.to_vec()));
    }
    bencher.counter(ItemsCount::new(frames.len())).bench(|| {
        for (link, bytes) in &frames {
            black_box(wire::decode(&Frame {
                time_ns: 0,
                length_bytes: bytes.len() as u32,
                link: *link,
                bytes,
            }));
        }
    });
}

/// Records, decoded, as an observer sees them.
#[divan::bench(args = Observer::ALL)]
fn packets(bencher: Bencher, observer: Observer) {
    bencher.counter(ItemsCount::new(PACKETS.len())).bench(|| {
        let selection = Selection { device: Device::Any, observer };
        trace::read(&mut reader(), selection, |seen| {
            black_box(seen);
        })
    });
}

/// The same for all observers at once.
#[divan::bench]
fn packets_for_all(bencher: Bencher) {
    bencher.counter(ItemsCount::new(PACKETS.len())).bench(|| {
        let view =
            View { device: Device::Any, observers: &Observer::ALL, span: Span::default(), dedup: false };
        trace::read_all(&mut reader(), &view, |seen| {
            black_box(seen);
        })
    });
}

/// Packets to windows of so many windowings, as many by time as by count.
#[divan::bench(args = [2, 8, 20])]
fn windows(bencher: Bencher, n_windowings: usize) {
    let paper = Windowing::paper();
    let (by_time, by_count) = paper.split_at(10);
    let half = n_windowings / 2;
    let windowings = [&by_time[..half], &by_count[..half]].concat();
    bencher.counter(ItemsCount::new(PACKETS.len())).bench(|| {
        let mut pass = Pass::new(&windowings);
        for packet in PACKETS.iter() {
            pass.push(packet, |_, window| {
                black_box(window);
            });
        }
    });
}

/// Every feature of a window.
#[divan::bench]
fn features(bencher: Bencher) {
    bencher.counter(ItemsCount::new(WINDOWS.len())).bench(|| {
        for window in WINDOWS.iter() {
            black_box(values(&window.sums));
        }
    });
}

/// The same, into columns.
#[divan::bench]
fn feature_columns(bencher: Bencher) {
    let mut columns = Columns::default();
    bencher.counter(ItemsCount::new(WINDOWS.len())).bench_local(|| {
        columns.clear();
        WINDOWS.iter().for_each(|window| columns.push(window));
    });
}

fn main() {
    divan::main();
}
