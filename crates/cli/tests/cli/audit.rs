//! The audit, the gate and the plan from the command line, on small tables and generated campaigns.

use super::support::{Scratch, overhear, said, text};
use overhear_synth::DEVICE_MAC;
use overhear_traffic::capture::write::PcapngWriter;
use overhear_traffic::capture::{CaptureReader, LinkType};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

impl Scratch {
    /// Ten pairs of ten windows; the second condition is `shift` higher in one column, and each pair has an offset
    /// of its own, from a small generator written out here.
    fn table(&self, shift: f64) -> PathBuf {
        let mut state = 7u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let mut csv = "length,gap,condition,pair\n".to_owned();
        for pair in 0..10 {
            let offset = uniform();
            for (condition, own) in [("quiet", 0.0), ("noise", shift)] {
                for _ in 0..10 {
                    let (length, gap) = (uniform() + uniform() + offset + own, uniform());
                    let _ = writeln!(csv, "{length},{gap},{condition},{pair}");
                }
            }
        }
        let path = self.path("table.csv");
        fs::write(&path, csv).unwrap();
        path
    }
}

fn audit_table(table: &Path, more: &[&str]) -> serde_json::Value {
    let of_table = ["audit", "--table", text(table), "--label", "condition", "--unit", "pair", "--json"];
    let quick = ["--learner", "knn,decision_tree", "--permutations", "199"];
    let output = overhear(&[&of_table[..], &quick[..], more].concat());
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_large_effect_is_a_leak_and_no_effect_is_none() {
    let scratch = Scratch::new();
    let leak = audit_table(&scratch.table(2.0), &[]);
    assert!(leak["verdict"].as_str().unwrap().starts_with("LEAK"), "{}", leak["verdict"]);
    assert!(leak["findings"][0]["p"].as_f64().unwrap() <= 0.01);
    let clean = audit_table(&scratch.table(0.0), &[]);
    assert!(!clean["verdict"].as_str().unwrap().starts_with("LEAK"), "{}", clean["verdict"]);
    assert!(clean["findings"][0]["p"].as_f64().unwrap() > 0.01);
}

#[test]
fn the_same_seed_gives_the_same_findings_on_any_number_of_threads() {
    let scratch = Scratch::new();
    let table = scratch.table(0.5);
    let [one, two] =
        ["1", "2"].map(|threads| audit_table(&table, &["--threads", threads])["findings"].clone());
    assert_eq!(one, two);
}

#[test]
fn the_gate_is_decided_on_the_interval_s_end() {
    let scratch = Scratch::new();
    let gate = |shift: f64, limit: &[&str]| {
        let table = scratch.table(shift);
        let of_table = ["gate", "--table", text(&table), "--label", "condition", "--unit", "pair"];
        overhear(&[&of_table[..], &["--learner", "decision_tree"], limit].concat()).status.code()
    };
    assert_eq!(gate(2.0, &["--max-ba", "0.6"]), Some(3));
    assert_eq!(gate(2.0, &["--max-bits", "0.05"]), Some(3));
    assert_eq!(gate(0.0, &["--max-ba", "0.8"]), Some(0));
    assert_eq!(gate(0.0, &["--max-ba", "0.5"]), Some(4));
    assert_eq!(gate(2.0, &[]), Some(2), "a gate needs a limit");
}

// V13
#[test]
fn the_gate_s_json_says_how_it_was_decided() {
    let scratch = Scratch::new();
    let table = scratch.table(2.0);
    let of_table =
        ["gate", "--table", text(&table), "--label", "condition", "--unit", "pair", "--max-ba", "0.6"];
    let more = ["--learner", "decision_tree", "--permutations", "199", "--seed", "5", "--json"];
    let output = overhear(&[&of_table[..], &more].concat());
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let campaign = &document["campaigns"][0];
    assert_eq!((&campaign["seed"], &campaign["permutations"]), (&5.into(), &199.into()));
    assert_eq!((&campaign["units"], &campaign["rounds_left_out"]), (&10.into(), &serde_json::json!([])));
    assert_eq!(campaign["version"], env!("CARGO_PKG_VERSION"));
    let line = &document["lines"][0];
    assert!(line["p"].as_f64().unwrap() <= 0.01 && line["order"]["known"] == "unknown", "{line}");
    let limited = overhear(&[&of_table[..], &["--limit", "0.6"]].concat());
    assert_eq!(limited.status.code(), Some(2), "a limit of the audit is none of the gate's");
}

#[test]
fn one_capture_a_condition_is_inconclusive_and_a_missing_one_is_said_so() {
    let scratch = Scratch::new();
    let campaign = scratch.path("campaign");
    let synth = ["synth", "--scenario", "crossover", "--pairs", "2", "--round", "5m", "-o", text(&campaign)];
    assert!(overhear(&synth).status.success());
    let rounds = |condition: &str| {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(campaign.join("rounds")).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| {
            path.file_stem().unwrap().to_str().unwrap().split_once('-').unwrap().1 == condition
        });
        paths.sort();
        paths
    };
    let [quiet, noise] = ["mic_on", "mic_on_noise"].map(|condition| rounds(condition).remove(0));
    let captures = [format!("quiet={}", text(&quiet)), format!("noise={}", text(&noise))];
    let output = overhear(&["audit", &captures[0], &captures[1], "--learner", "decision_tree"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).contains("INCONCLUSIVE: 2 captures cannot tell the condition from the day"),
        "{}",
        said(&output)
    );

    fs::remove_file(&quiet).unwrap();
    let output = overhear(&["audit", text(&campaign), "--learner", "decision_tree"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).contains("is left out") && said(&output).contains("no partner"),
        "{}",
        said(&output)
    );
    let output = overhear(&["audit", "quiet"]);
    assert_eq!(output.status.code(), Some(1), "a directory without a campaign: {}", said(&output));
}

/// Writes an Ethernet capture again as a sniffer in monitor mode has it: encrypted 802.11 data frames of the same
/// traffic between the device and its access point.
fn sniffed(ethernet: &Path, air: &Path) {
    const POINT: [u8; 6] = [2, 0, 0, 0, 0, 0x99];
    let file = fs::File::create(air).unwrap();
    let mut writer = PcapngWriter::new(file, LinkType::IEEE802_11).unwrap();
    let mut reader = CaptureReader::open(ethernet).unwrap();
    while let Some(frame) = reader.next_frame().unwrap() {
        let (target, source) = (&frame.bytes[..6], &frame.bytes[6..12]);
        let from_device = source == DEVICE_MAC;
        let (flags, addresses) = match from_device {
            true => (0x41, [&POINT[..], source, target].concat()),
            false => (0x42, [target, &POINT[..], source].concat()),
        };
        // SNAP without its type, which the Ethernet frame brings; CCMP's header and check are 16 bytes
        let body = vec![0x5a; 6 + frame.bytes.len() - 12 + 16];
        let sent = [&[0x88, flags, 0, 0][..], &addresses, &[0, 0, 0, 0], &body].concat();
        writer.write(frame.time_ns, &sent, sent.len() as u32).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn a_sniffer_s_captures_give_the_verdict_that_the_gateway_s_give_for_wifi() {
    let scratch = Scratch::new();
    let campaign = scratch.path("campaign");
    let synth = ["synth", "--scenario", "crossover", "--pairs", "5", "--round", "4m", "-o", text(&campaign)];
    assert!(overhear(&synth).status.success());
    let (mut at_gateway, mut on_air) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(campaign.join("rounds")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let condition = name.split_once('-').unwrap().1.to_owned();
        let air = scratch.path(&format!("{name}-air.pcapng"));
        sniffed(&path, &air);
        at_gateway.push(format!("{condition}={}", text(&path)));
        on_air.push(format!("{condition}={}", text(&air)));
    }
    let audit = |captures: &mut Vec<String>| {
        captures.sort();
        let mac: Vec<String> = DEVICE_MAC.iter().map(|byte| format!("{byte:02x}")).collect();
        let mac = mac.join(":");
        let mut arguments = vec!["audit", "--observer", "wifi", "--device", &mac, "--permutations", "99"];
        arguments.extend(["--learner", "decision_tree", "-W", "t=15", "--json"]);
        arguments.extend(captures.iter().map(String::as_str));
        let output = overhear(&arguments);
        assert!(output.status.success(), "{}", said(&output));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        report["findings"][0].clone()
    };
    let finding = audit(&mut on_air);
    assert_eq!(finding, audit(&mut at_gateway));
    let features: Vec<&str> =
        finding["features"].as_array().unwrap().iter().map(|f| f["feature"].as_str().unwrap()).collect();
    assert!(features.contains(&"length_mean") && !features.contains(&"ttl_mean"), "{features:?}");
}

#[test]
fn a_plan_is_drawn_by_its_seed() {
    let plan = |seed: &str| {
        let output = overhear(&["plan", "--pairs", "24", "--start", "2026-12-01T08:00:00Z", "--seed", seed]);
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(plan("1"), plan("1"));
    assert_ne!(plan("1"), plan("2"));
    assert_eq!(plan("1").matches("[[round]]").count(), 48);
    assert_eq!(overhear(&["plan", "--conditions", "a,a"]).status.code(), Some(2));
}
