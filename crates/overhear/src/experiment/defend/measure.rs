//! What is measured of a stack of defences, and what it is held against.

use crate::experiment::audit::result::{AtHorizon, Estimate};
use crate::experiment::audit::view::{Horizon, as_far_from_guessing};
use overhear_change::defence::{Cost, Way};
use serde::{Deserialize, Serialize};

/// What an attacker reaches at one horizon.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reached {
    /// Over how much traffic.
    pub horizon: Horizon,
    /// Balanced accuracy with its 95 % interval over units.
    pub balanced_accuracy: Estimate,
    /// Min-entropy leakage at equal priors, bits: log2 of how many times as often the attacker is right as by guessing.
    pub bits: f64,
}

impl Reached {
    /// Of an audit's estimate.
    pub fn of(at: &AtHorizon) -> Reached {
        let bits = at.leakage.iter().find(|leakage| leakage.measure == "min_entropy");
        Reached {
            horizon: at.horizon,
            balanced_accuracy: at.balanced_accuracy,
            bits: bits.map_or(0.0, |leakage| leakage.estimate.value),
        }
    }
}

/// What a stack cost, all rounds together, as the driver counted it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PointCost {
    /// MB (10⁶ bytes) a day more from the device.
    pub up_mb_a_day: f64,
    /// MB a day more to the device.
    pub down_mb_a_day: f64,
    /// Bytes more from the device, as a share of what it sent.
    pub up_share: f64,
    /// Bytes more to the device, as a share of what it received.
    pub down_share: f64,
    /// Packets more, as a share of all.
    pub packets_share: f64,
    /// Added delay of real packets, ms: half of them at most so much.
    pub delay_p50_ms: f64,
    /// 99 % of them at most so much.
    pub delay_p99_ms: f64,
    /// The largest.
    pub delay_max_ms: f64,
    /// Real packets that never left, by the stack's policy or for want of room, as a share of all.
    pub dropped_share: f64,
    /// Most bytes held at once, kB (10³ bytes).
    pub most_held_kb: f64,
    /// Real packets that passed by because the stack had used up its steps.
    pub undefended_packets: u64,
}

impl PointCost {
    /// Of so many draws of rounds that were recorded for so long each draw.
    pub fn of(cost: &Cost, draws: usize, recorded_s: f64) -> PointCost {
        const MB: f64 = 1e6;
        let days = (recorded_s * draws as f64 / 86_400.0).max(f64::MIN_POSITIVE);
        let mb_a_day = |way: &Way| way.added_bytes() as f64 / MB / days;
        let share = |part: u64, all: u64| part as f64 / all.max(1) as f64;
        let (up, down) = (&cost.up, &cost.down);
        let before = up.before.packets + down.before.packets;
        let added = [up, down].iter().map(|way| way.cover.packets + way.parts).sum::<u64>();
        let ms = |ns: u64| ns as f64 / 1e6;
        PointCost {
            up_mb_a_day: mb_a_day(up),
            down_mb_a_day: mb_a_day(down),
            up_share: share(up.added_bytes(), up.before.bytes),
            down_share: share(down.added_bytes(), down.before.bytes),
            packets_share: share(added, before),
            delay_p50_ms: ms(cost.delay.p50_ns),
            delay_p99_ms: ms(cost.delay.p99_ns),
            delay_max_ms: ms(cost.delay.max_ns),
            dropped_share: share(up.dropped.packets + down.dropped.packets, before),
            most_held_kb: cost.most_held_bytes as f64 / 1e3,
            undefended_packets: cost.undefended_packets,
        }
    }

    /// MB a day more, both ways.
    pub fn mb_a_day(&self) -> f64 {
        self.up_mb_a_day + self.down_mb_a_day
    }
}

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

impl Budget {
    /// Whether a stack costs no more. A stack that ran out of steps left packets undefended.
    pub fn allows(&self, cost: &PointCost) -> bool {
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
