//! The paper's protocol as a result: what Figures 4 to 9 and Tables 1 and 2 are drawn from.
//!
//! Source: paper §4 and §5. Random k-fold cross-validation over windows is optimistic (docs/method.md,
//! "The paper\'s protocol"): a result of this protocol is never a verdict.

use crate::caveat::Caveat;
use serde::Serialize;

/// Everything one run of the paper's protocol found; `report.json` is this, as JSON.
#[derive(Debug, Clone, Serialize)]
pub struct PaperResult {
    /// What was run, on what, with which settings.
    pub scope: Scope,
    /// One entry per condition, in the paper's order.
    pub conditions: Vec<ConditionSummary>,
    /// Figure 4: means over packets, per condition and quantity.
    pub means: Vec<PacketMean>,
    /// Figure 5: correlations over packets, one matrix per condition.
    pub correlations: Vec<CorrelationMatrix>,
    /// Figures 6 to 8, Tables 1 and 2: one cell per task, windowing and learner.
    pub cells: Vec<Cell>,
    /// Figure 9.
    pub importances: Vec<Importance>,
    /// What is known of the data beside the numbers.
    pub caveats: Vec<Caveat>,
}

/// What was run.
#[derive(Debug, Clone, Serialize)]
pub struct Scope {
    /// Version of the program.
    pub version: String,
    /// The device's name in the campaign.
    pub device: String,
    /// Set where the traffic was generated: its seed and knobs, in words.
    pub generated: Option<String>,
    /// Seed of folds and learners.
    pub seed: u64,
    /// Folds of the cross-validation.
    pub folds: usize,
    /// Windowings as typed, `t=2` … `n=2500`.
    pub windowings: Vec<String>,
    /// Learners by permanent name, in order.
    pub learners: Vec<String>,
    /// The most training rows the support vector machine was given.
    pub svm_rows: usize,
    /// The two tasks, each a pair of conditions.
    pub tasks: Vec<Task>,
    /// Worker threads.
    pub threads: usize,
    /// Wall time of the whole run, s; left out of comparisons.
    pub elapsed_s: f64,
}

/// Two conditions to be distinguished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Name as in the files, `mic_off/mic_on`.
    pub name: String,
    /// The first condition.
    pub negative: String,
    /// The second condition.
    pub positive: String,
}

/// What was captured under one condition.
#[derive(Debug, Clone, Serialize)]
pub struct ConditionSummary {
    /// Its name.
    pub condition: String,
    /// IP packets of the device.
    pub packets: u64,
    /// Their lengths on the wire, added up.
    pub bytes: u64,
    /// First to last packet, added over captures, s.
    pub duration_s: f64,
    /// Capture files with their SHA-256.
    pub captures: Vec<CaptureFile>,
    /// Clock regressions that were raised to the time before.
    pub clock_regressions: u64,
}

/// One capture file.
#[derive(Debug, Clone, Serialize)]
pub struct CaptureFile {
    /// Path inside the campaign.
    pub path: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// A quantity of Figures 4 and 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Frame length on the wire, bytes.
    Length,
    /// TCP window field as sent, bytes unscaled.
    TcpWindow,
    /// Gap to the packet before, s.
    Ipt,
    /// TTL or hop limit.
    Ttl,
}

impl Quantity {
    /// All four, in the order of Figure 4.
    pub const ALL: [Quantity; 4] = [Quantity::Length, Quantity::TcpWindow, Quantity::Ipt, Quantity::Ttl];
}

/// One bar of Figure 4. The interval is a 95 % one from batch means over blocks of packets, since
/// neighbouring packets are not independent.
#[derive(Debug, Clone, Serialize)]
pub struct PacketMean {
    /// Under which condition.
    pub condition: String,
    /// Of what.
    pub quantity: Quantity,
    /// Packets that have the quantity.
    pub n: u64,
    /// Mean; `None` where no packet has it.
    pub mean: Option<f64>,
    /// 95 % interval, low and high; `None` with fewer than two blocks.
    pub interval: Option<(f64, f64)>,
}

/// One matrix of Figure 5: Pearson over packets that have both quantities.
#[derive(Debug, Clone, Serialize)]
pub struct CorrelationMatrix {
    /// Under which condition.
    pub condition: String,
    /// Rows and columns, in the order of [`Quantity::ALL`]; `None` where undefined.
    pub r: [[Option<f64>; 4]; 4],
}

/// One learner on one windowing of one task.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    /// [`Task::name`].
    pub task: String,
    /// As typed, `t=15`.
    pub windowing: String,
    /// Permanent name.
    pub learner: String,
    /// Windows of both conditions.
    pub n_windows: usize,
    /// Why there is no score: too few windows for the folds; the numbers are then `None`.
    pub left_out: Option<String>,
    /// The score, where there is one.
    pub score: Option<Score>,
}

/// What cross-validation gave.
#[derive(Debug, Clone, Serialize)]
pub struct Score {
    /// Accuracy of each fold.
    pub fold_accuracies: Vec<f64>,
    /// Mean over folds.
    pub accuracy: f64,
    /// Deviation over folds (sample).
    pub accuracy_std: f64,
    /// 95 % interval, low and high: Student's over folds, Wilson's over rows where all folds agree; too short.
    pub accuracy_interval: (f64, f64),
    /// Mean of the classes' recalls, out of fold.
    pub balanced_accuracy: f64,
    /// Area under the ROC curve, out of fold; `None` where undefined.
    pub auc: Option<f64>,
    /// True class by predicted class, out of fold, summed over folds.
    pub confusion: Vec<Vec<u64>>,
    /// Mean wall seconds to fit one fold.
    pub fit_s: f64,
    /// Mean wall seconds to predict one fold.
    pub predict_s: f64,
}

/// One bar pair of Figure 9.
#[derive(Debug, Clone, Serialize)]
pub struct Importance {
    /// [`Task::name`].
    pub task: String,
    /// As typed.
    pub windowing: String,
    /// Permanent name.
    pub learner: String,
    /// Feature name.
    pub feature: String,
    /// Gini gain share, mean over folds; `None` where the learner has none.
    pub gini: Option<f64>,
    /// Deviation over folds.
    pub gini_std: Option<f64>,
    /// Loss of held-out accuracy when the column is shuffled, mean over folds.
    pub permutation: f64,
    /// Deviation over folds.
    pub permutation_std: f64,
}
