//! Machines of the Maybenot framework: what they ask for is done, and what happens is told to them.
#![cfg(feature = "maybenot")]

mod support;
mod tunnel;

use enum_map::enum_map;
use maybenot::action::Action;
use maybenot::constants::{STATE_END, STATE_SIGNAL};
use maybenot::counter::{Counter, Operation};
use maybenot::dist::{Dist, DistType};
use maybenot::event::Event::{self as Told, *};
use maybenot::state::{State, Trans};
use maybenot::{Machine, Timer};
use maybenot_machines::break_pad::{break_pad_client, break_pad_server};
use maybenot_machines::interspace::{interspace_client, interspace_server};
use overhear_change::defence::{Defended, Setting};
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction::{self, In, Out};
use overhear_traffic::trace::Span;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;
use support::*;
use tunnel::*;

/// Always so many ms.
fn ms(ms: f64) -> Dist {
    Dist::new(DistType::Uniform { low: ms * 1e3, high: ms * 1e3 }, 0.0, 0.0)
}

fn pad(after: f64, bypass: bool, replace: bool) -> Action {
    Action::SendPadding { bypass, replace, timeout: ms(after), limit: None }
}

fn block(after: f64, duration: f64, bypass: bool, replace: bool) -> Action {
    Action::BlockOutgoing { bypass, replace, timeout: ms(after), duration: ms(duration), limit: None }
}

fn timer(duration: f64, replace: bool) -> Action {
    Action::UpdateTimer { replace, duration: ms(duration), limit: None }
}

/// A state's action, and where what it is told leads.
type Given<'a> = (Option<Action>, &'a [(Told, usize)]);

/// A machine without limits.
fn machine(states: &[Given<'_>]) -> String {
    let state = |(action, leads): &Given<'_>| {
        let to = |told| leads.iter().filter(|own| own.0 == told).map(|own| Trans(own.1, 1.0)).collect();
        let mut state = State::new(enum_map! { told => to(told) });
        state.action = *action;
        state
    };
    Machine::new(u64::MAX, 0.0, u64::MAX, 0.0, states.iter().map(state).collect()).unwrap().serialize()
}

/// Waits for something, then acts, once.
fn once(told: Told, action: Action) -> String {
    machine(&[(None, &[(told, 1)]), (Some(action), &[])])
}

/// What leaves, as time in ms, direction and bytes of IP; 0 for packets of the device.
fn leaves(text: &str, events: &[Event]) -> Vec<(i64, Direction, u32)> {
    leaves_in(0, text, events)
}

/// The same in another round.
fn leaves_in(round: u64, text: &str, events: &[Event]) -> Vec<(i64, Direction, u32)> {
    let mut change = Defended::new(&[defence(text)], FREE, 1, round);
    let (found, cost) = (played(&mut change, events, hour()), change.cost());
    assert_eq!(cost.up.dropped.packets + cost.down.dropped.packets, 0);
    let bytes = |event: &Event| event.network.map_or(0, |own| own.ip_length_bytes);
    let shown = |event: &Event| {
        let length = if event.number.is_some() { 0 } else { bytes(event) };
        ((event.time_ns - START) / MS, direction(event).unwrap(), length)
    };
    found.iter().map(shown).collect()
}

#[test]
fn padding_leaves_when_a_machine_asks_for_it_and_the_other_end_is_told() {
    let client = once(NormalSent, pad(5.0, false, false));
    let server = once(PaddingRecv, pad(3.0, false, false));
    let events = packets(&[(0, Out), (100, In), (200, Out)]);
    let found = leaves(&format!("maybenot:client={client},server={server},size=300"), &events);
    assert_eq!(found, [(0, Out, 0), (5, Out, 300), (8, In, 300), (100, In, 0), (200, Out, 0)]);
    // a server sends what the device receives
    let server = once(NormalSent, pad(5.0, false, false));
    let found = leaves(&format!("maybenot:server={server}"), &events);
    assert_eq!(found, [(0, Out, 0), (100, In, 0), (105, In, 1500), (200, Out, 0)]);
}

#[test]
fn every_packet_is_told_to_both_ends_as_what_it_is() {
    let events = packets(&[(0, Out), (100, In)]);
    // padding of the client at 5 ms, by which each event can be told from the others
    let padding = once(NormalSent, pad(5.0, false, false));
    let mut times = Vec::new();
    for told in [NormalSent, PaddingSent, TunnelSent, NormalRecv, PaddingRecv, TunnelRecv] {
        let mark = once(told, pad(1.0, false, false));
        for text in [format!("client={padding}.{mark}"), format!("client={padding},server={mark}")] {
            let found = leaves(&format!("maybenot:{text},size=300"), &events);
            let marks = found.iter().filter(|own| own.2 > 0 && own.0 != 5);
            times.push((told, marks.map(|own| own.0).collect::<Vec<_>>()));
        }
    }
    let expected: [(Told, &[i64]); 12] = [
        (NormalSent, &[1]),
        (NormalSent, &[101]),
        // a machine is told of its own padding alone
        (PaddingSent, &[]),
        (PaddingSent, &[]),
        (TunnelSent, &[1]),
        (TunnelSent, &[101]),
        (NormalRecv, &[101]),
        (NormalRecv, &[1]),
        (PaddingRecv, &[]),
        (PaddingRecv, &[6]),
        (TunnelRecv, &[101]),
        (TunnelRecv, &[1]),
    ];
    for ((told, found), (name, times)) in times.iter().zip(expected) {
        assert_eq!((told, &found[..]), (&name, times));
    }
}

#[test]
fn blocking_holds_what_its_end_sends_and_nothing_else() {
    let events = packets(&[(0, Out), (20, Out), (30, In), (40, Out), (200, Out)]);
    let blocks = once(NormalSent, block(10.0, 100.0, false, false));
    let found = leaves(&format!("maybenot:client={blocks}"), &events);
    assert_eq!(found, [(0, Out, 0), (30, In, 0), (110, Out, 0), (110, Out, 0), (200, Out, 0)]);
}

#[test]
fn padding_waits_passes_or_is_stood_for_as_both_flags_say() {
    let events = packets(&[(0, Out), (20, Out)]);
    let found = |may_be_bypassed: bool, bypass: bool, replace: bool| {
        let blocks = once(NormalSent, block(10.0, 100.0, may_be_bypassed, false));
        let pads = once(NormalSent, pad(30.0, bypass, replace));
        leaves(&format!("maybenot:client={blocks}.{pads},size=300"), &events)
    };
    let first = (0, Out, 0);
    for (may_be_bypassed, bypass) in [(false, false), (false, true), (true, false)] {
        // it waits behind what waits, or that stands for it
        let waits = [first, (110, Out, 0), (110, Out, 300)];
        assert_eq!(found(may_be_bypassed, bypass, false), waits);
        assert_eq!(found(may_be_bypassed, bypass, true), waits[..2]);
    }
    assert_eq!(found(true, true, false), [first, (30, Out, 300), (110, Out, 0)]);
    assert_eq!(found(true, true, true), [first, (30, Out, 0)], "what waits passes in its place");
}

#[test]
fn longer_blocking_counts_unless_it_is_to_be_replaced() {
    let events = packets(&[(0, Out), (20, Out)]);
    let ends = |replace: bool| {
        let [long, short] = [block(10.0, 100.0, false, false), block(30.0, 20.0, false, replace)];
        let text = format!("maybenot:client={}.{}", once(NormalSent, long), once(NormalSent, short));
        leaves(&text, &events)[1].0
    };
    assert_eq!([ends(false), ends(true)], [110, 50]);
}

#[test]
fn blocking_and_timers_are_told_to_machines() {
    let events = packets(&[(0, Out), (500, In)]);
    let blocks = once(NormalSent, block(10.0, 100.0, false, false));
    for (told, expected) in [(BlockingBegin, 110), (BlockingEnd, 115)] {
        // what is asked for at the beginning waits for the end
        let mark = once(told, pad(5.0, false, false));
        let found = leaves(&format!("maybenot:client={blocks}.{mark},size=300"), &events);
        assert_eq!(found[1], (expected, Out, 300), "{told}");
    }
    let at = |leads: &[(Told, usize)], last: Action| {
        let own =
            machine(&[(None, &[(NormalSent, 1)]), (Some(timer(40.0, false)), leads), (Some(last), &[])]);
        let found = leaves(&format!("maybenot:client={own},size=300"), &events);
        found.iter().filter(|own| own.2 > 0).map(|own| own.0).collect::<Vec<_>>()
    };
    assert_eq!(at(&[(TimerBegin, 2)], pad(5.0, false, false)), [5]);
    assert_eq!(at(&[(TimerEnd, 2)], pad(5.0, false, false)), [45]);
}

#[test]
fn timers_are_cancelled_and_the_longer_one_counts_unless_it_is_to_be_replaced() {
    let events = packets(&[(0, Out), (10, Out), (500, In)]);
    let times = |first: Action, second: Action, told: Told| {
        let own = machine(&[
            (None, &[(NormalSent, 1)]),
            (Some(first), &[(NormalSent, 2), (told, 3)]),
            (Some(second), &[(told, 3)]),
            (Some(pad(1.0, false, false)), &[(NormalRecv, STATE_END)]),
        ]);
        let found = leaves(&format!("maybenot:client={own}"), &events);
        found.iter().filter(|own| own.2 > 0).map(|own| own.0).collect::<Vec<_>>()
    };
    assert_eq!(times(timer(100.0, false), timer(20.0, false), TimerEnd), [101]);
    assert_eq!(times(timer(100.0, false), timer(20.0, true), TimerEnd), [31]);
    let cancel = |timer| Action::Cancel { timer };
    assert_eq!(times(timer(100.0, false), cancel(Timer::Internal), TimerEnd), []);
    assert_eq!(times(timer(100.0, false), cancel(Timer::Action), TimerEnd), [101]);
    assert_eq!(times(pad(100.0, false, false), cancel(Timer::All), PaddingRecv), []);
    assert_eq!(times(pad(100.0, false, false), cancel(Timer::Internal), PaddingRecv), [100]);
}

#[test]
fn a_connection_begins_after_a_silence_and_lets_out_what_was_held() {
    let pads = once(NormalSent, pad(5.0, false, false));
    let events = packets(&[(0, Out), (900, Out), (2_000, Out)]);
    let found = leaves(&format!("maybenot:client={pads},idle=1"), &events);
    let cover: Vec<i64> = found.iter().filter(|own| own.2 > 0).map(|own| own.0).collect();
    assert_eq!(cover, [5, 2_005]);
    let blocks = once(NormalSent, block(10.0, 50_000.0, false, false));
    let found = leaves(&format!("maybenot:client={blocks},idle=1"), &events);
    assert_eq!(found, [(0, Out, 0), (2_000, Out, 0), (2_000, Out, 0)]);
}

#[test]
fn machines_begin_once_padding_can_be_made_like_a_packet_to_a_far_end() {
    let mut events = packets(&[(0, Out), (100, Out), (200, Out)]);
    let neighbour = "192.168.0.3".parse().unwrap();
    events[0].network.as_mut().unwrap().target = neighbour;
    let pads = once(NormalSent, pad(5.0, false, false));
    let found = leaves(&format!("maybenot:client={pads},size=300"), &events);
    // padding at 5 ms would have come to nothing, and the machine is through
    assert_eq!(found, [(0, Out, 0), (100, Out, 0), (105, Out, 300), (200, Out, 0)]);
}

#[test]
fn a_machine_that_never_rests_uses_up_its_steps_and_no_more() {
    let restless = machine(&[
        (None, &[(NormalSent, 1)]),
        (Some(timer(1.0, true)), &[(TimerBegin, 2)]),
        (Some(timer(2.0, true)), &[(TimerBegin, 1)]),
    ]);
    let events = packets(&[(0, Out), (10, Out), (20, In)]);
    let setting = defence(&format!("maybenot:client={restless}"));
    let mut change = Defended::new(&[setting], FREE, 1, 0).with_most_steps(1000);
    assert_eq!(played(&mut change, &events, hour()), events);
    assert_eq!(change.cost().undefended_packets, 2);
}

#[test]
fn machines_read_back_as_they_were_typed() {
    let text = format!("maybenot:client={MACHINES},server=,size=1500,idle=10");
    assert!(text.contains('+') && text.contains('/') && text.ends_with(",size=1500,idle=10"));
    let setting: Setting = text.parse().unwrap();
    assert_eq!(setting.to_string(), text);
    let refused = |text: &str| text.parse::<Setting>().unwrap_err().to_string();
    let what = "machines of Maybenot 2 as it serialises them, joined by ., 16 at most";
    assert_eq!(refused("maybenot"), format!("defence maybenot: give client: {what}"));
    assert_eq!(refused("maybenot:server=02e"), format!("defence maybenot: server is {what}, not \"02e\""));
    let many = vec!["02eNpjYEAHjOgCAAA0AAI="; 17].join(".");
    assert!(refused(&format!("maybenot:server={many}")).ends_with(&format!("not {many:?}")));
}

/// A machine of any kind: actions, counters, transitions, limits.
fn any_machine(random: &mut ChaCha8Rng) -> String {
    let n = random.random_range(1..6);
    let dist = |random: &mut ChaCha8Rng| {
        let high = [0.0, 10.0, 1e4, 1e6, 1e8][random.random_range(0..5)];
        Dist::new(DistType::Uniform { low: 0.0, high }, 0.0, 0.0)
    };
    let state = |random: &mut ChaCha8Rng| {
        let mut state = State::new(enum_map! { _ => {
            let to = [random.random_range(0..n), STATE_END, STATE_SIGNAL][[0, 0, 0, 0, 0, 1, 2][random.random_range(0..7)]];
            if random.random_bool(0.5) { vec![Trans(to, random.random_range(0.1..1.0))] } else { vec![] }
        } });
        let [bypass, replace] = [random.random_bool(0.5), random.random_bool(0.5)];
        let [timeout, duration] = [dist(random), dist(random)];
        let limit = random.random_bool(0.3).then(|| dist(random));
        state.action = match random.random_range(0..6) {
            0 => None,
            1 => Some(Action::Cancel {
                timer: [Timer::Action, Timer::Internal, Timer::All][random.random_range(0..3)],
            }),
            2 => Some(Action::UpdateTimer { replace, duration, limit }),
            3 => Some(Action::BlockOutgoing { bypass, replace, timeout, duration, limit }),
            _ => Some(Action::SendPadding { bypass, replace, timeout, limit }),
        };
        let operation =
            [Operation::Increment, Operation::Decrement, Operation::Set][random.random_range(0..3)];
        let counter =
            Counter { operation, dist: random.random_bool(0.5).then(|| dist(random)), copy: random.random() };
        state.counter =
            (random.random_bool(0.5).then_some(counter), random.random_bool(0.3).then_some(counter));
        state
    };
    let states = (0..n).map(|_| state(random)).collect();
    Machine::new(random.random_range(0..1000), 0.5, 1_000_000, 0.5, states).unwrap().serialize()
}

#[test]
fn no_machine_loses_a_packet_or_changes_their_order() {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let (mut with_cover, mut with_delay) = (0, 0);
    for round in 0..600 {
        let mut machines = || {
            let n = random.random_range(1..4);
            (0..n).map(|_| any_machine(&mut random)).collect::<Vec<_>>().join(".")
        };
        let [client, server] = [machines(), if round % 5 == 0 { String::new() } else { machines() }];
        let idle = [0.5, 10.0, 1000.0][round % 3];
        let setting = defence(&format!("maybenot:client={client},server={server},idle={idle}"));
        let events =
            if round % 4 == 3 { numbered(&hostile(&mut random, 200)) } else { numbered(&home(30, 0.1)) };
        let mut change = Defended::new(&[setting], FREE, 1, round as u64).with_most_steps(1 << 14);
        let found = played(&mut change, &events, Span::default());
        assert!(found.is_sorted_by_key(|event| event.time_ns));
        let cost = change.cost();
        assert_eq!(cost.up.dropped.packets + cost.down.dropped.packets, 0);
        let passes_by = |event: &&Event| event.network.is_some() && event.number.is_some();
        for way in [Out, In] {
            let own = |events: &[Event]| {
                let own = events.iter().filter(|event| direction(event) == Some(way)).filter(passes_by);
                own.map(|event| event.number.unwrap()).collect::<Vec<_>>()
            };
            assert_eq!(own(&found).len(), own(&events).len());
            assert!(round % 4 == 3 || own(&found) == own(&events), "round {round}");
        }
        with_cover += u32::from(found.len() > events.len());
        with_delay += u32::from(cost.delay.max_ns > 0);
    }
    assert!(with_cover > 200 && with_delay > 50, "{with_cover} {with_delay}");
}

/// Times of cover both ways in each of many connections, ms; 360 of ten seconds fit into the round.
fn connections(round: u64, text: &str, n: i64) -> Vec<Vec<i64>> {
    let times: Vec<(i64, Direction)> = (0..n)
        .flat_map(|at| (0..20).map(move |k| (at * 10_000 + k * 50, if k % 2 == 0 { Out } else { In })))
        .collect();
    let found = leaves_in(round, text, &packets(&times));
    let of = |at: i64| found.iter().filter(move |own| own.2 > 0 && own.0 / 10_000 == at);
    (0..n).map(|at| of(at).map(|own| own.0 % 10_000).collect()).collect()
}

#[test]
fn ephemeral_machines_differ_from_one_connection_to_the_next_within_their_share() {
    let found = connections(0, "ephemeral:idle=5,share=0.5", 60);
    let sent: BTreeSet<usize> = found.iter().map(Vec::len).collect();
    // 20 packets of the device, both ways: an end stops where half of what it sends is cover
    assert!(sent.len() > 10 && sent.iter().all(|n| *n <= 20), "{sent:?}");
    let different: BTreeSet<&Vec<i64>> = found.iter().collect();
    assert!(different.len() > 50, "{}", different.len());
}

/// How much cover there is in each connection, and when half of it was sent.
fn counts_and_middles(connections: &[Vec<i64>]) -> [Vec<i64>; 2] {
    let middle = |own: &Vec<i64>| own.get(own.len() / 2).map_or(-1, |ms| *ms);
    [connections.iter().map(|own| own.len() as i64).collect(), connections.iter().map(middle).collect()]
}

#[test]
fn break_pad_is_the_machines_of_their_crate() {
    let [client, server] = [break_pad_client(), break_pad_server()].map(|own| own[0].serialize());
    let same = format!("maybenot:client={client},server={server},idle=5");
    let [own, crates] =
        ["break-pad:idle=5", &same].map(|text| counts_and_middles(&connections(0, text, 350)));
    assert!(own[0].iter().sum::<i64>() > 350);
    for (own, crates) in own.into_iter().zip(crates) {
        assert!(is_one_law(own, crates));
    }
}

#[test]
fn interspace_draws_the_machines_of_its_crate_for_each_connection() {
    let own = counts_and_middles(&connections(0, "interspace:idle=5", 350));
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let drawn: Vec<Vec<i64>> = (0..350)
        .flat_map(|round| {
            let [client, server] = [interspace_client(&mut random), interspace_server(&mut random)];
            let [client, server] = [client, server].map(|own| own[0].serialize());
            connections(round, &format!("maybenot:client={client},server={server},idle=5"), 1)
        })
        .collect();
    let fixed = counts_and_middles(&connections(0, "break-pad:idle=5", 350));
    for ((own, crates), other) in own.into_iter().zip(counts_and_middles(&drawn)).zip(fixed) {
        assert!(is_one_law(own, crates.clone()));
        assert!(!is_one_law(crates, other), "the test tells machines apart");
    }
}
