//! Packets through a tunnel, and whether two lists of numbers are draws of one law.

use crate::support::*;
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction;

pub const MS: i64 = 1_000_000;

/// Packets at times in ms, each way as it says, 500 bytes long.
pub fn packets(times: &[(i64, Direction)]) -> Vec<Event> {
    let home = home(600, 0.2);
    let far = |event: &&Event| event.network.is_some_and(|own| [own.source, own.target].contains(&busiest()));
    let one = |way| *home.iter().filter(far).find(|event| direction(event) == Some(way)).unwrap();
    let at = |(ms, way): &(i64, Direction)| Event { time_ns: START + ms * MS, ..one(*way).with_length(514) };
    numbered(&times.iter().map(at).collect::<Vec<_>>())
}

/// Kolmogorov and Smirnov's distance between two lists of as many values: between draws of one law it is above
/// 1.95·√(2/n) once in a thousand.
pub fn is_one_law(mut one: Vec<i64>, mut other: Vec<i64>) -> bool {
    let n = one.len();
    assert_eq!(n, other.len());
    one.sort_unstable();
    other.sort_unstable();
    let below = |list: &[i64], most: i64| list.partition_point(|own| *own <= most) as f64 / n as f64;
    let distances = one.iter().chain(&other).map(|own| (below(&one, *own) - below(&other, *own)).abs());
    distances.fold(0.0, f64::max) <= 1.95 * (2.0 / n as f64).sqrt()
}
