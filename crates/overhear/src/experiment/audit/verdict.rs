//! One of three answers, decided on facts; `report/` puts it into sentences.
//!
//! Source: docs/method.md, "Verdict".

use super::result::{Advice, Answer, AtHorizon, Control, ControlKind, Order, Reason};
use super::view::as_far_from_guessing;
use crate::caveat::{Caveat, Effect};

/// The level of the randomisation test.
pub const LEVEL: f64 = 0.01;
/// A leak's lower end is above this at some horizon; of two conditions; of more as far from guessing.
pub const LEAK_ABOVE: f64 = 0.55;

/// What the verdict is decided on.
pub struct Evidence<'a> {
    /// How many conditions.
    pub n_conditions: usize,
    /// p for the audit as a whole.
    pub p: f64,
    /// The smallest p that the audit can give here.
    pub smallest_p: f64,
    /// The smallest p of the design, had it all the assignments there are.
    pub smallest_p_of_design: f64,
    /// Random assignments that were asked for.
    pub permutations: usize,
    /// How many tasks share the level.
    pub n_tasks: usize,
    /// Estimates; empty with too few units.
    pub horizons: &'a [AtHorizon],
    /// Controls that were run.
    pub controls: &'a [Control],
    /// What is known of the order of conditions.
    pub order: &'a Order,
    /// What is known of the data.
    pub caveats: &'a [Caveat],
    /// Units, and whether they are pairs.
    pub units: usize,
    /// Whether a unit holds every condition.
    pub paired: bool,
}

/// An answer, and why.
pub struct Decision {
    /// The answer.
    pub answer: Answer,
    /// Why it is that.
    pub reason: Reason,
    /// What to do next.
    pub advice: Vec<Advice>,
}

/// Beyond so many units nobody records.
const MOST_UNITS: usize = 10_000;

impl Evidence<'_> {
    /// Decides.
    pub fn decide(&self) -> Decision {
        let inconclusive = |reason, advice| Decision { answer: Answer::Inconclusive, reason, advice };
        if let Some(control) = self.controls.iter().find(|control| control.passed == Some(false)) {
            let advice = match &control.name {
                ControlKind::Positive(_) => Advice::CheckCapture,
                ControlKind::FirstAgainstSecond(_) | ControlKind::Days(_) => Advice::FindDisturbance,
            };
            return inconclusive(Reason::ControlFailed { control: control.name.clone() }, vec![advice]);
        }
        if let Some(caveat) = self.caveats.iter().find(|caveat| caveat.effect == Effect::Caps) {
            return inconclusive(Reason::Capped { fact: caveat.fact.clone() }, vec![Advice::RepairRounds]);
        }
        let strongest = self.horizons.iter().max_by(|a, b| a.quoted.low.total_cmp(&b.quoted.low));
        let differs = self.p <= LEVEL;
        let shown = strongest.filter(|h| differs && h.quoted.low > self.leak_above());
        let with_time = match self.order {
            Order::WithTime { p, pattern } => {
                Some(Reason::ConditionWithTime { order_p: *p, pattern: *pattern })
            }
            _ => None,
        };
        if let (true, Some(reason)) = (differs, &with_time) {
            return inconclusive(reason.clone(), vec![Advice::DrawOrder]);
        }
        if let Some(h) = shown {
            return Decision {
                answer: Answer::Leak,
                reason: Reason::Shown { horizon: h.horizon },
                advice: vec![Advice::Defend, Advice::CompareLater],
            };
        }
        let open: Vec<&AtHorizon> =
            self.horizons.iter().filter(|h| h.balanced_accuracy.high >= h.limit).collect();
        let unproven =
            |control: &&Control| matches!(control.name, ControlKind::Positive(_)) && control.passed.is_none();
        if let (true, Some(control)) = (open.is_empty(), self.controls.iter().find(unproven)) {
            let control = control.name.clone();
            return inconclusive(Reason::ControlNotRun { control }, vec![Advice::DrawOrder]);
        }
        if !self.horizons.is_empty() && open.is_empty() {
            return Decision {
                answer: Answer::NoLeak,
                reason: Reason::BelowLimits,
                advice: vec![Advice::Repeat],
            };
        }
        if let Some(reason) = with_time {
            return inconclusive(reason, vec![Advice::DrawOrder]);
        }
        let (reason, advice) = self.open(&open);
        inconclusive(reason, advice)
    }

    /// Why nothing is decided.
    fn open(&self, open: &[&AtHorizon]) -> (Reason, Vec<Advice>) {
        if self.smallest_p_of_design > LEVEL {
            let reason = if self.paired { Reason::TooFewUnits } else { Reason::TooFewCaptures };
            return (reason, vec![Advice::DrawOrder]);
        }
        if self.smallest_p > LEVEL {
            let least = least_permutations(self.n_tasks);
            let reason = Reason::TooFewPermutations { permutations: self.permutations, least };
            return (reason, vec![Advice::MorePermutations { least }]);
        }
        if self.horizons.is_empty() {
            return (Reason::NoInterval, vec![Advice::DrawOrder]);
        }
        if self.p <= LEVEL {
            return (Reason::NotShownLarge, vec![self.more(open)]);
        }
        let horizons = open.iter().map(|h| h.horizon).collect();
        (Reason::PastLimit { horizons }, vec![self.more(open)])
    }

    fn leak_above(&self) -> f64 {
        as_far_from_guessing(LEAK_ABOVE, self.n_conditions)
    }

    /// How many units would settle it: intervals shrink with the root of their number.
    fn more(&self, open: &[&AtHorizon]) -> Advice {
        let needed = |h: &&AtHorizon| {
            let ba = h.balanced_accuracy;
            // a value past the limit would have to be shown a leak: its lower end past what a leak is
            let (room, half) = match ba.value < h.limit {
                true => (h.limit - ba.value, ba.high - ba.value),
                false => (ba.value - self.leak_above(), ba.value - h.quoted.low),
            };
            (room > 0.0).then(|| (self.units as f64 * (half / room).powi(2)).ceil() as usize)
        };
        let all = open.iter().filter_map(needed).max().unwrap_or(2 * self.units).max(self.units + 1);
        match all {
            0..MOST_UNITS => Advice::MoreUnits { more: all - self.units, all },
            _ => Advice::OnTheLimit,
        }
    }
}

/// The fewest random assignments with which so many tasks can reach the level together.
pub fn least_permutations(n_tasks: usize) -> usize {
    // 1 − (1 − 1/(B + 1))^n ≤ level
    let smallest = 1.0 - (1.0 - LEVEL).powf(1.0 / n_tasks.max(1) as f64);
    (1.0 / smallest - 1e-9).ceil() as usize - 1
}

#[cfg(test)]
mod tests {
    use super::super::result::{ControlFound, Estimate, Pattern};
    use super::super::view::Horizon;
    use super::*;
    use crate::caveat::Fact;

    fn at(horizon: Horizon, value: f64, half: f64) -> AtHorizon {
        let estimate = Estimate { value, low: value - half, high: value + half };
        AtHorizon {
            horizon,
            limit: horizon.limit(2),
            balanced_accuracy: estimate,
            quoted: estimate,
            day_left_out: None,
            auc: None,
            unit_losses: Vec::new(),
            chosen: Vec::new(),
            n_blocks: 0,
            confusion: Vec::new(),
            leakage: Vec::new(),
            ppv: Vec::new(),
        }
    }

    fn evidence<'a>(p: f64, horizons: &'a [AtHorizon], controls: &'a [Control]) -> Evidence<'a> {
        Evidence {
            n_conditions: 2,
            p,
            smallest_p: 0.001,
            smallest_p_of_design: 1e-6,
            permutations: 999,
            n_tasks: 1,
            horizons,
            controls,
            order: &Order::LikeCoin { p: 0.5 },
            caveats: &[],
            units: 24,
            paired: true,
        }
    }

    fn failed(name: &str) -> Control {
        let found = ControlFound::TooFewRounds { rounds: 1, least: 16 };
        Control { name: name.parse().unwrap(), passed: Some(false), found }
    }

    #[test]
    fn a_leak_needs_both_the_test_and_the_interval() {
        let strong = [at(Horizon::Window, 0.60, 0.03), at(Horizon::Round, 0.90, 0.05)];
        assert_eq!(evidence(0.001, &strong, &[]).decide().answer, Answer::Leak);
        assert_eq!(evidence(0.02, &strong, &[]).decide().answer, Answer::Inconclusive);
        let weak = [at(Horizon::Window, 0.54, 0.02)];
        let decision = evidence(0.001, &weak, &[]).decide();
        assert_eq!((decision.answer, decision.reason), (Answer::Inconclusive, Reason::NotShownLarge));
        // the lower end by itself is above 0.55, the one that holds at all horizons together is not
        let mut quoted = at(Horizon::Round, 0.70, 0.09);
        quoted.quoted.low = 0.54;
        assert_eq!(evidence(0.001, &[quoted], &[]).decide().answer, Answer::Inconclusive);
    }

    #[test]
    fn no_leak_needs_every_horizon_below_its_limit() {
        let clean = [at(Horizon::Window, 0.50, 0.03), at(Horizon::Round, 0.50, 0.1)];
        assert_eq!(evidence(0.6, &clean, &[]).decide().answer, Answer::NoLeak);
        let wide = [at(Horizon::Window, 0.50, 0.03), at(Horizon::Round, 0.50, 0.3)];
        let decision = evidence(0.6, &wide, &[]).decide();
        assert_eq!(decision.reason, Reason::PastLimit { horizons: vec![Horizon::Round] });
    }

    #[test]
    fn a_failed_control_never_goes_with_leak_nor_with_no_leak() {
        let clean = [at(Horizon::Window, 0.50, 0.03)];
        let strong = [at(Horizon::Round, 0.90, 0.05)];
        for name in ["positive: wake", "A/A: quiet", "days: quiet"] {
            for horizons in [&clean, &strong] {
                let controls = [failed(name)];
                let decision = evidence(0.001, horizons, &controls).decide();
                assert_eq!(decision.answer, Answer::Inconclusive, "{name}");
                assert!(!decision.advice.contains(&Advice::Defend));
            }
        }
    }

    #[test]
    fn conditions_that_go_with_time_are_never_a_leak() {
        let strong = [at(Horizon::Round, 0.98, 0.01)];
        let order = Order::WithTime { p: 0.001, pattern: Pattern::Place };
        let decision = Evidence { order: &order, ..evidence(0.001, &strong, &[]) }.decide();
        assert!(matches!(decision.reason, Reason::ConditionWithTime { .. }), "{:?}", decision.reason);
        assert_eq!(decision.advice, [Advice::DrawOrder]);
        let clean = [at(Horizon::Window, 0.50, 0.03)];
        assert_eq!(Evidence { order: &order, ..evidence(0.6, &clean, &[]) }.decide().answer, Answer::NoLeak);
    }

    #[test]
    fn too_few_permutations_are_not_called_too_few_units() {
        let strong = [at(Horizon::Round, 0.90, 0.05)];
        let few = Evidence { smallest_p: 0.02, permutations: 50, ..evidence(0.02, &strong, &[]) }.decide();
        assert_eq!(few.reason, Reason::TooFewPermutations { permutations: 50, least: 99 });
        let units = Evidence { smallest_p_of_design: 0.25, smallest_p: 0.25, ..evidence(0.25, &[], &[]) };
        assert_eq!(units.decide().reason, Reason::TooFewUnits);
        let captures = Evidence { smallest_p_of_design: 1.0, paired: false, ..evidence(1.0, &[], &[]) };
        assert_eq!(captures.decide().reason, Reason::TooFewCaptures);
        assert_eq!(least_permutations(1), 99);
        assert_eq!(least_permutations(4), 398);
    }

    #[test]
    fn what_caps_the_answer_is_its_reason() {
        let strong = [at(Horizon::Round, 0.90, 0.05)];
        let caveats = [Caveat::of_all(Fact::MostLeftOut { left_out: 30, of: 48 })];
        let decision = Evidence { caveats: &caveats, ..evidence(0.001, &strong, &[]) }.decide();
        assert_eq!(decision.reason, Reason::Capped { fact: Fact::MostLeftOut { left_out: 30, of: 48 } });
    }
}
