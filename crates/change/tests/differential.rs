//! Defences of ours against the machines of `maybenot-machines` that are named after the same papers.
//!
//! Tests of laws are Kolmogorov and Smirnov's at a level of 1 in 1000, over a stated number of traces; seeds are fixed.
#![cfg(feature = "maybenot")]

mod support;
mod tunnel;

use maybenot::Machine;
use maybenot_machines::front::front;
use maybenot_machines::regulator::{regulator_client, regulator_server};
use maybenot_machines::tamaraw::tamaraw;
use overhear_change::defence::{Amount, Cost, Defended};
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction::{self, In, Out};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use support::*;
use tunnel::*;

/// Traces a law is drawn from.
const TRACES: u64 = 400;

fn tunnel(client: &[Machine], server: &[Machine], size: u32) -> String {
    let [client, server] =
        [client, server].map(|own| own.iter().map(Machine::serialize).collect::<Vec<_>>().join("."));
    format!("maybenot:client={client},server={server},size={size},idle=86400")
}

fn run(text: &str, round: u64, events: &[Event]) -> (Vec<Event>, Cost) {
    let mut change = Defended::new(&[defence(text)], FREE, 1, round);
    (played(&mut change, events, hour()), change.cost())
}

/// Times of one direction's cover in a trace that is a packet each way at its beginning, s; its bytes add up to `size`
/// each.
fn cover(text: &str, round: u64, way: Direction, size: u64) -> Vec<f64> {
    let (found, cost) = run(text, round, &packets(&[(0, Out), (0, In)]));
    let own = found.iter().filter(|event| event.number.is_none() && direction(event) == Some(way));
    let times: Vec<f64> = own.map(|event| (event.time_ns - START) as f64 / 1e9).collect();
    let packets = times.len() as u64;
    assert_eq!(cost.way(way).cover, Amount { packets, bytes: packets * (size + 14) });
    times
}

fn gap(times: &[f64], at: usize) -> i64 {
    ((times[at + 1] - times[at]) * 1e9) as i64
}

fn ns(times: &[f64]) -> Vec<i64> {
    times.iter().map(|own| (own * 1e9) as i64).collect()
}

/// Its machine draws the limit of each of its states up to the state's share of the budget: on average it sends half of
/// it, in half of the time. So it is ours with half of N, w₁ and w₂.
#[test]
fn front_sends_as_many_as_its_machine_at_the_same_times() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let ours = "front:packets=1000,shortest=1,longest=4,idle=86400,size=700";
    for way in [Out, In] {
        let mut machine = || front(2000, 2e6, 8e6, 20, &mut random);
        let theirs: Vec<Vec<f64>> =
            (0..TRACES).map(|round| cover(&tunnel(&machine(), &machine(), 700), round, way, 700)).collect();
        let ours: Vec<Vec<f64>> = (0..TRACES).map(|round| cover(ours, round, way, 700)).collect();
        let counts = |traces: &[Vec<f64>]| traces.iter().map(|own| own.len() as i64).collect();
        assert!(is_one_law(counts(&ours), counts(&theirs)), "{way:?}: number");
        // one packet of each trace, drawn, since those of a trace have a window in common
        let mut draw = |traces: &[Vec<f64>]| {
            let one = |own: &Vec<f64>| own[random.random_range(0..own.len())];
            traces.iter().map(one).collect::<Vec<f64>>()
        };
        let [one, other] = [draw(&ours), draw(&theirs)];
        assert!(is_one_law(ns(&one), ns(&other)), "{way:?}: times");
        let is_told_apart = !is_one_law(ns(&one), ns(&other.iter().map(|own| 1.4 * own).collect::<Vec<_>>()));
        assert!(is_told_apart, "{way:?}: the test would see a window of 1.4 times");
        // gaps are as long in the mean, but not of one law: the paper's times are drawn one by one, where each state of
        // the machine waits for nothing or for twice its mean
        let long = |traces: &[Vec<f64>]| traces.iter().filter(|own| own.len() > 100).cloned().collect();
        let [one, other]: [Vec<Vec<f64>>; 2] = [long(&ours), long(&theirs)];
        let span = |traces: &[Vec<f64>]| {
            traces.iter().map(|own| own[own.len() - 1] - own[0]).sum::<f64>() / traces.len() as f64
        };
        let ratio = span(&one) / span(&other);
        assert!((0.8..1.25).contains(&ratio), "{way:?}: {ratio}");
        let gaps = |traces: &[Vec<f64>]| traces[..300].iter().map(|own| gap(own, own.len() / 2)).collect();
        assert!(!is_one_law(gaps(&one), gaps(&other)), "{way:?}: gaps");
    }
}

/// Packets of one direction at random in bursts, 20 s of them, fewer than the slower rate on average.
fn bursts(way: Direction, random: &mut ChaCha8Rng) -> Vec<Event> {
    let (mut times, mut now) = (vec![(0, way)], 0);
    while now < 20_000 {
        now += random.random_range(50..1500);
        times.extend((0..random.random_range(1..20)).map(|_| (now, way)));
    }
    packets(&times)
}

/// Until the last packet comes; how they end differs.
#[test]
fn tamaraw_sends_every_packet_when_its_machines_do() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let theirs = tunnel(&tamaraw(0.04, 10e6), &tamaraw(0.012, 10e6), 500);
    for (round, way) in (0..20).flat_map(|round| [(round, Out), (round, In)]) {
        let events = bursts(way, &mut random);
        let until_ns = events.last().unwrap().time_ns;
        let sent = |text: &str| {
            let (found, _) = run(text, round, &events);
            let own = found.into_iter().filter(|own| direction(own) == Some(way) && own.time_ns < until_ns);
            own.map(|own| (own.time_ns, own.number, own.length_bytes)).collect::<Vec<_>>()
        };
        let ours = sent("tamaraw:up=40,down=12,size=500,multiple=100000");
        assert!(ours.len() > 400 && ours.iter().any(|own| own.1.is_none()));
        assert!(ours == sent(&theirs), "round {round}, {way:?}");
    }
}

/// The machine counts none of the packets that it sends while it waits for its window to end.
#[test]
fn tamaraw_ends_at_a_multiple_and_its_machine_does_not() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let theirs = tunnel(&tamaraw(0.04, 2e6), &tamaraw(0.012, 2e6), 500);
    let of = |text: &str, round: u64, events: &[Event]| run(text, round, events).1.down.after.packets % 100;
    let rest: Vec<[u64; 2]> = (0..10)
        .map(|round| {
            let events = bursts(In, &mut random);
            [of("tamaraw:size=500", round, &events), of(&theirs, round, &events)]
        })
        .collect();
    assert!(rest.iter().all(|own| own[0] == 0), "{rest:?}");
    // the first packet leaves before blocking begins
    assert!(rest.iter().filter(|own| own[1] > 1).count() > 5, "{rest:?}");
}

/// The machine begins with ten packets in a second, which ours, and the paper, do not: they are left out, and ours has
/// as much less to spend. Its client sends one packet for U − 1.
#[test]
fn regulator_sends_as_many_as_its_machines_at_the_same_rate() {
    let theirs = tunnel(&regulator_client(4.95, 1.77), &regulator_server(20.0, 0.94, 3.55, 210.0, 50), 500);
    let ours = "regulator:rate=20,decay=0.94,surge=3.55,padding=200,ratio=3.95,hold=1.77,idle=86400,size=500";
    let down = |text: &str, left_out: usize| {
        let traces = (0..).map(|round| cover(text, round, In, 500));
        let traces = traces.filter(|own| own.len() > left_out + 4).map(|own| own[left_out..].to_vec());
        traces.take(TRACES as usize).collect::<Vec<Vec<f64>>>()
    };
    let [ours_down, theirs_down] = [down(ours, 0), down(&theirs, 10)];
    let counts = |traces: &[Vec<f64>]| traces.iter().map(|own| own.len() as i64).collect::<Vec<_>>();
    assert!(is_one_law(counts(&ours_down), counts(&theirs_down)), "number down");
    let fewer = counts(&theirs_down).into_iter().map(|own| own - own / 4).collect();
    assert!(!is_one_law(counts(&ours_down), fewer), "the test would see a budget smaller by a quarter");
    // its rate falls in 50 steps, where ours falls from packet to packet; where one ends it waits up to a gap longer
    let most = |traces: &[Vec<f64>]| traces.iter().max_by_key(|own| own.len()).unwrap().clone();
    let [one, other] = [most(&ours_down), most(&theirs_down)];
    for (ours, theirs) in one.iter().zip(&other) {
        assert!((0.0..0.05 + 0.1 * ours).contains(&(theirs - ours - 1.0)), "{theirs} for {ours}");
    }
    let n = one.len().min(other.len()) - 1;
    let is_near = |at: &usize| (gap(&other, *at) as f64 / gap(&one, *at) as f64 - 1.0).abs() < 0.1;
    let near = (0..n).filter(is_near).count();
    assert!(n > 180 && near * 6 >= n * 5, "{near} of {n} gaps");
    // up: one for U down, and what is left over at the end of a trace; the machine counts what it sends as one of U
    let ratio = |text: &str| {
        let sums = (0..50).map(|round| [In, Out].map(|way| cover(text, round, way, 500).len() as f64));
        let [down, up] = sums.fold([0.0, 0.0], |sum, own| [sum[0] + own[0], sum[1] + own[1]]);
        down / up
    };
    let [ours, theirs] = [ratio(ours), ratio(&theirs)];
    assert!((3.9..4.2).contains(&ours) && (3.9..4.2).contains(&theirs), "{ours} {theirs}");
}
