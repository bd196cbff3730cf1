//! Lays out the rounds of a campaign in time.

use super::{Condition, Scenario, Settings, SettingsError, order};
use overhear_traffic::trace::Span;

pub(super) const SECOND_NS: i64 = 1_000_000_000;
pub(super) const DAY_NS: i64 = 86_400 * SECOND_NS;

/// METHOD §4: a crossover runs over at least so many days.
const CROSSOVER_DAYS: i64 = 3;
/// Time between the two rounds of a pair, for the stimulus to change.
const GAP_NS: i64 = 60 * SECOND_NS;
/// Settling time that an audit leaves out of a crossover's rounds: 2 min, or a quarter of a shorter round.
const SETTLING_S: u64 = 120;

/// One round of a campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundPlan {
    /// Place in the plan, from 0.
    pub index: usize,
    /// File name without its ending, such as `001-mic_on`.
    pub name: String,
    /// What the microphone does.
    pub condition: Condition,
    /// The pair (from 1), or in the paper's scenario the capture (from 1).
    pub unit: u32,
    /// First moment. Unit: nanoseconds since 1970-01-01 UTC.
    pub start_ns: i64,
    /// Length. Unit: s.
    pub duration_s: f64,
    /// Settling time to leave out at the start. Unit: s.
    pub drop_s: u64,
    /// Day of the campaign (from 0) whose day effect holds for the whole round; none where the round outlasts days,
    /// then each day has its own.
    pub day: Option<i64>,
}

impl RoundPlan {
    /// The part of time that the round is.
    pub fn span(&self) -> Span {
        let length_ns = (self.duration_s * SECOND_NS as f64) as i64;
        let end_ns = self.start_ns.saturating_add(length_ns);
        let drop_ns = self.drop_s.saturating_mul(SECOND_NS as u64);
        Span { start_ns: Some(self.start_ns), drop_ns, end_ns: Some(end_ns) }
    }
}

/// The rounds of a campaign, in time order, never overlapping.
///
/// Paper: `mic_off`, `mic_on`, `mic_on_noise`, three days each, back to back. Crossover: `pairs` pairs spread evenly
/// over three days, or more where they do not fit; both rounds of a pair are neighbours and share a day's effect. The
/// order is drawn by the seed and balanced within dates.
///
/// # Errors
/// A setting outside of its range.
pub fn plan(settings: &Settings) -> Result<Vec<RoundPlan>, SettingsError> {
    settings.check()?;
    Ok(match settings.scenario {
        Scenario::Paper => paper(settings),
        Scenario::Crossover => crossover(settings),
    })
}

fn paper(settings: &Settings) -> Vec<RoundPlan> {
    let conditions = [Condition::MicOff, Condition::MicOn, Condition::MicOnNoise];
    let place = |(index, condition): (usize, Condition)| RoundPlan {
        index,
        name: round_name(index, condition),
        condition,
        unit: index as u32 + 1,
        start_ns: settings.start_ns + index as i64 * 3 * DAY_NS,
        duration_s: 3.0 * 86_400.0,
        drop_s: 0,
        day: None,
    };
    conditions.into_iter().enumerate().map(place).collect()
}

fn crossover(settings: &Settings) -> Vec<RoundPlan> {
    let round_ns = settings.round.as_nanos() as i64;
    let slot_ns = (CROSSOVER_DAYS * DAY_NS / i64::from(settings.pairs)).max(2 * (round_ns + GAP_NS));
    let drop_s = SETTLING_S.min(settings.round.as_secs() / 4);
    let date = |pair: u32| ((settings.start_ns + i64::from(pair) * slot_ns).div_euclid(DAY_NS)) as u32;
    let dates: Vec<u32> = (0..settings.pairs).map(date).collect();
    let reversed = order::reversed(&order::blocks(&dates), settings.seed);
    let mut rounds = Vec::with_capacity(2 * settings.pairs as usize);
    for (pair, reversed) in (0..).zip(reversed) {
        let slot = i64::from(pair) * slot_ns;
        let mut order = [Condition::MicOn, Condition::MicOnNoise];
        if reversed {
            order.reverse();
        }
        for (place, condition) in order.into_iter().enumerate() {
            let index = rounds.len();
            rounds.push(RoundPlan {
                index,
                name: round_name(index, condition),
                condition,
                unit: pair + 1,
                start_ns: settings.start_ns + slot + place as i64 * (round_ns + GAP_NS),
                duration_s: settings.round.as_secs_f64(),
                drop_s,
                day: Some(slot / DAY_NS),
            });
        }
    }
    rounds
}

fn round_name(index: usize, condition: Condition) -> String {
    format!("{:03}-{}", index + 1, condition.name())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn rounds(pairs: u32, minutes: u64) -> Vec<RoundPlan> {
        let round = Duration::from_secs(60 * minutes);
        plan(&Settings { scenario: Scenario::Crossover, pairs, round, ..Settings::default() }).unwrap()
    }

    #[test]
    fn crossover_rounds_never_overlap_and_span_three_days() {
        for (pairs, minutes) in [(24, 30), (200, 30), (5, 720), (1, 1)] {
            let rounds = rounds(pairs, minutes);
            assert_eq!(rounds.len(), 2 * pairs as usize);
            for pair in rounds.windows(2) {
                assert!(pair[0].start_ns + (pair[0].duration_s * 1e9) as i64 <= pair[1].start_ns);
            }
        }
        let days: Vec<_> = rounds(24, 30).iter().map(|round| round.day).collect();
        assert_eq!((days[0], days[47]), (Some(0), Some(2)));
    }

    #[test]
    fn a_pair_has_both_conditions_and_one_day_in_either_order() {
        let rounds = rounds(24, 30);
        for pair in rounds.chunks(2) {
            assert_eq!((pair[0].unit, pair[0].day), (pair[1].unit, pair[1].day));
            assert_ne!(pair[0].condition, pair[1].condition);
        }
        let quiet_first = rounds.chunks(2).filter(|pair| pair[0].condition == Condition::MicOn).count();
        assert!((11..=13).contains(&quiet_first), "{quiet_first} of 24 pairs begin quietly");
    }

    #[test]
    fn a_setting_out_of_range_is_named() {
        let error = plan(&Settings { effect: f64::NAN, ..Settings::default() }).unwrap_err();
        assert_eq!(error.to_string(), "effect is NaN, outside of 0 to 10 times the paper's");
    }
}
