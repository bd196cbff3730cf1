//! What poisoning and inflation did to attackers: everything the report and the figure are drawn from.
//!
//! Source: docs/method.md, "Poisoning and inflation". Facts alone stand here, and read back from their JSON.

use crate::experiment::audit::result::Estimate;
use crate::experiment::audit::view::{Grouping, Horizon, Vantage};
use serde::{Deserialize, Serialize};

/// The learner of a cell that takes in each fold the one chosen on clean training units.
pub const CHOSEN: &str = "chosen";
/// Over how much traffic an attacker adds up.
pub const HORIZONS: [Horizon; 2] = [Horizon::Window, Horizon::Round];

/// What was found of every two conditions of a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingResult {
    /// What was measured, and how.
    pub scope: Scope,
    /// One per two conditions, in order.
    pub tasks: Vec<TaskFound>,
}

/// What was measured, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// Version of the program.
    pub version: String,
    /// The device's name.
    pub device: String,
    /// Set where the traffic was generated: seed and knobs, in words.
    pub generated: Option<String>,
    /// Who looks.
    pub observer: Vantage,
    /// Names of the learners with their settings.
    pub learners: Vec<String>,
    /// Nearest neighbours that a sanitiser asks.
    pub neighbours: usize,
    /// Seed.
    pub seed: u64,
    /// Wall seconds of it all; 0 where the caller has no clock.
    pub elapsed_s: f64,
}

/// What was found of two conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskFound {
    /// The two conditions.
    pub conditions: Vec<String>,
    /// What rows are.
    pub windowing: Grouping,
    /// Units; none is split.
    pub units: usize,
    /// Whether a unit holds both conditions; else each capture is a unit.
    pub paired: bool,
    /// Folds of units.
    pub folds: usize,
    /// Windows.
    pub windows: usize,
    /// Features of a window.
    pub features: usize,
    /// What the device itself sends and receives, MB (10⁶ bytes) a day; `None` where windows do not say.
    pub megabytes_per_day: Option<f64>,
    /// In how many folds each learner was chosen on clean training units, in the order of the learners.
    pub chosen: Vec<Choice>,
    /// Poison: by share, situation, attacker and learner.
    pub poison: Vec<PoisonCell>,
    /// How well poison is told from clean training windows, by share.
    pub detection: Vec<Detection>,
    /// Inflation: by multiple, attacker and learner.
    pub inflation: Vec<InflationCell>,
}

/// How often a learner was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The learner.
    pub learner: String,
    /// Folds.
    pub folds: usize,
}

/// Who trains on what, and what he then looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Situation {
    /// He trained at the victim's home while the defender poisoned, who has stopped since.
    HomeStopped,
    /// He trained at the victim's home while the defender poisoned, who goes on.
    HomeGoesOn,
    /// He trained in a lab of his own; the defender has stopped.
    LabStopped,
    /// He trained in a lab of his own; the defender goes on.
    LabGoesOn,
}

impl Situation {
    /// All, in the order of reports.
    pub const ALL: [Situation; 4] =
        [Situation::HomeStopped, Situation::HomeGoesOn, Situation::LabStopped, Situation::LabGoesOn];

    /// Whether he trains on poisoned windows.
    pub fn trains_on_poison(self) -> bool {
        matches!(self, Situation::HomeStopped | Situation::HomeGoesOn)
    }

    /// Whether the windows that he looks at are poisoned.
    pub fn looks_at_poison(self) -> bool {
        matches!(self, Situation::HomeGoesOn | Situation::LabGoesOn)
    }

    /// Permanent name.
    pub fn name(self) -> &'static str {
        match self {
            Situation::HomeStopped => "home_stopped",
            Situation::HomeGoesOn => "home_goes_on",
            Situation::LabStopped => "lab_stopped",
            Situation::LabGoesOn => "lab_goes_on",
        }
    }
}

/// What an attacker reaches, and how much less that is than without a defence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// Balanced accuracy, its interval over units.
    pub balanced_accuracy: Estimate,
    /// How far it lies below that of the same attacker with the same learner, trained and tested on windows as they are, unit by unit.
    pub fall: Estimate,
    /// Whether that is a success of the defence: the fall is above 0 with its interval, and above the half width of the interval of
    /// what it falls from.
    pub worked: bool,
}

/// One attacker against one share of poison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PoisonCell {
    /// Share of the windows that are replaced, 0 to below 0.5.
    pub share: f64,
    /// Who trains on what.
    pub situation: Situation,
    /// Whether he leaves out training windows whose neighbours disagree.
    pub sanitises: bool,
    /// The learner, or [`CHOSEN`].
    pub learner: String,
    /// Over one window.
    pub window: Scored,
    /// Over a whole round.
    pub round: Scored,
}

/// How well poison is told from clean training windows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Share of the windows that are replaced.
    pub share: f64,
    /// Area under the ROC curve of the share of disagreeing neighbours, poisoned against clean training windows, its interval over
    /// units; `None` without poison.
    pub auc: Option<Estimate>,
    /// Share of what the sanitiser leaves out that is poison; `None` where that is nothing, or without poison.
    pub precision: Option<f64>,
    /// Share of the poison that the sanitiser leaves out; `None` without poison.
    pub recall: Option<f64>,
    /// Share of the clean training windows that the sanitiser leaves out.
    pub clean_left_out: f64,
    /// What is replayed, MB (10⁶ bytes) a day; `None` where windows do not say.
    pub megabytes_per_day: Option<f64>,
}

/// What an attacker does with more windows than he wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// Trains on all of them.
    Everything,
    /// Trains on as many as there are without inflation, taken at random.
    Fixed,
}

impl Budget {
    /// Permanent name.
    pub fn name(self) -> &'static str {
        match self {
            Budget::Everything => "everything",
            Budget::Fixed => "fixed",
        }
    }
}

/// One attacker against one multiple of windows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InflationCell {
    /// So many times the windows.
    pub multiple: u32,
    /// What he trains on.
    pub budget: Budget,
    /// The learner, or [`CHOSEN`].
    pub learner: String,
    /// Windows trained on, mean of the folds.
    pub training_windows: f64,
    /// Seconds to train and to predict one fold, mean of the folds; 0 where the caller has no clock.
    pub seconds: f64,
    /// What is sent and received beside the device's own, MB (10⁶ bytes) a day; `None` where windows do not say.
    pub megabytes_per_day: Option<f64>,
    /// Over one window.
    pub window: Scored,
    /// Over a whole round.
    pub round: Scored,
}

impl PoisonCell {
    /// What he reaches at one of the two horizons; that of a round for all but [`Horizon::Window`].
    pub fn at(&self, horizon: Horizon) -> &Scored {
        if horizon == Horizon::Window { &self.window } else { &self.round }
    }
}

impl InflationCell {
    /// What he reaches at one of the two horizons; that of a round for all but [`Horizon::Window`].
    pub fn at(&self, horizon: Horizon) -> &Scored {
        if horizon == Horizon::Window { &self.window } else { &self.round }
    }
}

impl TaskFound {
    /// The shares of poison, rising, 0 first.
    pub fn shares(&self) -> Vec<f64> {
        self.detection.iter().map(|found| found.share).collect()
    }

    /// The multiples, rising, 1 first.
    pub fn multiples(&self) -> Vec<u32> {
        let mut multiples: Vec<u32> = self.inflation.iter().map(|cell| cell.multiple).collect();
        multiples.dedup();
        multiples
    }

    /// The cell of an attacker with some learner against a share of poison.
    pub fn poison_of(
        &self,
        share: f64,
        situation: Situation,
        sanitises: bool,
        learner: &str,
    ) -> Option<&PoisonCell> {
        self.poison.iter().find(|cell| {
            (cell.share, cell.situation, cell.sanitises) == (share, situation, sanitises)
                && cell.learner == learner
        })
    }

    /// The cell of an attacker with some learner against a multiple of windows.
    pub fn inflation_of(&self, multiple: u32, budget: Budget, learner: &str) -> Option<&InflationCell> {
        let is = |cell: &&InflationCell| {
            (cell.multiple, cell.budget) == (multiple, budget) && cell.learner == learner
        };
        self.inflation.iter().find(is)
    }
}
