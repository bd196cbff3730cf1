//! A generated round read directly, and as a file of it.

use overhear_synth::{self as synth, Generated, Scenario, Settings};
use overhear_traffic::capture::write::PcapWriter;
use overhear_traffic::capture::{CaptureReader, End, Frames, LinkType};
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::{Device, Mac, Packet};
use overhear_traffic::trace::{Seen, Selection, Summary, read};
use std::path::Path;

fn packets(frames: &mut impl Frames) -> (Vec<Packet>, Summary) {
    let selection = Selection { device: Device::Mac(Mac(synth::DEVICE_MAC)), observer: Observer::Gateway };
    let mut packets = Vec::new();
    let summary = read(frames, selection, |seen| match seen {
        Seen::Packet { packet, .. } => packets.push(*packet),
        Seen::Step => panic!("no step"),
    });
    (packets, summary.expect("nothing is damaged"))
}

#[test]
fn a_generated_round_is_read_like_a_file_of_it() {
    let settings = Settings { scenario: Scenario::Crossover, pairs: 1, ..Settings::default() };
    let plan = &synth::plan(&settings).expect("in range")[0];
    let mut generated = Generated { settings: &settings, plan };
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("round.pcap");
    let file = std::fs::File::create(&path).expect("a writable folder");
    let mut writer = PcapWriter::new(file, LinkType::ETHERNET).expect("a writable file");
    let end = generated.drive(|frame| {
        writer.write(frame.time_ns, frame.bytes, frame.length_bytes).expect("a writable file");
    });
    assert_eq!(end.expect("nothing fails"), End::default());
    writer.finish().expect("a writable file");

    let of_file = packets(&mut CaptureReader::open(&path).expect("a capture"));
    let directly = packets(&mut generated);
    assert!(of_file == directly && directly.0.len() > 500);
}
