//! The features of small captures in the repository, against values that a reference in plain Python computed from the same
//! bytes: `corpora/README.md` says how they are recorded.

use overhear_traffic::capture::CaptureReader;
use overhear_traffic::feature::{PAPER, values};
use overhear_traffic::observer::Observer;
use overhear_traffic::trace::{self, Selection};
use overhear_traffic::window::{Pass, Window};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const TOLERANCE: f64 = 1e-12;

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpora")
}

/// The table of one capture, an empty cell for an undefined value.
fn table(capture: &Path, windowing: &str) -> String {
    let names: Vec<&str> = PAPER.iter().map(|feature| feature.name).collect();
    let mut text = format!("window,start_ns,{}\n", names.join(","));
    let mut row = |_: usize, window: &Window| {
        let _ = write!(text, "{},{}", window.index, window.start_ns);
        for value in values(&window.sums) {
            let _ = write!(text, ",{}", value.map_or(String::new(), |value| value.to_string()));
        }
        text.push('\n');
    };
    let selection = Selection { device: "02:00:00:00:00:01".parse().unwrap(), observer: Observer::Gateway };
    let mut pass = Pass::new(&[windowing.parse().unwrap()]);
    let mut reader = CaptureReader::open(capture).unwrap();
    trace::read(&mut reader, selection, |seen| pass.take(seen, &mut row)).unwrap();
    pass.finish(&mut row);
    text
}

/// Whether two cells are the same number, or both empty.
fn are_equal(a: &str, b: &str) -> bool {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1.0),
        _ => a == b,
    }
}

#[test]
fn every_capture_has_the_features_of_the_reference() {
    let mut compared = 0;
    for entry in std::fs::read_dir(corpora().join("expected")).unwrap() {
        let expected = entry.unwrap().path();
        let name = expected.file_stem().unwrap().to_str().unwrap();
        let (capture, windowing) = name.rsplit_once('-').unwrap();
        let ours = table(&corpora().join(capture), windowing);
        let theirs = std::fs::read_to_string(&expected).unwrap();
        assert_eq!(ours.lines().next(), theirs.lines().next(), "{name}");
        assert_eq!(ours.lines().count(), theirs.lines().count(), "{name}");
        for (own, other) in ours.lines().skip(1).zip(theirs.lines().skip(1)) {
            let differs = own.split(',').zip(other.split(',')).position(|(a, b)| !are_equal(a, b));
            assert_eq!(differs, None, "{name}:\n{own}\n{other}");
            compared += 1;
        }
    }
    assert!(compared > 400, "{compared} windows");
}

#[test]
fn however_a_recording_was_made_its_features_are_the_same() {
    for windowing in ["t=2", "t=15", "n=5", "n=20"] {
        let plain = table(&corpora().join("home.pcap"), windowing);
        for other in ["home.pcapng", "mirror.pcap"] {
            assert_eq!(plain, table(&corpora().join(other), windowing), "{other} {windowing}");
        }
    }
}
