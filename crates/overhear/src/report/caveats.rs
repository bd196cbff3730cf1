//! What is known of the data, as lines.

use crate::caveat::{Caveat, Effect, Fact};
use std::mem::{Discriminant, discriminant};

/// Rounds left out for one kind of reason that are named one by one; of more the others are counted.
const NAMED: usize = 5;

/// A line for each fact: what left rounds out comes first, facts of one kind that many rounds share are counted.
pub fn lines(caveats: &[Caveat]) -> Vec<String> {
    let of = |effect: Effect| caveats.iter().filter(move |caveat| caveat.effect == effect);
    let mut lines: Vec<String> = of(Effect::Caps).map(ToString::to_string).collect();
    lines.extend(counted(of(Effect::LeftOut), NAMED));
    lines.extend(counted(of(Effect::Noted), 1));
    lines
}

/// Facts of one kind together: so many one by one, then how many more.
fn counted<'a>(caveats: impl Iterator<Item = &'a Caveat>, named: usize) -> Vec<String> {
    let mut kinds: Vec<(Discriminant<Fact>, Vec<&Caveat>)> = Vec::new();
    for caveat in caveats {
        let kind = discriminant(&caveat.fact);
        match kinds.iter_mut().find(|(known, own)| *known == kind && own[0].round.is_some()) {
            Some((_, own)) if caveat.round.is_some() => own.push(caveat),
            _ => kinds.push((kind, vec![caveat])),
        }
    }
    let mut lines = Vec::new();
    for (_, own) in kinds {
        let shown = if own.len() <= named + 1 { own.len() } else { named };
        lines.extend(own[..shown].iter().map(ToString::to_string));
        if own.len() > shown {
            let rounds: Vec<String> =
                own[shown..].iter().filter_map(|c| c.round).map(|round| round.to_string()).collect();
            lines.push(format!("… and the same of rounds {}", rounds.join(", ")));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_left_out_come_first_and_many_of_a_kind_are_counted() {
        let raised = |round| Caveat::of_round(round, "a.pcap", Fact::ClockRaised { packets: 1 });
        let cut = |round| Caveat::of_round(round, "b.pcap", Fact::CutOff { byte: 9 });
        let mut caveats: Vec<Caveat> = (0..4).map(raised).collect();
        caveats.extend((4..12).map(cut));
        let lines = lines(&caveats);
        assert!(lines[0].starts_with("round 5 (b.pcap) is left out"), "{lines:?}");
        assert_eq!(lines[5], "… and the same of rounds 10, 11, 12");
        assert_eq!(lines[7], "… and the same of rounds 2, 3, 4");
        assert_eq!(lines.len(), 8);
    }
}
