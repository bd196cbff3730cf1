//! What an audit found: everything its report is drawn from.
//!
//! Source: docs/method.md, "Verdict". An estimate travels with its interval and the side it bounds; what cannot be
//! computed is `None` with a reason beside it. Facts alone stand here, and read back from `report.json`; sentences are
//! made of them in `report/`.

mod control;
mod order;
mod reason;

pub use control::{Control, ControlFound, ControlKind};
pub use order::{Order, Pattern};
pub use reason::{Advice, Reason};

use super::view::{Grouping, Horizon, Sequence, Vantage};
use crate::caveat::{Caveat, Effect, Fact};
use serde::{Deserialize, Serialize};

/// An audit, as `report.json` has it beside `schema` and `kind`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditResult {
    /// What was audited, and how.
    pub scope: AuditScope,
    /// One per task and observer, tasks in order, observers within.
    pub findings: Vec<Finding>,
    /// The rounds, as they were used.
    pub schedule: Vec<RoundUse>,
    /// Everything known of the data that could change the answer: rounds left out, clocks put right.
    pub caveats: Vec<Caveat>,
    /// What leaks the audit would have found, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Sensitivity>,
}

impl AuditResult {
    /// The finding that decides: the worst over tasks and observers, LEAK before INCONCLUSIVE before NO LEAK; of
    /// equals the first.
    pub fn worst(&self) -> Option<&Finding> {
        self.findings.iter().min_by_key(|finding| finding.answer)
    }

    /// Why a round takes no part; `None` for one that is used.
    pub fn left_out(&self, index: usize) -> Option<&Fact> {
        let own = self.caveats.iter().filter(|caveat| caveat.round == Some(index + 1));
        own.filter(|caveat| caveat.effect == Effect::LeftOut).map(|caveat| &caveat.fact).next()
    }
}

/// What was audited, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditScope {
    /// Version of the program.
    pub version: String,
    /// The device's name.
    pub device: String,
    /// Set where the traffic was generated: seed and knobs, in words.
    pub generated: Option<String>,
    /// Conditions, in order.
    pub conditions: Vec<String>,
    /// Units that are used: those that hold every condition, or captures.
    pub units: usize,
    /// Whether units hold one round of each condition; else each capture is a unit.
    pub paired: bool,
    /// Hours of traffic of all rounds used, settling time left out.
    pub hours: f64,
    /// Days from the first round to the last.
    pub days: f64,
    /// Observers.
    pub observers: Vec<Vantage>,
    /// Learners by permanent name.
    pub learners: Vec<String>,
    /// Windowings.
    pub windowings: Vec<Grouping>,
    /// Transforms of stretches second by second that were looked at as well.
    #[serde(default)]
    pub sequences: Vec<Sequence>,
    /// Random assignments asked for.
    pub permutations: usize,
    /// Repetitions of the nested cross-validation behind the intervals.
    pub repetitions: usize,
    /// Seed.
    pub seed: u64,
    /// Worker threads.
    pub threads: usize,
    /// Wall time, s; left out of comparisons.
    pub elapsed_s: f64,
    /// The run, where whoever ran it says so; left out of comparisons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunNote>,
}

/// When and how an audit was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunNote {
    /// The command as typed, without what does not change the result.
    pub command: String,
    /// When it was finished: date and time, UTC.
    pub date: String,
}

/// How one round was used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RoundUse {
    /// Capture, as the manifest names it.
    pub capture: String,
    /// Its condition.
    pub condition: String,
    /// The unit it belongs to.
    pub unit: u32,
    /// When it began, ns since 1970.
    pub start_ns: Option<i64>,
    /// How long it was watched after settling, s: what the manifest says, else from the first packet to the last.
    pub duration_s: f64,
    /// SHA-256 of the capture.
    pub sha256: Option<String>,
    /// Packets of the device that were used.
    pub packets: u64,
}

/// The three answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// p ≤ 0.01 and the lower end above 0.55 (of two conditions) at some horizon, in an order that explains nothing.
    Leak,
    /// Anything else; [`Finding::reason`] says why.
    Inconclusive,
    /// The upper end below the limit at every horizon.
    NoLeak,
}

/// One task seen by one observer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Finding {
    /// `mic_on/mic_on_noise`, or all conditions joined.
    pub task: String,
    /// The conditions distinguished.
    pub conditions: Vec<String>,
    /// Who looks.
    pub observer: Vantage,
    /// The answer.
    pub answer: Answer,
    /// Why it is that.
    pub reason: Reason,
    /// p of the randomisation test for the audit as a whole: under max-T over learners, windowings, horizons and
    /// observers, and for all tasks together.
    pub p: f64,
    /// p under max-T over this finding's own learners, windowings and horizons.
    pub p_alone: f64,
    /// The smallest p that this audit can give here.
    pub smallest_p: f64,
    /// How many assignments were tried, the true one among them.
    pub assignments: usize,
    /// Whether those are all there are.
    pub exhaustive: bool,
    /// What is known of the order in which conditions came.
    pub order: Order,
    /// Units of this task.
    pub units: usize,
    /// Whether each unit holds every condition.
    pub paired: bool,
    /// Hours of traffic of this task's rounds, settling time left out; 0 where a table does not say.
    pub hours: f64,
    /// Folds of units in the randomisation test.
    pub folds: usize,
    /// The estimate at each horizon.
    pub horizons: Vec<AtHorizon>,
    /// Each of its rounds at its first horizon; empty with too few units.
    #[serde(default)]
    pub rounds: Vec<RoundFound>,
    /// Every fixed combination of learner, windowing and horizon in the randomisation test.
    pub statistics: Vec<Statistic>,
    /// Largest scaled statistic of each assignment; the first is the true one's.
    pub max_t: Vec<f64>,
    /// How sure an attacker is over time, where there are two conditions.
    pub posterior: Option<Posterior>,
    /// Controls that were run.
    pub controls: Vec<Control>,
    /// Balanced accuracy of telling units of one condition apart; `None` with fewer than four units.
    pub confounding: Option<Estimate>,
    /// The paper's protocol on the same windows, optimistic.
    pub paper: Vec<PaperCell>,
    /// What single features give away, strongest first.
    pub features: Vec<FeatureLeak>,
    /// What to do next.
    pub advice: Vec<Advice>,
}

impl Finding {
    /// The estimate whose quoted lower end lies highest: what is spoken of.
    pub fn clearest(&self) -> Option<&AtHorizon> {
        self.horizons.iter().max_by(|a, b| a.quoted.low.total_cmp(&b.quoted.low))
    }

    /// Whether what is spoken of is mostly an attacker's who has watched this home before: see [`Grouping::less_home`].
    pub fn knows_home(&self) -> bool {
        let of_home = |h: &AtHorizon| {
            let own = h.chosen.iter().filter(|choice| choice.windowing.less_home);
            own.map(|choice| choice.share).sum::<f64>()
        };
        self.clearest().is_some_and(|h| of_home(h) > 0.5)
    }
}

/// What leaks the audit would have found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// Who looked.
    pub observer: Vantage,
    /// The condition whose rounds were used.
    pub condition: String,
    /// Pairs of neighbouring rounds of it.
    pub pairs: usize,
    /// Campaigns at each dose.
    pub tries: usize,
    /// Of them so many had to be a LEAK.
    pub needed: usize,
    /// Random assignments of each test.
    pub permutations: usize,
    /// Each kind of leak, in the register's order.
    pub kinds: Vec<FoundPlant>,
}

/// One kind of leak.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundPlant {
    /// Its permanent name.
    pub plant: String,
    /// What it does; the dose is X.
    pub about: String,
    /// Unit of the dose.
    pub unit: String,
    /// The smallest dose found to be a LEAK in enough tries; `None` where not even the largest was.
    pub dose: Option<f64>,
    /// The largest dose that was tried.
    pub largest: f64,
}

impl FoundPlant {
    /// The smallest dose found, where it and the largest tried are numbers above 0.
    pub fn smallest(&self) -> Option<f64> {
        let is_dose = |dose: f64| dose.is_finite() && dose > 0.0;
        self.dose.filter(|&dose| is_dose(dose) && is_dose(self.largest))
    }

    /// What a dose of it does: `0.3 kB/s more from the device to its busiest far end`.
    pub fn at(&self, dose: f64) -> String {
        let about = self.about.split(';').next().unwrap_or_default();
        about.replacen('X', &dose.to_string(), 1)
    }
}

/// What became of one round that no learner had seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RoundFound {
    /// Its place in [`AuditResult::schedule`].
    pub round: usize,
    /// Share of its blocks that were classified correctly, over repetitions; `None` without a block.
    pub correct: Option<f64>,
}

/// An estimate with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What the nested choice of learner and windowing reaches on units it never saw.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AtHorizon {
    /// Over how much traffic.
    pub horizon: Horizon,
    /// The limit a clean device stays below.
    pub limit: f64,
    /// Balanced accuracy, with the interval for this horizon by itself.
    pub balanced_accuracy: Estimate,
    /// The same with an interval that holds at all horizons, observers and tasks together: the one to quote when a
    /// horizon was picked after looking.
    pub quoted: Estimate,
    /// Balanced accuracy on a whole day that was left out, with Student's interval over days; `None` with fewer than
    /// three days.
    #[serde(default)]
    pub day_left_out: Option<Estimate>,
    /// Mean over units of the area under the ROC curve within a unit; `None` without pairs.
    pub auc: Option<Estimate>,
    /// Loss of each unit, its own fold left out, mean over repetitions (n_units): 1 − the mean of its conditions'
    /// recalls.
    pub unit_losses: Vec<f64>,
    /// How often each (learner, windowing) was chosen inside the training side.
    pub chosen: Vec<Choice>,
    /// Blocks of traffic predicted, over all units.
    pub n_blocks: usize,
    /// True condition by predicted condition, blocks (n_conditions × n_conditions).
    pub confusion: Vec<Vec<u64>>,
    /// Leakage measures.
    pub leakage: Vec<Leakage>,
    /// Positive predictive value of the second condition at three base rates; empty for more than two conditions.
    pub ppv: Vec<Ppv>,
}

/// A choice and how often it was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// Permanent name.
    pub learner: String,
    /// The windowing.
    pub windowing: Grouping,
    /// Share of the outer folds.
    pub share: f64,
}

/// Which side of the truth a figure is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bounds {
    /// A stronger attacker may get more: the truth is at least this.
    Below,
    /// The truth is at most this.
    Above,
}

/// One leakage measure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Leakage {
    /// `beta`, `min_entropy`, `mutual_information`, `bayes_risk_upper`, `bayes_risk_lower`.
    pub measure: String,
    /// Unit: `bits`, or `share`.
    pub unit: String,
    /// Value with its interval.
    pub estimate: Estimate,
    /// Which side it bounds.
    pub bounds: Bounds,
}

/// Positive predictive value at a base rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ppv {
    /// Share of the time that the second condition holds.
    pub base_rate: f64,
    /// Share of "second condition" answers that are right; `None` where none is ever given.
    pub ppv: Option<f64>,
}

/// One fixed combination in the randomisation test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statistic {
    /// Permanent name.
    pub learner: String,
    /// The windowing.
    pub windowing: Grouping,
    /// Over how much traffic.
    pub horizon: Horizon,
    /// Balanced accuracy, units left out.
    pub balanced_accuracy: f64,
    /// Distance from its mean over all assignments, by their deviation to the power ¾.
    pub t: f64,
    /// Share of assignments whose own statistic reaches it (not corrected for the number of combinations).
    pub p_single: f64,
}

/// How an attacker's certainty grows while watching one round.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Posterior {
    /// Minutes watched.
    pub minutes: Vec<f64>,
    /// Posterior of the true condition: lower quartile, median, upper quartile over rounds, at each minute.
    pub quartiles: Vec<[f64; 3]>,
    /// Median seconds until either posterior reaches 0.95; `None` where most rounds never do.
    pub median_s: Option<f64>,
    /// Share of rounds that reach 0.95.
    pub reached: f64,
    /// Share of those that are then wrong; `None` where none reaches it.
    pub wrong: Option<f64>,
}

/// The paper's protocol (random folds over windows) beside units left out, same windows and learner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaperCell {
    /// Permanent name.
    pub learner: String,
    /// The windowing.
    pub windowing: Grouping,
    /// Balanced accuracy with random folds over windows: optimistic.
    pub optimistic: f64,
    /// Balanced accuracy with units left out.
    pub honest: f64,
}

/// What a single feature gives away: the best cut, fitted on training units, tested on the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureLeak {
    /// Name.
    pub feature: String,
    /// The windowing.
    pub windowing: Grouping,
    /// Balanced accuracy of the best single cut, units left out.
    pub balanced_accuracy: f64,
    /// Mean under each condition, in the order of [`Finding::conditions`].
    pub means: Vec<f64>,
}
