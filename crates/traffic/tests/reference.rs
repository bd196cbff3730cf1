//! Compares the features of three real speakers' captures with an independent reference, which decodes
//! with tshark and computes with plain Python.
//!
//! Needs `../shared` (captures and reference, not part of the repository), tshark and python3.

mod skip;

use overhear_traffic::capture::CaptureReader;
use overhear_traffic::feature::{FEATURES, N_FEATURES, values};
use overhear_traffic::observer::Observer;
use overhear_traffic::trace::{self, Selection};
use overhear_traffic::window::{Pass, Window};
use skip::skipped;
use std::path::{Path, PathBuf};
use std::process::Command;

const TOLERANCE: f64 = 1e-9;

/// One window: its number, where it begins, and every feature.
struct Row {
    index: u64,
    start_ns: i64,
    values: [Option<f64>; N_FEATURES],
}

fn shared() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared")
}

fn ours(capture: &Path, device: &str, windowing: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |_: usize, window: &Window| {
        let (index, start_ns) = (window.index, window.start_ns);
        rows.push(Row { index, start_ns, values: values(&window.sums) });
    };
    let selection = Selection { device: device.parse().unwrap(), observer: Observer::Gateway };
    let mut pass = Pass::new(&[windowing.parse().unwrap()]);
    let mut reader = CaptureReader::open(capture).unwrap();
    trace::read(&mut reader, selection, |seen| pass.take(seen, &mut row)).unwrap();
    pass.finish(&mut row);
    rows
}

fn reference(capture: &Path, device: &str, windowing: &str) -> Vec<Row> {
    let script = shared().join("reference/features.py");
    let mut python = Command::new("python3");
    let output = python.arg(script).arg(capture).args([windowing, "--device", device]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8(output.stdout).unwrap();
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let names: Vec<&str> = FEATURES.iter().map(|feature| feature.name).collect();
    assert_eq!(header, [&["window", "start"], &names[..]].concat());
    lines.map(parse).collect()
}

fn parse(line: &str) -> Row {
    let mut cells = line.split(',');
    let index = cells.next().unwrap().parse().unwrap();
    let (seconds, fraction) = cells.next().unwrap().split_once('.').unwrap();
    let start_ns = seconds.parse::<i64>().unwrap() * 1_000_000_000 + fraction.parse::<i64>().unwrap();
    let values: Vec<Option<f64>> =
        cells.map(|cell| (!cell.is_empty()).then(|| cell.parse().unwrap())).collect();
    Row { index, start_ns, values: values.try_into().unwrap() }
}

/// The larger of absolute and relative closeness: how far two values are apart by the kinder measure.
fn distance(a: f64, b: f64) -> f64 {
    (a - b).abs() / a.abs().max(b.abs()).max(1.0)
}

/// The largest distance over all windows and features; whatever is not even comparable panics.
fn compare(capture: &Path, device: &str, windowing: &str) -> f64 {
    let (ours, reference) = (ours(capture, device, windowing), reference(capture, device, windowing));
    let what = format!("{} {windowing}", capture.display());
    assert!(!ours.is_empty(), "{what}: no windows");
    assert_eq!(ours.len(), reference.len(), "{what}: windows");
    let mut largest: f64 = 0.0;
    for (ours, reference) in ours.iter().zip(&reference) {
        assert_eq!((ours.index, ours.start_ns), (reference.index, reference.start_ns), "{what}");
        for (feature, (a, b)) in FEATURES.iter().zip(ours.values.iter().zip(&reference.values)) {
            let apart = match (a, b) {
                (Some(a), Some(b)) => distance(*a, *b),
                (None, None) => 0.0,
                _ => f64::INFINITY,
            };
            assert!(
                apart <= TOLERANCE,
                "{what}, window {}, {}: {a:?}, the reference has {b:?}",
                ours.index,
                feature.name
            );
            largest = largest.max(apart);
        }
    }
    largest
}

fn compare_speaker(file: &str, device: &str) {
    let capture = shared().join("data/speakers").join(file);
    if !capture.exists() || !shared().join("reference/features.py").exists() {
        return skipped("../shared is absent");
    }
    for tool in ["tshark", "python3"] {
        if Command::new(tool).arg("--version").output().is_err() {
            return skipped(&format!("{tool} is not installed"));
        }
    }
    for windowing in ["t=2", "t=15", "n=5", "n=20"] {
        let largest = compare(&capture, device, windowing);
        eprintln!("{file} {windowing}: largest difference {largest:e}");
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
