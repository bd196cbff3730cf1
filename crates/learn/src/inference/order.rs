//! Whether the order in which classes came could have been dealt by a coin.
//!
//! Source: METHOD §4, "The design is evidence". A difference between classes that came in a fixed order is one between
//! times as well. Six things a coin rarely does are looked at together (max-T): a class that keeps to a place within
//! units, classes that keep to days, or to days of the week, classes parted by a moment of the campaign, or by a time of
//! day, and classes that come in runs. Other regularities it does not see.

use super::max_t;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Rounds in time (n_rounds each).
#[derive(Debug, Clone, Copy)]
pub struct InTime<'a> {
    /// Unit of each round.
    pub units: &'a [u32],
    /// Class of each round, below `n_classes`.
    pub classes: &'a [u32],
    /// How many classes there are.
    pub n_classes: usize,
    /// Whether a coin would have dealt classes within units; else over all rounds.
    pub paired: bool,
    /// Place of each round among those of its unit, from 0.
    pub place: &'a [u32],
    /// Day of each round.
    pub day: &'a [u32],
    /// Day of the week of each round.
    pub weekday: &'a [u32],
    /// When each round began; any unit.
    pub time: &'a [i64],
    /// When in the day each round began; any unit.
    pub time_of_day: &'a [i64],
}

/// What of the order a coin rarely does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// A class keeps to a place within units.
    Place,
    /// Classes keep to days.
    Day,
    /// Classes keep to days of the week.
    Weekday,
    /// Classes are parted by a moment of the campaign.
    Time,
    /// Classes are parted by a time of day.
    TimeOfDay,
    /// Neighbours in time are of one class.
    Runs,
}

/// How the order compares with a coin's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrderTest {
    /// Share of a coin's orders that are as regular, of any pattern.
    pub p: f64,
    /// The most striking pattern.
    pub pattern: Pattern,
}

/// Compares the order with `random` orders that a coin deals. p is 1 where there is no round.
///
/// # Panics
/// When the slices differ in length or a class is not below `n_classes`.
pub fn order_test(rounds: &InTime<'_>, random: usize, seed: u64) -> OrderTest {
    let n = rounds.classes.len();
    let lengths = [rounds.units.len(), rounds.place.len(), rounds.day.len(), rounds.weekday.len()];
    assert!(lengths.iter().all(|&length| length == n), "a unit, a place and a day for each round");
    assert!(rounds.time.len() == n && rounds.time_of_day.len() == n, "times for each round");
    assert!(rounds.classes.iter().all(|&c| (c as usize) < rounds.n_classes), "classes below n_classes");
    let by_time = ranked(rounds.time);
    let by_time_of_day = ranked(rounds.time_of_day);
    // of pairs the order within units is what comes in runs
    let is_first = |&round: &usize| !rounds.paired || rounds.place[round] == 0;
    let firsts: Vec<usize> = by_time.rounds.iter().copied().filter(is_first).collect();
    let groups = if rounds.paired { of_units(rounds.units) } else { vec![(0..n).collect()] };
    let statistics = |classes: &[u32]| {
        let table = |of: &[u32]| contingency(of, classes, rounds.n_classes);
        let place = if rounds.paired { chi_square(&table(rounds.place)) } else { 0.0 };
        let scan = |order: &Ranked| largest_parting(order, classes, rounds.n_classes);
        let [day, weekday] = [rounds.day, rounds.weekday].map(|of| chi_square(&table(of)));
        vec![place, day, weekday, scan(&by_time), scan(&by_time_of_day), neighbours_alike(&firsts, classes)]
    };
    let dealt = |index: usize| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(index as u64);
        let mut classes = rounds.classes.to_vec();
        for group in &groups {
            let mut own: Vec<u32> = group.iter().map(|&round| rounds.classes[round]).collect();
            own.shuffle(&mut rng);
            group.iter().zip(own).for_each(|(&round, class)| classes[round] = class);
        }
        statistics(&classes)
    };
    let all: Vec<Vec<f64>> =
        std::iter::once(statistics(rounds.classes)).chain((1..=random).map(dealt)).collect();
    let found = max_t(&all, false);
    let patterns =
        [Pattern::Place, Pattern::Day, Pattern::Weekday, Pattern::Time, Pattern::TimeOfDay, Pattern::Runs];
    // of equally strong ones the first: two days are two days of the week as well
    let strongest =
        (0..patterns.len()).rev().max_by(|&a, &b| found.observed[a].total_cmp(&found.observed[b]));
    OrderTest { p: found.p, pattern: patterns[strongest.unwrap_or(0)] }
}

/// Rounds from earliest to latest, and after which of them a later moment begins.
struct Ranked {
    rounds: Vec<usize>,
    cuts: Vec<usize>,
}

fn ranked(times: &[i64]) -> Ranked {
    let mut rounds: Vec<usize> = (0..times.len()).collect();
    rounds.sort_by_key(|&round| times[round]);
    let cuts = (1..rounds.len()).filter(|&i| times[rounds[i - 1]] < times[rounds[i]]).collect();
    Ranked { rounds, cuts }
}

fn of_units(units: &[u32]) -> Vec<Vec<usize>> {
    let mut groups = std::collections::BTreeMap::<u32, Vec<usize>>::new();
    units.iter().enumerate().for_each(|(round, &unit)| groups.entry(unit).or_default().push(round));
    groups.into_values().collect()
}

/// Rounds by group and class.
fn contingency(groups: &[u32], classes: &[u32], n_classes: usize) -> Vec<Vec<f64>> {
    let mut known = groups.to_vec();
    known.sort_unstable();
    known.dedup();
    let mut table = vec![vec![0.0; n_classes]; known.len()];
    for (group, &class) in groups.iter().zip(classes) {
        let place = known.binary_search(group).unwrap_or_default();
        table[place][class as usize] += 1.0;
    }
    table
}

/// Pearson's χ² of a contingency table; 0 where a margin is empty.
fn chi_square(table: &[Vec<f64>]) -> f64 {
    let n: f64 = table.iter().flatten().sum();
    let n_columns = table.first().map_or(0, Vec::len);
    let column = |j: usize| table.iter().map(|row| row[j]).sum::<f64>();
    let columns: Vec<f64> = (0..n_columns).map(column).collect();
    let cell = |row: f64, column: f64, found: f64| {
        let expected = row * column / n;
        if expected > 0.0 { (found - expected).powi(2) / expected } else { 0.0 }
    };
    let of_row = |row: &Vec<f64>| {
        let sum: f64 = row.iter().sum();
        row.iter().zip(&columns).map(|(&found, &column)| cell(sum, column, found)).sum::<f64>()
    };
    table.iter().map(of_row).sum()
}

/// How many neighbours in time are of the same class.
fn neighbours_alike(in_time: &[usize], classes: &[u32]) -> f64 {
    in_time.windows(2).filter(|pair| classes[pair[0]] == classes[pair[1]]).count() as f64
}

/// The largest χ² of a moment that parts the rounds.
fn largest_parting(order: &Ranked, classes: &[u32], n_classes: usize) -> f64 {
    let mut before = vec![0.0; n_classes];
    let mut after = vec![0.0; n_classes];
    classes.iter().for_each(|&class| after[class as usize] += 1.0);
    let (mut moved, mut largest) = (0, 0.0);
    for &cut in &order.cuts {
        for &round in &order.rounds[moved..cut] {
            before[classes[round] as usize] += 1.0;
            after[classes[round] as usize] -= 1.0;
        }
        moved = cut;
        largest = f64::max(largest, chi_square(&[before.clone(), after.clone()]));
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    /// Pairs an hour apart, eight a day; `first(pair)`: the class that begins.
    fn pairs(n: u32, first: impl Fn(u32) -> u32) -> OrderTest {
        let rounds = 0..2 * n;
        let units: Vec<u32> = rounds.clone().map(|round| round / 2).collect();
        let classes: Vec<u32> = rounds.clone().map(|r| (first(r / 2) + r) % 2).collect();
        let place: Vec<u32> = rounds.clone().map(|round| round % 2).collect();
        let day: Vec<u32> = rounds.clone().map(|round| round / 16).collect();
        let time: Vec<i64> = rounds.clone().map(i64::from).collect();
        let time_of_day: Vec<i64> = rounds.map(|round| i64::from(round % 16)).collect();
        let weekday: Vec<u32> = day.iter().map(|day| day % 7).collect();
        let (units, classes, place, day) = (&units[..], &classes[..], &place[..], &day[..]);
        let (time, time_of_day, weekday) = (&time[..], &time_of_day[..], &weekday[..]);
        let rounds =
            InTime { units, classes, n_classes: 2, paired: true, place, day, weekday, time, time_of_day };
        order_test(&rounds, 999, 1)
    }

    /// Captures an hour apart, so many a day.
    fn captures(classes: &[u32], a_day: u32) -> OrderTest {
        let rounds = 0..classes.len() as u32;
        let units: Vec<u32> = rounds.clone().collect();
        let day: Vec<u32> = rounds.clone().map(|round| round / a_day).collect();
        let time: Vec<i64> = rounds.clone().map(i64::from).collect();
        let time_of_day: Vec<i64> = rounds.clone().map(|round| i64::from(round % a_day)).collect();
        let place = vec![0; classes.len()];
        let weekday: Vec<u32> = day.iter().map(|day| day % 7).collect();
        let (units, place, day, weekday) = (&units[..], &place[..], &day[..], &weekday[..]);
        let (time, time_of_day) = (&time[..], &time_of_day[..]);
        let rounds =
            InTime { units, classes, n_classes: 2, paired: false, place, day, weekday, time, time_of_day };
        order_test(&rounds, 999, 1)
    }

    #[test]
    fn a_condition_that_always_comes_first_is_no_coin() {
        let found = pairs(24, |_| 0);
        assert!(found.p <= 0.01, "{found:?}");
        assert_eq!(found.pattern, Pattern::Place);
        assert!(pairs(24, |pair| u32::from(pair % 8 == 0)).p <= 0.01, "one in eight the other way");
    }

    #[test]
    fn a_day_for_each_condition_is_no_coin() {
        let halves: Vec<u32> = (0..20).map(|round| round / 10).collect();
        assert!(captures(&halves, 10).p <= 0.01);
        let alternating_days: Vec<u32> = (0..24).map(|round| round / 3 % 2).collect();
        assert!(captures(&alternating_days, 3).p <= 0.01);
        let mornings: Vec<u32> = (0..24).map(|round| u32::from(round % 4 >= 2)).collect();
        let found = captures(&mornings, 4);
        assert!(found.p <= 0.01 && found.pattern == Pattern::TimeOfDay, "{found:?}");
    }

    #[test]
    fn runs_within_a_day_and_weekends_are_no_coin() {
        let runs: Vec<u32> = (0..36).map(|round| round / 3 % 2).collect();
        let found = captures(&runs, 36);
        assert!(found.p <= 0.05 && found.pattern == Pattern::Runs, "{found:?}");
        let weekends: Vec<u32> = (0..42).map(|day| u32::from(day % 7 >= 5)).collect();
        let found = captures(&weekends, 1);
        assert!(found.p <= 0.01 && found.pattern == Pattern::Weekday, "{found:?}");
        assert!(pairs(24, |pair| pair / 4 % 2).p <= 0.05, "orders of pairs in runs of four");
    }

    #[test]
    fn a_coin_is_rejected_as_often_as_the_level_says() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut rejected = [0, 0];
        for _ in 0..200 {
            let coins: Vec<u32> = (0..24).map(|_| rng.random_range(0..2)).collect();
            rejected[0] += u32::from(pairs(24, |pair| coins[pair as usize]).p <= 0.05);
            let mut classes: Vec<u32> = (0..20).map(|round| round % 2).collect();
            classes.shuffle(&mut rng);
            rejected[1] += u32::from(captures(&classes, 7).p <= 0.05);
        }
        // 10 expected; 20 and more happen once in 800 runs
        assert!(rejected.iter().all(|&n| n < 20), "{rejected:?} of 200");
    }

    #[test]
    fn an_order_balanced_within_days_is_never_suspicious_for_its_places() {
        assert!(pairs(24, |pair| pair % 2).p > 0.05);
    }
}
