//! Several tasks and observers at once: how often any finding is a LEAK where there is no effect.

use super::result::{JointCell, Share};
use super::{Bench, REJECTED_AT, draw};
use crate::Error;
use crate::engine::Engine;
use crate::experiment::audit::result::Order;
use crate::experiment::audit::view::{Vantage, as_far_from_guessing};
use crate::experiment::audit::{
    self, Attackers, Family, Gathered, LEAK_ABOVE, LEVEL, SeenTask, gather_tables, quote_together,
};
use crate::table::Labelled;
use overhear_learn::inference::{MaxT, joint_p};
use overhear_learn::learner::Configured;

/// Units of three conditions, seen by four observers; with its learner, the quickest.
const TRIPLES: u32 = 24;
const TRIPLES_LEARNER: &str = "knn";

impl Bench<'_> {
    /// Three conditions as four observers see them, without an effect: how often any finding is a LEAK.
    pub(super) fn joint(&self) -> Result<JointCell, Error> {
        let campaigns = (self.settings.campaigns / 2).max(1);
        let stage = format!("{TRIPLES} units of three conditions, four observers");
        let permutations = self.settings.permutations.max(JOINT_PERMUTATIONS);
        let found = self.each(&stage, campaigns, |rng, seed| {
            let seen = draw::triples(&self.statistics, TRIPLES, rng)?;
            let seen: Vec<(Vantage, &Labelled)> =
                seen.iter().map(|(vantage, table)| (*vantage, table)).collect();
            let gathered = gather_tables(&seen, "drawn")?;
            let learners = vec![Configured::new(TRIPLES_LEARNER, &[])?];
            let settings =
                audit::Settings { attackers: Attackers::of(learners)?, ..self.audit(seed, permutations)? };
            joint_outcome(&gathered, &settings)
        })?;
        let n = found.len();
        let share = |of: fn(&JointOutcome) -> bool, expected| {
            Share::of(found.iter().filter(|o| of(o)).count(), n, expected)
        };
        Ok(JointCell {
            units: TRIPLES,
            learner: TRIPLES_LEARNER.to_owned(),
            campaigns: n,
            permutations,
            rejected: share(|o| o.p <= REJECTED_AT, Some(REJECTED_AT)),
            rejected_alone: share(|o| o.p_alone <= REJECTED_AT, None),
            leaks: share(|o| o.leak, Some(LEVEL)),
        })
    }
}

/// Assignments that let four tasks reach the level together.
const JOINT_PERMUTATIONS: usize = 499;

/// What one campaign of several tasks and observers gave: the smallest p, and whether any finding is a LEAK.
struct JointOutcome {
    p: f64,
    /// The smallest p of a finding by itself.
    p_alone: f64,
    leak: bool,
}

fn joint_outcome(gathered: &Gathered, settings: &audit::Settings) -> Result<JointOutcome, Error> {
    let engine = Engine::silent();
    let tasks = gathered.tasks();
    let n_tasks = tasks.len();
    let mut families = tasks
        .iter()
        .map(|conditions| Family::tested(gathered, conditions, n_tasks, settings, &engine))
        .collect::<Result<Vec<Family>, Error>>()?;
    let p_of = |families: &[Family], number: usize, place: usize| {
        let others: Vec<&MaxT> = (0..families.len())
            .filter(|&other| other != number)
            .filter_map(|other| families[other].test.as_ref())
            .collect();
        joint_p(families[number].p_of(&families[number].seen[place]), &others)
    };
    let mut outcome = JointOutcome { p: 1.0, p_alone: 1.0, leak: false };
    for number in 0..families.len() {
        for place in 0..families[number].seen.len() {
            let p = p_of(&families, number, place);
            outcome.p = outcome.p.min(p);
            outcome.p_alone = outcome.p_alone.min(families[number].seen[place].measured.p());
            let with_time = matches!(families[number].seen[place].task.order, Order::WithTime { .. });
            // only where the test says so the interval is asked; quoted for one observer it is narrower than in an audit
            // of four, so that the share of LEAKs can only be too high
            if p <= LEVEL && !with_time {
                let seen = families[number].seen.swap_remove(place);
                let mut measured = seen.measured.estimated(&seen.task, settings, "", &engine)?;
                quote_together(&mut [(&seen.task, &mut measured)], n_tasks, settings.seed);
                let least = as_far_from_guessing(LEAK_ABOVE, seen.task.conditions.len());
                outcome.leak |= measured.horizons.iter().any(|h| h.quoted.low > least);
                families[number].seen.push(SeenTask { measured, ..seen });
                let last = families[number].seen.len() - 1;
                families[number].seen.swap(place, last);
            }
        }
    }
    Ok(outcome)
}
