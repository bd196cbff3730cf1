//! What every window counts for itself, against a list of its packets.

use super::property::{ends, step_ns, transport};
use super::*;
use crate::feature::{FEATURES, FeatureSet, N_FEATURES, fill, find};
use crate::packet::Direction;
use proptest::prelude::*;

/// A trace whose directions are known.
fn trace() -> impl Strategy<Value = Vec<Packet>> {
    let network = (ends(), ends(), any::<u8>(), transport());
    let packet = (step_ns(), 0..3_000_u32, any::<bool>(), prop::option::weighted(0.9, network));
    prop::collection::vec(packet, 0..120).prop_map(|packets| {
        let mut time_ns = 0;
        let mut build = |(step_ns, length_bytes, is_out, network): (i64, u32, bool, Option<_>)| {
            time_ns += step_ns;
            let network = network.map(|(source, target, ttl, transport)| Network {
                source,
                target,
                ttl,
                ip_length_bytes: 0,
                transport,
            });
            let direction = Some(if is_out { Direction::Out } else { Direction::In });
            Packet { time_ns, length_bytes, direction, network }
        };
        packets.into_iter().map(&mut build).collect()
    })
}

/// Index, start, and every feature of each window, NaN as its bits.
type Rows = Vec<(u64, i64, Vec<u64>)>;

fn rows(windowing: &str, packets: &[Packet], silences: &[Option<i64>]) -> Rows {
    let mut rows = Rows::new();
    let mut row = |_: usize, window: &Window<'_>| {
        let mut values = [0.0; N_FEATURES];
        fill(&mut values, FeatureSet::FULL, window);
        rows.push((
            window.index,
            window.start_ns,
            values.map(|v| if v.is_nan() { 1 } else { v.to_bits() }).to_vec(),
        ));
    };
    let mut pass = Pass::full(&windowings(&[windowing]));
    for (packet, silence) in packets.iter().zip(silences.iter().chain(std::iter::repeat(&None))) {
        if let Some(now_ns) = silence {
            pass.advance(*now_ns.min(&packet.time_ns), &mut row);
        }
        pass.push(packet, &mut row);
    }
    pass.finish(&mut row);
    rows
}

fn value(row: &(u64, i64, Vec<u64>), name: &str) -> Option<f64> {
    let place = FEATURES.iter().position(|feature| feature.name == name).unwrap();
    Some(row.2[place]).filter(|&bits| bits != 1).map(f64::from_bits)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn counts_of_a_window_are_those_of_its_packets(packets in trace()) {
        let packets = model::raised(&packets);
        for windowing in ["t=2", "t=3600", "n=3", "n=7"] {
            let found = rows(windowing, &packets, &[]);
            let full: Vec<_> = found.iter().filter(|row| value(row, "n_packets") != Some(0.0)).collect();
            let expected = model::windows(windowing.parse().unwrap(), &packets);
            prop_assert_eq!(full.len(), expected.len());
            let mut rest = &packets[..];
            for (row, window) in full.into_iter().zip(expected) {
                let n = window.sums.totals.n_packets as usize;
                let own = &rest[..n];
                rest = &rest[n..];
                prop_assert_eq!((row.0, row.1), (window.index, window.start_ns));
                let sum = |is: &dyn Fn(&&Packet) -> bool| own.iter().filter(is).map(|p| f64::from(p.length_bytes)).sum::<f64>();
                let count = |is: &dyn Fn(&&Packet) -> bool| own.iter().filter(is).count() as f64;
                for (way, direction) in [("out", Direction::Out), ("in", Direction::In)] {
                    let goes = |p: &&Packet| p.direction == Some(direction);
                    prop_assert_eq!(value(row, &format!("{way}_n_packets")), Some(count(&goes)));
                    prop_assert_eq!(value(row, &format!("{way}_bytes")), Some(sum(&goes)));
                    for bin in 0..31 {
                        let is = |p: &&Packet| goes(p) && (p.length_bytes / 50).min(30) == bin;
                        prop_assert_eq!(value(row, &format!("{way}_length_{}", 50 * bin)), Some(count(&is)));
                    }
                    let bursts: Vec<&[Packet]> =
                        own.chunk_by(|a, b| a.direction == b.direction).filter(|b| b[0].direction == Some(direction)).collect();
                    let most = bursts.iter().map(|burst| burst.len() as f64).reduce(f64::max);
                    prop_assert_eq!(value(row, &format!("{way}_burst_packets_max")), most);
                    let bytes = |burst: &&[Packet]| burst.iter().map(|p| f64::from(p.length_bytes)).sum::<f64>();
                    prop_assert_eq!(value(row, &format!("{way}_burst_bytes_max")), bursts.iter().map(bytes).reduce(f64::max));
                    let mean = (!bursts.is_empty()).then(|| count(&goes) / bursts.len() as f64);
                    prop_assert_eq!(value(row, &format!("{way}_burst_packets_mean")), mean);
                }
                let services: f64 = FEATURES.iter().filter(|f| f.label.starts_with("packets of "))
                    .filter_map(|f| value(row, f.name)).sum();
                prop_assert_eq!(services, count(&|p: &&Packet| p.network.is_some()));
            }
        }
    }

    #[test]
    fn silence_has_its_windows_whoever_ends_them(
        packets in trace(),
        silences in prop::collection::vec(prop::option::of(0..400_000_000_000_i64), 120),
    ) {
        let mut packets = model::raised(&packets);
        packets.iter_mut().for_each(|packet| packet.time_ns %= 1_000_000_000_000);
        let packets = model::raised(&packets);
        for windowing in ["t=2", "t=15"] {
            let once = rows(windowing, &packets, &[]);
            prop_assert!(once.windows(2).all(|two| two[1].0 == two[0].0 + 1), "an index is missing");
            prop_assert_eq!(&rows(windowing, &packets, &silences), &once);
        }
    }
}

#[test]
fn a_silence_of_centuries_has_so_many_windows() {
    let at = |time_ns| packet(time_ns, address(1), address(2));
    let found = rows("t=2", &[at(0), at(i64::MAX / 2), at(i64::MAX)], &[]);
    assert_eq!(found.len() as u64, 3 + crate::window::MOST_SILENT);
}

#[test]
fn without_a_device_directions_are_undefined_in_silence_too() {
    let at = |seconds: i64| packet(seconds * 1_000_000_000, address(1), address(2));
    let found = rows("t=2", &[at(0), at(7)], &[]);
    assert_eq!(found.len(), 4);
    for row in &found {
        assert_eq!((value(row, "out_n_packets"), value(row, "n_bursts")), (None, None));
        assert!(value(row, "local_n_packets").is_some());
    }
    assert!(find("out_n_packets").is_some());
}
