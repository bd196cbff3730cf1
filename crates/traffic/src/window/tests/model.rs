//! The definition, as a program: slow and obvious.

use super::*;
use crate::window::{Sums, Totals};
use std::collections::BTreeSet;

/// The clock never runs backwards within a trace.
pub fn raised(packets: &[Packet]) -> Vec<Packet> {
    let mut latest_ns = i64::MIN;
    let raise = |packet: &Packet| {
        latest_ns = latest_ns.max(packet.time_ns);
        Packet { time_ns: latest_ns, ..*packet }
    };
    packets.iter().map(raise).collect()
}

/// The windows of one windowing over packets in time order.
pub fn windows(windowing: Windowing, packets: &[Packet]) -> Vec<Window<'static>> {
    let size = windowing.size();
    match windowing {
        Windowing::Count(_) => {
            let bursts = packets.chunks_exact(size as usize);
            (0..).zip(bursts).map(|(index, burst)| window(index, burst[0].time_ns, burst)).collect()
        }
        Windowing::Time(_) => {
            let span_ns = i128::from(size) * 1_000_000_000;
            let origin_ns = packets.first().map_or(0, |packet| i128::from(packet.time_ns));
            let number = |packet: &Packet| (i128::from(packet.time_ns) - origin_ns) / span_ns;
            let groups = packets.chunk_by(|a, b| number(a) == number(b));
            let of = |group: &[Packet]| {
                let k = number(&group[0]);
                window(k as u64, (origin_ns + k * span_ns) as i64, group)
            };
            groups.map(of).collect()
        }
    }
}

fn window(index: u64, start_ns: i64, packets: &[Packet]) -> Window<'static> {
    let networks = || packets.iter().filter_map(|packet| packet.network);
    let addresses: BTreeSet<IpAddr> = networks().flat_map(|n| [n.source, n.target]).collect();
    let ports = |network: Network| match network.transport {
        Transport::Tcp { ports: Some((a, b)), .. } => vec![(6, a), (6, b)],
        Transport::Udp { ports: Some((a, b)) } => vec![(17, a), (17, b)],
        _ => vec![],
    };
    let ports: BTreeSet<(u8, u16)> = networks().flat_map(ports).collect();
    let (first_ns, last_ns) = (packets[0].time_ns, packets[packets.len() - 1].time_ns);
    let sums = Sums {
        totals: totals(packets),
        span_ns: (i128::from(last_ns) - i128::from(first_ns)) as u64,
        n_addresses: addresses.len() as u32,
        n_ports: ports.len() as u32,
    };
    Window { index, stretch: 0, start_ns, sums, detail: None }
}

fn totals(packets: &[Packet]) -> Totals {
    let networks = || packets.iter().filter_map(|packet| packet.network);
    let count = |is: fn(&Transport) -> bool| networks().filter(|n| is(&n.transport)).count() as u64;
    let tcp_window = |network: Network| match network.transport {
        Transport::Tcp { window, .. } => window.map(u64::from),
        _ => None,
    };
    let square = |x: u64| u128::from(x) * u128::from(x);
    Totals {
        n_packets: packets.len() as u64,
        n_tcp: count(|t| matches!(t, Transport::Tcp { .. })),
        n_udp: count(|t| matches!(t, Transport::Udp { .. })),
        n_icmp: count(|t| matches!(t, Transport::Icmp)),
        n_headers: networks().count() as u64,
        ttl: networks().map(|n| u64::from(n.ttl)).sum(),
        ttl_squares: networks().map(|n| u64::from(n.ttl).pow(2)).sum(),
        n_tcp_windows: networks().filter_map(tcp_window).count() as u64,
        tcp_window: networks().filter_map(tcp_window).sum(),
        tcp_window_squares: networks().filter_map(tcp_window).map(|window| window * window).sum(),
        length: packets.iter().map(|packet| u64::from(packet.length_bytes)).sum(),
        length_squares: packets.iter().map(|packet| square(u64::from(packet.length_bytes))).sum(),
        gap_squares: packets.windows(2).map(|pair| square(pair[0].time_ns.abs_diff(pair[1].time_ns))).sum(),
    }
}
