//! Defences that draw or shape are distributed as they say.

mod support;

use overhear_change::defence::{Cost, Defended, epsilon};
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction;
use overhear_traffic::trace::Span;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::HashSet;
use support::*;

const MS: i64 = 1_000_000;

/// A packet of the device.
fn packet(time_ns: i64) -> Event {
    let one = home(600, 0.2).into_iter().find(|event| event.network.is_some() && is_out(event)).unwrap();
    Event { time_ns, number: None, ..one.with_length(200) }
}

fn with_seed(text: &str, seed: u64, events: &[Event], span: Span) -> (Vec<Event>, Cost) {
    let mut change = Defended::new(&[defence(text)], FREE, seed, 0);
    let found = played(&mut change, &numbered(events), span);
    (found, change.cost())
}

fn times(events: &[Event], way: Direction) -> Vec<i64> {
    events.iter().filter(|event| direction(event) == Some(way)).map(|event| event.time_ns).collect()
}

fn gaps(times: &[i64]) -> Vec<i64> {
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Mean and deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt())
}

fn near(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within, "{found} is not {expected} within {within}");
}

#[test]
fn front_sends_a_uniform_number_at_rayleigh_times_and_delays_nothing() {
    let (mut numbers, mut ratios) = (Vec::new(), Vec::new());
    for seed in 0..2000 {
        let events = [packet(START)];
        let (found, cost) = with_seed("front:packets=200,shortest=3,longest=3", seed, &events, hour());
        assert_eq!((found[0].time_ns, found[0].number, cost.delay.max_ns), (START, Some(0), 0));
        let cover = &found[1..];
        numbers.push(cost.up.cover.packets as f64);
        ratios.extend(cover.iter().map(|event| (event.time_ns - START) as f64 / 3e9));
    }
    let (mean, deviation) = moments(&numbers);
    // uniform over 1 to 200; four standard errors
    near(mean, 100.5, 4.0 * 57.73 / 2000_f64.sqrt());
    near(deviation, 57.73, 2.5);
    assert_eq!(numbers.iter().copied().fold(f64::NAN, f64::max), 200.0);
    // Rayleigh: mean √(π/2), deviation √(2 − π/2), distribution 1 − exp(−x²/2)
    let (mean, deviation) = moments(&ratios);
    near(mean, 1.2533, 0.005);
    near(deviation, 0.6551, 0.005);
    ratios.sort_by(f64::total_cmp);
    let n = ratios.len() as f64;
    let apart = ratios.iter().enumerate().map(|(at, x)| (1.0 - (-x * x / 2.0).exp() - at as f64 / n).abs());
    // Kolmogorov and Smirnov: exceeded once in a thousand
    assert!(apart.fold(0.0, f64::max) < 1.95 / n.sqrt());
}

#[test]
fn front_begins_again_after_a_silence_only() {
    let cover = |gap_s: i64| {
        let events = [packet(START), packet(START + gap_s * S)];
        let (_, cost) = with_seed("front:packets=50,shortest=0.1,longest=0.1,idle=10", 1, &events, hour());
        cost.up.cover.packets
    };
    let once = with_seed("front:packets=50,shortest=0.1,longest=0.1", 1, &[packet(START)], hour()).1;
    assert_eq!(cover(9), once.up.cover.packets);
    assert!(cover(11) > once.up.cover.packets);
}

#[test]
fn tamaraw_keeps_two_rates_and_stops_at_multiples() {
    let events: Vec<Event> = (0..130).map(|at| packet(START + at * 3 * MS)).collect();
    let (found, cost) = with_seed("tamaraw:multiple=50", 1, &events, hour());
    let [up, down] = [Direction::Out, Direction::In].map(|way| times(&found, way));
    assert_eq!((up.len(), down.len()), (150, 50));
    assert!(gaps(&up).iter().all(|gap| *gap == 40 * MS) && gaps(&down).iter().all(|gap| *gap == 12 * MS));
    assert!(found.iter().all(|event| event.length_bytes == 764));
    assert_eq!((cost.up.cover.packets, cost.down.cover.packets), (20, 50));
    // what comes later is a multiple once more
    let later = [&events[..], &[packet(START + 60 * S)]].concat();
    let (found, _) = with_seed("tamaraw:multiple=50", 1, &later, hour());
    assert_eq!(times(&found, Direction::Out).len(), 200);
}

#[test]
fn adaptive_tamaraw_goes_on_as_the_set_of_the_trace_says() {
    // 10 packets at once; both ways every 100 ms until 1 s, then as the set says
    let of = |multiple: u32, events: &[Event]| {
        let sets = "11/9/9/1000.5/50/20/60.2/1/1/1000";
        let text = format!("adaptive-tamaraw:up=100,down=100,multiple={multiple},early=1,sets={sets}");
        with_seed(&text, 1, events, hour())
    };
    let trace = |n: usize, start_ns: i64| vec![packet(start_ns); n];
    let (found, cost) = of(20, &trace(10, START));
    for (way, every_ms, at_first) in [(Direction::Out, 50, 11), (Direction::In, 20, 11)] {
        let own = times(&found, way);
        let expected = (0..60).map(|at| {
            let (early, late): (i64, i64) = (at.min(at_first - 1), at - at.min(at_first - 1));
            START + (early * 100 + late * every_ms) * MS
        });
        assert_eq!(own, expected.collect::<Vec<_>>(), "{way:?}");
    }
    assert_eq!((cost.up.cover.packets, cost.down.cover.packets), (50, 60));
    // one that is over before it is known, and one of no set, stay as they began
    let (found, _) = of(7, &trace(5, START));
    assert_eq!(times(&found, Direction::Out).len(), 7);
    let slow: Vec<Event> = trace(1, START).into_iter().chain(trace(1, START + 1500 * MS)).collect();
    let (found, _) = of(7, &slow);
    let own = times(&found, Direction::Out);
    assert!(own.len() == 14 && gaps(&own[..7]).iter().chain(&gaps(&own[7..])).all(|gap| *gap == 100 * MS));
    // each trace begins as the first did
    let twice = [trace(10, START), trace(10, START + 60 * S)].concat();
    let own = times(&of(20, &twice).0, Direction::Out);
    let [first, second] = [&own[..60], &own[60..]];
    assert_eq!(first.iter().map(|time_ns| time_ns + 60 * S).collect::<Vec<_>>(), second);
}

#[test]
fn regulator_surges_decay_and_upload_is_in_proportion() {
    let down = packet(START).reversed();
    let events = vec![down; 300];
    let text = "regulator:rate=100,decay=0.5,surge=1000,padding=0,ratio=4";
    let (found, cost) = with_seed(text, 1, &events, hour());
    let own = times(&found, Direction::In);
    assert_eq!((own.len(), own[0], cost.down.cover.packets), (300, START, 0));
    // each gap is one over the rate at its beginning, 1 packet/s at least
    for pair in own.windows(2) {
        let rate = (100.0 * 0.5_f64.powf((pair[0] - START) as f64 / 1e9)).max(1.0);
        near((pair[1] - pair[0]) as f64, 1e9 / rate, 2.0);
    }
    assert_eq!(cost.up.cover.packets, 75);
    // a surge begins again while more than a second's wait at the rate of that time: most go at the highest rates
    let (found, _) = with_seed("regulator:rate=100,decay=0.5,surge=1,padding=0", 1, &events, hour());
    let own = times(&found, Direction::In);
    assert!(gaps(&own).iter().filter(|gap| **gap < 20 * MS).count() > 90);
    // padding is for a load, and a packet within ten seconds is of the same one
    let cover = |gap_s: i64| {
        let events = [down, Event { time_ns: START + gap_s * S, ..down }];
        with_seed("regulator:rate=1000,padding=100", 1, &events, hour()).1.down.cover.packets
    };
    let once = with_seed("regulator:rate=1000,padding=100", 1, &events[..1], hour()).1.down.cover.packets;
    assert!(cover(9) == once && cover(11) > once, "{once}");
    // the budget is uniform
    let budgets: Vec<f64> = (0..500)
        .map(|seed| {
            with_seed("regulator:padding=100", seed, &events[..1], hour()).1.down.cover.packets as f64
        })
        .collect();
    near(moments(&budgets).0, 50.0, 4.0 * 29.0 / 500_f64.sqrt());
}

#[test]
fn regulator_holds_no_upload_longer_than_its_bound() {
    let events: Vec<Event> = (0..100).map(|at| packet(START + at * 100 * MS)).collect();
    let (found, cost) = with_seed("regulator:hold=0.5", 1, &events, hour());
    assert_eq!(cost.delay.max_ns, 500 * MS as u64);
    assert!(found.iter().all(|event| event.length_bytes == 1514));
}

/// Periods of ten seconds, a share p of them with a packet at the beginning: how many were shaped, and the cost.
fn stochastic(p: f64, q: f64, periods: i64) -> (u64, u64, Cost) {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let active: Vec<i64> = (1..periods).filter(|_| random.random_bool(p)).collect();
    // one packet ahead of all, by which cover is made
    let mut events = vec![packet(START)];
    events.extend(active.iter().map(|at| packet(START + at * 10 * S)));
    let span = Span { end_ns: Some(START + periods * 10 * S), ..hour() };
    let (found, cost) = with_seed(&format!("stochastic:hz=2,period=10,chance={q}"), 1, &events, span);
    let shaped: HashSet<i64> = found.iter().map(|event| (event.time_ns - START) / (10 * S)).collect();
    (shaped.len() as u64, active.len() as u64 + 1, cost)
}

#[test]
fn activity_hides_among_shaped_idle_periods_as_the_formula_says() {
    let periods = 20_000;
    for (p, q) in [(0.1, 0.1), (0.05, 0.5), (0.3, 0.2), (0.2, 0.0), (0.1, 1.0)] {
        let (shaped, active, cost) = stochastic(p, q, periods);
        let found = active as f64 / shaped as f64;
        let expected = p / (p + (1.0 - p) * q);
        near(found, expected, 4.0 * (expected * (1.0 - expected) / shaped as f64).sqrt() + 0.003);
        // (1 − p)·q·R·T a period: 20 packets each way, of which an active period's real one is none
        let per_period = cost.down.cover.packets as f64 / periods as f64;
        let idle_cost = per_period - active as f64 / periods as f64 * 20.0;
        near(idle_cost, (1.0 - p) * q * 20.0, 0.25);
    }
}

#[test]
fn a_shaped_period_goes_on_while_packets_wait() {
    // 50 at once, at 2 a second: 25 s, and the third period of ten to its end
    let (found, cost) = with_seed("stochastic:hz=2,period=10,chance=0", 1, &vec![packet(START); 50], hour());
    let up = times(&found, Direction::Out);
    assert_eq!((up.len(), cost.up.cover.packets, cost.up.dropped.packets), (60, 10, 0));
    assert!(gaps(&up).iter().all(|gap| *gap == 500 * MS));
}

#[test]
fn the_privacy_loss_is_the_least_over_all_renyi_orders() {
    for (releases, sigma, delta) in
        [(1, 1.0, 1e-6), (3600, 50.0, 1e-6), (86_400, 20.0, 1e-6), (10, 0.5, 1e-9), (1000, 300.0, 1e-3)]
    {
        let k = releases as f64;
        let of_order = |alpha: f64| k * alpha / (2.0 * sigma * sigma) + f64::ln(1.0 / delta) / (alpha - 1.0);
        // golden section over the logarithm of α − 1
        let (mut low, mut high) = (-30.0_f64, 30.0_f64);
        let ratio = (5_f64.sqrt() - 1.0) / 2.0;
        for _ in 0..200 {
            let [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
            if of_order(1.0 + a.exp()) < of_order(1.0 + b.exp()) { high = b } else { low = a }
        }
        let least = of_order(1.0 + low.exp());
        assert!((epsilon(releases, sigma, delta) / least - 1.0).abs() < 1e-9, "{releases} {sigma} {delta}");
    }
    assert_eq!(epsilon(0, 1.0, 1e-6), 0.0);
}

#[test]
fn ticks_carry_what_waits_and_noise_in_cells_of_one_length() {
    // five packets of the device before every second tick: 5 cells or none, and noise of 3
    let text = "dp-shaping:ms=100,sigma=3,sensitivity=1500,most=4096";
    let events: Vec<Event> =
        (0..3000).flat_map(|at| vec![packet(START + at * 200 * MS - 50 * MS + 100 * MS); 5]).collect();
    let span = Span { end_ns: Some(START + 600 * S), ..hour() };
    let (found, cost) = with_seed(text, 1, &events, span);
    assert!(found.iter().all(|event| event.length_bytes == 1514));
    assert!(
        found
            .iter()
            .all(|event| (event.time_ns - START) % (100 * MS) == 0 || event.time_ns >= START + 600 * S)
    );
    // nothing waits that goes to the device: max(0, N(0, 3²)) has the mean 3/√(2π)
    let ticks = 5999.0;
    near(cost.down.cover.packets as f64 / ticks, 3.0 / std::f64::consts::TAU.sqrt(), 0.1);
    assert!(cost.up.after.packets > cost.down.after.packets && cost.up.dropped.packets == 0);
    // without noise worth the name, as many as wait
    let quiet = with_seed("dp-shaping:ms=100,sigma=0.01,sensitivity=1", 1, &events, span).1;
    assert_eq!((quiet.up.cover.packets, quiet.down.cover.packets), (0, 0));
    assert!(quiet.delay.max_ns <= 100 * MS as u64);
}

#[test]
fn gaps_longer_than_a_drawn_one_are_filled() {
    // a packet every second; the drawn gap is 200 ms, then cover bursts of gaps of 20 ms
    let events: Vec<Event> = (0..600).map(|at| packet(START + at * S)).collect();
    let span = Span { end_ns: Some(START + 600 * S), ..hour() };
    let text = |run: u32| format!("wtf-pad:wait=200,gap=20,spread=0,run={run}");
    let (found, cost) = with_seed(&text(1), 1, &events, span);
    assert_eq!((cost.up.cover.packets, cost.down.cover.packets, cost.delay.max_ns), (600, 0, 0));
    assert!(gaps(&times(&found, Direction::Out)).chunks(2).all(|pair| pair[0] == 200 * MS));
    let (_, cost) = with_seed(&text(5), 1, &events, span);
    near(cost.up.cover.packets as f64 / 600.0, 5.0, 0.8);
    // no gap, no cover
    let close: Vec<Event> = (0..600).map(|at| packet(START + at * 100 * MS)).collect();
    let (found, _) = with_seed(&text(1), 1, &close, Span { end_ns: Some(START + 60 * S), ..hour() });
    assert_eq!(found.len(), 600);
}

#[test]
fn morphed_lengths_are_distributed_as_the_target_and_longer_ones_stay_longer() {
    let events = numbered(&home(3600, 0.1));
    let ip = |event: &Event| event.network.map(|own| own.ip_length_bytes);
    // all of the target is longer than all that the device sends: 700 bytes at most
    let text = "morph:up=700+800+800+1000,down=1500";
    let (found, cost) = with_seed(text, 1, &events, hour());
    let up: Vec<u32> = found.iter().filter(|event| is_out(event)).filter_map(ip).collect();
    let share = |length: u32| up.iter().filter(|own| **own == length).count() as f64 / up.len() as f64;
    for (length, expected) in [(700, 0.25), (800, 0.5), (1000, 0.25)] {
        near(share(length), expected, 4.0 * (0.25 / up.len() as f64).sqrt());
    }
    assert_eq!((cost.up.parts, cost.down.parts), (0, 0));
    // those of 686 are the longest three tenths: none of them gets the shortest length, and no short one the longest,
    // but where the latest lengths are not as all are
    let got = |is_long: bool, length: u32| {
        let of = |event: &&Event| is_out(event) && ip(&events[event.number.unwrap() as usize]).is_some();
        let own = found
            .iter()
            .filter(of)
            .filter(|event| (ip(&events[event.number.unwrap() as usize]) == Some(686)) == is_long);
        own.filter(|event| ip(event) == Some(length)).count()
    };
    assert_eq!((got(true, 700), got(true, 800) + got(true, 1000) > 0), (0, true));
    assert!(got(false, 1000) < got(true, 1000) / 10);
}

#[test]
fn a_packet_that_is_to_be_shorter_is_split_into_lengths_of_the_target() {
    let events = numbered(&home(600, 0.1));
    let (found, cost) = with_seed("morph:up=200+400,down=200+400", 1, &events, hour());
    let lengths: HashSet<u32> =
        found.iter().filter_map(|event| event.network).map(|own| own.ip_length_bytes).collect();
    assert_eq!(lengths, HashSet::from([200, 400]));
    assert!(cost.up.parts > 0 && cost.down.parts > 0 && cost.up.cover.packets == 0);
    // every byte behind the headers is carried: parts are as many as it takes at least
    let carried = cost.down.before.bytes;
    assert!(cost.down.after.bytes > carried && cost.delay.max_ns == 0);
}
