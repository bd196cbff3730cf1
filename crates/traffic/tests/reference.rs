//! Compares the features of three real speakers' captures, and of captures that other projects test their readers
//! with, with an independent reference, which decodes with tshark and computes with plain Python.
//!
//! Needs `../shared` (captures and reference, not part of the repository), tshark and python3.

mod skip;

use overhear_traffic::capture::{CaptureReader, LinkType};
use overhear_traffic::feature::{FEATURES, FeatureSet, N_FEATURES, fill};
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::{Device, Mac};
use overhear_traffic::trace::{self, Selection};
use overhear_traffic::window::{MOST_SILENT, Pass, Window};
use overhear_traffic::wire;
use skip::skipped;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const TOLERANCE: f64 = 1e-9;

/// One window: its number, where it begins, and every feature.
struct Row {
    index: u64,
    start_ns: i64,
    values: Vec<Option<f64>>,
}

fn shared() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared")
}

fn ours(capture: &Path, device: &str, windowing: &str, set: FeatureSet) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |_: usize, window: &Window<'_>| {
        let (index, start_ns) = (window.index, window.start_ns);
        let mut values = [f64::NAN; N_FEATURES];
        fill(&mut values, set, window);
        let values = set.seen_by(Observer::Gateway).into_iter().map(|place| values[place]);
        let values = values.map(|value| (!value.is_nan()).then_some(value)).collect();
        rows.push(Row { index, start_ns, values });
    };
    let selection = Selection { device: device.parse().unwrap(), observer: Observer::Gateway };
    let windowings = [windowing.parse().unwrap()];
    let mut pass = if set.needs_detail() { Pass::full(&windowings) } else { Pass::new(&windowings) };
    let mut reader = CaptureReader::open(capture).unwrap();
    trace::read(&mut reader, selection, |seen| pass.take(seen, &mut row)).unwrap();
    pass.finish(&mut row);
    rows
}

/// `None` where the reference itself fails: on what tshark gives of a damaged packet.
fn reference(capture: &Path, device: &str, windowing: &str, set: FeatureSet) -> Option<Vec<Row>> {
    let script = shared().join("reference/features.py");
    let mut python = Command::new("python3");
    python.arg(script).arg(capture).args([windowing, "--device", device]);
    if set.needs_detail() {
        python.arg("--full");
    }
    let output = python.output().unwrap();
    if !output.status.success() {
        return None;
    }
    let table = String::from_utf8(output.stdout).unwrap();
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let names = set.seen_by(Observer::Gateway).into_iter().map(|place| FEATURES[place].name);
    assert_eq!(header, ["window", "start"].into_iter().chain(names).collect::<Vec<_>>());
    Some(lines.map(parse).collect())
}

fn parse(line: &str) -> Row {
    let mut cells = line.split(',');
    let index = cells.next().unwrap().parse().unwrap();
    let (seconds, fraction) = cells.next().unwrap().split_once('.').unwrap();
    let start_ns = seconds.parse::<i64>().unwrap() * 1_000_000_000 + fraction.parse::<i64>().unwrap();
    let values = cells.map(|cell| (!cell.is_empty()).then(|| cell.parse().unwrap())).collect();
    Row { index, start_ns, values }
}

/// The larger of absolute and relative closeness: how far two values are apart by the kinder measure.
fn distance(a: f64, b: f64) -> f64 {
    (a - b).abs() / a.abs().max(b.abs()).max(1.0)
}

/// The largest distance over all windows and features, or the first difference above the tolerance.
fn compare(capture: &Path, device: &str, windowing: &str, set: FeatureSet) -> Result<f64, String> {
    let ours = ours(capture, device, windowing, set);
    let what = format!("{} {windowing}, {set} features of {device}", capture.display());
    let Some(reference) = reference(capture, device, windowing, set) else {
        return Err(format!("{what}: the reference fails"));
    };
    let mut largest: f64 = 0.0;
    for (ours, reference) in ours.iter().zip(&reference) {
        if (ours.index, ours.start_ns) != (reference.index, reference.start_ns) {
            return Err(format!("{what}: window {} is {} there", ours.index, reference.index));
        }
        let features = set.seen_by(Observer::Gateway).into_iter().map(|place| FEATURES[place]);
        for (feature, (a, b)) in features.zip(ours.values.iter().zip(&reference.values)) {
            let apart = match (a, b) {
                (Some(a), Some(b)) => distance(*a, *b),
                (None, None) => 0.0,
                _ => f64::INFINITY,
            };
            if apart > TOLERANCE {
                let (window, name) = (ours.index, feature.name);
                return Err(format!("{what}, window {window}, {name}: {a:?}, the reference has {b:?}"));
            }
            largest = largest.max(apart);
        }
    }
    if ours.len() != reference.len() {
        return Err(format!("{what}: {} windows, the reference has {}", ours.len(), reference.len()));
    }
    Ok(largest)
}

/// What is missing for a comparison of these captures.
fn missing(captures: &Path) -> Option<String> {
    if !captures.exists() || !shared().join("reference/features.py").exists() {
        return Some("../shared is absent".to_owned());
    }
    let tools = ["tshark", "python3"].into_iter();
    let absent = |tool: &&str| Command::new(tool).arg("--version").output().is_err();
    tools.filter(absent).map(|tool| format!("{tool} is not installed")).next()
}

const WINDOWINGS: [&str; 4] = ["t=2", "t=15", "n=5", "n=20"];

fn compare_speaker(file: &str, device: &str) {
    let capture = shared().join("data/speakers").join(file);
    if let Some(why) = missing(&capture) {
        return skipped(&why);
    }
    for windowing in WINDOWINGS {
        for set in [FeatureSet::PAPER, FeatureSet::FULL] {
            assert!(!ours(&capture, device, windowing, set).is_empty());
            let largest = compare(&capture, device, windowing, set).unwrap();
            eprintln!("{file} {windowing} {set}: largest difference {largest:e}");
        }
    }
}

#[test]
fn a_nest_mini_has_the_features_of_the_reference() {
    compare_speaker("nest-mini.pcap", "d4:f5:47:2c:91:9b");
}

#[test]
fn a_homepod_has_the_features_of_the_reference() {
    compare_speaker("homepod-tv.pcap", "d4:a3:3d:6b:1e:97");
}

#[test]
fn an_echo_dot_has_the_features_of_the_reference() {
    compare_speaker("echo-dot-wake.pcap", "68:db:f5:90:19:64");
}

/// Captures below a folder.
fn captures(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.extension().and_then(|ending| ending.to_str()) {
            _ if path.is_dir() => files.extend(captures(&path)),
            Some("pcap" | "pcapng") => files.push(path),
            _ => {}
        }
    }
    files.sort();
    files
}

/// The Ethernet address that sends most packets of the network layer, where a capture has one and can be read.
fn busiest(capture: &Path) -> Option<String> {
    let mut sent: BTreeMap<Mac, u64> = BTreeMap::new();
    let mut reader = CaptureReader::open(capture).ok()?;
    while let Some(frame) = reader.next_frame().ok()? {
        let decoded = wire::decode(&frame);
        // the reference knows nothing of mirrors, and of Ethernet alone which way a packet goes
        if wire::inside(&frame, &decoded).is_some() || frame.link != LinkType::ETHERNET {
            return None;
        }
        if let (Some(source), Some(_)) = (decoded.link.source, decoded.network) {
            *sent.entry(source).or_default() += 1;
        }
    }
    sent.into_iter().max_by_key(|(_, n)| *n).map(|(mac, _)| Device::Mac(mac).to_string())
}

/// Compares one capture in so many.
fn compare_conformance(one_in: usize) {
    let folder = shared().join("data/conformance");
    if let Some(why) = missing(&folder) {
        return skipped(&why);
    }
    let files: Vec<(PathBuf, String)> = captures(&folder)
        .into_iter()
        .filter_map(|file| busiest(&file).map(|device| (file, device)))
        .collect();
    assert!(files.len() > 100, "only {} captures of Ethernet", files.len());
    let (mut windows, mut differ) = (0, Vec::new());
    for (file, device) in files.iter().step_by(one_in) {
        for windowing in WINDOWINGS {
            let n_windows = ours(file, device, windowing, FeatureSet::FULL).len();
            // of a silence of years the reference has every window, and takes as long
            if n_windows as u64 > MOST_SILENT {
                continue;
            }
            windows += n_windows;
            differ.extend(compare(file, device, windowing, FeatureSet::FULL).err());
        }
    }
    let compared = files.len().div_ceil(one_in);
    eprintln!("{compared} captures, {windows} windows");
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
}

#[test]
fn captures_of_all_kinds_have_the_features_of_the_reference() {
    compare_conformance(40);
}

/// `cargo test --release -p overhear-traffic --test reference -- --ignored --nocapture`
#[test]
#[ignore = "takes a quarter of an hour"]
fn every_capture_has_the_features_of_the_reference() {
    compare_conformance(1);
}
