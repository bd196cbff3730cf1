//! A list of packets, ten bytes each, against a slow model of a few windowings.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overhear_traffic::packet::{Network, Packet, Transport};
use overhear_traffic::window::{Pass, Window, Windowing};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A packet from bytes; times mostly rise.
fn packet(bytes: &[u8; 10], time_ns: &mut i64) -> Packet {
    let [kind, step, scale, source, target, high, low, port, ttl, length] = *bytes;
    let step = i64::from(step as i8) << (scale % 56);
    *time_ns = time_ns.saturating_add(if scale & 0x80 == 0 { step.saturating_abs() } else { step });
    let address = |host: u8| match kind & 1 {
        0 => IpAddr::V4(Ipv4Addr::new(10, kind >> 4, high, host)),
        _ => {
            IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, u16::from(kind >> 4), 0, u16::from(high), host.into()))
        }
    };
    let ports = (kind & 8 == 0).then_some((u16::from(port), u16::from(low)));
    let transport = match kind >> 1 & 3 {
        0 => Transport::Tcp { ports, window: ports.map(|(source, target)| source * 256 + target) },
        1 => Transport::Udp { ports },
        2 => Transport::Icmp,
        _ => Transport::Other(low),
    };
    let (source, target) = (address(source), address(target));
    let network = Network { source, target, ttl, ip_length_bytes: 0, transport };
    let network = (ttl != 255).then_some(network);
    Packet { time_ns: *time_ns, length_bytes: u32::from(length) * 1000, direction: None, network }
}

/// What is compared of a window: number, packets, sum of lengths and of squared gaps, addresses, ports.
type Row = (u64, u64, u64, u128, u32, u32);

fn row(window: &Window) -> Row {
    let (sums, totals) = (&window.sums, &window.sums.totals);
    (window.index, totals.n_packets, totals.length, totals.gap_squares, sums.n_addresses, sums.n_ports)
}

fn model(index: u64, packets: &[Packet]) -> Row {
    let (mut addresses, mut ports, mut length, mut squares) = (BTreeSet::new(), BTreeSet::new(), 0, 0);
    for packet in packets {
        length += u64::from(packet.length_bytes);
        let Some(network) = packet.network else { continue };
        addresses.extend([network.source, network.target]);
        match network.transport {
            Transport::Tcp { ports: Some((a, b)), .. } => ports.extend([(true, a), (true, b)]),
            Transport::Udp { ports: Some((a, b)) } => ports.extend([(false, a), (false, b)]),
            _ => {}
        }
    }
    for pair in packets.windows(2) {
        squares += (i128::from(pair[1].time_ns) - i128::from(pair[0].time_ns)).pow(2) as u128;
    }
    (index, packets.len() as u64, length, squares, addresses.len() as u32, ports.len() as u32)
}

fn expected(windowing: Windowing, packets: &[Packet]) -> Vec<Row> {
    let size = windowing.size();
    match windowing {
        Windowing::Count(_) => {
            let bursts = packets.chunks_exact(size as usize);
            (0..).zip(bursts).map(|(index, burst)| model(index, burst)).collect()
        }
        Windowing::Time(_) => {
            let span = |packet: &Packet| {
                let since = i128::from(packet.time_ns) - i128::from(packets[0].time_ns);
                since / (i128::from(size) * 1_000_000_000)
            };
            let windows = packets.chunk_by(|a, b| span(a) == span(b));
            windows.map(|window| model(span(&window[0]) as u64, window)).collect()
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let mut time_ns = 0;
    let (bytes, _) = input.as_chunks::<10>();
    let mut packets: Vec<Packet> = bytes.iter().map(|bytes| packet(bytes, &mut time_ns)).collect();
    let windowings = ["t=1", "n=3", "t=60", "n=1", "t=4294967295", "n=40"].map(|text| text.parse().unwrap());
    let mut pass = Pass::new(&windowings);
    let mut found = vec![Vec::new(); windowings.len()];
    for packet in &packets {
        pass.push(packet, |windowing, window| found[windowing].push(row(window)));
    }
    pass.finish(|windowing, window| found[windowing].push(row(window)));
    // the clock never runs backwards within a trace
    let mut latest = i64::MIN;
    for packet in &mut packets {
        latest = latest.max(packet.time_ns);
        packet.time_ns = latest;
    }
    for (windowing, found) in windowings.into_iter().zip(found) {
        assert_eq!(found, expected(windowing, &packets), "{windowing}");
    }
});
