//! What to switch on: the cheapest stack that reaches the target within the budget, or that none does.

use super::parse;
use super::point::Bench;
use super::result::{Choice, Frontier, Point, Recommendation, SeenPoint};
use crate::Error;
use crate::engine::Engine;
use crate::experiment::audit::LEVEL;
use crate::experiment::audit::result::Answer;
use crate::experiment::audit::view::Vantage;
use std::collections::BTreeMap;

/// Stacks that are tried again for one observer, at most.
const MOST_AGAIN: usize = 3;

impl Bench<'_> {
    /// What to switch on against each observer.
    ///
    /// # Errors
    /// As [`super::defend`].
    pub fn recommend(&self, found: &Frontier, engine: &Engine<'_>) -> Result<Vec<Recommendation>, Error> {
        let observers = &self.gathered.observers;
        engine.stage("trying what is recommended again", observers.len() as u64);
        // observers that would be told the same share the second try
        let mut tried = BTreeMap::new();
        let mut recommended = Vec::new();
        for (place, &observer) in observers.iter().enumerate() {
            let leaks = found.finding(observer).is_some_and(|finding| finding.answer == Answer::Leak);
            let choice = match leaks {
                true => self.choose((place, observer), &found.points, &mut tried)?,
                false => Choice::Nothing,
            };
            recommended.push(Recommendation { observer, choice });
            engine.step();
        }
        Ok(recommended)
    }

    fn choose(
        &self,
        (place, observer): (usize, Vantage),
        points: &[Point],
        tried: &mut BTreeMap<String, (Point, Vec<f64>)>,
    ) -> Result<Choice, Error> {
        let budget = &self.settings.budget;
        let n_conditions = self.gathered.conditions.len();
        let worst = |point: &Point| point.seen_by(observer).map(SeenPoint::worst).unwrap_or_default();
        let is_possible = |point: &&Point| {
            budget.allows(&point.cost) && point.seen_by(observer).is_some_and(|seen| seen.is_seen)
        };
        let mut possible: Vec<&Point> = points.iter().filter(is_possible).collect();
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
            if budget.allows(&again.cost)
                && budget.is_reached(&worst(again), n_conditions)
                && p[place] > LEVEL
            {
                return Ok(Choice::Use { confirmed: again.clone(), p: p[place], failed });
            }
            failed.push(point.stack.clone());
        }
        let missed = |point: &&Point| budget.missed_by(&worst(point), n_conditions);
        let nearest = possible.iter().copied().min_by(|a, b| missed(a).total_cmp(&missed(b))).cloned();
        Ok(Choice::None { nearest, failed })
    }
}
