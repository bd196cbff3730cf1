//! Streams of events to plant into and to defend: a home that a reader can follow, and hostile ones.
#![allow(dead_code, reason = "each test file uses some of it")]

use overhear_change::defence::{Cost, Defended, Entry, Rates, Setting, Takes};
use overhear_change::plant::{Plant, changes};
use overhear_traffic::change::{Change, Changes};
use overhear_traffic::event::Event;
use overhear_traffic::packet::{Device, Direction, Mac, Network, Transport};
use overhear_traffic::trace::Span;
use overhear_traffic::wire::{FrameKind, Link};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::net::IpAddr;

pub const DEVICE: Mac = Mac([2, 0, 0, 0, 0, 1]);
pub const ROUTER: Mac = Mac([2, 0, 0, 0, 0, 2]);
pub const S: i64 = 1_000_000_000;
pub const START: i64 = 1_793_527_200 * S;

pub fn device() -> Device {
    Device::Mac(DEVICE)
}

pub fn plant(text: &str) -> Plant {
    text.parse().unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// The far end that most packets go to and come from.
pub fn busiest() -> IpAddr {
    ip("192.0.2.9")
}

/// A round of an hour, its first minute left out.
pub fn hour() -> Span {
    Span { start_ns: Some(START), drop_ns: 60 * S as u64, end_ns: Some(START + 3600 * S) }
}

/// Which way an event of the device goes.
pub fn direction(event: &Event) -> Option<Direction> {
    Some(if event.link.source == Some(DEVICE) { Direction::Out } else { Direction::In })
}

pub fn is_out(event: &Event) -> bool {
    direction(event) == Some(Direction::Out)
}

/// A home for `seconds`: exchanges with three far ends, a neighbour and questions to everybody, a packet every `gap_s` in
/// the mean. Lengths of a direction are drawn from one law, whatever came before.
pub fn home(seconds: i64, gap_s: f64) -> Vec<Event> {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let (mut now_ns, mut events) = (START, Vec::new());
    loop {
        now_ns += (-(1.0 - random.random::<f64>()).ln() * gap_s * 1e9) as i64;
        if now_ns >= START + seconds * S {
            return events;
        }
        let is_out = random.random_bool(0.5);
        let ports = Some(if is_out { (40_000, 443) } else { (443, 40_000) });
        let tcp = Transport::Tcp { ports, window: Some(random.random_range(400..600)) };
        let (near, far, transport) = match random.random_range(0..20) {
            0..10 => ("192.168.0.2", "192.0.2.9", tcp),
            10..14 => ("192.168.0.2", "198.51.100.7", Transport::Udp { ports }),
            14..17 => ("2001:db8:1::2", "2001:db8:2::9", tcp),
            17 => ("192.168.0.2", "192.0.2.9", Transport::Icmp),
            18 => ("192.168.0.2", "192.168.0.3", Transport::Udp { ports }),
            _ => {
                events.push(Event { network: None, ..event(now_ns, is_out, 60, None) });
                continue;
            }
        };
        let length = match (is_out, random.random_range(0..10)) {
            (true, 0..7) => random.random_range(90..300),
            (true, _) => 700,
            (false, 0..5) => 90,
            (false, 5..8) => random.random_range(200..900),
            (false, _) => 1484,
        };
        let (source, target) = if is_out { (near, far) } else { (far, near) };
        let ttl = if is_out { 64 } else { 57 };
        let ip_length_bytes = length - 14;
        let network = Network { source: ip(source), target: ip(target), ttl, ip_length_bytes, transport };
        events.push(event(now_ns, is_out, length, Some(network)));
    }
}

fn event(time_ns: i64, is_out: bool, length_bytes: u32, network: Option<Network>) -> Event {
    let (source, target) = if is_out { (DEVICE, ROUTER) } else { (ROUTER, DEVICE) };
    let link = Link { source: Some(source), target: Some(target), header_bytes: 14, ..Link::default() };
    Event { time_ns, length_bytes, link, network, number: None }
}

/// Events as hostile as can be, times rising; `random` decides all of it.
pub fn hostile(random: &mut ChaCha8Rng, n: usize) -> Vec<Event> {
    let mut times: Vec<i64> = (0..n).map(|_| hostile_time(random)).collect();
    times.sort_unstable();
    times.into_iter().map(|time_ns| hostile_event(random, time_ns)).collect()
}

fn hostile_time(random: &mut ChaCha8Rng) -> i64 {
    match random.random_range(0..20) {
        0 => i64::MIN,
        1 => i64::MAX,
        2..5 => random.random(),
        _ => START + random.random_range(0..1800 * S),
    }
}

fn hostile_event(random: &mut ChaCha8Rng, time_ns: i64) -> Event {
    let length = |random: &mut ChaCha8Rng| match random.random_range(0..6) {
        0 => 0,
        1 => u32::MAX,
        2 => random.random(),
        _ => random.random_range(0..2000),
    };
    let address = |random: &mut ChaCha8Rng| match random.random_range(0..5) {
        0 => IpAddr::from(random.random::<[u8; 4]>()),
        1 => IpAddr::from(random.random::<[u8; 16]>()),
        2 => ip("192.168.0.2"),
        3 => busiest(),
        _ => IpAddr::from([192, 168, 0, random.random()]),
    };
    let ports = random.random_bool(0.9).then(|| random.random());
    let transport = match random.random_range(0..4) {
        0 => Transport::Tcp { ports, window: random.random_bool(0.5).then(|| random.random()) },
        1 => Transport::Udp { ports },
        2 => Transport::Icmp,
        _ => Transport::Other(random.random()),
    };
    let (source, target) = (address(random), address(random));
    let ip_length_bytes = length(random);
    let network = Network { source, target, ttl: random.random(), ip_length_bytes, transport };
    let network = random.random_bool(0.9).then_some(network);
    let mut event = event(time_ns, random.random_bool(0.5), length(random), network);
    event.link.header_bytes = if random.random_bool(0.8) { 14 } else { length(random) };
    event.link.foreign_bytes = if random.random_bool(0.9) { 0 } else { length(random) };
    event.link.kind = if random.random_bool(0.9) { FrameKind::Data } else { FrameKind::Encrypted };
    event
}

/// Events with their numbers, as a change is given them.
pub fn numbered(events: &[Event]) -> Vec<Event> {
    (0..).zip(events).map(|(number, event)| Event { number: Some(number), ..*event }).collect()
}

/// What a change makes of a round's events.
pub fn played(change: &mut dyn Change, events: &[Event], span: Span) -> Vec<Event> {
    let mut out = Vec::new();
    change.begin(span);
    for event in events {
        change.take(event, direction(event), &mut |event| out.push(*event));
    }
    change.finish(span.end_ns, &mut |event| out.push(*event));
    out
}

/// What one plant makes of an hour.
pub fn planted(text: &str, events: &[Event]) -> Vec<Event> {
    played(&mut *plant(text).build(1, 0), events, hour())
}

pub fn all(plants: &[Plant], seed: u64) -> Changes {
    changes(plants, device(), seed, 0)
}

pub fn defence(text: &str) -> Setting {
    text.parse().unwrap()
}

/// A link that takes no time.
pub const FREE: Rates = Rates { up_bits_per_s: None, down_bits_per_s: None };

/// What a stack of defences makes of an hour, and what it costs.
pub fn defended(stack: &[&str], rates: Rates, events: &[Event]) -> (Vec<Event>, Cost) {
    let stack: Vec<Setting> = stack.iter().map(|text| defence(text)).collect();
    let mut change = Defended::new(&stack, rates, 1, 0);
    let found = played(&mut change, events, hour());
    (found, change.cost())
}

/// Machines of Maybenot: those of `maybenot_machines::tamaraw` at 20 ms with a window of 1 s, which block, and the
/// server's of `break_pad`, which leaves something to chance.
pub const MACHINES: &str = concat!(
    "02eNr7+x8KGKDgL7oAM4RiZGRkYGiwh4kyMDKBBIgACddlTZyQaOyAkZEJYTwjIy6zOy474NIJ1gI1AQCw/xov.",
    "02eNqdjssNgCAQROeBWo4toGXYjQcLtgGiCbJGCFyc0+xmfvHKUEasH5MRAdIe7HKojW0pTvDJBu61w/Bw6ImszaT4dt9+zKuahSqqgN7gM3y8lS3R0Ta5bsYvpLS89AZSvx8z.",
    "02eNr7fYeVAQwe2DPAAAsQMzIyMjA0IMRAgJGJkcN0k6NVvtRnew8h56l6LxkdGDAAIyMTpk5GZClksxkZmaFsqBps4APcNEY2CC3gEJrkuvao0yN7dBUM2IyFWAYAJ3gUkA=="
);

/// A defence with its defaults; what has none is given something.
pub fn usual(entry: &Entry) -> Setting {
    extreme(entry, |default, _| default)
}

/// A defence whose numbers are chosen from their default and range.
pub fn extreme(entry: &Entry, choose: impl Fn(f64, (f64, f64)) -> f64) -> Setting {
    let typed = entry.parameters.iter().map(|own| match own.takes {
        Takes::Number { default, range, .. } => format!("{}={}", own.name, choose(default, range)),
        Takes::Addresses => format!("{}=198.51.100.7+2001:db8:2::9", own.name),
        Takes::Lengths => format!("{}=52+300+300+900+1500", own.name),
        Takes::Texts { .. } if own.name == "sets" => "sets=0/100/40/50.40/20/6/100".to_owned(),
        Takes::Texts { .. } => format!("{}={MACHINES}", own.name),
    });
    let typed = typed.collect::<Vec<_>>().join(",");
    let colon = if typed.is_empty() { "" } else { ":" };
    defence(&format!("{}{colon}{typed}", entry.name))
}
