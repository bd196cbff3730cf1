//! A search for better parameters and stacks, on some units, its winner tried on units it never saw.

use super::point::Bench;
use super::result::{Found, Point, SeenPoint};
use super::{Settings, list};
use crate::Error;
use crate::engine::Engine;
use overhear_change::defence::{Setting, Takes};
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;

/// How much is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Search {
    /// Stacks that are drawn, those that are too dear included.
    pub stacks: usize,
}

impl Default for Search {
    fn default() -> Search {
        Search { stacks: 40 }
    }
}

/// The best stack so far.
struct Best {
    /// By how much it misses the target.
    missed: f64,
    point: Point,
    stack: Vec<Setting>,
}

/// Defences of a stack at most.
const MOST_DEFENCES: usize = 3;
/// Of the stacks so many are drawn afresh before the best is varied.
const AFRESH: f64 = 0.5;

impl Search {
    /// Searches on half of the units, drawn by the seed, for the stack that leaves least to the first observer within the budget, and tries it
    /// on the other half. `None` with fewer than sixteen units.
    ///
    /// # Errors
    /// As [`super::defend`].
    pub(super) fn run(&self, bench: &Bench<'_>, engine: &Engine<'_>) -> Result<Option<Found>, Error> {
        let Bench { gathered, settings, .. } = bench;
        let mut rng = ChaCha8Rng::seed_from_u64(settings.audit.seed);
        let mut units: Vec<u32> = gathered.units().into_iter().collect();
        // each half needs four folds of two units
        if units.len() < 16 {
            return Ok(None);
        }
        units.shuffle(&mut rng);
        let (first, second) = units.split_at(units.len() / 2);
        let [first, second] =
            [first, second].map(|own| gathered.of_units(&own.iter().copied().collect::<BTreeSet<_>>()));
        let uncached = Settings { cache: None, ..(*settings).clone() };
        let searched = Bench::new(&first, &uncached, engine)?;
        engine.stage("searching for better stacks", self.stacks as u64 + 1);
        let base = list::default_stacks();
        let (mut best, mut tried, mut too_dear): (Option<Best>, usize, usize) = (None, 0, 0);
        for n in 0..self.stacks {
            let is_afresh = (n as f64) < AFRESH * self.stacks as f64;
            let stack = match &best {
                Some(best) if !is_afresh => varied(&best.stack, &base, &mut rng),
                _ => afresh(&base, &mut rng),
            };
            let cost = searched.cost(&stack)?;
            if cost.mb_a_day() > settings.budget.mb_a_day || cost.delay_p99_ms > settings.budget.delay_p99_ms
            {
                too_dear += 1;
                engine.step();
                continue;
            }
            let point = searched.swept(&stack)?;
            tried += 1;
            engine.step();
            let Some(seen) = point.seen.first().filter(|seen| seen.is_seen) else { continue };
            let missed = settings.budget.missed_by(&SeenPoint::worst(seen), gathered.conditions.len());
            if best.as_ref().is_none_or(|best| missed < best.missed) {
                best = Some(Best { missed, point, stack });
            }
        }
        let confirmed = match &best {
            Some(best) => Some(Bench::new(&second, &uncached, engine)?.tried_again(&best.stack)?.0),
            None => None,
        };
        engine.step();
        Ok(Some(Found {
            tried,
            too_dear,
            searched_units: first.units().len(),
            best: best.map(|best| best.point),
            confirmed,
            confirmed_units: second.units().len(),
        }))
    }
}

/// One to three defences of the default sweep, each with its numbers moved.
fn afresh(base: &[Vec<Setting>], rng: &mut ChaCha8Rng) -> Vec<Setting> {
    let n = rng.random_range(1..=MOST_DEFENCES);
    let single: Vec<&Setting> = base.iter().filter(|stack| stack.len() == 1).map(|stack| &stack[0]).collect();
    let mut stack: Vec<Setting> = Vec::new();
    for _ in 0..n {
        let Some(setting) = single.choose(rng) else { break };
        if stack.iter().all(|own| own.entry().name != setting.entry().name) {
            stack.push(moved(setting, rng));
        }
    }
    stack
}

/// A stack with one defence moved, added or taken away.
fn varied(stack: &[Setting], base: &[Vec<Setting>], rng: &mut ChaCha8Rng) -> Vec<Setting> {
    let mut stack = stack.to_vec();
    match rng.random_range(0..4) {
        0 if stack.len() < MOST_DEFENCES => {
            let added = afresh(base, rng).into_iter().next();
            let is_new = |added: &Setting| stack.iter().all(|own| own.entry().name != added.entry().name);
            if let Some(added) = added.filter(is_new) {
                stack.push(added);
            }
        }
        1 if stack.len() > 1 => {
            stack.remove(rng.random_range(0..stack.len()));
        }
        _ => {
            let at = rng.random_range(0..stack.len());
            stack[at] = moved(&stack[at], rng);
        }
    }
    stack
}

/// The same defence with each of its numbers times something between a half and two, within its range, and to two digits.
fn moved(setting: &Setting, rng: &mut ChaCha8Rng) -> Setting {
    let entry = setting.entry();
    let number = |parameter: &overhear_change::defence::Parameter, rng: &mut ChaCha8Rng| match parameter.takes
    {
        Takes::Number { range: (low, high), is_whole, .. } => {
            let value = setting.values().number(parameter.name);
            // a switch, or a constant of the protocol, is none to be moved
            if high - low <= 1.0 || value == 0.0 {
                return Some(format!("{}={value}", parameter.name));
            }
            let moved = value * 2f64.powf(rng.random_range(-1.0..=1.0));
            let digit = 10f64.powf(moved.log10().floor() - 1.0);
            let moved = ((moved / digit).round() * digit).clamp(low, high);
            let moved = if is_whole { moved.round().clamp(low.ceil(), high.floor()) } else { moved };
            Some(format!("{}={moved}", parameter.name))
        }
        _ => None,
    };
    let numbers: Vec<String> =
        entry.parameters.iter().filter_map(|parameter| number(parameter, rng)).collect();
    // what does not fit together stays as it was
    format!("{}:{}", entry.name, numbers.join(",")).parse().unwrap_or_else(|_| setting.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stack_that_is_drawn_can_be_built_and_the_seed_says_which() {
        let base = list::default_stacks();
        let draw = |seed: u64| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let mut stack = afresh(&base, &mut rng);
            let mut all = vec![format!("{stack:?}")];
            for _ in 0..50 {
                stack = varied(&stack, &base, &mut rng);
                assert!((1..=MOST_DEFENCES).contains(&stack.len()));
                all.push(format!("{stack:?}"));
            }
            all
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert!(draw(3).iter().collect::<BTreeSet<_>>().len() > 25, "it moves");
    }
}
