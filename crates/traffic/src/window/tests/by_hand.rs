//! What a reader can check by hand.

use super::*;
use crate::feature::{FEATURES, values};
use crate::window::{Sums, Totals};

const S: i64 = 1_000_000_000;

/// Packets at these times, in seconds.
fn at(seconds: &[f64]) -> Vec<Packet> {
    seconds.iter().map(|s| packet((s * 1e9) as i64, address(1), address(2))).collect()
}

fn indices(windows: &[Window]) -> Vec<(u64, u64)> {
    windows.iter().map(|window| (window.index, window.sums.totals.n_packets)).collect()
}

#[test]
fn a_window_by_time_without_packets_is_left_out() {
    let windows = windows("t=2", &at(&[10.0, 11.0, 16.5, 23.0]));
    assert_eq!(indices(&windows), [(0, 2), (3, 1), (6, 1)]);
    let starts: Vec<i64> = windows.iter().map(|window| window.start_ns).collect();
    assert_eq!(starts, [10 * S, 16 * S, 22 * S]);
}

#[test]
fn a_packet_on_the_boundary_belongs_to_the_window_that_begins() {
    assert_eq!(indices(&windows("t=2", &at(&[1.0, 2.999_999_999, 3.0, 5.0]))), [(0, 2), (1, 1), (2, 1)]);
}

#[test]
fn a_shorter_last_burst_is_left_out() {
    assert_eq!(indices(&windows("n=2", &at(&[0.0, 1.0, 2.0, 3.0, 4.0]))), [(0, 2), (1, 2)]);
    assert_eq!(indices(&windows("n=6", &at(&[0.0, 1.0, 2.0, 3.0, 4.0]))), []);
}

#[test]
fn a_trace_without_packets_has_no_windows() {
    assert_eq!(windows("t=2", &[]), []);
    assert_eq!(windows("n=2", &[]), []);
}

#[test]
fn gaps_between_windows_belong_to_none() {
    let windows = windows("n=2", &at(&[0.0, 1.0, 11.0, 14.0]));
    let gaps: Vec<(u64, u128)> =
        windows.iter().map(|w| (w.sums.span_ns, w.sums.totals.gap_squares)).collect();
    let s = S as u128;
    assert_eq!(gaps, [(S as u64, s * s), (3 * S as u64, 9 * s * s)]);
}

#[test]
fn a_packet_of_the_past_is_raised() {
    let windows = windows("t=2", &at(&[1.0, 4.0, 2.0, 4.0]));
    assert_eq!(indices(&windows), [(0, 1), (1, 3)]);
    assert_eq!(windows[1].sums.span_ns, 0);
}

/// Index and stretch of windows, where they begin, and how many packets they hold.
fn stretches(windows: &[Window]) -> Vec<(u64, u32, i64, u64)> {
    let of = |w: &Window| (w.index, w.stretch, w.start_ns / S, w.sums.totals.n_packets);
    windows.iter().map(of).collect()
}

/// Windows of packets at times in seconds, stretch after stretch.
fn windows_of_stretches(windowing: &str, parts: &[&[f64]]) -> Vec<Window<'static>> {
    let (mut pass, mut windows) = (Pass::new(&windowings(&[windowing])), Vec::new());
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            pass.end_stretch(|_, window| windows.push(window.without_detail()));
        }
        at(part)
            .iter()
            .for_each(|packet| pass.push(packet, |_, window| windows.push(window.without_detail())));
    }
    pass.finish(|_, window| windows.push(window.without_detail()));
    windows
}

#[test]
fn a_stretch_begins_windows_anew_and_goes_on_counting() {
    let parts = [&[100.0, 101.0, 104.5][..], &[50.0, 52.5, 53.0], &[], &[7.0]];
    let by_time = windows_of_stretches("t=2", &parts);
    let expected = [(0, 0, 100, 2), (2, 0, 104, 1), (3, 1, 50, 1), (4, 1, 52, 2), (5, 3, 7, 1)];
    assert_eq!(stretches(&by_time), expected);
    // a burst that the stretch cuts off is left out, and its number goes to the next; a full one is kept
    let by_count = windows_of_stretches("n=2", &parts);
    assert_eq!(stretches(&by_count), [(0, 0, 100, 2), (1, 1, 50, 2)]);
    assert_eq!(stretches(&windows_of_stretches("n=3", &parts)), [(0, 0, 100, 3), (1, 1, 50, 3)]);
}

#[test]
fn nothing_reaches_from_one_stretch_into_the_next() {
    let windows = windows_of_stretches("n=2", &[&[100.0], &[50.0, 51.0]]);
    let sums = windows[0].sums;
    assert_eq!((windows.len(), sums.span_ns, sums.totals.gap_squares), (1, S as u64, (S as u128).pow(2)));
    assert_eq!((sums.n_addresses, sums.n_ports), (2, 2));
}

#[test]
fn silence_ends_windows_by_time_and_bursts_that_are_full() {
    let list = windowings(&["t=2", "n=2"]);
    let mut pass = Pass::new(&list);
    let mut found = Vec::new();
    let mut closed = |windowing: usize, window: &Window| {
        found.push((windowing, window.index, window.start_ns / S, window.sums.totals.n_packets));
    };
    // no window is open
    pass.advance(50 * S, &mut closed);
    let packets = at(&[10.0, 11.0, 17.0, 16.0]);
    pass.push(&packets[0], &mut closed);
    pass.advance(11 * S, &mut closed);
    pass.push(&packets[1], &mut closed);
    pass.advance(12 * S - 1, &mut closed);
    pass.advance(12 * S, &mut closed);
    pass.advance(16 * S, &mut closed);
    pass.push(&packets[2], &mut closed);
    pass.advance(18 * S, &mut closed);
    // as of 18
    pass.push(&packets[3], &mut closed);
    pass.finish(&mut closed);
    let expected = [(1, 0, 10, 2), (0, 0, 10, 2), (0, 3, 16, 1), (1, 1, 17, 2), (0, 4, 18, 1)];
    assert_eq!(found, expected);
}

#[test]
fn an_address_counts_once_in_each_window() {
    let (a, b, c) = (address(1), address(2), address_v6(1));
    let packets = [packet(0, a, b), packet(1, b, a), packet(2, c, a), packet(3, a, a), packet(4, c, c)];
    let counts: Vec<u32> = windows("n=2", &packets).iter().map(|w| w.sums.n_addresses).collect();
    assert_eq!(counts, [2, 2]);
    let counts: Vec<u32> = windows("n=5", &packets).iter().map(|w| w.sums.n_addresses).collect();
    assert_eq!(counts, [3]);
}

#[test]
fn a_port_of_tcp_is_none_of_udp() {
    let mut packets = at(&[0.0, 1.0]);
    let network = packets[1].network.as_mut().unwrap();
    network.transport = Transport::Tcp { ports: Some((443, 80)), window: None };
    // udp 5353, udp 443, tcp 443, tcp 80
    assert_eq!(windows("n=2", &packets)[0].sums.n_ports, 4);
}

#[test]
fn one_pass_serves_any_windowings_in_any_order() {
    let texts = ["n=2", "t=3", "n=2", "t=1", "n=1", "t=3", "n=3", "t=100", "n=4", "t=2"];
    let list = windowings(&texts);
    let packets = at(&[0.0, 0.5, 1.0, 1.5, 2.5, 9.0, 9.1, 30.0]);
    let all = group(Pass::new(&list), list.len(), &packets);
    for (text, found) in texts.iter().zip(all) {
        assert_eq!(found, windows(text, &packets), "{text}");
    }
}

#[test]
fn a_pass_over_no_windowings_gives_nothing() {
    assert!(group(Pass::new(&[]), 0, &at(&[0.0, 1.0])).is_empty());
}

#[test]
fn times_as_far_apart_as_can_be_do_not_overflow() {
    let far = [packet(i64::MIN, address(1), address(2)), packet(i64::MAX, address(1), address(2))];
    let windows = windows("n=2", &far);
    assert_eq!(windows[0].sums.span_ns, u64::MAX);
    assert_eq!(windows[0].sums.totals.gap_squares, u128::from(u64::MAX).pow(2));
    assert_eq!(super::windows("t=1", &far).len(), 2);
    // the last window ends beyond all times
    assert_eq!(
        indices(&super::windows("t=1", &[far[0], far[1], far[1]])),
        [(0, 1), (u64::MAX / S as u64, 2)]
    );
    assert_eq!(super::windows("t=4294967295", &far)[1].index, u64::MAX / (4_294_967_295 * 1_000_000_000));
}

#[test]
fn more_addresses_than_the_table_holds_are_counted_all_the_same() {
    // 20,000 hosts, each seen twice, then the first hundred once more
    let hosts = (0..20_000).chain(0..20_000).chain(0..100);
    let packets: Vec<Packet> =
        (0..).zip(hosts).map(|(i, host)| packet(i * S / 1000, address(host), address_v6(host / 2))).collect();
    let list = windowings(&["n=40100", "n=20000", "t=3", "n=100", "t=10000"]);
    let windows = group(Pass::new(&list), list.len(), &packets);
    assert_eq!(windows[0][0].sums.n_addresses, 30_000);
    for (windowing, found) in list.iter().zip(windows) {
        assert!(found == model::windows(*windowing, &packets), "{windowing}");
    }
}

#[test]
fn windowings_are_written_as_they_are_read() {
    for text in ["t=2", "n=2500", "t=4294967295"] {
        assert_eq!(text.parse::<Windowing>().unwrap().to_string(), text);
    }
    for text in
        ["", "2", "t", "t=", "t=0", "n=-1", "n=1.5", "T=2", "t=4294967296", "x=2", "t=2s", "t= 2", "n=+2"]
    {
        assert!(text.parse::<Windowing>().is_err(), "{text}");
    }
    assert_eq!(
        "t=0".parse::<Windowing>().unwrap_err().to_string(),
        "windowing \"t=0\": write t=SECONDS or n=PACKETS, a whole number from 1 to 4294967295"
    );
}

#[test]
fn sums_that_wrapped_around_still_differ_by_the_window() {
    let start = Totals { length: u64::MAX - 4, tcp_window_squares: u64::MAX, ..Totals::default() };
    let end = Totals { length: 5, tcp_window_squares: 8, ..Totals::default() };
    assert_eq!(((end - start).length, (end - start).tcp_window_squares), (10, 9));
}

#[test]
fn features_of_three_packets() {
    // gaps of 1 s and 3 s, lengths 100, 100 and 400, TTLs 64, 64 and 1; one TCP window, 500
    let mut packets = at(&[0.0, 1.0, 4.0]);
    packets[2].length_bytes = 400;
    let network = packets[2].network.as_mut().unwrap();
    network.ttl = 1;
    network.transport = Transport::Tcp { ports: Some((5353, 443)), window: Some(500) };
    let found = values(&windows("n=3", &packets)[0].sums);
    let expected = [
        ("n_packets", 3.0),
        ("duration_s", 4.0),
        ("n_tcp", 1.0),
        ("n_udp", 2.0),
        ("n_icmp", 0.0),
        ("n_addresses", 2.0),
        ("n_ports", 4.0),
        ("tcp_window_mean", 500.0),
        ("tcp_window_std", 0.0),
        ("ipt_mean", 2.0),
        ("ipt_std", 1.0),
        ("length_mean", 200.0),
        ("length_std", 20_000_f64.sqrt()),
        ("ttl_mean", 43.0),
        ("ttl_std", 882_f64.sqrt()),
    ];
    for ((name, value), (feature, found)) in expected.into_iter().zip(FEATURES.iter().zip(found)) {
        assert_eq!((feature.name, found), (name, Some(value)));
    }
}

#[test]
fn a_mean_over_nothing_is_undefined() {
    let mut lone = at(&[0.0]);
    lone[0].network = None;
    let undefined = |sums: &Sums| -> Vec<&str> {
        let found = FEATURES.iter().zip(values(sums));
        found.filter(|(_, value)| value.is_none()).map(|(feature, _)| feature.name).collect()
    };
    let of_headers = ["tcp_window_mean", "tcp_window_std", "ipt_mean", "ipt_std", "ttl_mean", "ttl_std"];
    assert_eq!(undefined(&windows("n=1", &lone)[0].sums), of_headers);
    assert_eq!(undefined(&Sums::default()).len(), 8);
}

#[test]
fn many_windowings_and_long_bursts_are_those_of_the_definition() {
    let packets: Vec<Packet> =
        (0..2_600_u32).map(|n| packet(i64::from(n) * S / 7, address(n * n % 40), address(n % 11))).collect();
    let sizes = (1..=80).chain([511, 512, 513, 1000, 1024, 1025, 2600, 2601]);
    let list: Vec<Windowing> = sizes
        .flat_map(|size| [format!("n={size}"), format!("t={size}")])
        .map(|text| text.parse().unwrap())
        .collect();
    let found = group(Pass::new(&list), list.len(), &packets);
    for (windowing, found) in list.into_iter().zip(found) {
        assert_eq!(found, model::windows(windowing, &packets), "{windowing}");
    }
}
