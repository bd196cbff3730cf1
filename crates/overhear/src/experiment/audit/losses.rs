//! What was lost, and whether it went with a condition: then what remains is no fair sample.

use super::result::RoundUse;
use super::used::UsedRound;
use crate::caveat::{Caveat, Effect, Fact};
use statrs::distribution::{DiscreteCDF, Hypergeometric};
use std::collections::BTreeSet;

/// Losses go with a condition where chance would lose so many of it this seldom.
const LOSS_LEVEL: f64 = 0.025;

/// How often chance loses at least `lost_own` of a condition's `n_own` rounds, where `lost` of `of` are lost (the
/// one-sided hypergeometric test).
fn more_lost_by_chance(of: usize, lost: usize, n_own: usize, lost_own: usize) -> f64 {
    if lost_own == 0 {
        return 1.0;
    }
    // a share of a finite number of rounds: always a distribution
    let chance = Hypergeometric::new(of as u64, n_own as u64, lost as u64);
    chance.map_or(1.0, |chance| chance.sf(lost_own as u64 - 1))
}

/// The facts about losses of a campaign: that most of what was recorded takes no part, that losses go with a condition,
/// that a condition is lost. `caveats` says what was left out; `rounds` are those that remain.
pub fn found(schedule: &[RoundUse], caveats: &[Caveat], rounds: &[UsedRound]) -> Vec<Fact> {
    let left_out = |but: fn(&Fact) -> bool| -> BTreeSet<usize> {
        let of_round = |caveat: &Caveat| caveat.round.map(|round| round - 1);
        let counts = |caveat: &&Caveat| caveat.effect == Effect::LeftOut && !but(&caveat.fact);
        caveats.iter().filter(counts).filter_map(of_round).collect()
    };
    let at_fault = left_out(|fact| matches!(fact, Fact::Repeat { .. } | Fact::NoPartner { .. }));
    let lost = left_out(|fact| matches!(fact, Fact::Repeat { .. }));
    let of = schedule.len();
    let mut facts = Vec::new();
    if 2 * lost.len() > of {
        facts.push(Fact::MostLeftOut { left_out: lost.len(), of });
    }
    let given: BTreeSet<&String> = schedule.iter().map(|round| &round.condition).collect();
    for condition in &given {
        if !rounds.iter().any(|round| round.condition == **condition) {
            facts.push(Fact::ConditionLost { condition: (*condition).clone() });
        }
        let own = |index: &usize| schedule[*index].condition == **condition;
        let (n_own, lost_own) = ((0..of).filter(own).count(), at_fault.iter().filter(|i| own(i)).count());
        // of more than two conditions each is asked
        let asked = if given.len() > 2 { given.len() as f64 } else { 1.0 };
        let p = (asked * more_lost_by_chance(of, at_fault.len(), n_own, lost_own)).min(1.0);
        if p <= LOSS_LEVEL {
            facts.push(Fact::LossesWithCondition {
                condition: (*condition).clone(),
                lost: lost_own,
                of: n_own,
                p,
            });
        }
    }
    facts
}
