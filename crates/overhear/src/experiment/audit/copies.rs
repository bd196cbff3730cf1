//! Copies: rounds under two names are one observation; packets that some rounds hold twice are a difference of the
//! recording.

use super::used::UsedRound;
use crate::caveat::{Caveat, Fact};
use std::collections::{BTreeMap, BTreeSet};

/// Fewer different numbers in a round are no evidence that another with the same ones is a copy.
const LEAST_NUMBERS: usize = 8;

/// Takes out rounds whose rows are those of another: the index of each, of the other, and whether both are of one
/// condition; of two conditions both are taken out.
pub fn leave_out(rounds: &mut Vec<UsedRound>) -> Vec<(usize, usize, bool)> {
    let numbers = |round: &UsedRound| -> Vec<u64> {
        round.tables[0].columns.iter().flatten().map(|value| value.to_bits()).collect()
    };
    let mut known: BTreeMap<Vec<u64>, (usize, String)> = BTreeMap::new();
    let mut copies = Vec::new();
    for round in rounds.iter() {
        let own = numbers(round);
        if own.iter().collect::<BTreeSet<_>>().len() < LEAST_NUMBERS {
            continue;
        }
        match known.get(&own) {
            Some((other, condition)) => {
                let same = *condition == round.condition;
                copies.push((round.index, *other, same));
                copies.extend((!same).then_some((*other, round.index, same)));
            }
            None => {
                known.insert(own, (round.index, round.condition.clone()));
            }
        }
    }
    rounds.retain(|round| copies.iter().all(|(index, ..)| *index != round.index));
    copies
}

/// The fact that some of the rounds that are used hold packets twice and others do not.
pub fn in_some(caveats: &[Caveat], rounds: &[UsedRound]) -> Option<Fact> {
    let twice: BTreeSet<usize> = caveats
        .iter()
        .filter(|caveat| matches!(caveat.fact, Fact::PacketsTwice { .. }))
        .filter_map(|caveat| caveat.round.map(|round| round - 1))
        .collect();
    let (of, own) = (rounds.len(), rounds.iter().filter(|round| twice.contains(&round.index)).count());
    (0 < own && own < of).then_some(Fact::TwiceInSome { rounds: own, of })
}
