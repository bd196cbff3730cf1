//! Each plant moves what it says by its dose, and nothing else.

mod support;

use overhear_traffic::event::Event;
use overhear_traffic::packet::{Network, Transport};
use overhear_traffic::trace::Span;
use support::*;

/// Mean and deviation.
fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    (mean, (values.map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt())
}

/// Mean and deviation of the lengths of the packets that go one way.
fn lengths(events: &[Event], out: bool) -> (f64, f64) {
    let own = events.iter().filter(|event| event.network.is_some() && is_out(event) == out);
    moments(own.map(|event| f64::from(event.length_bytes)))
}

fn near(found: f64, expected: f64, share: f64) {
    assert!((found / expected - 1.0).abs() <= share, "{found} is not {expected} within {share}");
}

/// The packets that were added, and those that were there.
fn split(found: Vec<Event>) -> (Vec<Event>, Vec<Event>) {
    found.into_iter().partition(|event| event.number.is_none())
}

/// What a plant adds to an hour, all else being as it was.
fn added(text: &str, events: &[Event]) -> Vec<Event> {
    let (added, kept) = split(planted(text, events));
    assert!(kept == events, "{text} alters what was there");
    added
}

fn far(network: Network, out: bool) -> std::net::IpAddr {
    if out { network.target } else { network.source }
}

#[test]
fn upload_sends_so_many_bytes_a_second_to_the_busiest_far_end() {
    let events = numbered(&home(3600, 0.2));
    for dose in [2.0, 20.0, 100.0] {
        let added = added(&format!("upload:{dose}"), &events);
        let bytes: f64 = added.iter().map(|event| f64::from(event.length_bytes)).sum();
        near(bytes / 3600.0, dose * 1000.0, 0.05);
        assert!(added.iter().all(is_out));
        // which far end is the busiest one is clear after a while
        let later = added.iter().filter(|event| event.time_ns > START + 60 * S);
        assert!(later.clone().count() > 0);
        assert!(later.clone().all(|event| event.network.unwrap().target == busiest()));
        // as long as what the device sends
        let (mean, deviation) = lengths(&events, true);
        near(lengths(&added, true).0, mean, 0.05);
        near(lengths(&added, true).1, deviation, 0.08);
        // by chance alone: gaps vary as much as they are long
        let gaps = added.windows(2).map(|pair| (pair[1].time_ns - pair[0].time_ns) as f64);
        let (mean, deviation) = moments(gaps);
        near(deviation, mean, 0.05);
    }
}

#[test]
fn mixture_keeps_mean_and_deviation_of_both_directions() {
    let events = numbered(&home(3600, 0.01));
    for dose in [0.3, 1.0] {
        let found = planted(&format!("mixture:{dose}"), &events);
        for out in [true, false] {
            let (before, after) = (lengths(&events, out), lengths(&found, out));
            near(after.0, before.0, 0.005);
            near(after.1, before.1, 0.01);
        }
        let packets = events.iter().filter(|event| event.network.is_some()).count();
        let moved = events.iter().zip(&found).filter(|(a, b)| a.length_bytes != b.length_bytes).count();
        near(moved as f64 / packets as f64, dose, 0.02);
        for (before, after) in events.iter().zip(&found) {
            assert_eq!(after.with_length(before.length_bytes), *before, "all but the length is kept");
        }
    }
}

#[test]
fn mixture_leaves_two_lengths_for_each_direction() {
    let events = numbered(&home(3600, 0.01));
    let found = planted("mixture:1", &events);
    let tail = &found[found.len() / 2..];
    let packets = tail.iter().filter(|event| event.network.is_some_and(|own| own.source.is_ipv4()));
    let mut kinds: Vec<(bool, u32)> = packets.map(|event| (is_out(event), event.length_bytes / 16)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert!(kinds.len() <= 12, "{kinds:?}");
}

#[test]
fn direction_turns_a_share_of_what_comes_in_and_keeps_the_rest() {
    let events = numbered(&home(3600, 0.02));
    let comes_in = |event: &&Event| !is_out(event) && event.network.is_some();
    for dose in [0.1, 0.5, 1.0] {
        let found = planted(&format!("direction:{dose}"), &events);
        let turned = events.iter().zip(&found).filter(|(before, after)| is_out(before) != is_out(after));
        let before = events.iter().filter(comes_in).count();
        near(turned.clone().count() as f64 / before as f64, dose, 0.03);
        for (before, after) in events.iter().zip(&found) {
            assert!(before == after || after.reversed() == *before);
            assert_eq!((before.time_ns, before.length_bytes), (after.time_ns, after.length_bytes));
            let unseen = |event: &Event| event.network.map(|own| (own.ttl, window(own), own.ip_length_bytes));
            assert_eq!(unseen(before), unseen(after));
        }
    }
}

fn window(network: Network) -> Option<u16> {
    match network.transport {
        Transport::Tcp { window, .. } => window,
        _ => None,
    }
}

#[test]
fn burst_adds_its_packets_within_a_second_every_five_minutes() {
    let added = added("burst:40", &numbered(&home(3600, 0.2)));
    let bursts: Vec<&[Event]> = added.chunk_by(|a, b| b.time_ns - a.time_ns < 2 * S).collect();
    assert!((11..=12).contains(&bursts.len()), "{} bursts", bursts.len());
    for burst in &bursts {
        assert_eq!(burst.len(), 40);
        assert!(burst[39].time_ns - burst[0].time_ns < S);
        assert!(burst.iter().enumerate().all(|(place, event)| is_out(event) == (place % 2 == 0)));
    }
    assert!(bursts.windows(2).all(|pair| pair[1][0].time_ns - pair[0][0].time_ns == 300 * S));
}

#[test]
fn phase_moves_a_keep_alive_and_nothing_else() {
    let events = numbered(&home(3600, 0.2));
    let [reference, moved] = ["phase:0", "phase:12.5"].map(|text| added(text, &events));
    // before the device's first packet there is nobody to send to
    assert_eq!(moved.len(), 120);
    for (place, event) in moved.iter().enumerate() {
        let minute = place as i64 / 2;
        let answered = if place % 2 == 0 { 0 } else { 30_000_000 };
        assert_eq!(event.time_ns, START + minute * 60 * S + 12_500_000_000 + answered);
        assert_eq!((is_out(event), event.length_bytes), (place % 2 == 0, 66));
    }
    let late: Vec<i64> = reference.iter().map(|event| event.time_ns + 12_500_000_000).collect();
    let own: Vec<i64> = moved.iter().map(|event| event.time_ns).collect();
    assert!((118..=120).contains(&late.len()) && own.ends_with(&late));
}

#[test]
fn order_puts_what_goes_out_first_in_a_share_of_groups() {
    // mostly apart by less than a second, sometimes by more
    let events = numbered(&home(3600, 0.4));
    let times = |events: &[Event]| events.iter().map(|event| event.time_ns).collect::<Vec<_>>();
    let groups = |events: &[Event]| -> Vec<Vec<Event>> {
        events.chunk_by(|a, b| b.time_ns - a.time_ns < S).map(<[Event]>::to_vec).collect()
    };
    for dose in [0.25, 1.0] {
        let found = planted(&format!("order:{dose}"), &events);
        assert_eq!(times(&found), times(&events));
        let (mut could, mut did) = (0, 0);
        for (before, after) in groups(&events).into_iter().zip(groups(&found)) {
            let mut sorted = before.clone();
            sorted.sort_by_key(|event| !is_out(event));
            let numbers = |events: &[Event]| events.iter().map(|event| event.number).collect::<Vec<_>>();
            could += usize::from(numbers(&sorted) != numbers(&before));
            if numbers(&after) != numbers(&before) {
                did += 1;
                assert_eq!(numbers(&after), numbers(&sorted));
            }
            for event in &after {
                let own = events[event.number.unwrap() as usize];
                assert_eq!(Event { time_ns: own.time_ns, ..*event }, own);
            }
        }
        assert!(could > 150, "{could} groups");
        near(f64::from(did as u32) / f64::from(could as u32), dose, 0.2);
    }
}

#[test]
fn variance_keeps_the_mean_and_adds_the_square_of_the_dose() {
    let events = numbered(&home(3600, 0.01));
    let found = planted("variance:25", &events);
    for out in [true, false] {
        let (before, after) = (lengths(&events, out), lengths(&found, out));
        near(after.0, before.0, 0.002);
        let added = after.1.powi(2) - before.1.powi(2);
        // of lengths of 90 bytes there is no shorter one by 25 where headers fill 74
        let own = |event: &&Event| event.network.is_some() && is_out(event) == out;
        let moved = events
            .iter()
            .zip(&found)
            .filter(|(event, _)| own(event))
            .map(|(a, b)| f64::from(u8::from(a != b)));
        near(added, moments(moved).0 * 625.0, 0.15);
    }
    for (before, after) in events.iter().zip(&found) {
        assert_eq!(after.with_length(before.length_bytes), *before);
        assert!([0, 25].contains(&after.length_bytes.abs_diff(before.length_bytes)));
    }
}

#[test]
fn rare_adds_its_packets_once_and_where_somebody_looks() {
    let events = numbered(&home(3600, 0.2));
    let mut begins = Vec::new();
    for round in 0..200 {
        let found = played(&mut *plant("rare:30").build(1, round), &events, hour());
        let (added, _) = split(found);
        assert_eq!(added.len(), 30);
        assert!(added[29].time_ns - added[0].time_ns < 2 * S);
        assert_eq!(added.iter().filter(|event| is_out(event)).count(), 15);
        begins.push((added[0].time_ns - START) as f64 / 1e9);
        assert!(added[0].time_ns >= START + 60 * S && added[29].time_ns < START + 3600 * S);
    }
    let (mean, deviation) = moments(begins.into_iter());
    near(mean, 1830.0, 0.1);
    near(deviation, 3538.0 / 12_f64.sqrt(), 0.1);
    // a round that is shorter than the event
    let short = Span { start_ns: Some(START), drop_ns: 0, end_ns: Some(START + S) };
    let early: Vec<Event> = events.into_iter().filter(|event| event.time_ns < START + S).collect();
    assert!(played(&mut *plant("rare:30").build(1, 0), &early, short).len() <= early.len() + 15);
}

#[test]
fn endpoint_moves_a_share_of_the_busiest_far_ends_packets() {
    let events = numbered(&home(3600, 0.02));
    for dose in [0.05, 1.0] {
        let found = planted(&format!("endpoint:{dose}"), &events);
        let (mut of_busiest, mut moved) = (0, 0);
        for (before, after) in events.iter().zip(&found).skip(100) {
            let Some((network, other)) = before.network.zip(after.network) else { continue };
            let out = is_out(before);
            of_busiest += u32::from(far(network, out) == busiest());
            moved += u32::from(network != other);
            if network != other {
                assert_eq!(far(network, out), busiest());
                assert_eq!(far(other, out).to_string(), "192.0.2.8");
            }
            let mut back = *after;
            back.network = Some(network);
            assert_eq!(back, *before);
            assert_eq!((network.ttl, network.transport), (other.ttl, other.transport));
        }
        near(f64::from(moved) / f64::from(of_busiest), dose, 0.05);
    }
}
