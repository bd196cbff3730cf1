//! Campaigns into whose rounds leaks of known size are planted: what an audit finds of them is known beforehand.

use super::audit::view::Look;
use super::audit::{self, Gathered, GivenRound, LEAK_ABOVE, LEVEL, Measured, Plan, Settings, Task};
use crate::Error;
use crate::assemble::{Planted, RoundSource};
use crate::engine::Engine;
use overhear_change::plant::{Plant, references};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Condition of rounds as they are, or with what a plant is compared with.
const AS_IT_IS: &str = "as recorded";
/// Condition of rounds with the plant.
const PLANTED: &str = "planted";

/// What an audit found of one campaign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// p of the randomisation test.
    pub p: f64,
    /// Whether it is a LEAK, whatever the order: that is a coin's.
    pub leak: bool,
}

/// Rounds of one condition, in time order, as pairs of neighbours; a coin says into which of each the plant goes.
pub fn pairs_by_coin(rounds: &[RoundSource], plant: Plant, seed: u64) -> Vec<RoundSource> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let of_pair = |(unit, pair): (u32, &[RoundSource])| {
        let mut is_planted = [false, true];
        is_planted.shuffle(&mut rng);
        let of =
            |(round, is_planted): (&RoundSource, bool)| with(round.clone(), plant, is_planted, seed, unit);
        pair.iter().zip(is_planted).map(of).collect::<Vec<_>>()
    };
    (1..).zip(rounds.chunks_exact(2)).flat_map(of_pair).collect()
}

/// A round of a unit, with the plant or with what it is compared with.
fn with(round: RoundSource, plant: Plant, is_planted: bool, seed: u64, unit: u32) -> RoundSource {
    let plants = if is_planted { vec![plant] } else { references(&[plant]) };
    let condition = if is_planted { PLANTED } else { AS_IT_IS }.to_owned();
    RoundSource { condition, unit: Some(unit), planted: Planted { plants, seed }, ..round }
}

/// The rounds of a campaign of pairs, the plant in those of its second condition.
pub fn in_condition(rounds: Vec<RoundSource>, condition: &str, plant: Plant, seed: u64) -> Vec<RoundSource> {
    let of = |round: RoundSource| {
        let (is_planted, unit) = (round.condition == condition, round.unit.unwrap_or(0));
        with(round, plant, is_planted, seed, unit)
    };
    rounds.into_iter().map(of).collect()
}

/// How it was dealt which rounds carry a plant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dealt {
    /// By a coin for each pair: see [`pairs_by_coin`]. The test exchanges the rounds of each pair by themselves.
    ByCoin,
    /// With the conditions of a campaign: see [`in_condition`]. The test keeps to places and days.
    WithConditions,
}

/// Reads rounds for the first observer; the only task they make.
///
/// # Errors
/// As [`audit::gather`].
pub(super) fn task(rounds: Vec<RoundSource>, dealt: Dealt, look: &Look, seed: u64) -> Result<Task, Error> {
    let given = rounds.into_iter().map(|source| GivenRound { source, facts: Vec::new() }).collect();
    let plan = Plan {
        name: "",
        device: look.device,
        observers: &look.observers[..1],
        representation: &look.representation,
        generated: None,
        order: None,
    };
    let gathered: Gathered = audit::gather(given, &plan, &Engine::silent())?;
    let mut task: Task = gathered.task(&gathered.conditions, 0, seed)?;
    if dealt == Dealt::ByCoin {
        task.design.order = None;
    }
    Ok(task)
}

/// Reads rounds and audits them; intervals are worked out only where the test rejects.
///
/// # Errors
/// As [`audit::gather`] and [`audit::run`].
pub fn audited(
    rounds: Vec<RoundSource>,
    dealt: Dealt,
    look: &Look,
    settings: &Settings,
) -> Result<Outcome, Error> {
    let engine = Engine::silent();
    let task = task(rounds, dealt, look, settings.seed)?;
    let tested = Measured::tested(&task, settings, "", &engine)?;
    let p = tested.p();
    if p > LEVEL {
        return Ok(Outcome { p, leak: false });
    }
    let measured = tested.estimated(&task, settings, "", &engine)?;
    Ok(Outcome { p, leak: measured.horizons.iter().any(|h| h.quoted.low > LEAK_ABOVE) })
}

/// Seeds of tries, one after another.
pub fn seeds(seed: u64) -> impl Iterator<Item = u64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    std::iter::repeat_with(move || rng.random())
}
