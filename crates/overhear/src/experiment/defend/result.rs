//! What trying defences gives: facts, which the report puts into sentences.

use super::measure::{Budget, PointCost, Reached};
use crate::experiment::audit::result::{AuditResult, Finding};
use crate::experiment::audit::view::Vantage;
use serde::{Deserialize, Serialize};

/// Everything that was found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Frontier {
    /// The audit of the rounds as they are: what was looked at, everything known of it, and the verdict for each observer.
    pub audit: AuditResult,
    /// How defences were tried.
    pub sweep: Sweep,
    /// What the sweep's attackers reach on the rounds as they are, each observer by itself: with that points are compared.
    pub undefended: Vec<Undefended>,
    /// Each stack, in the order in which they were given.
    pub points: Vec<Point>,
    /// For each observer what to switch on.
    pub recommended: Vec<Recommendation>,
    /// The leak with each far end blocked.
    pub far_ends: Vec<FarEnd>,
    /// What a search found.
    pub search: Option<Found>,
}

impl Frontier {
    /// The audit's finding for an observer, of all conditions.
    pub fn finding(&self, observer: Vantage) -> Option<&Finding> {
        let is_own = |finding: &&Finding| {
            finding.observer == observer && finding.conditions == self.audit.scope.conditions
        };
        self.audit.findings.iter().find(is_own)
    }
}

/// How defences were tried.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sweep {
    /// Learners; against what is recommended they are the audit's.
    pub learners: Vec<String>,
    /// Repetitions of the nested cross-validation; likewise.
    pub repetitions: usize,
    /// Draws of a defence that draws.
    pub draws: usize,
    /// Rate of the link from the home, bit/s; `None`: without bound.
    pub up_bits_per_s: Option<u64>,
    /// Rate of the link to the home, bit/s.
    pub down_bits_per_s: Option<u64>,
    /// What a defence may cost, and has to reach, to be recommended.
    pub budget: Budget,
    /// Seconds taken, the audit's included.
    pub elapsed_s: f64,
}

/// One observer of the rounds as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Undefended {
    /// Who looks.
    pub observer: Vantage,
    /// What the sweep's attackers reach.
    pub reached: Vec<Reached>,
}

/// One stack of defences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The defences as they are typed, with blanks between; parameters at their defaults are left out.
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

impl Point {
    /// What an observer still learns.
    pub fn seen_by(&self, observer: Vantage) -> Option<&SeenPoint> {
        self.seen.iter().find(|seen| seen.observer == observer)
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
