//! What the paper says, claim by claim, and what this campaign shows.
//!
//! Source: the text of §4 and §5. Each claim is decided by a rule written beside it, on the numbers of
//! one run; where the run lacks a condition, a learner or a window, it is undecided, never guessed.

mod accuracy;
mod importance;
mod packets;
mod time;

use serde::Serialize;

use crate::experiment::paper::PaperResult;
use crate::figure::paper_numbers::{LEARNERS, TASKS};

/// One sentence of the paper against one run.
#[derive(Debug, Clone, Serialize)]
pub struct Claim {
    /// A permanent name.
    pub id: &'static str,
    /// Where the paper says it.
    pub section: &'static str,
    /// What it says, quoted or in short.
    pub says: &'static str,
    /// What this run shows, with the number that decides.
    pub shows: String,
    /// When it counts as holding.
    pub rule: &'static str,
    /// Whether it does.
    pub holds: Holds,
    /// Whether the traffic was generated to have this very property, so that holding is no finding.
    pub by_construction: bool,
}

/// Whether a claim holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// It holds by its rule.
    Holds,
    /// Some of it does.
    Partly,
    /// It does not.
    DoesNot,
    /// The run lacks what would decide it.
    Undecided,
}

impl Holds {
    /// For a reader: `holds`, `partly`, `does not hold`, `undecided`.
    pub fn label(self) -> &'static str {
        match self {
            Holds::Holds => "holds",
            Holds::Partly => "partly",
            Holds::DoesNot => "does not hold",
            Holds::Undecided => "undecided",
        }
    }
}

/// What a rule found: whether the claim holds and the sentence with the number.
pub(crate) struct Finding {
    holds: Holds,
    shows: String,
}

/// A claim before it is held against a run.
pub(crate) struct Statement {
    id: &'static str,
    section: &'static str,
    says: &'static str,
    rule: &'static str,
    /// The generator of the scenario `paper` is calibrated to it (docs/method.md, "Generator targets").
    calibrated: bool,
    /// `None` where the run lacks what would decide it.
    decide: fn(&PaperResult) -> Option<Finding>,
}

/// Every claim, in the order of the paper.
pub fn claims(result: &PaperResult) -> Vec<Claim> {
    let families = [packets::STATEMENTS, accuracy::STATEMENTS, time::STATEMENTS, importance::STATEMENTS];
    families.into_iter().flatten().map(|statement| statement.against(result)).collect()
}

impl Statement {
    fn against(&self, result: &PaperResult) -> Claim {
        let undecided = || Finding {
            holds: Holds::Undecided,
            shows: "This run lacks the conditions, learners or windows that would decide it.".to_owned(),
        };
        let Finding { holds, shows } = (self.decide)(result).unwrap_or_else(undecided);
        let Statement { id, section, says, rule, calibrated, .. } = *self;
        let by_construction = calibrated && holds != Holds::Undecided && result.scope.generated.is_some();
        Claim { id, section, says, shows, rule, holds, by_construction }
    }
}

impl Finding {
    fn new(holds: Holds, shows: String) -> Option<Finding> {
        Some(Finding { holds, shows })
    }

    /// Holds where all of `of` do, partly where some do.
    fn counted(yes: usize, of: usize, shows: String) -> Option<Finding> {
        let holds = match yes {
            _ if of == 0 => return None,
            yes if yes == of => Holds::Holds,
            0 => Holds::DoesNot,
            _ => Holds::Partly,
        };
        Finding::new(holds, shows)
    }

    /// Holds from a share of `all` on, partly from `some` on.
    fn shared(yes: usize, of: usize, (all, some): (f64, f64), shows: String) -> Option<Finding> {
        if of == 0 {
            return None;
        }
        let share = yes as f64 / of as f64;
        let holds = if share >= all {
            Holds::Holds
        } else if share >= some {
            Holds::Partly
        } else {
            Holds::DoesNot
        };
        Finding::new(holds, shows)
    }
}

/// Whether a learner is one of the paper's five: its claims are about these alone.
fn is_the_papers(learner: &str) -> bool {
    LEARNERS.contains(&learner)
}

/// The paper's task at `slot`; `None` where the campaign has other conditions.
fn papers_task(result: &PaperResult, slot: usize) -> Option<&str> {
    let name = *TASKS.get(slot)?;
    result.scope.tasks.iter().find(|t| t.name == name).map(|t| t.name.as_str())
}
