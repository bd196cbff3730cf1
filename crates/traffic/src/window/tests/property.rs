//! Random traces against the model, and features against exact fractions.

use super::*;
use crate::feature::{FEATURES, values};
use proptest::prelude::*;

/// Ends of packets: few or many, of both families.
pub(super) fn ends() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        4 => (0..5_u32).prop_map(address),
        2 => (0..5_u32).prop_map(address_v6),
        1 => any::<u32>().prop_map(address_v6),
        1 => (0..0x00ff_ffff_u32).prop_map(address),
    ]
}

pub(super) fn transport() -> impl Strategy<Value = Transport> {
    let port = || prop_oneof![0..4_u16, any::<u16>()];
    let ports = || prop::option::weighted(0.9, (port(), port()));
    prop_oneof![
        (ports(), prop::option::of(any::<u16>()))
            .prop_map(|(ports, window)| Transport::Tcp { ports, window }),
        ports().prop_map(|ports| Transport::Udp { ports }),
        Just(Transport::Icmp),
        any::<u8>().prop_map(Transport::Other),
    ]
}

/// What lies between two packets, ns: nothing, moments, whole seconds (so that packets fall on boundaries),
/// days, and the past.
pub(super) fn step_ns() -> impl Strategy<Value = i64> {
    prop_oneof![
        2 => Just(0),
        4 => 0..2_000_000_000_i64,
        2 => (0..5_i64).prop_map(|s| s * 1_000_000_000),
        1 => 0..300_000_000_000_000_i64,
        1 => -3_000_000_000..0_i64,
    ]
}

/// Source, target, TTL, transport.
type Fields = (IpAddr, IpAddr, u8, Transport);

fn trace() -> impl Strategy<Value = Vec<Packet>> {
    let network = (ends(), ends(), any::<u8>(), transport());
    let packet = (step_ns(), 0..70_000_u32, prop::option::weighted(0.9, network));
    let start = prop_oneof![Just(0), -(1_i64 << 61)..1 << 61];
    (start, prop::collection::vec(packet, 0..120)).prop_map(|(mut time_ns, packets)| {
        let build = |(step_ns, length_bytes, network): (i64, u32, Option<Fields>)| {
            time_ns += step_ns;
            let network = network.map(|(source, target, ttl, transport)| Network {
                source,
                target,
                ttl,
                ip_length_bytes: 0,
                transport,
            });
            Packet { time_ns, length_bytes, direction: None, network }
        };
        packets.into_iter().map(build).collect()
    })
}

const TEXTS: [&str; 11] =
    ["t=1", "t=2", "n=1", "t=3600", "n=2", "n=3", "t=4294967295", "n=7", "n=50", "t=15", "n=1000"];

/// √(Σ(n·x − Σx)² / n³) and Σx / n: the definitions, with the only rounding at the end.
fn moments(values: &[i128]) -> (Option<f64>, Option<f64>) {
    let (n, sum) = (values.len() as i128, values.iter().sum::<i128>());
    if n == 0 {
        return (None, None);
    }
    let squares: i128 = values.iter().map(|x| (n * x - sum).pow(2)).sum();
    (Some(sum as f64 / n as f64), Some((squares as f64 / (n * n * n) as f64).sqrt()))
}

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
        (a, b) => a == b,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn windows_are_those_of_the_definition(packets in trace()) {
        let list = windowings(&TEXTS);
        let found = group(Pass::new(&list), list.len(), &packets);
        let packets = model::raised(&packets);
        for (windowing, found) in list.iter().zip(found) {
            prop_assert_eq!(found, model::windows(*windowing, &packets), "{}", windowing);
        }
    }

    #[test]
    fn silence_ends_the_windows_that_a_later_packet_would(
        packets in trace(),
        ways in prop::collection::vec((0..4_u8, 0.0..1.0), 120),
    ) {
        let list = windowings(&TEXTS);
        let packets = model::raised(&packets);
        let (mut pass, mut found) = (Pass::new(&list), vec![Vec::new(); list.len()]);
        let mut before_ns = i64::MIN;
        for (packet, (how, share)) in packets.iter().zip(ways) {
            let between = i128::from(packet.time_ns) - i128::from(before_ns);
            let now_ns = match how {
                0 => None,
                1 => Some(before_ns),
                2 => Some(packet.time_ns),
                _ => Some((i128::from(before_ns) + (between as f64 * share) as i128) as i64),
            };
            if let Some(now_ns) = now_ns {
                pass.advance(now_ns.min(packet.time_ns), |windowing, window| found[windowing].push(window.without_detail()));
            }
            pass.push(packet, |windowing, window| found[windowing].push(window.without_detail()));
            before_ns = packet.time_ns;
        }
        pass.finish(|windowing, window| found[windowing].push(window.without_detail()));
        prop_assert_eq!(found, group(Pass::new(&list), list.len(), &packets));
    }

    #[test]
    fn a_stretch_has_the_windows_of_a_trace_of_its_own(parts in prop::collection::vec(trace(), 0..5)) {
        let list = windowings(&TEXTS);
        let (mut pass, mut found) = (Pass::new(&list), vec![Vec::new(); list.len()]);
        let mut expected = vec![Vec::new(); list.len()];
        for (stretch, packets) in (0..).zip(&parts) {
            packets.iter().for_each(|p| pass.push(p, |windowing, window| found[windowing].push(window.without_detail())));
            pass.end_stretch(|windowing, window| found[windowing].push(window.without_detail()));
            for (expected, own) in expected.iter_mut().zip(group(Pass::new(&list), list.len(), packets)) {
                let used = expected.last().map_or(0, |window: &Window| window.index + 1);
                expected.extend(own.iter().map(|w| Window { index: used + w.index, stretch, ..*w }));
            }
        }
        pass.finish(|_, _| panic!("every stretch has ended"));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn numbering_packets_anew_changes_nothing(packets in trace(), last in 13..60_i32) {
        let list = windowings(&TEXTS);
        let usual = group(Pass::new(&list), list.len(), &packets);
        prop_assert_eq!(group(Pass::numbering_to(&list, last), list.len(), &packets), usual);
    }

    #[test]
    fn features_are_exact(packets in trace()) {
        let packets = model::raised(&packets);
        for burst in packets.chunks_exact(20) {
            let sums = windows("n=20", burst)[0].sums;
            let feature = |name: &str| {
                values(&sums)[FEATURES.iter().position(|feature| feature.name == name).unwrap()]
            };
            let list = |of: fn(&Packet) -> Option<i128>| -> Vec<i128> { burst.iter().filter_map(of).collect() };
            let gaps: Vec<i128> =
                burst.windows(2).map(|pair| i128::from(pair[1].time_ns - pair[0].time_ns)).collect();
            let tcp_window = |packet: &Packet| match packet.network?.transport {
                Transport::Tcp { window, .. } => window.map(i128::from),
                _ => None,
            };
            for (name, values, unit) in [
                ("ipt", gaps, 1e9),
                ("length", list(|packet| Some(i128::from(packet.length_bytes))), 1.0),
                ("ttl", list(|packet| Some(i128::from(packet.network?.ttl))), 1.0),
                ("tcp_window", list(tcp_window), 1.0),
            ] {
                let (mean, std) = moments(&values);
                let (found, expected) = (feature(&format!("{name}_mean")), mean.map(|x| x / unit));
                prop_assert!(close(found, expected), "{name}: {found:?}, not {expected:?}");
                let (found, expected) = (feature(&format!("{name}_std")), std.map(|x| x / unit));
                prop_assert!(close(found, expected), "{name}: {found:?}, not {expected:?}");
            }
        }
    }
}
