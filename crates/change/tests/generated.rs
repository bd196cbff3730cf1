//! Plants in generated rounds: in memory, as a file, and as Wireshark reads the file.

#[path = "../../traffic/tests/skip/mod.rs"]
mod skip;

use overhear_change::plant::{PLANTS, Plant, changes};
use overhear_synth::{self as synth, Generated, RoundPlan, Scenario, Settings};
use overhear_traffic::capture::write::PcapngWriter;
use overhear_traffic::capture::{CaptureReader, Frames, LinkType};
use overhear_traffic::change::ChangedFrames;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::{Device, Mac, Packet};
use overhear_traffic::trace::{self, Seen, Summary, View};
use skip::skipped;
use std::collections::HashSet;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const DEVICE: Device = Device::Mac(Mac(synth::DEVICE_MAC));

fn round() -> (Settings, RoundPlan) {
    let round = Duration::from_secs(900);
    let settings = Settings { scenario: Scenario::Crossover, pairs: 1, round, ..Settings::default() };
    let plan = synth::plan(&settings).expect("in range").swap_remove(1);
    (settings, plan)
}

/// Each member at a dose that shows.
fn members() -> Vec<Plant> {
    let dose = |name: &str| match name {
        "upload" => 5.0,
        "burst" | "rare" | "variance" => 40.0,
        "phase" => 7.0,
        _ => 0.5,
    };
    PLANTS.into_iter().map(|entry| Plant::new(entry, dose(entry.name)).expect("in range")).collect()
}

/// Writes the round with plants in it.
fn written(name: &str, plants: &[Plant]) -> PathBuf {
    let (settings, plan) = round();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let file = BufWriter::new(File::create(&path).expect("a writable folder"));
    let mut writer = PcapngWriter::new(file, LinkType::ETHERNET).expect("a writable file");
    let mut change = changes(plants, DEVICE, 1, plan.index as u64);
    let frames = Generated { settings: &settings, plan: &plan };
    let mut planted = ChangedFrames { frames, device: DEVICE, span: plan.span(), change: &mut change };
    planted.drive(|frame| writer.write_frame(frame).expect("a writable file")).expect("writable events");
    writer.finish().expect("a writable file");
    path
}

/// What the observers see: of a file, or directly.
fn seen(
    read: impl FnOnce(&View<'_>, &mut dyn FnMut(Seen<'_>)) -> Summary,
) -> (Vec<(usize, Packet)>, Summary) {
    let mut packets = Vec::new();
    let (_, plan) = round();
    let view = View { device: DEVICE, observers: &Observer::ALL, span: plan.span(), dedup: false };
    let summary = read(&view, &mut |one| match one {
        Seen::Packet { observer, packet } => packets.push((observer, *packet)),
        Seen::Step => panic!("no step"),
    });
    (packets, summary)
}

#[test]
fn a_file_of_a_planted_round_is_seen_as_the_round_planted_in_memory() {
    let all = members();
    for plants in all.iter().map(std::slice::from_ref).chain([&all[..], &[]]) {
        let path = written("memory.pcapng", plants);
        let (of_file, found) = seen(|view, each| {
            trace::read_all(&mut CaptureReader::open(&path).expect("a capture"), view, each).expect("whole")
        });
        let (settings, plan) = round();
        let (directly, expected) = seen(|view, each| {
            let mut change = changes(plants, DEVICE, 1, plan.index as u64);
            let mut frames = Generated { settings: &settings, plan: &plan };
            trace::read_changed(&mut frames, view, &mut change, each).expect("nothing is damaged")
        });
        assert!(of_file.len() > 1000);
        assert!(of_file == directly, "{plants:?}");
        assert_eq!((&found.seen, found.events), (&expected.seen, expected.events), "{plants:?}");
        // no packet that was added passes for a copy of another
        assert_eq!(found.copies.copies, 0, "{plants:?}");
    }
}

#[test]
fn what_no_plant_altered_keeps_its_bytes() {
    let frames = |path: &Path| {
        let mut bytes = Vec::new();
        let mut capture = CaptureReader::open(path).expect("a capture");
        capture.drive(|frame| bytes.push((frame.time_ns, frame.bytes.to_vec()))).expect("whole");
        bytes
    };
    let plain: HashSet<_> = frames(&written("plain.pcapng", &[])).into_iter().collect();
    for plant in members() {
        let planted = frames(&written("kept.pcapng", &[plant]));
        let kept = planted.iter().filter(|frame| plain.contains(*frame)).count();
        let share = kept as f64 / plain.len() as f64;
        let expected = match plant.entry().name {
            "upload" | "burst" | "rare" | "phase" => 1.0..=1.0,
            "order" => 0.1..=0.9,
            "variance" => 0.3..=0.8,
            _ => 0.4..=0.95,
        };
        assert!(expected.contains(&share), "{plant}: {share}");
    }
    // packets that took another's time are the same bytes
    let bytes = |path: PathBuf| {
        let mut bytes: Vec<_> = frames(&path).into_iter().map(|(_, bytes)| bytes).collect();
        bytes.sort_unstable();
        bytes
    };
    let order: Plant = "order:1".parse().expect("in range");
    assert_eq!(bytes(written("order.pcapng", &[order])), bytes(written("plain.pcapng", &[])));
}

const CHECKSUMS: [&str; 6] =
    ["-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];

fn tshark(capture: &Path, arguments: &[&str]) -> Option<String> {
    let output = match Command::new("tshark").arg("-r").arg(capture).args(CHECKSUMS).args(arguments).output()
    {
        Ok(output) => output,
        Err(error) => {
            skipped(&format!("tshark does not run here ({error})"));
            return None;
        }
    };
    let complaint = String::from_utf8_lossy(&output.stderr);
    let complaints: Vec<&str> = complaint.lines().filter(|line| !line.contains("as user \"root\"")).collect();
    assert!(output.status.success() && complaints.is_empty(), "{complaint}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn tshark_finds_nothing_malformed_in_a_planted_round() {
    for plant in members() {
        let path = written("tshark.pcapng", &[plant]);
        let bad = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0";
        let Some(found) = tshark(&path, &["-Y", bad]) else { return };
        assert_eq!(found, "", "{plant}");
        let Some(report) = tshark(&path, &["-q", "-z", "expert,error"]) else { return };
        assert!(!report.contains("Errors ("), "{plant}: {report}");
    }
}

#[test]
fn tshark_reads_the_times_lengths_and_ends_that_were_planted() {
    let all = members();
    let path = written("ends.pcapng", &all);
    let fields =
        ["frame.time_epoch", "frame.len", "ip.src", "ip.dst", "ip.len", "ip.ttl", "tcp.window_size_value"];
    let arguments: Vec<&str> = fields.iter().flat_map(|field| ["-e", field]).collect();
    let Some(found) = tshark(&path, &[&["-Y", "ip && !icmp", "-T", "fields"], &arguments[..]].concat())
    else {
        return;
    };
    let mut expected = String::new();
    let view =
        View { device: DEVICE, observers: &[Observer::Gateway], span: trace::Span::default(), dedup: false };
    trace::read_all(&mut CaptureReader::open(&path).expect("a capture"), &view, |one| {
        let Seen::Packet { packet, .. } = one else { return };
        let Some(own) = packet.network.filter(|own| own.source.is_ipv4()) else { return };
        let window = match own.transport {
            overhear_traffic::packet::Transport::Icmp => return,
            overhear_traffic::packet::Transport::Tcp { window: Some(window), .. } => window.to_string(),
            _ => String::new(),
        };
        let (seconds, rest) = (packet.time_ns / 1_000_000_000, packet.time_ns % 1_000_000_000);
        let (source, target, length, ttl) = (own.source, own.target, own.ip_length_bytes, own.ttl);
        let frame_bytes = packet.length_bytes;
        expected +=
            &format!("{seconds}.{rest:09}\t{frame_bytes}\t{source}\t{target}\t{length}\t{ttl}\t{window}\n");
    })
    .expect("whole");
    assert!(found.lines().count() > 500);
    assert!(found == expected, "tshark reads other packets");
}
