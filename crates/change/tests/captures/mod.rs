//! A generated round with a change made to it: as a file, as observers see it, and as Wireshark reads the file.
#![allow(dead_code, reason = "each test file uses some of it")]

#[path = "../../../traffic/tests/skip/mod.rs"]
mod skip;

use overhear_synth::{self as synth, Generated, RoundPlan, Scenario, Settings};
use overhear_traffic::capture::write::PcapngWriter;
use overhear_traffic::capture::{Frames, LinkType};
use overhear_traffic::change::{Change, ChangedFrames};
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::{Device, Mac, Packet};
use overhear_traffic::trace::{Seen, Summary, View};
use skip::skipped;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub const DEVICE: Device = Device::Mac(Mac(synth::DEVICE_MAC));

pub fn round() -> (Settings, RoundPlan) {
    let round = Duration::from_secs(900);
    let settings = Settings { scenario: Scenario::Crossover, pairs: 1, round, ..Settings::default() };
    let plan = synth::plan(&settings).expect("in range").swap_remove(1);
    (settings, plan)
}

/// Writes the round, changed.
pub fn written(name: &str, change: &mut dyn Change) -> PathBuf {
    let (settings, plan) = round();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let file = BufWriter::new(File::create(&path).expect("a writable folder"));
    let mut writer = PcapngWriter::new(file, LinkType::ETHERNET).expect("a writable file");
    let frames = Generated { settings: &settings, plan: &plan };
    let mut changed = ChangedFrames { frames, device: DEVICE, span: plan.span(), change };
    changed.drive(|frame| writer.write_frame(frame).expect("a writable file")).expect("writable events");
    writer.finish().expect("a writable file");
    path
}

/// What the observers see: of a file, or directly.
pub fn seen(
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

const CHECKSUMS: [&str; 6] =
    ["-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];

pub fn tshark(capture: &Path, arguments: &[&str]) -> Option<String> {
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

/// Asserts that Wireshark finds nothing malformed in a capture and no checksum wrong; false where it does not run.
pub fn is_well_formed(capture: &Path, name: &str) -> bool {
    let bad =
        "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0";
    // packets that are bad, and behind them a table of what is said of any of them, where that is an error
    let Some(found) = tshark(capture, &["-Y", bad, "-z", "expert,error"]) else { return false };
    assert_eq!(found.trim(), "", "{name}");
    true
}
