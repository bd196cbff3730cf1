//! Whole captures through the inspection: hand-made frames, published captures, and anything at all.

#[path = "../../traffic/tests/skip/mod.rs"]
mod skip;

use super::*;
use overhear_traffic::capture::{Frame, LinkType};
use overhear_traffic::packet::Device;
use proptest::prelude::*;
use skip::skipped;
use std::path::{Path, PathBuf};

const SPEAKER: [u8; 6] = [0xd4, 0xf5, 0x47, 0, 0, 1];
const ROUTER: [u8; 6] = [0x02, 0, 0, 0, 0, 0xfe];
const OTHER: [u8; 6] = [0x68, 0xdb, 0xf5, 0, 0, 2];

/// An Ethernet frame of UDP over IPv4.
fn udp(
    from: [u8; 6],
    to: [u8; 6],
    source: ([u8; 4], u16),
    target: ([u8; 4], u16),
    payload: &[u8],
) -> Vec<u8> {
    let mut out = [to, from].concat();
    out.extend([8, 0, 0x45, 0]);
    out.extend((28 + payload.len() as u16).to_be_bytes());
    out.extend([0, 0, 0, 0, 64, 17, 0, 0]);
    out.extend(source.0);
    out.extend(target.0);
    out.extend(source.1.to_be_bytes());
    out.extend(target.1.to_be_bytes());
    out.extend((8 + payload.len() as u16).to_be_bytes());
    out.extend([0, 0]);
    out.extend(payload);
    out
}

/// A DNS question for one name.
fn question(name: &str) -> Vec<u8> {
    let mut out = vec![0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        out.push(label.len() as u8);
        out.extend(label.bytes());
    }
    out.extend([0, 0, 1, 0, 1]);
    out
}

fn inspect(link: LinkType, frames: &[(i64, Vec<u8>)]) -> Report {
    let mut inspection = Inspection::new();
    for (time_ns, bytes) in frames {
        let frame = Frame { time_ns: *time_ns, length_bytes: bytes.len() as u32, link, bytes };
        inspection.take(&frame);
    }
    inspection.finish()
}

fn device<'a>(report: &'a Report, name: &str) -> &'a DeviceReport {
    let found = report.devices.iter().find(|device| device.device.to_string() == name);
    found.unwrap_or_else(|| panic!("no {name} among {:?}", report.devices))
}

fn values(device: &DeviceReport, kind: Kind) -> Vec<&str> {
    device.evidence.iter().filter(|e| e.kind == kind).map(|e| &e.value[..]).collect()
}

#[test]
fn nothing_is_reported_of_nothing() {
    let report = inspect(LinkType::ETHERNET, &[]);
    assert_eq!(report, Report::default());
}

#[test]
fn names_count_for_who_asks_and_not_for_who_passes_them_on() {
    let ask = question("home-devices.googleapis.com");
    let to = ([8, 8, 8, 8], 53);
    let from = ([192, 168, 0, 9], 4000);
    let frames = [
        (0, udp(SPEAKER, ROUTER, from, to, &ask)),
        // the same packet one hop on
        (1, udp(ROUTER, OTHER, from, to, &ask)),
        (2, udp(ROUTER, SPEAKER, to, from, &[])),
        (3, udp(ROUTER, SPEAKER, ([9, 9, 9, 9], 443), from, &[])),
    ];
    let report = inspect(LinkType::ETHERNET, &frames);
    let speaker = device(&report, "d4:f5:47:00:00:01");
    assert_eq!(values(speaker, Kind::DnsQuery), ["home-devices.googleapis.com"]);
    let router = device(&report, "02:00:00:00:00:fe");
    assert_eq!((router.role, values(router, Kind::DnsQuery).len()), (Role::Gateway, 0));
    assert_eq!(router.address_kind, Some(AddressKind::Local));
    // its hosts out there are no devices
    assert_eq!(report.devices.len(), 3);
}

#[test]
fn the_maker_does_not_outweigh_what_the_device_says() {
    let announced =
        b"\0\0\x84\0\0\0\0\x01\0\0\0\0\x01x\x06_sonos\x04_tcp\x05local\0\0\x21\x80\x01\0\0\0\x3c\0\0";
    let group = [1, 0, 0x5e, 0, 0, 0xfb];
    let announce = udp(SPEAKER, group, ([192, 168, 0, 9], 5353), ([224, 0, 0, 251], 5353), announced);
    let report = inspect(LinkType::ETHERNET, &[(0, announce)]);
    let speaker = &report.devices[0];
    assert_eq!((speaker.maker, speaker.ecosystem), (Some("Google"), Some(Ecosystem::Sonos)));
    assert_eq!(speaker.sureness, Sureness::Certain);
    let silent = udp(SPEAKER, group, ([192, 168, 0, 9], 1), ([224, 0, 0, 251], 1), &[]);
    let report = inspect(LinkType::ETHERNET, &[(0, silent)]);
    assert_eq!(report.devices[0].sureness, Sureness::None);
}

#[test]
fn what_dongles_offer_as_well_makes_no_speaker_likely() {
    let service = |name: &str| {
        let mut message = b"\0\0\x84\0\0\0\0\x01\0\0\0\0\x01x".to_vec();
        for label in [name, "_tcp", "local"] {
            message.push(label.len() as u8);
            message.extend(label.bytes());
        }
        [&message[..], b"\0\0\x21\x80\x01\0\0\0\x3c\0\0"].concat()
    };
    let own = [192, 168, 0, 9];
    let group = ([1, 0, 0x5e, 0, 0, 0xfb], ([224, 0, 0, 251], 5353));
    let mut frames: Vec<(i64, Vec<u8>)> = ["_googlecast", "_googlezone", "_spotify-connect"]
        .iter()
        .map(|name| (0, udp(SPEAKER, group.0, (own, 5353), group.1, &service(name))))
        .collect();
    for port in [8008, 8009, 10001] {
        // SYN and ACK from the port
        let mut answer = udp(SPEAKER, ROUTER, (own, port), ([192, 168, 0, 7], 40_000), &[0; 32]);
        answer[23] = 6;
        answer[14 + 20 + 12..14 + 20 + 14].copy_from_slice(&[0x50, 0x12]);
        frames.push((1, answer));
    }
    let report = inspect(LinkType::ETHERNET, &frames);
    let dongle = device(&report, "d4:f5:47:00:00:01");
    assert_eq!(values(dongle, Kind::Port).len(), 3, "{:?}", dongle.evidence);
    assert_eq!(
        (dongle.sureness, dongle.is_speaker, dongle.maker),
        (Sureness::Possible, false, Some("Google"))
    );
}

#[test]
fn a_stolen_address_is_said_so() {
    let claim = |mac: [u8; 6]| {
        let mut out = [[0xff; 6], mac].concat();
        out.extend([8, 6, 0, 1, 8, 0, 6, 4, 0, 2]);
        out.extend(mac);
        out.extend([192, 168, 0, 1]);
        out
    };
    let report = inspect(LinkType::ETHERNET, &[(0, claim(ROUTER)), (1, claim(OTHER))]);
    let thief = device(&report, "68:db:f5:00:00:02");
    assert_eq!(values(thief, Kind::AddressConflict), ["192.168.0.1, seen with 02:00:00:00:00:fe"]);
    assert!(thief.addresses.is_empty());
    assert_eq!(thief.protocols, [("arp", 1)].into());
}

#[test]
fn without_mac_addresses_the_home_is_told_by_ip() {
    let ask = udp(SPEAKER, ROUTER, ([10, 0, 0, 2], 4000), ([8, 8, 8, 8], 53), &question("example.com"));
    let report = inspect(LinkType::RAW, &[(0, ask[14..].to_vec())]);
    assert_eq!(report.devices.len(), 1);
    assert_eq!(report.devices[0].device, "10.0.0.2".parse::<Device>().unwrap());
    assert_eq!(report.devices[0].maker, None);
}

#[test]
fn unknown_links_and_clocks_that_run_backwards_are_counted() {
    let report = inspect(LinkType(147), &[(10, vec![1, 2]), (4, vec![]), (12, vec![])]);
    assert_eq!((report.frames, report.bytes, report.non_ip_frames), (3, 2, 3));
    assert_eq!(report.unknown_links, [UnknownLink { link_type: 147, frames: 3 }]);
    assert_eq!((report.clock_regressions, report.first_ns, report.last_ns), (1, Some(10), Some(12)));
    assert!(report.devices.is_empty());
}

#[test]
fn a_rhythm_to_a_named_host_is_evidence() {
    let to = ([8, 8, 8, 8], 53);
    let from = ([192, 168, 0, 9], 4000);
    let mut answer = question("mtalk.google.com");
    (answer[2], answer[7]) = (0x81, 1);
    answer.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x4a\x7d\x01\x02");
    let mut frames = vec![
        (0, udp(SPEAKER, ROUTER, from, to, &question("mtalk.google.com"))),
        (1, udp(ROUTER, SPEAKER, to, from, &answer)),
    ];
    for i in 1..8 {
        let mut keepalive = udp(SPEAKER, ROUTER, from, ([74, 125, 1, 2], 5228), &[]);
        keepalive[23] = 6;
        frames.push((i * 45_000_000_000, keepalive));
    }
    let report = inspect(LinkType::ETHERNET, &frames);
    let speaker = device(&report, "d4:f5:47:00:00:01");
    assert_eq!(values(speaker, Kind::Period), ["TCP mtalk.google.com:5228 every 45 s"]);
    let period = speaker.evidence.iter().find(|e| e.kind == Kind::Period).unwrap();
    assert_eq!((period.count, period.period_s), (7, Some(45.0)));
    assert!(period.speaker_points > 0);
}

/// What others published, beside the repository; `None`, with a word, where it is absent.
fn shared(path: &str) -> Option<PathBuf> {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    if !whole.exists() {
        skipped(&format!("../shared/data/{path} is absent"));
        return None;
    }
    Some(whole)
}

fn report_of(path: &Path) -> Option<(Report, Option<Error>)> {
    overhear_traffic::capture::CaptureReader::open(path).ok().map(|mut capture| read(&mut capture))
}

#[test]
fn three_published_speakers_are_told() {
    let speakers = [
        ("nest-mini.pcap", "d4:f5:47:2c:91:9b", Ecosystem::Google, 4275),
        ("homepod-tv.pcap", "d4:a3:3d:6b:1e:97", Ecosystem::Apple, 4257),
        ("echo-dot-wake.pcap", "68:db:f5:90:19:64", Ecosystem::Amazon, 2778),
    ];
    for (file, mac, ecosystem, frames) in speakers {
        let Some(path) = shared(&format!("speakers/{file}")) else { return };
        let (report, error) = report_of(&path).unwrap();
        assert!(error.is_none() && report.limits.is_empty());
        assert_eq!(report.frames, frames);
        let speaker = &report.devices[0];
        assert_eq!(speaker.device.to_string(), mac);
        assert_eq!((speaker.sureness, speaker.ecosystem), (Sureness::Certain, Some(ecosystem)));
        let others = report.devices.iter().filter(|d| d.is_speaker && d.ecosystem != Some(ecosystem));
        assert_eq!(others.count(), 0);
    }
}

#[test]
fn the_nest_minis_names_are_those_tshark_shows() {
    let Some(path) = shared("speakers/nest-mini.pcap") else { return };
    let (report, _) = report_of(&path).unwrap();
    let speaker = &report.devices[0];
    let count = |kind, value: &str| {
        let found = speaker.evidence.iter().find(|e| e.kind == kind && e.value == value);
        found.map(|e| e.count)
    };
    // tshark 4.0.17, dns.qry.name and tls.handshake.extensions_server_name by eth.src
    assert_eq!(count(Kind::DnsQuery, "connectivitycheck.gstatic.com"), Some(108));
    assert_eq!(count(Kind::DnsQuery, "www.googleapis.com"), Some(70));
    assert_eq!(count(Kind::TlsName, "www.google.com"), Some(4));
    assert_eq!(values(speaker, Kind::TlsName).len(), 20);
    // Q050 behind Initial keys: tshark shows none
    assert_eq!(values(speaker, Kind::QuicName).len(), 6);
    assert_eq!((speaker.model.as_deref(), speaker.applications["quic"]), (Some("Google Nest Mini"), 1245));
    let router = device(&report, "bc:0f:9a:77:f1:74");
    assert_eq!((router.role, router.sureness), (Role::Gateway, Sureness::None));
}

/// Published traces of spoken commands to an Echo, which hold sizes, times and directions alone, as frames of a device whose
/// address block is Amazon's: no names, no ports but 443.
#[test]
fn spoken_commands_make_a_nameless_device_likely() {
    let Some(path) = shared("vcfp/voice-commands.csv.gz") else { return };
    let mut text = String::new();
    let mut file = flate2::read::MultiGzDecoder::new(std::fs::File::open(path).unwrap());
    std::io::Read::read_to_string(&mut file, &mut text).unwrap();
    let mut traces: std::collections::BTreeMap<[&str; 3], Vec<(i64, Vec<u8>)>> = Default::default();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [command, collector, trace, time, size, direction] = cells[..] else { panic!("{line}") };
        let (time, size): (f64, f64) = (time.parse().unwrap(), size.parse().unwrap());
        let payload = vec![0; (size as usize).saturating_sub(54)];
        let (own, far) = (([192, 168, 0, 9], 40_000), ([203, 0, 113, 9], 443));
        let mut frame = match direction.trim() {
            "1" => udp(OTHER, ROUTER, own, far, &payload),
            _ => udp(ROUTER, OTHER, far, own, &payload),
        };
        frame[23] = 6;
        traces.entry([command, collector, trace]).or_default().push(((time * 1e9) as i64, frame));
    }
    assert_eq!(traces.len(), 300);
    let likely = traces.values().filter(|frames| {
        let report = inspect(LinkType::ETHERNET, frames);
        let echo = device(&report, "68:db:f5:00:00:02");
        assert_eq!(echo.maker, Some("Amazon"));
        echo.sureness == Sureness::Likely && echo.evidence.iter().any(|e| e.kind == Kind::Upload)
    });
    let found = likely.count();
    assert!(found >= 285, "{found} of 300 commands");
}

#[test]
fn every_conformance_capture_is_inspected_without_a_panic() {
    let Some(path) = shared("conformance") else { return };
    let mut folders = vec![path];
    let mut n_files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Some((report, _)) = report_of(&path) {
                n_files += 1;
                assert_eq!(report.frames, report.ip_packets + report.non_ip_frames);
                // none of these captures is of a speaker
                let speakers: Vec<_> = report.devices.iter().filter(|device| device.is_speaker).collect();
                assert!(speakers.is_empty(), "{}: {speakers:?}", path.display());
            }
        }
    }
    assert!(n_files > 100);
}

proptest! {
    #[test]
    fn every_parser_takes_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = (arp::read(&bytes), dhcp::read(&bytes), http::read(&bytes));
        let _ = (tls::read_record(&bytes), tls::read_hello(&bytes), name::sanitise(&bytes));
        let _ = dns::read(&bytes).map(|message| mdns::evidence(&message));
        let _ = (quic::google_server_name(&bytes), quic::read_chlo(&bytes), quic::version_name(&bytes));
        let _ = quic::open(&bytes).map(|initial| quic::crypto_pieces(&initial).len());
        let initial = quic::Initial { version: quic::Version::V1, frames: bytes };
        let _ = quic::crypto_pieces(&initial);
    }

    #[test]
    fn any_payload_on_any_port_is_inspected(
        payload in proptest::collection::vec(any::<u8>(), 0..300),
        port in prop_oneof![Just(53u16), Just(67), Just(443), Just(1900), Just(5353), any::<u16>()],
        tcp in any::<bool>(),
        cut in 0..300usize,
    ) {
        let mut frame = udp(SPEAKER, ROUTER, ([10, 0, 0, 2], 4000), ([8, 8, 8, 8], port), &payload);
        if tcp {
            frame[23] = 6;
        }
        frame.truncate(cut.max(14));
        for link in [1, 0, 101, 105, 113, 127, 276] {
            let report = inspect(LinkType(link), &[(0, frame.clone()), (i64::MAX >> 1, frame.clone())]);
            prop_assert_eq!(report.frames, 2);
        }
    }

    #[test]
    fn no_name_moves_a_terminal(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(name::sanitise(&bytes).chars().all(|c| !c.is_control()));
    }
}
