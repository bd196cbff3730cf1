//! What the self-check found.

use crate::experiment::audit::view::Horizon;
use serde::Serialize;

/// The self-check, as its JSON has it beside `schema`.
#[derive(Debug, Clone, Serialize)]
pub struct CalibrationResult {
    /// Version of the program.
    pub version: String,
    /// Seed.
    pub seed: u64,
    /// Campaigns in each cell that is drawn.
    pub campaigns: usize,
    /// Random assignments of each test.
    pub permutations: usize,
    /// Learners by permanent name.
    pub learners: Vec<String>,
    /// Windowing as typed.
    pub windowing: String,
    /// Windows of a round.
    pub windows: u32,
    /// Day effect and drift, each, in deviations of a window.
    pub disturbance: f64,
    /// Campaigns of pairs and of captures, by effect and size.
    pub cells: Vec<Cell>,
    /// Two campaigns between which nothing changed.
    pub compared: Vec<CompareCell>,
    /// Several tasks and observers at once, without an effect.
    pub joint: Option<JointCell>,
    /// Laws under which the best possible attacker is known.
    pub laws: Vec<LawCell>,
    /// Planted leaks, packet by packet; nothing planted first.
    pub plants: Vec<PlantCell>,
    /// The paper's protocol where there is no effect.
    pub paper: Option<PaperCell>,
    /// Leakage estimates against channels known in closed form.
    pub channels: Vec<ChannelCell>,
    /// What has to hold, and whether it does.
    pub checks: Vec<Check>,
}

/// Campaigns of one effect and size.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    /// `tables`: drawn as feature tables; `packets`: generated packet by packet.
    pub source: String,
    /// `pairs`, or `captures` without pairs.
    pub design: String,
    /// How far the feature that moves most moves, deviations of a window.
    pub effect: f64,
    /// Pairs of rounds, or captures of each condition.
    pub pairs: u32,
    /// Campaigns.
    pub campaigns: usize,
    /// Share of campaigns with p ≤ 0.05.
    pub rejected: Share,
    /// Share of campaigns with p ≤ 0.5: a half, if p is uniform where there is no effect.
    pub rejected_at_half: Share,
    /// Share of campaigns whose answer is LEAK: p ≤ 0.01, a quoted interval above 0.55, an order like a coin's.
    pub leaks: Share,
    /// Share of campaigns in which the quoted intervals of all horizons hold their truths together.
    pub together: Share,
    /// Share of campaigns in which the interval that a headline would quote holds its truth.
    pub quoted: Share,
    /// The interval, horizon by horizon.
    pub horizons: Vec<Coverage>,
}

/// A share of campaigns.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// Value.
    pub value: f64,
    /// Standard error at what was expected; √(p(1 − p)/n) at the value itself where nothing was.
    pub standard_error: f64,
}

/// The interval of balanced accuracy at one horizon against the truth.
#[derive(Debug, Clone, Serialize)]
pub struct Coverage {
    /// Over how much traffic.
    pub horizon: Horizon,
    /// Expected balanced accuracy of the pipeline on new units.
    pub truth: f64,
    /// Mean estimate.
    pub estimate: f64,
    /// Mean width of the interval.
    pub width: f64,
    /// Share of intervals that hold the truth.
    pub coverage: Share,
}

/// Two campaigns of one schedule and effect: balanced accuracy does not rise.
#[derive(Debug, Clone, Serialize)]
pub struct CompareCell {
    /// How their days compare.
    pub days: String,
    /// Pairs of each.
    pub pairs: u32,
    /// Effect of both.
    pub effect: f64,
    /// Twice so many campaigns.
    pub campaigns: usize,
    /// By horizon.
    pub horizons: Vec<RiseCoverage>,
}

/// The interval of a rise that is none.
#[derive(Debug, Clone, Serialize)]
pub struct RiseCoverage {
    /// Over how much traffic.
    pub horizon: Horizon,
    /// Mean width of the interval.
    pub width: f64,
    /// Share of intervals that hold 0.
    pub coverage: Share,
    /// Share that lies above 0: the gate's exit code 3.
    pub alarms: Share,
    /// Share that ends below 0.05: the gate's exit code 0.
    pub within: Share,
}

/// Campaigns drawn by a law under which the best possible attacker is known.
#[derive(Debug, Clone, Serialize)]
pub struct LawCell {
    /// What differs between the conditions.
    pub law: String,
    /// How much of it: deviations, a correlation, or a share more.
    pub dose: f64,
    /// Share of rounds that the best possible attacker classifies correctly.
    pub best: f64,
    /// Pairs.
    pub pairs: u32,
    /// Campaigns.
    pub campaigns: usize,
    /// Mean balanced accuracy of the audit's attackers over a round.
    pub reached: f64,
    /// Share of campaigns whose answer is LEAK.
    pub leaks: Share,
    /// Share of campaigns whose answer is NO LEAK.
    pub no_leaks: Share,
}

/// Campaigns that carry a planted leak, through packets.
#[derive(Debug, Clone, Serialize)]
pub struct PlantCell {
    /// What is planted, as typed.
    pub plant: String,
    /// What it does; the dose is X.
    pub about: String,
    /// Unit of the dose.
    pub unit: String,
    /// Pairs.
    pub pairs: u32,
    /// Campaigns.
    pub campaigns: usize,
    /// Share of campaigns with p ≤ 0.05: with the paper's features alone, with the default attackers.
    pub rejected: [Share; 2],
    /// Each attacker by itself, those that are no default too.
    pub attackers: Vec<AttackerCell>,
}

/// An attacker by itself.
#[derive(Debug, Clone, Serialize)]
pub struct AttackerCell {
    /// Learner and what it looks at.
    pub attacker: String,
    /// Share of campaigns with p ≤ 0.05.
    pub rejected: Share,
}

/// Three conditions and four observers without an effect.
#[derive(Debug, Clone, Serialize)]
pub struct JointCell {
    /// Units, one round of each condition.
    pub units: u32,
    /// Learner by permanent name.
    pub learner: String,
    /// Campaigns.
    pub campaigns: usize,
    /// Random assignments of each test.
    pub permutations: usize,
    /// Share of campaigns in which some p, for all findings together, is at most 0.05.
    pub rejected: Share,
    /// Share in which some finding's p by itself is at most 0.05.
    pub rejected_alone: Share,
    /// Share in which any finding is a LEAK.
    pub leaks: Share,
}

/// The paper's protocol on captures without an effect, one for each condition, on days of their own.
#[derive(Debug, Clone, Serialize)]
pub struct PaperCell {
    /// Campaigns.
    pub campaigns: usize,
    /// Share of campaigns with p ≤ 0.05 when the labels of windows are shuffled.
    pub rejected: Share,
    /// Learner by permanent name, and its mean balanced accuracy, random folds over windows.
    pub balanced_accuracy: Vec<(String, f64)>,
}

/// Estimates of one channel's leakage.
#[derive(Debug, Clone, Serialize)]
pub struct ChannelCell {
    /// The channel in words.
    pub channel: String,
    /// Campaigns.
    pub campaigns: usize,
    /// Each measure.
    pub measures: Vec<MeasureBias>,
}

/// One leakage measure against the truth.
#[derive(Debug, Clone, Serialize)]
pub struct MeasureBias {
    /// Permanent name.
    pub measure: String,
    /// Unit.
    pub unit: String,
    /// `below` or `above`: the side of the truth it claims to be on.
    pub bounds: super::Bounds,
    /// Closed form.
    pub truth: f64,
    /// Mean estimate.
    pub estimate: f64,
    /// Mean estimate less the truth.
    pub bias: f64,
    /// Standard error of the bias.
    pub standard_error: f64,
    /// Share of campaigns whose whole interval is on the wrong side of the truth.
    pub wrong_side: Share,
}

/// One thing that has to hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// What, in words.
    pub what: String,
    /// What was found.
    pub found: f64,
    /// Smallest value that is allowed.
    pub lowest: f64,
    /// Largest value that is allowed.
    pub highest: f64,
    /// Whether it holds.
    pub holds: bool,
}

impl Share {
    /// So many of so many. `expected`: the share under what is checked, for its standard error.
    pub fn of(hits: usize, n: usize, expected: Option<f64>) -> Share {
        let value = hits as f64 / n.max(1) as f64;
        let p = expected.unwrap_or(value);
        Share { value, standard_error: (p * (1.0 - p) / n.max(1) as f64).sqrt() }
    }
}

impl Check {
    /// Whether a value lies within its limits.
    pub fn within(what: String, found: f64, lowest: f64, highest: f64) -> Check {
        Check { what, found, lowest, highest, holds: (lowest..=highest).contains(&found) }
    }
}
