//! What every member of the register promises, on a home and on hostile events.

mod support;

use overhear_change::plant::{Entry, MOST_ADDED, MOST_HELD, PLANTS, Plant};
use overhear_traffic::change::Change;
use overhear_traffic::event::Event;
use overhear_traffic::observer::{Observer, crossing};
use overhear_traffic::trace::Span;
use overhear_traffic::wire::write;
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::HashSet;
use support::*;

/// Every member at its smallest dose, in between and at its largest.
fn members() -> Vec<Plant> {
    let of = |entry: &'static Entry| {
        let (lowest, highest) = entry.range;
        let between = if entry.is_whole { 7.0 } else { highest / 4.0 };
        [lowest, between, highest].map(|dose| Plant::new(entry, dose).unwrap())
    };
    PLANTS.into_iter().flat_map(of).collect()
}

#[test]
fn names_are_words_and_every_member_explains_itself() {
    let names: HashSet<&str> = PLANTS.iter().map(|entry| entry.name).collect();
    assert_eq!(names.len(), PLANTS.len());
    for entry in PLANTS {
        assert!(entry.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", entry.name);
        assert!(entry.about.contains('X'), "{}: the dose has no place in {:?}", entry.name, entry.about);
        assert!(!entry.about.ends_with('.') && entry.about.len() <= 84, "{}", entry.about);
        assert_eq!(entry.range.0, 0.0, "{}", entry.name);
    }
}

#[test]
fn the_same_seed_gives_the_same_events_and_rounds_differ() {
    let events = numbered(&home(3600, 0.2));
    for plant in members() {
        let once = |seed, round| played(&mut *plant.build(seed, round), &events, hour());
        assert_eq!(once(1, 0), once(1, 0), "{plant}");
        // a share of everything and a keep-alive leave nothing to chance
        let (lowest, highest) = plant.entry().range;
        if plant.dose() != lowest && plant.dose() != highest && plant.entry().name != "phase" {
            assert_ne!(once(1, 0), once(1, 1), "{plant}");
            assert_ne!(once(1, 0), once(2, 0), "{plant}");
        }
    }
}

#[test]
fn times_rise_nothing_is_lost_and_what_is_added_lies_in_the_round() {
    let events = numbered(&home(3600, 0.2));
    for plant in members() {
        let found = played(&mut *plant.build(1, 0), &events, hour());
        assert!(found.is_sorted_by_key(|event| event.time_ns), "{plant}");
        let kept: HashSet<u64> = found.iter().filter_map(|event| event.number).collect();
        let added: Vec<&Event> = found.iter().filter(|event| event.number.is_none()).collect();
        assert_eq!(kept.len(), events.len(), "{plant}");
        assert_eq!(found.len(), kept.len() + added.len(), "{plant}: an event came out twice");
        for event in &added {
            assert!(event.time_ns >= START && event.time_ns < START + 3600 * S, "{plant}");
            assert!(crossing(event, direction(event)).is_some(), "{plant}");
            let seen = Observer::ALL.into_iter().filter(|observer| observer.view(device(), event).is_some());
            assert_eq!(seen.count(), Observer::ALL.len(), "{plant}: an observer does not see what was added");
        }
        for event in found.iter().filter(|event| event.network.is_some()) {
            let network = event.network.unwrap();
            assert_eq!(event.length_bytes, network.ip_length_bytes + 14, "{plant}");
            assert!((60..=1514).contains(&event.length_bytes), "{plant}");
            assert_eq!(write::ethernet(event, &mut Vec::new()), Ok(()), "{plant}");
        }
    }
}

#[test]
fn a_dose_of_nothing_changes_nothing() {
    let events = numbered(&home(3600, 0.2));
    let nothing: Vec<Plant> = members().into_iter().filter(|plant| plant.dose() == 0.0).collect();
    assert_eq!(nothing.len(), PLANTS.len());
    for plant in nothing {
        let found = played(&mut *plant.build(1, 0), &events, hour());
        assert_eq!(found == events, plant.reference().is_none(), "{plant}");
    }
    assert_eq!(played(&mut all(&[], 1), &events, hour()), events);
}

#[test]
fn without_a_device_nothing_is_planted() {
    let events = numbered(&home(600, 0.2));
    for plant in members() {
        let (mut change, mut found) = (plant.build(1, 0), Vec::new());
        change.begin(hour());
        events.iter().for_each(|event| change.take(event, None, &mut |event| found.push(*event)));
        change.finish(None, &mut |event| found.push(*event));
        assert_eq!(found, events, "{plant}");
    }
}

#[test]
fn a_round_whose_bounds_are_not_known_begins_and_ends_with_its_events() {
    let events = numbered(&home(3600, 0.2));
    let (first_ns, last_ns) = (events[0].time_ns, events.last().unwrap().time_ns);
    for plant in members() {
        let found = played(&mut *plant.build(1, 0), &events, Span::default());
        assert!(found.iter().all(|event| (first_ns..=last_ns).contains(&event.time_ns)), "{plant}");
        let adds = found.iter().any(|event| event.number.is_none());
        let known = played(&mut *plant.build(1, 0), &events, hour());
        assert_eq!(adds, known.iter().any(|event| event.number.is_none()), "{plant}");
    }
}

#[test]
fn silence_is_filled_but_none_that_is_longer_than_a_day() {
    let first = numbered(&home(60, 0.2));
    for (text, hours, expected) in
        [("upload:5", 1, true), ("burst:7", 1, true), ("phase:3", 1, true), ("upload:5", 30, false)]
    {
        let last = Event { time_ns: START + hours * 3600 * S, number: Some(first.len() as u64), ..first[0] };
        let span = Span { start_ns: Some(START), drop_ns: 0, end_ns: None };
        let found = played(&mut *plant(text).build(1, 0), &[&first[..], &[last]].concat(), span);
        let silent = START + 60 * S..last.time_ns;
        assert_eq!(found.iter().any(|event| silent.contains(&event.time_ns)), expected, "{text}");
    }
}

#[test]
fn a_stretch_of_earlier_times_is_planted_into_as_well() {
    let events = numbered(&home(600, 0.2));
    for plant in members() {
        let (mut change, mut stretches) = (plant.build(1, 0), [Vec::new(), Vec::new()]);
        change.begin(Span::default());
        for stretch in &mut stretches {
            for event in &events {
                change.take(event, direction(event), &mut |event| stretch.push(*event));
            }
            change.step(&mut |event| stretch.push(*event));
        }
        for stretch in &stretches {
            assert!(stretch.is_sorted_by_key(|event| event.time_ns), "{plant}");
            assert_eq!(
                stretch.iter().filter(|event| event.number.is_some()).count(),
                events.len(),
                "{plant}"
            );
        }
        // what comes back comes back in either; one event a round does not
        let added = stretches.map(|stretch| stretch.len() - events.len());
        assert!(plant.entry().name == "rare" || (added[0] == 0) == (added[1] == 0), "{plant}: {added:?}");
    }
}

/// Takes events, and looks at what comes out; how many that were.
fn survives(change: &mut dyn Change, events: &[Event], span: Span, name: &str) -> u64 {
    let (mut n_out, mut kept, mut latest_ns) = (0_u64, 0_u64, i64::MIN);
    change.begin(span);
    let mut look = |event: &Event, kept: &mut u64| {
        assert!(event.time_ns >= latest_ns, "{name}: {} after {latest_ns}", event.time_ns);
        latest_ns = event.time_ns;
        n_out += 1;
        *kept += u64::from(event.number.is_some());
    };
    for (taken, event) in (1_u64..).zip(events) {
        change.take(event, direction(event), &mut |event| look(event, &mut kept));
        assert!(taken - kept <= MOST_HELD as u64, "{name} holds {} events", taken - kept);
    }
    change.finish(span.end_ns, &mut |event| look(event, &mut kept));
    assert_eq!(kept, events.len() as u64, "{name}");
    n_out
}

#[test]
fn a_million_hostile_events_do_no_harm() {
    let events = numbered(&hostile(&mut ChaCha8Rng::seed_from_u64(3), 1_000_000));
    let bounded = Span { start_ns: Some(START), drop_ns: u64::MAX, end_ns: Some(START + 1800 * S) };
    for plant in members().into_iter().filter(|plant| plant.dose() == plant.entry().range.1) {
        for span in [Span::default(), bounded] {
            let n_out = survives(&mut *plant.build(1, 0), &events, span, plant.entry().name);
            assert!(n_out <= events.len() as u64 + u64::from(MOST_ADDED), "{plant}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn few_hostile_events_in_any_span_do_no_harm(
        seed in any::<u64>(),
        n in 0..40_usize,
        member in 0..PLANTS.len(),
        dose in 0.0..=1.0_f64,
        bounds in any::<(Option<i64>, u64, Option<i64>)>(),
    ) {
        let entry = PLANTS[member];
        // few enough that a day of them is nothing
        let most = entry.range.1.min(20.0);
        let dose = if entry.is_whole { (dose * most).round() } else { dose * most.min(1.0) };
        let plant = Plant::new(entry, dose).unwrap();
        let events = numbered(&hostile(&mut ChaCha8Rng::seed_from_u64(seed), n));
        let (start_ns, drop_ns, end_ns) = bounds;
        let span = Span { start_ns, drop_ns, end_ns };
        let n_out = survives(&mut *plant.build(seed, 0), &events, span, entry.name);
        prop_assert!(n_out <= n as u64 + u64::from(MOST_ADDED));
    }
}

#[test]
fn plants_stack() {
    let events = numbered(&home(3600, 0.2));
    let stack: Vec<Plant> = PLANTS.into_iter().map(|entry| Plant::new(entry, 1.0).unwrap()).collect();
    let found = played(&mut all(&stack, 1), &events, hour());
    assert!(found.is_sorted_by_key(|event| event.time_ns));
    assert!(found.iter().filter(|event| event.number.is_some()).count() == events.len());
    // the same plant twice is no double: each draws numbers of its own
    let [one, two] = [&["upload:4"][..], &["upload:4", "upload:4"]].map(|texts| {
        let plants: Vec<Plant> = texts.iter().map(|text| plant(text)).collect();
        let found = played(&mut all(&plants, 1), &events, hour());
        let added = found.iter().filter(|event| event.number.is_none());
        added.map(|event| event.time_ns).collect::<HashSet<_>>()
    });
    assert!(two.len() as f64 > 1.9 * one.len() as f64 && two.is_superset(&one));
}
