//! What Wireshark's dissectors think of generated frames and of both writers. Skips where tshark is not installed.

#[path = "../../traffic/tests/skip/mod.rs"]
mod skip;

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::Command;

use overhear_synth::{self as synth, RoundPlan, Settings};
use overhear_traffic::capture::LinkType;
use overhear_traffic::capture::write::{PcapWriter, PcapngWriter};
use skip::skipped;

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
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn settings() -> Settings {
    Settings { day_effect: 0.5, drift: 0.5, ..Settings::default() }
}

fn noise_round(settings: &Settings) -> RoundPlan {
    let mut round = synth::plan(settings).expect("in range").pop().expect("three rounds");
    round.duration_s = 40_000.0;
    round
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn write_pcapng(name: &str) -> (PathBuf, usize) {
    let (settings, path, mut frames) = (settings(), path(name), 0);
    let file = BufWriter::new(File::create(&path).expect("a writable folder"));
    let mut writer = PcapngWriter::new(file, LinkType::ETHERNET).expect("a writable file");
    synth::generate(&settings, &noise_round(&settings), &mut |frame| {
        frames += 1;
        writer.write(frame.time_ns, frame.bytes, frame.bytes.len() as u32)
    })
    .expect("a writable file");
    writer.finish().expect("a writable file");
    (path, frames)
}

#[test]
fn tshark_finds_nothing_malformed_and_no_bad_checksum() {
    let (path, _) = write_pcapng("expert.pcapng");
    let Some(report) = tshark(&path, &["-q", "-z", "expert,note"]) else { return };
    for line in report.lines().map(str::trim) {
        // QUIC behind the handshake has keys that nobody but the two ends knows: unavoidable, and the same in a
        // real capture. Everything else worse than a note is a fault; notes are about closing and keep-alives.
        let known = line.contains("Decryption")
            || line.contains("connection closing")
            || line.contains("keep-alive")
            || line.contains("Unknown QUIC connection");
        let finding = line.chars().next().is_some_and(|first| first.is_ascii_digit());
        assert!(!finding || known, "{line}\n{report}");
    }
}

#[test]
fn tshark_recognises_every_protocol() {
    let (path, frames) = write_pcapng("protocols.pcapng");
    let Some(names) = tshark(&path, &["-T", "fields", "-e", "_ws.col.Protocol"]) else { return };
    assert_eq!(names.lines().count(), frames);
    for expected in
        ["ARP", "DHCP", "DNS", "HTTP", "ICMP", "ICMPv6", "MDNS", "NTP", "QUIC", "TCP", "TLSv1.3", "UDP"]
    {
        assert!(names.lines().any(|name| name == expected), "no {expected}");
    }
    let arguments = ["-Y", "tls.handshake.extensions_server_name", "-T", "fields", "-e"];
    let Some(hosts) = tshark(&path, &[&arguments[..], &["tls.handshake.extensions_server_name"]].concat())
    else {
        return;
    };
    assert!(hosts.lines().any(|host| host.ends_with(".google.com")), "{hosts}");
}

#[test]
fn tshark_reads_the_same_times_and_lengths_from_both_formats() {
    let (settings, classic, modern) = (settings(), path("times.pcap"), path("times.pcapng"));
    let mut round = noise_round(&settings);
    round.duration_s = 600.0;
    let open = |path: &Path| File::create(path).expect("a writable folder");
    let mut pcap = PcapWriter::new(open(&classic), LinkType::ETHERNET).expect("a writable file");
    let mut pcapng = PcapngWriter::new(open(&modern), LinkType::ETHERNET).expect("a writable file");
    let mut expected = String::new();
    synth::generate(&settings, &round, &mut |frame| {
        let length = frame.bytes.len() as u32;
        let (seconds, rest) = (frame.time_ns / 1_000_000_000, frame.time_ns % 1_000_000_000);
        expected += &format!("{seconds}.{rest:09}\t{length}\n");
        pcap.write(frame.time_ns, frame.bytes, length)?;
        pcapng.write(frame.time_ns, frame.bytes, length)
    })
    .expect("a writable file");
    pcap.finish().expect("a writable file");
    pcapng.finish().expect("a writable file");
    for path in [classic, modern] {
        let Some(found) = tshark(&path, &["-T", "fields", "-e", "frame.time_epoch", "-e", "frame.len"])
        else {
            return;
        };
        assert_eq!(found, expected, "{}", path.display());
    }
}
