//! What changes in the traffic is what each defence says that it touches.

#[path = "support/recorded.rs"]
mod recorded;
mod support;
#[path = "support/tried.rs"]
mod tried;

use overhear_change::defence::{Aspect, DEFENCES, Defended, Entry, Setting};
use overhear_traffic::event::Event;
use overhear_traffic::observer::{Observer, crossing};
use overhear_traffic::packet::{Direction, Transport};
use overhear_traffic::trace::Span;
use recorded::Recorded;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;
use support::*;
use tried::{row, tried};

/// A home, and an hour of a generated speaker in noise.
fn traffic() -> [Vec<Event>; 2] {
    let generated = Recorded::generated(2, 3600 * S);
    [home(1200, 0.2), generated.events().map(|(event, _)| *event).collect()].map(|events| numbered(&events))
}

/// By default, at another setting, and at those of the sweep.
fn settings(entry: &'static Entry, events: &[Event]) -> Vec<Setting> {
    let far_end = outside(events).next().map(|(_, far_end)| far_end);
    let other = extreme(entry, |default, (_, highest)| (2.0 * default).min(highest));
    [usual(entry), other].into_iter().chain(tried(entry, far_end)).collect()
}

/// What a defence makes of traffic without a link.
fn defended_alone(setting: &Setting, events: &[Event]) -> Vec<Event> {
    let [first, last] = [0, events.len() - 1].map(|at| events[at].time_ns);
    let span = Span { start_ns: Some(first), drop_ns: 0, end_ns: Some(last + 60 * S) };
    played(&mut Defended::new(std::slice::from_ref(setting), FREE, 1, 0), events, span)
}

/// Packets that cross the gateway, and with whom.
fn outside(events: &[Event]) -> impl Iterator<Item = (&Event, IpAddr)> {
    events.iter().filter_map(|event| {
        let network = event.network?;
        let is_out = crossing(event, direction(event))? == Direction::Out;
        Some((event, if is_out { network.target } else { network.source }))
    })
}

/// What a packet that stays could have had altered.
#[derive(PartialEq)]
struct Shown {
    length: u32,
    time: i64,
    ttl: Option<u8>,
    window: Option<u16>,
    ports: Option<(u16, u16)>,
    ends: Option<[IpAddr; 2]>,
}

fn shown(event: &Event) -> Shown {
    let (ports, window) = match event.network.map(|network| network.transport) {
        Some(Transport::Tcp { ports, window }) => (ports, window),
        Some(Transport::Udp { ports }) => (ports, None),
        _ => (None, None),
    };
    let (ttl, ends) = event.network.map(|own| (own.ttl, [own.source, own.target])).unzip();
    Shown { length: event.length_bytes, time: event.time_ns, ttl, window, ports, ends }
}

/// Whether a property alone decides which packets stay, others being equal.
fn decides<K: Ord, G: Ord>(packets: &[(K, G, bool)]) -> bool {
    let mut groups: BTreeMap<&G, BTreeMap<&K, BTreeSet<bool>>> = BTreeMap::new();
    for (property, others, stays) in packets {
        groups.entry(others).or_default().entry(property).or_default().insert(*stays);
    }
    let is_all_or_nothing = groups.values().all(|group| group.values().all(|stay| stay.len() == 1));
    let differ = |group: &BTreeMap<&K, BTreeSet<bool>>| group.values().collect::<BTreeSet<_>>().len() == 2;
    is_all_or_nothing && groups.values().any(differ)
}

fn changed(before: &[Event], after: &[Event]) -> BTreeSet<Aspect> {
    let mut changed = BTreeSet::new();
    let mut note = |aspect, is_changed: bool| changed.extend(is_changed.then_some(aspect));
    let mut numbers = HashSet::new();
    for (event, number) in after.iter().filter_map(|event| Some((event, event.number?))) {
        let [own, was] = [event, &before[number as usize]].map(shown);
        numbers.insert(number);
        note(Aspect::Length, own.length != was.length);
        note(Aspect::Time, own.time != was.time);
        note(Aspect::Ttl, own.ttl != was.ttl);
        note(Aspect::TcpWindow, own.window != was.window);
        note(Aspect::Port, own.ports != was.ports);
        assert!(own.ends == was.ends, "no defence sends a packet to somebody else");
    }
    note(Aspect::Count, after.len() != before.len() || numbers.len() != before.len());
    let is_quic = |event: &Event| {
        let is_udp = matches!(event.network.map(|own| own.transport), Some(Transport::Udp { .. }));
        is_udp && shown(event).ports.is_some_and(|(source, target)| source == 443 || target == 443)
    };
    let stays = |event: &Event| event.number.is_some_and(|number| numbers.contains(&number));
    let by_end = outside(before).map(|(event, end)| (end, is_quic(event), stays(event)));
    let by_end: Vec<_> = by_end.collect();
    let by_transport: Vec<_> = by_end.iter().map(|(end, is_quic, stays)| (*is_quic, *end, *stays)).collect();
    note(Aspect::FarEnd, decides(&by_end));
    note(Aspect::Transport, decides(&by_transport));
    changed
}

#[test]
fn what_changes_is_what_a_defence_says_that_it_touches() {
    let traffic = traffic();
    for entry in DEFENCES {
        let claimed = BTreeSet::from_iter(entry.touches.iter().copied());
        assert!(entry.touches.is_sorted() && claimed.len() == entry.touches.len(), "{}", entry.name);
        let mut found = BTreeSet::new();
        for events in &traffic {
            for setting in settings(entry, events) {
                let changed = changed(events, &defended_alone(&setting, events));
                assert!(changed.is_subset(&claimed), "{setting}: {changed:?}");
                found.extend(changed);
            }
        }
        assert_eq!(found, claimed, "{}", entry.name);
    }
}

#[test]
fn who_sees_no_headers_sees_a_defence_of_lengths_times_and_numbers_alone() {
    for entry in DEFENCES {
        let seen = Observer::ALL.map(|observer| entry.is_seen_by(observer));
        let shows_headers_alone = ["normalise-ttl", "quantise-window", "port-hopping"].contains(&entry.name);
        assert_eq!(
            seen,
            Observer::ALL.map(|own| !shows_headers_alone || own.entry().sees_headers),
            "{}",
            entry.name
        );
    }
}

#[test]
fn settings_of_the_default_sweep_are_settings_each_once_and_none_where_one_must_be_given() {
    for entry in DEFENCES {
        let sweep: Vec<Setting> = entry.sweep().collect();
        assert_eq!(entry.name.parse::<Setting>().is_ok(), !sweep.is_empty(), "{}", entry.name);
        assert!(sweep.len() <= 4, "{}", entry.name);
        for (at, (setting, typed)) in sweep.iter().zip(entry.settings).enumerate() {
            assert_eq!(setting.entry().name, entry.name);
            assert_eq!(setting.to_string().parse::<Setting>().as_ref(), Ok(setting));
            let colon = if typed.is_empty() { "" } else { ":" };
            assert_eq!(format!("{}{colon}{typed}", entry.name).parse::<Setting>().as_ref(), Ok(setting));
            assert!(!sweep[..at].contains(setting), "{setting} twice");
        }
    }
}

#[test]
fn the_book_has_a_line_for_each() {
    let page = include_str!("../../../docs/defences.md");
    for entry in DEFENCES {
        assert!(page.contains(&row(entry)), "docs/defences.md lacks: {}", row(entry));
    }
}
