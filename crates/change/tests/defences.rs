//! What every defence of the register promises, on a home and on hostile events.

mod support;

use overhear_change::defence::{
    Amount, Cost, DEFENCES, Defended, MOST_HELD, MOST_QUEUED, Rates, Setting, Takes, Way,
};
use overhear_traffic::change::Change;
use overhear_traffic::event::Event;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Direction;
use overhear_traffic::trace::Span;
use overhear_traffic::wire::write;
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::HashSet;
use support::*;

/// Those that leave something to chance.
const RANDOM: [&str; 13] = [
    "pad-random",
    "port-hopping",
    "front",
    "regulator",
    "stochastic",
    "dp-shaping",
    "wtf-pad",
    "morph",
    "maybenot",
    "interspace",
    "break-pad",
    "ephemeral",
    "decoy-audio",
];

fn members() -> Vec<Setting> {
    DEFENCES.into_iter().map(usual).collect()
}

/// Every member as it is by default, and at either end of its ranges.
fn extremes() -> Vec<Setting> {
    let lowest = DEFENCES.into_iter().map(|entry| extreme(entry, |_, range| range.0));
    let highest = DEFENCES.into_iter().map(|entry| extreme(entry, |_, range| range.1));
    members().into_iter().chain(lowest).chain(highest).collect()
}

fn change(setting: &Setting, seed: u64, round: u64) -> Defended {
    Defended::new(std::slice::from_ref(setting), Rates::default(), seed, round)
}

/// Packets and bytes of one direction.
fn amount(events: &[Event], way: Direction) -> Amount {
    let own = events.iter().filter(|event| direction(event) == Some(way));
    own.fold(Amount::default(), |sum, event| Amount {
        packets: sum.packets + 1,
        bytes: sum.bytes + u64::from(event.length_bytes),
    })
}

/// Holds what was counted to what came and what left.
fn adds_up(cost: &Cost, events: &[Event], found: &[Event], name: &str) {
    for way in [Direction::Out, Direction::In] {
        let own = cost.way(way);
        assert_eq!(own.before, amount(events, way), "{name}");
        assert_eq!(own.after, amount(found, way), "{name}");
        let Way { before, after, cover, dropped, padding_bytes, parts } = *own;
        assert_eq!(after.bytes + dropped.bytes, before.bytes + padding_bytes + cover.bytes, "{name}");
        assert_eq!(after.packets + dropped.packets, before.packets + parts + cover.packets, "{name}");
    }
}

#[test]
fn names_are_words_and_every_member_explains_itself() {
    let names: HashSet<&str> = DEFENCES.iter().map(|entry| entry.name).collect();
    assert_eq!(names.len(), DEFENCES.len());
    for entry in DEFENCES {
        let is_word = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        assert!(is_word(entry.name), "{}", entry.name);
        assert!(!entry.about.ends_with('.') && entry.about.len() <= 84, "{}", entry.about);
        assert!(!entry.source.is_empty() && !entry.who.words().is_empty(), "{}", entry.name);
        for own in entry.parameters {
            assert!(is_word(own.name) && !own.unit.is_empty() && !own.about.ends_with('.'), "{}", own.name);
            if let Takes::Number { default, range, is_whole } = own.takes {
                assert!((range.0..=range.1).contains(&default), "{}: {}", entry.name, own.name);
                assert!(!is_whole || default.fract() == 0.0, "{}: {}", entry.name, own.name);
            }
        }
    }
    for setting in extremes() {
        assert_eq!(setting.to_string().parse::<Setting>().unwrap(), setting);
    }
}

#[test]
fn the_same_seed_gives_the_same_events_and_rounds_differ() {
    let events = numbered(&home(600, 0.2));
    for setting in members() {
        let once = |seed, round| played(&mut change(&setting, seed, round), &events, hour());
        assert_eq!(once(1, 0), once(1, 0), "{setting}");
        let is_random = RANDOM.contains(&setting.entry().name);
        assert_eq!(once(1, 0) != once(1, 1), is_random, "{setting}");
        assert_eq!(once(1, 0) != once(2, 0), is_random, "{setting}");
    }
}

#[test]
fn times_rise_order_is_kept_nothing_is_lost_and_costs_add_up() {
    let events = numbered(&home(3600, 0.2));
    for setting in members() {
        let mut change = change(&setting, 1, 0);
        let found = played(&mut change, &events, hour());
        let cost = change.cost();
        adds_up(&cost, &events, &found, &setting.to_string());
        assert!(found.is_sorted_by_key(|event| event.time_ns), "{setting}");
        for way in [Direction::Out, Direction::In] {
            let is_own = |event: &&Event| direction(event) == Some(way) && event.network.is_some();
            let numbers: Vec<u64> = found.iter().filter(is_own).filter_map(|event| event.number).collect();
            assert!(numbers.is_sorted_by(|a, b| a < b), "{setting}: order");
            let came = events.iter().filter(is_own).count() as u64;
            assert_eq!(numbers.len() as u64 + cost.way(way).dropped.packets, came, "{setting}");
            if setting.entry().drops.is_none() {
                assert_eq!(cost.way(way).dropped, Amount::default(), "{setting}");
            }
        }
        let has_parts = cost.up.parts + cost.down.parts > 0;
        for event in &found {
            match event.number {
                Some(number) => {
                    let before = &events[number as usize];
                    assert!(event.length_bytes >= before.length_bytes || has_parts, "{setting}");
                    assert!(event.time_ns >= before.time_ns, "{setting}");
                }
                None => {
                    let seen = |observer: &Observer| observer.view(device(), event).is_some();
                    assert!(
                        has_parts || Observer::ALL.iter().all(seen),
                        "{setting}: cover that one does not see"
                    );
                    assert!(event.time_ns >= START && event.time_ns < START + 3600 * S, "{setting}");
                }
            }
            if let Some(network) = event.network {
                assert!(event.length_bytes >= network.ip_length_bytes + 14, "{setting}");
                assert_eq!(write::ethernet(event, &mut Vec::new()), Ok(()), "{setting}");
            }
        }
    }
}

#[test]
fn without_a_stack_or_a_device_nothing_changes() {
    let events = numbered(&home(600, 0.2));
    let (found, cost) = defended(&[], FREE, &events);
    assert_eq!(found, events);
    assert_eq!((cost.up.before, cost.up.padding_bytes, cost.delay.max_ns), (cost.up.after, 0, 0));
    for setting in members() {
        let (mut change, mut found) = (change(&setting, 1, 0), Vec::new());
        change.begin(hour());
        events.iter().for_each(|event| change.take(event, None, &mut |event| found.push(*event)));
        change.finish(None, &mut |event| found.push(*event));
        assert_eq!(found, events, "{setting}");
        assert_eq!(change.cost(), Cost::default(), "{setting}");
    }
}

#[test]
fn what_is_added_lies_between_the_first_and_the_last_event_where_no_bounds_are_known() {
    let events = numbered(&home(600, 0.2));
    let (first_ns, last_ns) = (events[0].time_ns, events.last().unwrap().time_ns);
    for setting in members() {
        let mut change = change(&setting, 1, 0);
        let found = played(&mut change, &events, Span::default());
        let mut added = found.iter().filter(|event| event.number.is_none());
        let is_part = change.cost().up.parts + change.cost().down.parts > 0;
        assert!(added.all(|event| is_part || (first_ns..=last_ns).contains(&event.time_ns)), "{setting}");
    }
}

#[test]
fn a_stretch_of_earlier_times_is_defended_as_well() {
    let events = numbered(&home(300, 0.2));
    for setting in members() {
        let (mut change, mut stretches) = (change(&setting, 1, 0), [Vec::new(), Vec::new()]);
        change.begin(Span::default());
        for stretch in &mut stretches {
            for event in &events {
                change.take(event, direction(event), &mut |event| stretch.push(*event));
            }
            change.step(&mut |event| stretch.push(*event));
        }
        let cost = change.cost();
        adds_up(&cost, &[&events[..], &events].concat(), &stretches.concat(), &setting.to_string());
        for stretch in &stretches {
            assert!(stretch.is_sorted_by_key(|event| event.time_ns), "{setting}");
        }
        let added = stretches.map(|stretch| stretch.iter().any(|event| event.number.is_none()));
        assert_eq!(added[0], added[1], "{setting}");
    }
}

#[test]
fn a_silence_of_more_than_a_day_is_not_filled_and_what_was_held_leaves_before_it() {
    let first = numbered(&home(60, 0.2));
    let later_ns = START + 30 * 3600 * S;
    let last = Event { time_ns: later_ns, number: Some(first.len() as u64), ..first[0] };
    let events = [&first[..], &[last]].concat();
    for setting in members().into_iter().filter(|own| own.entry().drops != Some("small packets")) {
        let mut change = change(&setting, 1, 0);
        let found = played(&mut change, &events, Span { start_ns: Some(START), ..Span::default() });
        let quiet = START + 3600 * S..later_ns;
        assert!(!found.iter().any(|event| quiet.contains(&event.time_ns)), "{setting}");
        adds_up(&change.cost(), &events, &found, &setting.to_string());
    }
}

#[test]
fn once_its_steps_are_used_up_a_stack_lets_everything_by_and_says_so() {
    let events = numbered(&home(600, 0.2));
    let mut change = change(&defence("constant-rate:always=1"), 1, 0).with_most_steps(3000);
    let ledger = change.ledger();
    let found = played(&mut change, &events, hour());
    let cost = change.cost();
    adds_up(&cost, &events, &found, "constant-rate");
    assert!(cost.undefended_packets > 2000, "{}", cost.undefended_packets);
    let kept = found.iter().filter(|event| event.number.is_some()).count();
    assert_eq!(kept, events.len());
    assert_eq!(ledger.cost(), cost);
}

/// Takes events and looks at what comes out.
fn survives(mut change: Defended, events: &[Event], span: Span, name: &str) {
    let (mut kept, mut latest_ns) = (0_u64, i64::MIN);
    let most_held = 2 * (MOST_HELD * 2 + MOST_QUEUED) as u64;
    change.begin(span);
    let mut look = |event: &Event, kept: &mut u64| {
        assert!(event.time_ns >= latest_ns, "{name}: {} after {latest_ns}", event.time_ns);
        latest_ns = event.time_ns;
        *kept += u64::from(event.number.is_some());
    };
    let dropped = |change: &Defended| change.cost().up.dropped.packets + change.cost().down.dropped.packets;
    for (taken, event) in (1_u64..).zip(events) {
        change.take(event, direction(event), &mut |event| look(event, &mut kept));
        if taken.is_multiple_of(10_000) {
            assert!(taken - kept - dropped(&change).min(taken - kept) <= most_held, "{name}");
        }
    }
    change.finish(span.end_ns, &mut |event| look(event, &mut kept));
    let parts = change.cost().up.parts + change.cost().down.parts;
    let lost = events.len() as u64 - kept;
    assert!(dropped(&change) >= lost && (dropped(&change) == lost || parts > 0), "{name}");
}

#[test]
fn a_million_hostile_events_do_no_harm() {
    let events = numbered(&hostile(&mut ChaCha8Rng::seed_from_u64(3), 1_000_000));
    let bounded = Span { start_ns: Some(START), drop_ns: u64::MAX, end_ns: Some(START + 1800 * S) };
    for setting in members() {
        for span in [Span::default(), bounded] {
            let change = change(&setting, 1, 0).with_most_steps(1 << 21);
            survives(change, &events, span, setting.entry().name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn few_hostile_events_in_any_span_do_no_harm_to_any_stack(
        seed in any::<u64>(),
        n in 0..40_usize,
        stack in proptest::collection::vec(0..3 * DEFENCES.len(), 0..4),
        bounds in any::<(Option<i64>, u64, Option<i64>)>(),
        rates in any::<(Option<u64>, Option<u64>)>(),
    ) {
        let all = extremes();
        let stack: Vec<Setting> = stack.into_iter().map(|at| all[at].clone()).collect();
        let events = numbered(&hostile(&mut ChaCha8Rng::seed_from_u64(seed), n));
        let (start_ns, drop_ns, end_ns) = bounds;
        let (up_bits_per_s, down_bits_per_s) = rates;
        let change = Defended::new(&stack, Rates { up_bits_per_s, down_bits_per_s }, seed, 0);
        survives(change.with_most_steps(1 << 14), &events, Span { start_ns, drop_ns, end_ns }, &format!("{stack:?}"));
    }
}

#[test]
fn defences_stack_in_the_order_given() {
    let events = numbered(&home(600, 0.2));
    let lengths = |stack: &[&str]| {
        let (found, cost) = defended(stack, FREE, &events);
        adds_up(&cost, &events, &found, &stack.join(" "));
        found
            .iter()
            .filter(|event| event.network.is_some())
            .map(|event| event.length_bytes)
            .collect::<HashSet<_>>()
    };
    assert_eq!(lengths(&["front:size=300", "pad-to-mtu"]).len(), 1, "cover is padded too");
    assert!(lengths(&["pad-to-mtu", "front:size=300"]).contains(&314), "cover comes behind the padding");
    // the same defence twice is no double: each draws numbers of its own
    let (found, cost) = defended(&["front", "front"], FREE, &events);
    let times: HashSet<i64> = found.iter().map(|event| event.time_ns).collect();
    assert!(cost.up.cover.packets > 100 && times.len() > found.len() - 5);
    let all: Vec<String> = members().iter().map(Setting::to_string).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let (found, cost) = defended(&all, Rates::default(), &events);
    adds_up(&cost, &events, &found, "all of them");
    assert!(found.is_sorted_by_key(|event| event.time_ns));
}
