//! Feature tables as Parquet hold what they hold as CSV, bit for bit.
#![cfg(feature = "parquet")]

use overhear::experiment::evaluate::{Contender, LearnerScore, Split, evaluate};
use overhear::table::columns::{self, Cells};
use overhear::table::features::FeatureWriter;
use overhear::table::layout::CaptureKey;
use overhear::table::packets::{self, PacketRow, PacketWriter};
use overhear::table::{Column, Roles, Table};
use overhear_learn::Options;
use overhear_traffic::feature::FeatureSet;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::{Direction, Network, Packet, Transport};
use overhear_traffic::window::{Pass, Window, Windowing};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;

/// Packets of a made-up speaker, without end.
fn packets(seed: u64) -> impl Iterator<Item = Packet> {
    let mut state = seed;
    (0i64..).map(move |index| {
        // Knuth's multiplicative generator, MMIX
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let random = (state >> 40) as u32;
        let ports = Some((443, 40_000 + (random % 7) as u16));
        let transport = match random % 3 {
            0 => Transport::Tcp { ports, window: Some(random as u16) },
            1 => Transport::Udp { ports },
            _ => Transport::Icmp,
        };
        let address = |host: u8| IpAddr::V4(Ipv4Addr::new(192, 0, 2, host));
        let (source, target) = (address(1), address((random % 31) as u8 + 2));
        let (ttl, length_bytes) = (random as u8, 60 + random % 1400);
        let network = Network { source, target, ttl, ip_length_bytes: length_bytes - 14, transport };
        let time_ns = 1_793_527_200_000_000_000 + index * 1_000_000_007 + i64::from(random);
        Packet { time_ns, length_bytes, direction: None, network: Some(network) }
    })
}

/// Two captures, as `overhear features` writes them; the first one's rows are more than a batch.
fn write(path: &Path) {
    let windowings: Vec<Windowing> = ["n=1", "n=2", "t=15"].map(|text| text.parse().unwrap()).into();
    let mut table = FeatureWriter::create(Some(path), FeatureSet::PAPER, Observer::Gateway).unwrap();
    for (seed, condition, n) in [(1, Some("quiet, or so"), 46_000), (2, None, 1_000)] {
        let capture = format!("rounds/{seed}.pcap");
        let key = CaptureKey { capture, condition: condition.map(str::to_owned), unit: Some(seed as u32) };
        table.begin(&key, &windowings).unwrap();
        let mut pass = Pass::new(&windowings);
        let mut row = |windowing: usize, window: &Window<'_>| table.row(windowing, window).unwrap();
        for packet in packets(seed).take(n) {
            pass.push(&packet, &mut row);
        }
        pass.finish(row);
    }
    table.finish().unwrap();
}

fn same(name: &str, ours: &Column, theirs: &Column) {
    match (ours, theirs) {
        (Column::Numbers(a), Column::Numbers(b)) => {
            let bits = |column: &[Option<f64>]| -> Vec<Option<u64>> {
                column.iter().map(|value| value.map(f64::to_bits)).collect()
            };
            assert!(bits(a) == bits(b), "{name}");
        }
        (Column::Text { codes: a, texts: c }, Column::Text { codes: b, texts: d }) => {
            assert!(a == b && c == d, "{name}");
        }
        _ => panic!("{name} is text in one of them"),
    }
}

fn scores(table: &Table, roles: &Roles) -> Vec<LearnerScore> {
    let labelled = roles.assign(table).unwrap();
    let entry = overhear_learn::learner::find("one_threshold").unwrap();
    let contenders = [Contender { learner: entry.into(), max_training_rows: None }];
    let clock = || Duration::ZERO;
    let options =
        Options { seed: 1, scale: true, importances: false, clock: &clock, max_training_rows: None };
    evaluate(&labelled, &contenders, &Split::KFold(3), &options, &overhear::engine::Engine::silent()).unwrap()
}

#[test]
fn a_feature_table_as_parquet_is_the_one_as_csv() {
    let directory = tempfile::tempdir().unwrap();
    let tables = ["t.csv", "t.parquet"].map(|name| {
        let path = directory.path().join(name);
        write(&path);
        Table::read(&path, &["capture", "condition", "windowing", "unit", "start_ns"]).unwrap()
    });
    let [csv, parquet] = &tables;
    assert_eq!(csv.n_rows, parquet.n_rows);
    assert!(csv.n_rows > 1 << 16, "{}", csv.n_rows);
    assert_eq!(csv.columns.len(), parquet.columns.len());
    for ((name, ours), (other, theirs)) in csv.columns.iter().zip(&parquet.columns) {
        assert_eq!(name, other);
        same(name, ours, theirs);
    }
    let drop = ["capture", "condition", "start_ns", "unit"].map(str::to_owned).to_vec();
    let roles = Roles { label: "windowing".to_owned(), drop, ..Roles::default() };
    let [ours, theirs] = tables.each_ref().map(|table| scores(table, &roles));
    assert_eq!(ours[0].accuracy.to_bits(), theirs[0].accuracy.to_bits());
    assert_eq!(ours[0].confusion, theirs[0].confusion);
}

/// Time, length and link type of a frame.
type Frame = (i64, u32, u16);

/// Frames of a packet table, each trace after its keys.
fn frames(path: &Path) -> Vec<(Vec<String>, Vec<Frame>)> {
    let mut capture = packets::open(path).unwrap();
    assert!(capture.is_packet_table());
    let keys = capture.key_columns();
    capture.split_by(&keys).unwrap();
    let mut found = Vec::new();
    while let Some(keys) = capture.next_trace().unwrap() {
        let mut of_trace = Vec::new();
        while let Some(frame) = capture.next_frame().unwrap() {
            of_trace.push((frame.time_ns, frame.length_bytes, frame.link.0));
        }
        found.push((keys, of_trace));
    }
    found
}

#[test]
fn a_packet_table_as_parquet_is_the_one_as_csv_to_the_nanosecond() {
    let directory = tempfile::tempdir().unwrap();
    for keyed in [false, true] {
        let tables = ["p.csv", "p.parquet"].map(|name| {
            let path = directory.path().join(name);
            let mut table = PacketWriter::create(Some(&path), keyed).unwrap();
            for (stretch, n) in [(0, 40_000), (1, if keyed { 500 } else { 0 })] {
                table.begin("a, b.pcap", stretch);
                for (number, packet) in packets(u64::from(stretch)).take(n).enumerate() {
                    let direction = if number % 3 == 0 { Direction::In } else { Direction::Out };
                    let (time_ns, size_bytes) = (packet.time_ns, packet.length_bytes);
                    table.row(PacketRow { time_ns, size_bytes, direction }).unwrap();
                }
            }
            table.finish().unwrap();
            frames(&path)
        });
        let [csv, parquet] = &tables;
        assert_eq!(csv, parquet);
        let keys: Vec<Vec<&str>> =
            csv.iter().map(|(keys, _)| keys.iter().map(String::as_str).collect()).collect();
        match keyed {
            true => assert_eq!(keys, [["a, b.pcap", "0"], ["a, b.pcap", "1"]]),
            false => assert_eq!(keys, [[""; 0]]),
        }
        assert_eq!(csv[0].1.len(), 40_000);
    }
}

#[test]
fn a_packet_table_of_another_program_may_hold_floats_and_faults_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("p.parquet");
    let table = |times: &[f64], sizes: &[i64]| {
        let direction = vec![Some("out".to_owned()); times.len()];
        let columns = [
            ("time".to_owned(), Cells::Numbers(times.to_vec())),
            ("length".to_owned(), Cells::Whole(sizes.iter().copied().map(Some).collect())),
            ("direction".to_owned(), Cells::Text(direction)),
        ];
        columns::write(&columns, Some(&path)).unwrap();
    };
    table(&[0.0, 1e-5, 0.25], &[40, 41, 42]);
    let found: Vec<(i64, u32)> = frames(&path)[0].1.iter().map(|&(time, length, _)| (time, length)).collect();
    assert_eq!(found, [(0, 40), (10_000, 41), (250_000_000, 42)]);
    table(&[0.0, 1.0], &[40, -41]);
    let mut capture = packets::open(&path).unwrap();
    capture.next_frame().unwrap();
    let message = capture.next_frame().unwrap_err().to_string();
    assert!(message.contains("p.parquet, line 3: the size \"-41\" is none"), "{message}");
    columns::write(&[("a".to_owned(), Cells::Numbers(vec![1.0]))], Some(&path)).unwrap();
    assert!(!packets::is_packet_table(&path));
}
