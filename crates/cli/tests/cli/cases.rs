//! Inputs from the field on which the program once gave a wrong or misleading answer, each with its right value.
//!
//! Needs the cases (`../shared/cases`, not part of the repository). What each stands for is tested on inputs of its own
//! in `overhear/tests/faults.rs`, `overhear/tests/worlds.rs` and `tests/tables.rs`.

use super::skip::skipped;
use super::support::{overhear, said};
use std::path::PathBuf;

const QUICK: [&str; 7] = ["--learner", "knn,decision_tree", "--permutations", "199", "-W", "t=15", "-q"];

/// A case's folder; `None` without the cases.
fn case(name: &str) -> Option<PathBuf> {
    let cases = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases");
    let path = cases.join(name);
    if !path.exists() {
        skipped(&format!("{} is not there", path.display()));
        return None;
    }
    Some(path)
}

/// `report.json` of an audit, and what it warned of.
fn audited(path: &std::path::Path) -> (serde_json::Value, String) {
    let output = overhear(&[&["audit", path.to_str().unwrap(), "--json"], &QUICK[..]].concat());
    assert!(output.status.success(), "{}", said(&output));
    let warnings = String::from_utf8_lossy(&output.stderr).into_owned();
    (serde_json::from_slice(&output.stdout).unwrap(), warnings)
}

fn verdict(report: &serde_json::Value) -> &str {
    report["verdict"].as_str().unwrap()
}

#[test]
fn case_01_rounds_of_one_capture_are_read_from_start_to_end() {
    for shape in ["one", "split"] {
        let Some(path) = case(&format!("01-duration-ignored/{shape}")) else { return };
        let (report, _) = audited(&path);
        assert!(verdict(&report).starts_with("LEAK"), "{shape}: {}", verdict(&report));
        let hours = report["scope"]["hours"].as_f64().unwrap();
        assert!((hours - 1.6).abs() < 1e-9, "{shape}: {hours} h");
        let gate =
            [&["gate", path.to_str().unwrap(), "--horizon", "1m", "--max-ba", "0.65"], &QUICK[..]].concat();
        assert_eq!(overhear(&gate).status.code(), Some(3), "{shape}");
    }
}

#[test]
fn case_02_one_stamp_of_another_day_is_put_back() {
    let Some(path) = case("02-one-future-stamp") else { return };
    let (clean, _) = audited(&path.join("clean"));
    let (one_off, warnings) = audited(&path.join("b-has-one"));
    for report in [&clean, &one_off] {
        assert!(!verdict(report).starts_with("LEAK"), "{}", verdict(report));
        assert!(report["scope"]["hours"].as_f64().unwrap() < 5.0);
    }
    assert!(warnings.contains("1 timestamp lay more than 1 s off both neighbours"), "{warnings}");
}

#[test]
fn case_04_a_cooked_capture_shows_what_is_received() {
    let Some(path) = case("04-cooked-half") else { return };
    for capture in ["eth.pcap", "sll2.pcap"] {
        let capture = path.join(capture);
        let device = ["--device", "02:00:00:00:00:01", "--count", "--json"];
        let output =
            overhear(&[&["features", capture.to_str().unwrap(), "-W", "t=15"], &device[..]].concat());
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["packets"], 200, "{}", capture.display());
    }
}

#[test]
fn case_05_recordings_that_were_cut_off_are_left_out() {
    let Some(path) = case("05-cut-rounds") else { return };
    let output = overhear(&["audit", path.to_str().unwrap(), "-q"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("is left out: the file ends in mid-packet"), "{}", said(&output));
    let gate = overhear(&["gate", path.to_str().unwrap(), "--max-ba", "0.65", "-q"]);
    assert_eq!(gate.status.code(), Some(1), "a failure, not thin evidence");
}

#[test]
fn case_06_repeated_rounds_are_named_and_every_unit_is_used() {
    let Some(path) = case("06-units-dropped") else { return };
    let (report, warnings) = audited(&path);
    assert_eq!(report["scope"]["units"], 22);
    let left_out = report["schedule"].as_array().unwrap().iter().filter(|round| !round["left_out"].is_null());
    assert_eq!(left_out.count(), 14);
    assert!(warnings.contains("has an earlier round of b"), "{warnings}");
    assert!(report["scope"]["hours"].as_f64().unwrap() < 1.6, "hours of what was used");
}

#[test]
fn case_07_a_start_without_an_offset_is_refused_and_with_one_overlaps_are_seen() {
    let Some(path) = case("07-local-time") else { return };
    let output = overhear(&[&["audit", path.to_str().unwrap()], &QUICK[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("start = 2025-12-01T09:00:00 is not one moment"), "{}", said(&output));
    let offset = path.join("with-offset.toml");
    let output = overhear(&[&["audit", offset.to_str().unwrap()], &QUICK[..]].concat());
    assert!(said(&output).contains("it overlaps in time with round"), "{}", said(&output));
}

#[test]
fn case_09_a_nameless_column_is_no_feature() {
    let Some(path) = case("09-index-column") else { return };
    let table = path.join("t.csv");
    let of_table = ["audit", "--table", table.to_str().unwrap(), "--label", "condition", "--unit", "unit"];
    let quick = ["--learner", "knn,decision_tree", "--permutations", "99", "-q"];
    let output = overhear(&[&of_table[..], &quick].concat());
    assert!(!said(&output).contains("LEAK:"), "{}", said(&output));
    assert!(said(&output).contains("has no name"), "{}", said(&output));
}

#[test]
fn case_10_the_reason_names_what_is_wrong() {
    for (manifest, reason) in [
        ("missing-b.toml", "the capture cannot be read: No such file"),
        ("hour-late.toml", "lies after the capture's last packet"),
        ("hour-early.toml", "lies before the capture's first packet"),
    ] {
        let Some(path) = case(&format!("10-wrong-reason/{manifest}")) else { return };
        let output = overhear(&[&["audit", path.to_str().unwrap()], &QUICK[..]].concat());
        assert!(said(&output).contains(reason), "{manifest}: {}", said(&output));
    }
}

#[test]
fn case_14_too_few_permutations_are_named() {
    let Some(path) = case("01-duration-ignored/split") else { return };
    let quick = ["--learner", "knn", "--permutations", "50", "-W", "t=15", "-q"];
    let output = overhear(&[&["audit", path.to_str().unwrap()], &quick[..]].concat());
    let expected = "50 assignments are too few: p is 0.020 at best; 99 are the least";
    assert!(said(&output).contains(expected), "{}", said(&output));
}

#[test]
fn case_15_tables_of_other_programs_are_read_or_explained() {
    let Some(path) = case("15-csv") else { return };
    let evaluated = |name: &str| {
        let table = path.join(name);
        overhear(&["evaluate", table.to_str().unwrap(), "--label", "label", "--learner", "knn", "-q"])
    };
    for name in ["header-twice.csv", "utf16.csv"] {
        assert!(evaluated(name).status.success(), "{name}: {}", said(&evaluated(name)));
    }
    assert!(
        said(&evaluated("decimal-comma.csv")).contains("decimal"),
        "{}",
        said(&evaluated("decimal-comma.csv"))
    );
    let infinity = said(&evaluated("infinity.csv"));
    assert!(infinity.contains("rows") && infinity.contains("inf"), "{infinity}");
}

/// What `inspect --json` says of a capture.
fn inspected(capture: &std::path::Path) -> serde_json::Value {
    let output = overhear(&["inspect", capture.to_str().unwrap(), "--json"]);
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Packets that `features --count` counts, and what it warned of.
fn counted(capture: &std::path::Path, more: &[&str]) -> (u64, String) {
    let arguments =
        [&["features", capture.to_str().unwrap(), "-W", "t=15", "--count", "--json"], more].concat();
    let output = overhear(&arguments);
    assert!(output.status.success(), "{}", said(&output));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    (found["packets"].as_u64().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn case_08_a_speaker_stays_one_whatever_its_addresses_do() {
    let Some(path) = case("08-identity") else { return };
    for name in ["plain", "prefix-a-day", "reused-lease", "arp-spoof"] {
        let report = inspected(&path.join(format!("{name}.pcap")));
        let devices = report["devices"].as_array().unwrap();
        let speaker = devices.iter().find(|device| device["device"] == "02:00:00:00:00:01").unwrap();
        assert_eq!((&speaker["sureness"], &speaker["role"]), (&"certain".into(), &"host".into()), "{name}");
        assert_eq!(speaker["ecosystem"], "google", "{name}");
        let conflicts = devices.iter().flat_map(|device| {
            let evidence = device["evidence"].as_array().unwrap().iter();
            evidence.filter(|e| e["kind"] == "address_conflict").map(|_| device["device"].clone())
        });
        let expected: &[&str] = if name == "arp-spoof" { &["02:00:00:00:00:ee"] } else { &[] };
        assert_eq!(conflicts.collect::<Vec<_>>(), expected, "{name}");
    }
}

#[test]
fn case_11_frames_that_the_radio_calls_damaged_are_nobodys() {
    let Some(path) = case("11-bad-fcs") else { return };
    let report = inspected(&path.join("monitor.pcap"));
    assert_eq!(report["devices"].as_array().unwrap().len(), 2);
    assert!(report["damaged_frames"].as_u64().unwrap() > 150);
    let wifi = ["--observer", "wifi", "--device", "02:00:00:00:00:01"];
    assert_eq!(counted(&path.join("monitor.pcap"), &wifi).0, 300);
}

#[test]
fn case_12_a_mirror_is_unwrapped_and_said_so() {
    let Some(path) = case("12-mirror") else { return };
    for (name, is_mirror) in [("erspan2", true), ("vxlan", true), ("nflog", false)] {
        let (packets, warnings) = counted(&path.join(format!("{name}.pcap")), &["--device", "192.168.1.50"]);
        assert_eq!(
            (packets, warnings.contains("wrapped by a mirror")),
            (80, is_mirror),
            "{name}: {warnings}"
        );
    }
}

#[test]
fn case_13_a_snap_length_does_not_change_a_length() {
    let Some(path) = case("13-tso-snaplen") else { return };
    let table = |name: &str| {
        let capture = path.join(name);
        let device = ["--observer", "tunnel", "--device", "02:00:00:00:00:01"];
        let output =
            overhear(&[&["features", capture.to_str().unwrap(), "-W", "n=10"], &device[..]].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        let cells = |line: &str| line.split(',').skip(1).map(str::to_owned).collect::<Vec<_>>();
        text.lines().map(cells).collect::<Vec<_>>()
    };
    let (cut, whole) = (table("s96.pcap"), table("s262144.pcap"));
    assert!(whole.len() > 1);
    assert_eq!(cut, whole);
}

#[test]
fn case_16_zeros_behind_a_compressed_capture_are_padding() {
    let Some(path) = case("16-gz-padding") else { return };
    let (packets, warnings) = counted(&path.join("padded.pcap.gz"), &[]);
    assert_eq!((packets, &warnings[..]), (80, ""));
}

#[test]
fn case_17_packets_that_stand_twice_are_noticed_and_taken_out() {
    let Some(path) = case("17-duplicates") else { return };
    let capture = path.join("span-twice.pcap");
    let device = ["--device", "02:00:00:00:00:01"];
    let (packets, warnings) = counted(&capture, &device);
    assert!(
        packets == 240 && warnings.contains("about 50 % of the device's packets are copies"),
        "{warnings}"
    );
    let (packets, warnings) = counted(&capture, &[&device[..], &["--dedup"]].concat());
    assert!(packets == 120 && warnings.contains("120 of 240 packets were copies"), "{warnings}");
    assert_eq!(inspected(&capture)["copies"]["copies"], 120);
}
