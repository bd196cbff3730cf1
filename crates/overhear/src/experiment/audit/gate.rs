//! The gate: a limit on leakage, decided on the interval's end and on everything that an audit's answer obeys.

use super::compare::Comparison;
use super::result::{AtHorizon, AuditResult, Estimate, Finding, Order, Reason};
use super::verdict::LEVEL;
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
    /// Upper end, of this horizon by itself: every horizon has to lie below the limit.
    pub high: Option<f64>,
    /// p of the finding, for the audit as a whole; of a comparison none.
    pub p: Option<f64>,
    /// What is known of the order of conditions.
    pub order: Option<Order>,
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
    vec![undecided(finding, horizon, finding.horizons.is_empty().then(|| finding.reason.clone()))]
}

/// A line without a value.
fn undecided(finding: &Finding, horizon: Option<Horizon>, because: Option<Reason>) -> GateLine {
    GateLine {
        task: finding.task.clone(),
        observer: finding.observer,
        horizon,
        value: None,
        low: None,
        high: None,
        p: Some(finding.p),
        order: Some(finding.order.clone()),
        decision: GateDecision::Inconclusive,
        because,
    }
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
    let (all, above) = (forbids_all(finding), forbids_above(finding));
    let (decision, because) = match () {
        () if all.is_some() => (GateDecision::Inconclusive, all),
        () if high < limit => (GateDecision::Within, None),
        () if low > limit && above.is_some() => (GateDecision::Inconclusive, above),
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
        p: Some(finding.p),
        order: Some(finding.order.clone()),
        decision,
        because,
    }
}

/// What leaves a finding undecided whatever its numbers are.
fn forbids_all(finding: &Finding) -> Option<Reason> {
    let forbids = matches!(
        finding.reason,
        Reason::ControlFailed { .. } | Reason::ControlNotRun { .. } | Reason::Capped { .. }
    );
    forbids.then(|| finding.reason.clone())
}

/// What leaves open why conditions differ.
fn forbids_above(finding: &Finding) -> Option<Reason> {
    match finding.order {
        Order::WithTime { p, pattern } => Some(Reason::ConditionWithTime { order_p: p, pattern }),
        _ => None,
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
    let own = |result: &AuditResult, one: &Comparison| {
        let own = result.findings.iter().find(|f| f.task == one.task && f.observer == one.observer);
        own.map(|f| (forbids_all(f), forbids_above(f)))
    };
    let line = |one: &Comparison| {
        let Estimate { value, high, .. } = one.rise;
        let low = one.quoted.low;
        let (mut all, mut above) = (None, None);
        for (forbids_all, forbids_above) in [own(old, one), own(new, one)].into_iter().flatten() {
            (all, above) = (all.or(forbids_all), above.or(forbids_above));
        }
        let (decision, because) = match () {
            () if all.is_some() => (GateDecision::Inconclusive, all),
            () if high < margin && low <= 0.0 => (GateDecision::Within, None),
            () if low > 0.0 && above.is_some() => (GateDecision::Inconclusive, above),
            () if low > 0.0 => (GateDecision::Above, None),
            () => (GateDecision::Inconclusive, None),
        };
        GateLine {
            task: one.task.clone(),
            observer: one.observer,
            horizon: Some(one.horizon),
            value: Some(value),
            low: Some(low),
            high: Some(high),
            p: None,
            order: None,
            decision,
            because,
        }
    };
    let mut lines: Vec<GateLine> = rises.iter().filter(wanted).map(line).collect();
    // what only one of the campaigns has cannot be compared, and is not passed over
    let of = |f: &Finding, task: &str, observer: Vantage| f.task == task && f.observer == observer;
    let only_new = new.findings.iter().filter(|f| !old.findings.iter().any(|g| of(g, &f.task, f.observer)));
    let uncompared = |f: &&Finding| !rises.iter().any(|one| of(f, &one.task, one.observer));
    let alone = old.findings.iter().chain(only_new).filter(uncompared);
    lines.extend(alone.map(|f| undecided(f, horizon, None)));
    lines
}

/// The worst of all lines; without one nothing is decided.
pub fn worst(lines: &[GateLine]) -> GateDecision {
    lines.iter().map(|line| line.decision).max().unwrap_or(GateDecision::Inconclusive)
}

/// What makes a campaign unfit to be decided by a build server: captures that are missing, altered or damaged.
pub fn broken(result: &AuditResult) -> Vec<&Caveat> {
    result.caveats.iter().filter(|caveat| caveat.fact.is_broken_campaign()).collect()
}
