//! Two audits beside each other: did balanced accuracy rise?

use super::result::{AtHorizon, AuditResult, Estimate, Finding};
use super::view::{Horizon, Vantage};
use crate::experiment::interval;
use overhear_learn::inference::student_quantile;
use serde::Serialize;
use std::collections::BTreeMap;

/// A rise of balanced accuracy at one horizon, from one campaign to another.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// [`Finding::task`].
    pub task: String,
    /// Who looks.
    pub observer: Vantage,
    /// Over how much traffic.
    pub horizon: Horizon,
    /// The rise, with its 95 % interval.
    pub rise: Estimate,
    /// The same with an interval that holds at all horizons together.
    pub quoted: Estimate,
    /// Units that were paired by the schedule.
    pub paired_units: usize,
}

/// Units of the same schedule begin at most so far apart, counted from each campaign's first, s.
const SAME_TIME_S: f64 = 600.0;

/// The rise at every horizon of every task and observer that both audits have.
pub fn compare(old: &AuditResult, new: &AuditResult) -> Vec<Comparison> {
    let mut found = Vec::new();
    for after in &new.findings {
        let same = |before: &&Finding| before.task == after.task && before.observer == after.observer;
        let Some(before) = old.findings.iter().find(same) else { continue };
        let partners = partners(old, before, new, after);
        for at in &after.horizons {
            let Some(was) = before.horizons.iter().find(|h| h.horizon == at.horizon) else { continue };
            found.push(Comparison {
                task: after.task.clone(),
                observer: after.observer,
                horizon: at.horizon,
                rise: rise(was, at, &partners),
                quoted: quoted(was, at, &partners),
                paired_units: partners.len(),
            });
        }
    }
    found
}

/// How much balanced accuracy rose at a horizon, with its 95 % interval.
///
/// `partners`: places of units in both campaigns that were recorded by the same schedule. Estimates of paired units
/// move together or against each other: the variance of the rise is that of both estimates less twice their
/// covariance, whatever its sign, for the share of units that is paired. The half-widths are those that both audits
/// found; Student's t with the degrees of the smaller campaign.
pub fn rise(before: &AtHorizon, after: &AtHorizon, partners: &[(usize, usize)]) -> Estimate {
    let (old, new) = (before.balanced_accuracy, after.balanced_accuracy);
    let half = |e: Estimate| f64::max(e.high - e.value, e.value - e.low);
    let deviation = |e: Estimate, units: usize| half(e) / quantile(units);
    let (n_old, n_new) = (before.unit_losses.len(), after.unit_losses.len());
    let (a, b) = (deviation(old, n_old), deviation(new, n_new));
    let paired = |(i, j): &(usize, usize)| Some((*before.unit_losses.get(*i)?, *after.unit_losses.get(*j)?));
    let losses: Vec<(f64, f64)> = partners.iter().filter_map(paired).collect();
    // of the covariance of two means as much remains as the paired units are of all; what models and folds add to either
    // deviation is their own, and has no part in it
    let share = (losses.len() as f64 / ((n_old * n_new) as f64).sqrt().max(1.0)).min(1.0);
    let [own_a, own_b] =
        [(&before.unit_losses, a), (&after.unit_losses, b)].map(|(own, all)| of_mean(own).min(all));
    let variance = a * a + b * b - 2.0 * share * correlation(&losses) * own_a * own_b;
    let reach = quantile(n_old.min(n_new)) * variance.max(0.0).sqrt();
    let value = new.value - old.value;
    Estimate { value, low: value - reach, high: value + reach }
}

/// The rise with an interval as much wider as the more widened of both audits' is.
fn quoted(before: &AtHorizon, after: &AtHorizon, partners: &[(usize, usize)]) -> Estimate {
    let Estimate { value, low, high } = rise(before, after, partners);
    let wider = |at: &AtHorizon| {
        let (alone, together) = (at.balanced_accuracy, at.quoted);
        let width = alone.high - alone.low;
        if width > 1e-9 { (together.high - together.low) / width } else { 1.0 }
    };
    let wider = wider(before).max(wider(after)).max(1.0);
    Estimate { value, low: value - wider * (value - low), high: value + wider * (high - value) }
}

/// Standard error of the mean of units' losses.
fn of_mean(losses: &[f64]) -> f64 {
    interval::mean_and_std(losses).1 / (losses.len() as f64).sqrt().max(1.0)
}

fn quantile(units: usize) -> f64 {
    student_quantile(0.975, units.saturating_sub(1).max(1) as f64)
}

/// Fewer pairs say nothing of how losses go together.
const LEAST_PAIRS: usize = 4;

/// Pearson's correlation of paired losses; 0 where either does not vary, or there are few.
fn correlation(losses: &[(f64, f64)]) -> f64 {
    if losses.len() < LEAST_PAIRS {
        return 0.0;
    }
    let n = losses.len() as f64;
    let (mean_a, mean_b) =
        (losses.iter().map(|l| l.0).sum::<f64>() / n, losses.iter().map(|l| l.1).sum::<f64>() / n);
    let sum = |of: fn(f64, f64) -> f64| losses.iter().map(|l| of(l.0 - mean_a, l.1 - mean_b)).sum::<f64>();
    let scale = (sum(|a, _| a * a) * sum(|_, b| b * b)).sqrt();
    if scale > 1e-12 { (sum(|a, b| a * b) / scale).clamp(-1.0, 1.0) } else { 0.0 }
}

/// When a unit began after its campaign's first, s, and the conditions of its rounds in time.
type Slot = (f64, Vec<String>);

/// Places of the units of two findings that were recorded by the same schedule: the same number, the same order of
/// conditions, and the same time after the campaign's first round. None without pairs or without times.
fn partners(old: &AuditResult, before: &Finding, new: &AuditResult, after: &Finding) -> Vec<(usize, usize)> {
    if !before.paired || !after.paired {
        return Vec::new();
    }
    let (slots_before, slots_after) = (slots(old, before), slots(new, after));
    let place = |(number, (place, slot)): (&u32, &(usize, Slot))| {
        let (other, same) = slots_before.get(number)?;
        (slot.1 == same.1 && (slot.0 - same.0).abs() <= SAME_TIME_S).then_some((*other, *place))
    };
    slots_after.iter().filter_map(place).collect()
}

/// The units of a finding by number: place among its units, and slot; units without times have none.
fn slots(result: &AuditResult, finding: &Finding) -> BTreeMap<u32, (usize, Slot)> {
    // the campaign begins with its first round, whether it is used or not
    let first = result.schedule.iter().filter_map(|round| round.start_ns).min().unwrap_or(0);
    let mut of_unit: BTreeMap<u32, Vec<(Option<i64>, &String)>> = BTreeMap::new();
    for (index, round) in result.schedule.iter().enumerate() {
        if finding.conditions.contains(&round.condition) && result.left_out(index).is_none() {
            of_unit.entry(round.unit).or_default().push((round.start_ns, &round.condition));
        }
    }
    of_unit.retain(|_, rounds| rounds.len() == finding.conditions.len());
    let mut found = BTreeMap::new();
    for (place, (number, mut rounds)) in of_unit.into_iter().enumerate() {
        rounds.sort();
        let Some((Some(start_ns), _)) = rounds.first() else { continue };
        let offset_s = (start_ns - first) as f64 / 1e9;
        let conditions = rounds.iter().map(|(_, condition)| (*condition).clone()).collect();
        found.insert(number, (place, (offset_s, conditions)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(value: f64, half: f64, unit_losses: Vec<f64>) -> AtHorizon {
        let balanced_accuracy = Estimate { value, low: value - half, high: value + half };
        AtHorizon {
            horizon: Horizon::Round,
            limit: 0.75,
            balanced_accuracy,
            quoted: balanced_accuracy,
            day_left_out: None,
            auc: None,
            unit_losses,
            chosen: Vec::new(),
            n_blocks: 0,
            confusion: Vec::new(),
            leakage: Vec::new(),
            ppv: Vec::new(),
        }
    }

    fn all(n: usize) -> Vec<(usize, usize)> {
        (0..n).map(|unit| (unit, unit)).collect()
    }

    #[test]
    fn covariance_shortens_or_lengthens_the_interval_by_its_sign() {
        // deviations as the half-widths have them: 2.069 standard errors are 0.1
        let losses: Vec<f64> = (0..24).map(|unit| f64::from(unit % 3) * 0.284).collect();
        let opposite: Vec<f64> = losses.iter().map(|loss| 0.568 - loss).collect();
        let before = at(0.6, 0.1, losses.clone());
        let width = |after: &AtHorizon, partners: &[(usize, usize)]| {
            let e = rise(&before, after, partners);
            assert!((e.value - 0.1).abs() < 1e-12);
            e.high - e.low
        };
        let independent = width(&at(0.7, 0.1, losses.clone()), &[]);
        assert!((independent - 0.2 * 2f64.sqrt()).abs() < 1e-9, "{independent}");
        let same = width(&at(0.7, 0.1, losses), &all(24));
        assert!(same < 0.03, "the same losses: hardly anything is left, {same}");
        let against = width(&at(0.7, 0.1, opposite), &all(24));
        assert!((against - 0.4).abs() < 0.002, "{against}");
    }

    #[test]
    fn half_of_the_units_paired_share_half_of_the_covariance() {
        let losses: Vec<f64> = (0..24).map(|unit| f64::from(unit % 3) * 0.284).collect();
        let (before, after) = (at(0.6, 0.1, losses.clone()), at(0.7, 0.1, losses));
        let e = rise(&before, &after, &all(12));
        assert!((e.high - e.low - 0.2).abs() < 0.002, "{}", e.high - e.low);
    }
}
