//! Reads the captures that other projects test their readers with, many damaged on purpose: no file may
//! make us panic, and wherever Wireshark reads one whole, we count the packets that it counts.
//!
//! `capinfos` is asked and not `tshark`, which numbers pcapng's custom blocks among its frames (in test017, 018, 102
//! and 202 of the pcapng suite, each in several folders): they hold no packet.
//!
//! Needs the captures (`../shared/data/conformance`, not part of the repository) and `capinfos`.

mod skip;

use overhear_traffic::capture::CaptureReader;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::trace::{self, Selection};
use overhear_traffic::window::{Pass, Windowing};
use skip::skipped;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn captures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/conformance");
    let (mut folders, mut files) = (vec![root], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match path.extension().and_then(|ending| ending.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("pcap" | "pcapng") => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    files
}

/// Packets of each file, for those that Wireshark reads whole; `None` without its tools.
fn counted_by_wireshark(files: &[PathBuf]) -> Option<BTreeMap<PathBuf, u64>> {
    // a table without header: name, tab, packets
    let output = Command::new("capinfos").args(["-c", "-M", "-T", "-r"]).args(files).output().ok()?;
    let table = String::from_utf8_lossy(&output.stdout);
    let rows = table.lines().filter_map(|line| line.rsplit_once('\t'));
    Some(rows.filter_map(|(name, count)| Some((PathBuf::from(name), count.parse().ok()?))).collect())
}

/// Reads a file to its end or its damage, through every step that packets take.
fn read(path: &Path, observer: Observer) -> (u64, Option<String>) {
    let mut capture = match CaptureReader::open(path) {
        Ok(capture) => capture,
        Err(error) => return (0, Some(error.to_string())),
    };
    let mut pass = Pass::new(&Windowing::paper());
    let selection = Selection { device: Device::Any, observer };
    let read = trace::read(&mut capture, selection, |seen| pass.take(seen, |_, _| {}));
    pass.finish(|_, _| {});
    (capture.n_frames(), read.err().map(|error| error.to_string()))
}

#[test]
fn every_capture_that_wireshark_reads_whole_has_its_packets() {
    let files = captures();
    if files.is_empty() {
        return skipped("../shared/data/conformance is absent");
    }
    let Some(counts) = counted_by_wireshark(&files) else {
        return skipped("capinfos is not installed");
    };
    assert!(counts.len() > files.len() * 9 / 10, "capinfos read only {} of {}", counts.len(), files.len());
    let mut wrong = Vec::new();
    for path in &files {
        let (ours, error) = read(path, Observer::Gateway);
        let Some(&theirs) = counts.get(path) else { continue };
        if ours != theirs || error.is_some() {
            let error = error.unwrap_or_default();
            wrong.push(format!("{}: {ours}, Wireshark {theirs} {error}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{} files differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_capture_makes_any_observer_panic() {
    let files = captures();
    if files.is_empty() {
        return skipped("../shared/data/conformance is absent");
    }
    for path in &files {
        let frames = Observer::ALL.map(|observer| read(path, observer).0);
        assert!(frames.iter().all(|&n| n == frames[0]), "{}: {frames:?}", path.display());
    }
}
