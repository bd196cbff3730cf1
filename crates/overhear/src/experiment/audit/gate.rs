//! The gate: a limit on leakage, decided on the interval's end and on everything that an audit's answer obeys.

use super::compare::Comparison;
use super::result::{Answer, AtHorizon, AuditResult, Estimate, Finding};
use super::verdict::{LEVEL, Reason};
use super::view::{Horizon, Vantage};
use crate::caveat::Caveat;
use serde::Serialize;

/// What the gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GateDecision {
    /// Within the limit.
    Within,
    /// Neither is shown.
    Inconclusive,
    /// Above the limit.
    Above,
}

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// Balanced accuracy.
    BalancedAccuracy(f64),
    /// Min-entropy leakage, bits.
    Bits(f64),
}

/// One figure and what is said of it.
#[derive(Debug, Clone, Serialize)]
pub struct GateLine {
    /// [`Finding::task`].
    pub task: String,
    /// Who looks.
    pub observer: Vantage,
    /// Over how much traffic; `None` where there are too few units for an estimate.
    pub horizon: Option<Horizon>,
    /// The value.
    pub value: Option<f64>,
    /// Lower end: it holds at all horizons, observers and tasks together.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// What is said of it.
    pub decision: GateDecision,
    /// Why nothing is decided, where something but the interval forbids it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Reason>,
}

/// Decides every figure of an audit; `horizon`: one alone, else all.
///
/// Within: the upper end is below the limit. Above: the quoted lower end is above it, p is at most 0.01, and the order
/// of conditions explains nothing. A failed control, or a fact that caps the answer, leaves both undecided.
pub fn lines(result: &AuditResult, limit: Limit, horizon: Option<Horizon>) -> Vec<GateLine> {
    result.findings.iter().flat_map(|finding| of_finding(finding, limit, horizon)).collect()
}

fn of_finding(finding: &Finding, limit: Limit, horizon: Option<Horizon>) -> Vec<GateLine> {
    let wanted = |at: &&AtHorizon| horizon.is_none_or(|wanted| wanted == at.horizon);
    let lines: Vec<GateLine> =
        finding.horizons.iter().filter(wanted).map(|at| of_horizon(finding, at, limit)).collect();
    if !lines.is_empty() {
        return lines;
    }
    vec![GateLine {
        task: finding.task.clone(),
        observer: finding.observer,
        horizon: None,
        value: None,
        low: None,
        high: None,
        decision: GateDecision::Inconclusive,
        because: Some(finding.reason.clone()),
    }]
}

fn of_horizon(finding: &Finding, at: &AtHorizon, limit: Limit) -> GateLine {
    let guessing = 1.0 / finding.conditions.len() as f64;
    let bits = |ba: f64| (ba / guessing).log2().max(0.0);
    let Estimate { value, high, .. } = at.balanced_accuracy;
    let low = at.quoted.low;
    let (limit, [value, low, high]) = match limit {
        Limit::BalancedAccuracy(limit) => (limit, [value, low, high]),
        Limit::Bits(limit) => (limit, [value, low, high].map(bits)),
    };
    let forbids_all = matches!(finding.reason, Reason::ControlFailed { .. } | Reason::Capped { .. });
    let forbids_above = matches!(finding.reason, Reason::ConditionWithTime { .. });
    let (decision, because) = match () {
        () if forbids_all => (GateDecision::Inconclusive, Some(finding.reason.clone())),
        () if high < limit => (GateDecision::Within, None),
        () if low > limit && forbids_above => (GateDecision::Inconclusive, Some(finding.reason.clone())),
        () if low > limit && finding.p <= LEVEL => (GateDecision::Above, None),
        // the interval says above, and the test does not
        () if low > limit => (GateDecision::Inconclusive, Some(finding.reason.clone())),
        () => (GateDecision::Inconclusive, None),
    };
    GateLine {
        task: finding.task.clone(),
        observer: finding.observer,
        horizon: Some(at.horizon),
        value: Some(value),
        low: Some(low),
        high: Some(high),
        decision,
        because,
    }
}

/// Decides a rise of balanced accuracy: above where its lower end is above 0, within where its upper end is below the
/// margin. What forbids an answer of either audit leaves it undecided.
pub fn compared(
    (old, new): (&AuditResult, &AuditResult),
    rises: &[Comparison],
    margin: f64,
    horizon: Option<Horizon>,
) -> Vec<GateLine> {
    let wanted = |one: &&Comparison| horizon.is_none_or(|wanted| wanted == one.horizon);
    let forbids = |result: &AuditResult, one: &Comparison| {
        let own = result.findings.iter().find(|f| f.task == one.task && f.observer == one.observer);
        own.filter(|f| f.answer == Answer::Inconclusive).map(|f| f.reason.clone()).filter(|reason| {
            matches!(
                reason,
                Reason::ControlFailed { .. } | Reason::Capped { .. } | Reason::ConditionWithTime { .. }
            )
        })
    };
    let line = |one: &Comparison| {
        let Estimate { value, high, .. } = one.rise;
        // one horizon named beforehand needs no room for the others
        let low = if horizon.is_some() { one.rise.low } else { one.quoted.low };
        let because = forbids(old, one).or_else(|| forbids(new, one));
        let decision = match () {
            () if because.is_some() => GateDecision::Inconclusive,
            () if low > 0.0 => GateDecision::Above,
            () if high < margin => GateDecision::Within,
            () => GateDecision::Inconclusive,
        };
        GateLine {
            task: one.task.clone(),
            observer: one.observer,
            horizon: Some(one.horizon),
            value: Some(value),
            low: Some(low),
            high: Some(high),
            decision,
            because,
        }
    };
    rises.iter().filter(wanted).map(line).collect()
}

/// The worst of all lines; without one nothing is decided.
pub fn worst(lines: &[GateLine]) -> GateDecision {
    lines.iter().map(|line| line.decision).max().unwrap_or(GateDecision::Inconclusive)
}

/// What makes a campaign unfit to be decided by a build server: captures that are missing, altered or damaged.
pub fn broken(result: &AuditResult) -> Vec<&Caveat> {
    result.caveats.iter().filter(|caveat| caveat.fact.is_broken_campaign()).collect()
}
