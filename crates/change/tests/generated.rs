//! Plants in generated rounds: in memory, as a file, and as Wireshark reads the file.

mod captures;

use captures::*;
use overhear_change::plant::{PLANTS, Plant, changes};
use overhear_synth::Generated;
use overhear_traffic::capture::{CaptureReader, Frames};
use overhear_traffic::observer::Observer;
use overhear_traffic::trace::{self, Seen, View};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

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
fn planted(name: &str, plants: &[Plant]) -> PathBuf {
    let (_, plan) = round();
    written(name, &mut changes(plants, DEVICE, 1, plan.index as u64))
}

#[test]
fn a_file_of_a_planted_round_is_seen_as_the_round_planted_in_memory() {
    let all = members();
    for plants in all.iter().map(std::slice::from_ref).chain([&all[..], &[]]) {
        let path = planted("memory.pcapng", plants);
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
    let plain: HashSet<_> = frames(&planted("plain.pcapng", &[])).into_iter().collect();
    for plant in members() {
        let found = frames(&planted("kept.pcapng", &[plant]));
        let kept = found.iter().filter(|frame| plain.contains(*frame)).count();
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
    assert_eq!(bytes(planted("order.pcapng", &[order])), bytes(planted("plain.pcapng", &[])));
}

#[test]
fn tshark_finds_nothing_malformed_in_a_planted_round() {
    for plant in members() {
        let path = planted("tshark.pcapng", &[plant]);
        if !is_well_formed(&path, &plant.to_string()) {
            return;
        }
    }
}

#[test]
fn tshark_reads_the_times_lengths_and_ends_that_were_planted() {
    let all = members();
    let path = planted("ends.pcapng", &all);
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
