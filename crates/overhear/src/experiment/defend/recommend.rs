//! What to switch on: the cheapest stack that reaches the target within the budget, or that none does.

use super::parse;
use super::point::Bench;
use super::result::{Choice, Point, Reached, Recommendation, SeenPoint, Undefended};
use crate::Error;
use crate::engine::Engine;
use crate::experiment::audit::LEVEL;
use crate::experiment::audit::result::Answer;
use crate::experiment::audit::view::{Horizon, as_far_from_guessing};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a defence may cost, and what it has to reach.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// MB (10⁶ bytes) a day more, both ways.
    pub mb_a_day: f64,
    /// Added delay of 99 % of the real packets, ms.
    pub delay_p99_ms: f64,
    /// Balanced accuracy of the worst attacker over one window, of two conditions, at most; of more as far from guessing.
    pub balanced_accuracy: f64,
    /// The upper end of its interval, likewise.
    pub upper_end: f64,
}

impl Default for Budget {
    /// 9.2 MB a day, 250 ms, 0.55 and 0.60.
    fn default() -> Budget {
        Budget { mb_a_day: 9.2, delay_p99_ms: 250.0, balanced_accuracy: 0.55, upper_end: 0.60 }
    }
}

/// Stacks that are tried again for one observer, at most.
const MOST_AGAIN: usize = 3;

impl Budget {
    /// Whether a stack costs no more. A stack that ran out of steps left packets undefended.
    pub fn allows(&self, point: &Point) -> bool {
        let cost = &point.cost;
        cost.mb_a_day() <= self.mb_a_day
            && cost.delay_p99_ms <= self.delay_p99_ms
            && cost.undefended_packets == 0
    }

    /// Whether the attackers reach no more: over one window as the budget says; over longer stretches, of which there are fewer, the upper end
    /// below the limit of the audit's NO LEAK.
    pub fn is_reached(&self, reached: &[Reached], n_conditions: usize) -> bool {
        !reached.is_empty() && self.missed_by(reached, n_conditions) <= 0.0
    }

    /// By how much the target is missed at the horizon where it is missed most; at most 0 where it is reached.
    pub fn missed_by(&self, reached: &[Reached], n_conditions: usize) -> f64 {
        let scaled = |of_two: f64| as_far_from_guessing(of_two, n_conditions);
        let of = |at: &Reached| {
            let ba = at.balanced_accuracy;
            match at.horizon {
                Horizon::Window => {
                    f64::max(ba.value - scaled(self.balanced_accuracy), ba.high - scaled(self.upper_end))
                }
                longer => ba.high - longer.limit(n_conditions),
            }
        };
        reached.iter().map(of).fold(f64::NEG_INFINITY, f64::max)
    }
}

impl Bench<'_> {
    /// What to switch on against each observer.
    ///
    /// # Errors
    /// As [`super::defend`].
    pub fn recommend(
        &self,
        undefended: &[Undefended],
        points: &[Point],
        engine: &Engine<'_>,
    ) -> Result<Vec<Recommendation>, Error> {
        engine.stage("trying what is recommended again", undefended.len() as u64);
        // observers that would be told the same share the second try
        let mut tried: BTreeMap<String, (Point, Vec<f64>)> = BTreeMap::new();
        let mut recommended = Vec::new();
        for (place, own) in undefended.iter().enumerate() {
            let choice = match own.answer {
                Answer::Leak => self.choose(place, points, &mut tried)?,
                Answer::NoLeak | Answer::Inconclusive => Choice::Nothing,
            };
            recommended.push(Recommendation { observer: own.observer, choice });
            engine.step();
        }
        Ok(recommended)
    }

    fn choose(
        &self,
        place: usize,
        points: &[Point],
        tried: &mut BTreeMap<String, (Point, Vec<f64>)>,
    ) -> Result<Choice, Error> {
        let budget = &self.settings.budget;
        let n_conditions = self.gathered.conditions.len();
        let worst = |point: &Point| point.seen.get(place).map(SeenPoint::worst).unwrap_or_default();
        let mut possible: Vec<&Point> = points
            .iter()
            .filter(|point| budget.allows(point) && point.seen.get(place).is_some_and(|seen| seen.is_seen))
            .collect();
        possible.sort_by(|a, b| {
            let order =
                |point: &Point| (point.cost.mb_a_day(), point.cost.delay_p99_ms, point.names.len() as f64);
            order(a).partial_cmp(&order(b)).unwrap_or(std::cmp::Ordering::Equal)
        });
        let mut failed = Vec::new();
        let reaching = possible.iter().filter(|point| budget.is_reached(&worst(point), n_conditions));
        for point in reaching.take(MOST_AGAIN) {
            if !tried.contains_key(&point.stack) {
                tried.insert(point.stack.clone(), self.tried_again(&parse(&point.stack)?)?);
            }
            let (again, p) = &tried[&point.stack];
            if budget.allows(again) && budget.is_reached(&worst(again), n_conditions) && p[place] > LEVEL {
                return Ok(Choice::Use { confirmed: again.clone(), p: p[place], failed });
            }
            failed.push(point.stack.clone());
        }
        let missed = |point: &&Point| budget.missed_by(&worst(point), n_conditions);
        let nearest = possible.iter().copied().min_by(|a, b| missed(a).total_cmp(&missed(b))).cloned();
        Ok(Choice::None { nearest, failed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::audit::result::Estimate;

    fn at(horizon: Horizon, value: f64, high: f64) -> Reached {
        Reached { horizon, balanced_accuracy: Estimate { value, low: 0.4, high }, bits: 0.0 }
    }

    #[test]
    fn the_target_is_missed_at_the_horizon_where_it_is_missed_most() {
        let budget = Budget::default();
        let good = [
            at(Horizon::Window, 0.52, 0.58),
            at(Horizon::Minutes(5), 0.55, 0.64),
            at(Horizon::Round, 0.6, 0.74),
        ];
        assert!(budget.is_reached(&good, 2));
        assert!(!budget.is_reached(&[at(Horizon::Window, 0.56, 0.58)], 2));
        assert!(!budget.is_reached(&[at(Horizon::Window, 0.5, 0.61)], 2));
        assert!((budget.missed_by(&[good[0], at(Horizon::Round, 0.6, 0.8)], 2) - 0.05).abs() < 1e-12);
        assert!(!budget.is_reached(&[], 2), "of nothing nothing is known");
    }
}
