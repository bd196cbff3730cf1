//! Each defence does what it claims, and nothing else.

mod support;

use overhear_change::defence::{Defended, Rates, padme};
use overhear_traffic::change::Change;
use overhear_traffic::event::Event;
use overhear_traffic::packet::{Direction, Network, Transport};
use overhear_traffic::wire::{Captured, Link};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use support::*;

const MS: i64 = 1_000_000;

fn packets(events: &[Event]) -> Vec<Event> {
    events.iter().filter(|event| event.network.is_some()).copied().collect()
}

fn network(event: &Event) -> Network {
    event.network.unwrap()
}

fn of(events: &[Event], way: Direction) -> Vec<Event> {
    packets(events).into_iter().filter(|event| direction(event) == Some(way)).collect()
}

fn gaps(events: &[Event]) -> Vec<i64> {
    events.windows(2).map(|pair| pair[1].time_ns - pair[0].time_ns).collect()
}

/// What a stack makes of each event, all of which leave, without a link: pairs of before and after.
fn pairs(stack: &[&str], events: &[Event]) -> Vec<(Event, Event)> {
    let (found, _) = defended(stack, FREE, events);
    assert_eq!(found.len(), events.len());
    packets(events).into_iter().zip(packets(&found)).collect()
}

/// Packets as long as the rule says, all else as it was.
fn pads(text: &str, rule: impl Fn(u32) -> u32) {
    let events = numbered(&home(600, 0.2));
    for (before, after) in pairs(&[text], &events) {
        let (ip, padded) = (network(&before).ip_length_bytes, network(&after).ip_length_bytes);
        assert_eq!(padded, rule(ip), "{text}");
        assert_eq!(after.length_bytes, padded + 14, "{text}");
        assert_eq!(after.with_length(before.length_bytes), before, "{text} alters more than lengths");
    }
}

#[test]
fn paddings_make_lengths_what_their_formulas_say_and_leave_times_alone() {
    pads("pad-to-mtu", |_| 1500);
    pads("pad-to-multiple", |length| length.div_ceil(128) * 128);
    pads("pad-to-multiple:bytes=512", |length| length.div_ceil(512) * 512);
    pads("padme", padme);
    pads("pad-random:most=0", |length| length);
}

#[test]
fn random_padding_is_uniform_up_to_its_bound_and_the_mtu() {
    let events = numbered(&home(3600, 0.1));
    let pairs = pairs(&["pad-random:most=99"], &events);
    let added = |(before, after): &(Event, Event)| after.length_bytes - before.length_bytes;
    let (short, long): (Vec<_>, Vec<_>) = pairs.iter().partition(|(before, _)| before.length_bytes < 1400);
    let mut counts = [0_u32; 100];
    short.iter().for_each(|pair| counts[added(pair) as usize] += 1);
    let expected = short.len() as f64 / 100.0;
    let chi: f64 = counts.iter().map(|n| (f64::from(*n) - expected).powi(2) / expected).sum();
    // 99 degrees of freedom: exceeded once in a thousand
    assert!(chi < 148.2, "{chi}");
    assert!(!long.is_empty() && long.iter().all(|(_, after)| after.length_bytes <= 1514));
}

#[test]
fn one_ttl_is_left_and_everything_else() {
    let events = numbered(&home(600, 0.2));
    let ttls: HashSet<u8> = packets(&events).iter().map(|event| network(event).ttl).collect();
    assert_eq!(ttls.len(), 2);
    for (before, after) in pairs(&["normalise-ttl:ttl=50"], &events) {
        assert_eq!(network(&after).ttl, 50);
        let network = Network { ttl: network(&before).ttl, ..network(&after) };
        assert_eq!(Event { network: Some(network), ..after }, before);
    }
}

#[test]
fn windows_are_lowered_to_steps_and_not_below_two_segments() {
    let events = numbered(&home(3600, 0.2));
    let window = |event: &Event| match network(event).transport {
        Transport::Tcp { window, .. } => window,
        _ => None,
    };
    // 400 to 599, a scale of 7 and steps of 8192 bytes: multiples of 64
    let found: BTreeSet<u16> = pairs(&["quantise-window:step=8192"], &events)
        .iter()
        .inspect(|(before, after)| assert!(window(after) <= window(before)))
        .filter_map(|(_, after)| window(after))
        .collect();
    assert_eq!(Vec::from_iter(found), [384, 448, 512, 576]);
    // unscaled they are all below 2920 bytes
    for (before, after) in pairs(&["quantise-window:scale=0"], &events) {
        assert_eq!(before, after);
    }
    // of one step: the floor of 2920 bytes in units of 128, rounded up
    for (_, after) in pairs(&["quantise-window:step=1048576"], &events) {
        assert!(window(&after).is_none_or(|window| window == 23));
    }
}

#[test]
fn batches_leave_at_ticks_and_hold_no_packet_longer_than_from_one_to_the_next() {
    let events = numbered(&home(3600, 0.05));
    let (found, cost) = defended(&["batch:ms=250"], FREE, &events);
    let found = packets(&found);
    assert!(found.iter().all(|event| (event.time_ns - START) % (250 * MS) == 0));
    assert!(cost.delay.max_ns <= 250 * MS as u64 && cost.delay.p50_ns > 120 * MS as u64);
    assert!(cost.delay.p50_ns < 130 * MS as u64 && cost.delay.p99_ns > 240 * MS as u64);
    // what comes at a tick goes with it
    let at_tick = Event { time_ns: START + S, ..found[0] };
    assert_eq!(defended(&["batch:ms=250"], FREE, &numbered(&[at_tick])).0, numbered(&[at_tick]));
    // of a batch those that came first leave first, whichever way
    assert!(found.is_sorted_by_key(|event| event.number));
}

#[test]
fn no_stretch_of_a_paced_direction_is_faster_than_rate_and_burst() {
    let events = numbered(&home(600, 0.01));
    let (found, cost) = defended(&["pace:rate=100,burst=5000"], FREE, &events);
    assert!(cost.delay.max_ns > 0);
    for way in [Direction::Out, Direction::In] {
        let own = of(&found, way);
        for from in (0..own.len()).step_by(97) {
            let mut bytes = 0.0;
            for event in &own[from..] {
                bytes += f64::from(event.length_bytes);
                let seconds = (event.time_ns - own[from].time_ns) as f64 / 1e9;
                assert!(bytes <= 5000.0 + seconds * 100e3 / 8.0 + 1.0, "{way:?}");
            }
        }
    }
    // wide enough, it holds nothing
    let (found, cost) = defended(&["pace:rate=1000000,burst=10000000"], FREE, &events);
    assert_eq!((found, cost.delay.max_ns), (events, 0));
}

#[test]
fn an_always_constant_rate_is_one_perfectly_regular_stream_whatever_comes() {
    let [busy, quiet] = [numbered(&home(3600, 0.05)), numbered(&home(3600, 2.0))];
    let stream = |events: &[Event]| {
        let (found, cost) = defended(&["constant-rate:always=1,hz=100"], Rates::default(), events);
        assert!(cost.up.cover.packets > 0 && cost.down.cover.packets > 0);
        let from_ns = START + 30 * S;
        let is_seen = |event: &&Event| (from_ns..START + 3600 * S).contains(&event.time_ns);
        let seen = packets(&found);
        let seen = seen.iter().filter(is_seen);
        seen.map(|event| (event.time_ns, event.length_bytes, direction(event))).collect::<Vec<_>>()
    };
    let found = stream(&busy);
    assert!(found == stream(&quiet), "the streams differ");
    assert_eq!(found.len(), 2 * 3570 * 100);
    for (at, (time_ns, length_bytes, _)) in found.iter().enumerate() {
        assert_eq!((*time_ns, *length_bytes), (START + 30 * S + (at as i64 / 2) * 10 * MS, 1514));
    }
}

#[test]
fn a_constant_rate_goes_on_for_its_least_time_and_while_packets_wait() {
    let first = home(600, 0.2)[0];
    let events = numbered(&[first]);
    let (found, _) = defended(&["constant-rate:hz=50,tau=4"], FREE, &events);
    let found = of(&found, Direction::In);
    assert_eq!((found.len(), found[0].time_ns), (200, first.time_ns));
    assert!(gaps(&found).iter().all(|gap| *gap == 20 * MS));
    // 500 packets at once need 10 s
    let many = numbered(&vec![first; 500]);
    let (found, cost) = defended(&["constant-rate:hz=50,tau=4"], FREE, &many);
    let way = direction(&first).unwrap();
    assert_eq!((of(&found, way).len(), cost.way(way).cover.packets), (500, 0));
    assert_eq!(cost.delay.max_ns, (499 * 20 * MS) as u64);
}

#[test]
fn a_packet_longer_than_a_cell_goes_in_parts() {
    let events = numbered(&home(600, 1.0));
    let (found, cost) = defended(&["constant-rate:always=1,size=600"], FREE, &events);
    let lengths: HashSet<u32> = packets(&found).iter().map(|event| event.length_bytes).collect();
    assert_eq!(lengths, HashSet::from([614]));
    // at most 686 bytes up: two cells; 1470 down: three
    assert!(cost.up.parts > 0 && cost.down.parts > cost.up.parts);
}

#[test]
fn ports_are_new_for_each_flow_and_both_directions_of_it_agree() {
    let port_of = |event: &Event, is_near: bool| {
        let ports = match network(event).transport {
            Transport::Tcp { ports, .. } | Transport::Udp { ports } => ports,
            _ => None,
        };
        ports.map(|(source, target)| if is_out(event) == is_near { source } else { target })
    };
    let far = |event: &Event| if is_out(event) { network(event).target } else { network(event).source };
    let events = numbered(&home(600, 0.2));
    let mut outside: HashMap<(IpAddr, bool), HashSet<u16>> = HashMap::new();
    for (before, after) in pairs(&["port-hopping"], &events) {
        assert_eq!(port_of(&before, false), port_of(&after, false), "the far end's port stays");
        let Some(port) = port_of(&after, true) else { continue };
        if far(&after) == IpAddr::from([192, 168, 0, 3]) {
            assert_eq!(port, 40_000, "what stays at home is not translated");
            continue;
        }
        assert!(port >= 49_152);
        let is_tcp = matches!(network(&after).transport, Transport::Tcp { .. });
        outside.entry((far(&after), is_tcp)).or_default().insert(port);
    }
    assert_eq!(outside.len(), 3);
    assert!(outside.values().all(|ports| ports.len() == 1), "one port for a flow");
    assert_eq!(outside.values().flatten().collect::<HashSet<_>>().len(), 3);
    // after a silence a flow is a new one
    let slow: Vec<Event> = (0..40).map(|at| Event { time_ns: START + at * 60 * S, ..events[0] }).collect();
    let ports = |idle: &str| {
        let pairs = pairs(&[idle], &numbered(&slow));
        pairs.iter().filter_map(|(_, after)| port_of(after, true)).collect::<HashSet<_>>().len()
    };
    assert_eq!((ports("port-hopping:idle=61"), ports("port-hopping:idle=59")), (1, 40));
}

#[test]
fn nothing_goes_to_a_blocked_far_end_and_the_rest_stays() {
    let events = numbered(&home(600, 0.2));
    let (found, cost) = defended(&["block-endpoint:address=192.0.2.9+2001:db8:2::9"], FREE, &events);
    let blocked: [IpAddr; 2] = [busiest(), "2001:db8:2::9".parse().unwrap()];
    let is_blocked = |event: &&Event| {
        event.network.is_some_and(|own| blocked.contains(&own.source) || blocked.contains(&own.target))
    };
    let stays: Vec<Event> = events.iter().filter(|event| !is_blocked(event)).copied().collect();
    assert_eq!(found, stays);
    let dropped = cost.up.dropped.packets + cost.down.dropped.packets;
    assert_eq!(dropped, (events.len() - stays.len()) as u64);
}

#[test]
fn no_quic_is_left_and_the_rest_stays() {
    let events = numbered(&home(600, 0.2));
    let (found, _) = defended(&["single-transport"], FREE, &events);
    let is_udp =
        |event: &&Event| event.network.is_some_and(|own| matches!(own.transport, Transport::Udp { .. }));
    assert!(events.iter().any(|event| is_udp(&event)) && !found.iter().any(|event| is_udp(&event)));
    let stays: Vec<Event> = events.iter().filter(|event| !is_udp(event)).copied().collect();
    assert_eq!(found, stays);
    // UDP to another port stays
    let dns = events.iter().find(is_udp).map(|event| {
        let transport = Transport::Udp { ports: Some((443, 53)) };
        Event { network: Some(Network { transport, ..network(event) }), link: event.link, ..*event }
    });
    let dns = numbered(&[dns.filter(is_out_of).unwrap_or_else(|| dns.unwrap().reversed())]);
    assert_eq!(defended(&["single-transport"], FREE, &dns).0.len(), 1);
}

fn is_out_of(event: &Event) -> bool {
    is_out(event)
}

#[test]
fn only_small_packets_of_an_idle_device_are_spared() {
    let mut events = home(600, 0.5);
    let events_small = events.iter().filter(|event| event.network.is_some()).count();
    events.iter_mut().for_each(|event| *event = event.with_length(70));
    let (found, cost) = defended(&["reduce:every=60"], FREE, &numbered(&events));
    let found = packets(&found);
    // one each way a minute
    for way in [Direction::Out, Direction::In] {
        let own = of(&found, way);
        assert!((9..=10).contains(&own.len()) && gaps(&own).iter().all(|gap| *gap >= 60 * S));
    }
    let dropped = cost.up.dropped.packets + cost.down.dropped.packets;
    assert_eq!(dropped as usize + found.len(), events_small);
    // while longer packets come nothing is
    events.iter_mut().step_by(2).for_each(|event| *event = event.with_length(700));
    let busy = numbered(&events);
    assert_eq!(defended(&["reduce:idle=600"], FREE, &busy[1..]).0.len(), busy.len() - 1);
}

#[test]
fn a_link_takes_time_and_cover_takes_its_place_in_it() {
    let [slow, free] = [Rates { up_bits_per_s: Some(1_000_000), down_bits_per_s: Some(1_000_000) }, FREE];
    let one = home(600, 0.2).into_iter().find(|event| event.network.is_some()).unwrap().with_length(1250);
    // a trace that kept to the rate goes through unchanged: 1250 bytes take 10 ms
    let spaced: Vec<Event> = (0..50).map(|at| Event { time_ns: START + at * 10 * MS, ..one }).collect();
    let (found, cost) = defended(&[], slow, &numbered(&spaced));
    assert_eq!((found, cost.delay.max_ns), (numbered(&spaced), 0));
    // faster than the link they wait, defended or not: no delay is the defence's
    let close: Vec<Event> = (0..50).map(|at| Event { time_ns: START + at * MS, ..one }).collect();
    let (found, cost) = defended(&[], slow, &numbered(&close));
    assert!(gaps(&found).iter().all(|gap| *gap == 10 * MS));
    assert_eq!(cost.delay.max_ns, 0);
    // padding makes them take longer: 1514 bytes are 12.112 ms
    let (found, cost) = defended(&["pad-to-mtu"], slow, &numbered(&spaced));
    assert!(gaps(&found).iter().all(|gap| *gap == 12_112_000));
    assert_eq!(cost.delay.max_ns, 49 * 2_112_000);
    // cover is in the way where the link has a rate, and nowhere else
    let events = numbered(&home(60, 0.2));
    let delay = |rates| defended(&["front:packets=5000"], rates, &events).1.delay.max_ns;
    assert_eq!(delay(free), 0);
    assert!(delay(slow) > 100 * MS as u64 && delay(Rates::default()) > 0);
}

#[test]
fn memory_held_is_what_waits() {
    let one = home(600, 0.2).into_iter().find(|event| event.network.is_some()).unwrap().with_length(1000);
    let events = numbered(&vec![one; 20]);
    let held = |text: &str| defended(&[text], FREE, &events).1.most_held_bytes;
    assert_eq!((held("normalise-ttl"), held("batch")), (1000, 20_000));
}

#[test]
fn cover_looks_like_packets_of_the_first_far_end_and_decoys_like_the_busiest() {
    let events = numbered(&home(600, 0.2));
    let far = |event: &Event| if is_out(event) { network(event).target } else { network(event).source };
    let ends = |text: &str| {
        let (found, cost) = defended(&[text], FREE, &events);
        let cover: Vec<&Event> = found.iter().filter(|event| event.number.is_none()).collect();
        assert_eq!(cover.len() as u64, cost.up.cover.packets + cost.down.cover.packets);
        let later = cover.into_iter().filter(|event| event.time_ns > START + 20 * S);
        later.map(far).collect::<BTreeSet<IpAddr>>()
    };
    let is_far = |address: &IpAddr| !address.to_string().starts_with("192.168.");
    let first = packets(&events).iter().map(far).find(is_far).unwrap();
    assert_eq!(ends("front"), BTreeSet::from([first]));
    assert_eq!(ends("decoy-audio:every=60"), BTreeSet::from([busiest()]));
}

#[test]
fn cover_of_a_packet_table_is_rows_both_ways_even_where_only_one_was_seen() {
    let link = Link { captured: Captured::Listed(Direction::Out), ..Link::default() };
    let row = Event { time_ns: START, length_bytes: 100, link, network: None, number: Some(0) };
    let mut change = Defended::new(&[defence("constant-rate:hz=10,tau=1")], FREE, 1, 0);
    let mut rows = Vec::new();
    change.begin(hour());
    change.take(&row, Some(Direction::Out), &mut |event| rows.push(event.link.captured));
    change.finish(hour().end_ns, &mut |event| rows.push(event.link.captured));
    for way in [Direction::Out, Direction::In] {
        assert_eq!(rows.iter().filter(|row| **row == Captured::Listed(way)).count(), 10);
    }
}
