//! What is known of the order in which conditions came.
//!
//! Source: docs/method.md, "Order". A difference between conditions that came in a fixed order
//! is one between times as well: nobody knows which of the two it is.

use super::result::{Order, Pattern};
use crate::schedule::{DAY_S, blocks};
use overhear_learn::inference::{self, Design, InTime, OrderTest};
use std::collections::{BTreeMap, BTreeSet};

/// The order is taken for a coin's unless it is rejected at this level.
const LEVEL: f64 = 0.05;
/// Orders that a coin deals for the test.
const COIN_ORDERS: usize = 999;

/// Rounds of a task in time: what the test of the order and the blocks of the permutation take.
pub struct InDays {
    place: Vec<u32>,
    /// Day of each round.
    pub day: Vec<u32>,
    weekday: Vec<u32>,
    time: Vec<i64>,
    time_of_day: Vec<i64>,
}

/// Whether most rounds begin before half of the one before them is over, or at the same moment as another of their unit:
/// a device lives once, so each capture counted its time from its own beginning, or only days were written down.
fn useless(time: &[i64], seconds: &[f64], units: &[u32]) -> bool {
    let mut in_time: Vec<usize> = (0..time.len()).collect();
    in_time.sort_by_key(|&round| time[round]);
    let overlaps = |pair: &&[usize]| {
        let half_ns = (seconds[pair[0]] * 0.5e9) as i64;
        time[pair[1]] < time[pair[0]].saturating_add(half_ns)
    };
    let mut known = BTreeSet::new();
    let tied = (0..time.len()).filter(|&round| !known.insert((units[round], time[round]))).count();
    let same_moment = time.len() > 1 && time.iter().all(|&own| own == time[0]);
    same_moment || 2 * (in_time.windows(2).filter(overlaps).count().max(2 * tied)) > time.len()
}

impl InDays {
    /// `None` where a round has no time, or times say nothing of the order. `starts`: when each began, ns
    /// since 1970, and how many seconds local time was ahead of UTC; `seconds`: how long each lasted; `units`: of each
    /// round.
    pub fn of(starts: &[(Option<i64>, i32)], seconds: &[f64], units: &[u32]) -> Option<InDays> {
        let time: Vec<i64> = starts.iter().map(|(start_ns, _)| *start_ns).collect::<Option<_>>()?;
        let day_ns = DAY_S * 1_000_000_000;
        let ahead_ns = |offset_s: i32| i64::from(offset_s) * 1_000_000_000;
        let local: Vec<i64> = starts
            .iter()
            .zip(&time)
            .map(|((_, offset), time)| time.saturating_add(ahead_ns(*offset)))
            .collect();
        if useless(&time, seconds, units) {
            return None;
        }
        let first = local.iter().map(|t| t.div_euclid(day_ns)).min().unwrap_or(0);
        let day = local.iter().map(|t| (t.div_euclid(day_ns) - first) as u32).collect();
        let place = |index: usize| {
            let earlier = |other: &usize| (time[*other], *other) < (time[index], index);
            (0..time.len()).filter(|&o| units[o] == units[index]).filter(earlier).count() as u32
        };
        Some(InDays {
            place: (0..time.len()).map(place).collect(),
            day,
            // 1970 began on a Thursday: any day can be the first
            weekday: local.iter().map(|t| t.div_euclid(day_ns).rem_euclid(7) as u32).collect(),
            time_of_day: local.iter().map(|t| t.rem_euclid(day_ns)).collect(),
            time,
        })
    }

    /// Compares the order with a coin's.
    pub fn test(&self, design: &Design, seed: u64) -> Order {
        let rounds = InTime {
            units: &design.units,
            classes: &design.classes,
            n_classes: design.n_classes,
            paired: design.is_paired(),
            place: &self.place,
            day: &self.day,
            weekday: &self.weekday,
            time: &self.time,
            time_of_day: &self.time_of_day,
        };
        let OrderTest { p, pattern } = inference::order_test(&rounds, COIN_ORDERS, seed);
        let pattern = match pattern {
            inference::Pattern::Place => Pattern::Place,
            inference::Pattern::Day => Pattern::Day,
            inference::Pattern::Time => Pattern::Time,
            inference::Pattern::TimeOfDay => Pattern::TimeOfDay,
            inference::Pattern::Weekday => Pattern::Weekday,
            inference::Pattern::Runs => Pattern::Runs,
        };
        match () {
            () if p <= LEVEL => Order::WithTime { p, pattern },
            () if !self.days_are_mixed(design) => Order::WithTime { p, pattern: Pattern::DaysApart },
            () => Order::LikeCoin { p },
        }
    }

    /// Whether at least half of the rounds are of days that hold every class: of days that hold one each nobody knows
    /// whether they or the classes differ, however random their order looks. All rounds of one day are mixed.
    fn days_are_mixed(&self, design: &Design) -> bool {
        let mut of_day: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (&day, &class) in self.day.iter().zip(&design.classes) {
            of_day.entry(day).or_insert_with(|| vec![0; design.n_classes])[class as usize] += 1;
        }
        let mixed = of_day.values().filter(|counts| counts.iter().all(|&n| n > 0));
        2 * mixed.flatten().sum::<usize>() >= self.day.len()
    }

    /// The order that the permutation keeps to: places within units, and blocks of days.
    pub fn order(&self, design: &Design) -> inference::Order {
        let mut day_of_unit: BTreeMap<u32, (i64, u32)> = BTreeMap::new();
        for ((&unit, &day), &time) in design.units.iter().zip(&self.day).zip(&self.time) {
            let first = day_of_unit.entry(unit).or_insert((time, day));
            *first = (*first).min((time, day));
        }
        let days: Vec<u32> = day_of_unit.values().map(|(_, day)| *day).collect();
        let block: BTreeMap<u32, u32> = day_of_unit.keys().copied().zip(blocks(&days)).collect();
        let block = design.units.iter().map(|unit| block[unit]).collect();
        inference::Order { place: self.place.clone(), block }
    }

    /// Day of each unit: that of its first round; units are numbered from 0.
    pub fn day_of_unit(&self, units: &[u32], n_units: usize) -> Vec<u32> {
        let mut first: Vec<Option<(i64, u32)>> = vec![None; n_units];
        for ((&unit, &day), &time) in units.iter().zip(&self.day).zip(&self.time) {
            let own = &mut first[unit as usize];
            *own = Some(own.map_or((time, day), |known| known.min((time, day))));
        }
        first.into_iter().map(|day| day.map_or(0, |(_, day)| day)).collect()
    }

    /// Order of rounds in time, earliest first.
    pub fn by_time(&self) -> Vec<usize> {
        let mut rounds: Vec<usize> = (0..self.time.len()).collect();
        rounds.sort_by_key(|&round| (self.time[round], round));
        rounds
    }

    /// Whether every day holds each class equally often: then days, however different, explain no difference between
    /// classes.
    ///
    /// A pair whose rounds lie within half a day is of one day, midnight or not.
    pub fn is_balanced(&self, design: &Design) -> bool {
        let mut span: BTreeMap<u32, (i64, i64)> = BTreeMap::new();
        for (&unit, &time) in design.units.iter().zip(&self.time) {
            let (first, last) = span.entry(unit).or_insert((time, time));
            (*first, *last) = ((*first).min(time), (*last).max(time));
        }
        let half_a_day_ns = DAY_S * 500_000_000;
        if design.is_paired() && span.values().all(|(first, last)| last - first <= half_a_day_ns) {
            return true;
        }
        let mut of_day: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (&day, &class) in self.day.iter().zip(&design.classes) {
            of_day.entry(day).or_insert_with(|| vec![0; design.n_classes])[class as usize] += 1;
        }
        of_day.values().all(|counts| counts.iter().min() == counts.iter().max())
    }
}
