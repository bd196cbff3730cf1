//! What trying defences gives: facts, which the report puts into sentences.

use super::recommend::Budget;
use crate::caveat::Caveat;
use crate::experiment::audit::result::{Answer, AtHorizon, Estimate, Reason, RoundUse, RunNote};
use crate::experiment::audit::view::{Grouping, Horizon, Vantage};
use overhear_change::defence::{Cost, Way};
use serde::{Deserialize, Serialize};

/// Everything that was found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Frontier {
    /// What was tried on what.
    pub scope: Scope,
    /// Each observer of the rounds as they are.
    pub undefended: Vec<Undefended>,
    /// Each stack, in the order in which they were given.
    pub points: Vec<Point>,
    /// For each observer what to switch on.
    pub recommended: Vec<Recommendation>,
    /// The leak with each far end blocked.
    pub far_ends: Vec<FarEnd>,
    /// What a search found.
    pub search: Option<Found>,
    /// Every round given.
    pub schedule: Vec<RoundUse>,
    /// Everything known of the data that could change the answer.
    pub caveats: Vec<Caveat>,
}

/// What was tried on what.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scope {
    /// Version of the program.
    pub version: String,
    /// The device's name.
    pub device: String,
    /// Set where the traffic was generated.
    pub generated: Option<String>,
    /// The conditions told apart.
    pub conditions: Vec<String>,
    /// How many units.
    pub units: usize,
    /// Whether a unit holds every condition.
    pub paired: bool,
    /// Hours of traffic.
    pub hours: f64,
    /// Days from the first round to the last.
    pub days: f64,
    /// Who looks.
    pub observers: Vec<Vantage>,
    /// Learners against what is recommended.
    pub learners: Vec<String>,
    /// Learners of the sweep.
    pub sweep_learners: Vec<String>,
    /// How windows are made.
    pub windowings: Vec<Grouping>,
    /// Random assignments of tests.
    pub permutations: usize,
    /// Repetitions of the nested cross-validation against what is recommended.
    pub repetitions: usize,
    /// Repetitions in the sweep.
    pub sweep_repetitions: usize,
    /// Seed.
    pub seed: u64,
    /// Draws of a defence that draws.
    pub draws: usize,
    /// Rate of the link from the home, bit/s; `None`: without bound.
    pub up_bits_per_s: Option<u64>,
    /// Rate of the link to the home, bit/s.
    pub down_bits_per_s: Option<u64>,
    /// What a defence may cost, and has to reach, to be recommended.
    pub budget: Budget,
    /// Seconds taken.
    pub elapsed_s: f64,
    /// The command and when it ended, where a command line ran it.
    pub run: Option<RunNote>,
}

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

/// One observer of the rounds as they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Undefended {
    /// Who looks.
    pub observer: Vantage,
    /// The audit's name of what is told apart.
    pub task: String,
    /// The audit's verdict.
    pub answer: Answer,
    /// Why it is that.
    pub reason: Reason,
    /// p of the randomisation test.
    pub p: f64,
    /// What the audit's attackers reach.
    pub audited: Vec<Reached>,
    /// What the sweep's attackers reach, with which points are compared.
    pub swept: Vec<Reached>,
}

/// One stack of defences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The defences as they are typed, with blanks between.
    pub stack: String,
    /// Permanent names of its defences, in order.
    pub names: Vec<String>,
    /// Who has to run it, the most of its members.
    pub who: String,
    /// What it drops by its policy, where it drops anything.
    pub drops: Vec<String>,
    /// Draws that were made: one of a stack that draws nothing.
    pub draws: usize,
    /// What it cost.
    pub cost: PointCost,
    /// What each observer still learns.
    pub seen: Vec<SeenPoint>,
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

/// What one observer still learns behind a stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeenPoint {
    /// Who looks.
    pub observer: Vantage,
    /// Whether every member of the stack changes something that this observer sees, where it sees it.
    pub is_seen: bool,
    /// Who learnt before there was a defence.
    pub old: Vec<Reached>,
    /// Who learnt from defended traffic.
    pub retrained: Vec<Reached>,
    /// Who learnt from it once recognisable cover was filtered out; `None` where there is no cover that this observer recognises.
    pub filtered: Option<Vec<Reached>>,
    /// Share of the cover that this observer recognises; `None` where there is no cover.
    pub recognised: Option<f64>,
}

impl SeenPoint {
    /// At each horizon the worse for the defender of the attackers who adapt.
    pub fn worst(&self) -> Vec<Reached> {
        let of = |retrained: &Reached| {
            let filtered = self.filtered.iter().flatten().find(|other| other.horizon == retrained.horizon);
            match filtered {
                Some(other) if other.balanced_accuracy.value > retrained.balanced_accuracy.value => *other,
                _ => *retrained,
            }
        };
        self.retrained.iter().map(of).collect()
    }
}

/// What to switch on against one observer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recommendation {
    /// Who looks.
    pub observer: Vantage,
    /// What to do.
    pub choice: Choice,
}

/// What is recommended.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// No leak was shown: there is nothing to defend.
    Nothing,
    /// The cheapest stack that reaches the target within the budget, tried again with the audit's attackers and new draws.
    Use {
        /// What it costs and what is left.
        confirmed: Point,
        /// p of the randomisation test on the defended rounds.
        p: f64,
        /// Cheaper stacks that had reached the target in the sweep and did not when they were tried again.
        failed: Vec<String>,
    },
    /// No stack does.
    None {
        /// What comes nearest within the budget; `None` where nothing is within it.
        nearest: Option<Point>,
        /// Stacks that had reached the target in the sweep and did not when they were tried again.
        failed: Vec<String>,
    },
}

/// The leak with one far end blocked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FarEnd {
    /// Its name, where the captures tell one, else its address.
    pub name: String,
    /// Its addresses.
    pub addresses: Vec<String>,
    /// What is known of it: its services, and in how many rounds it was, a sentence each.
    pub known: Vec<String>,
    /// Its share of the device's packets.
    pub packets_share: f64,
    /// Its share of the device's bytes.
    pub bytes_share: f64,
    /// What each observer still learns without it.
    pub seen: Vec<SeenPoint>,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Stacks that were tried within the budget.
    pub tried: usize,
    /// Stacks that cost more than the budget allows.
    pub too_dear: usize,
    /// Units on which was searched.
    pub searched_units: usize,
    /// The best on those.
    pub best: Option<Point>,
    /// The same on the units that the search never saw.
    pub confirmed: Option<Point>,
    /// Those units.
    pub confirmed_units: usize,
}
