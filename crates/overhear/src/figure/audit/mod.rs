//! Figures of an audit: one per kind, one panel per finding in it.
//!
//! The register is [`REGISTER`]: to add a figure, write its file and its line. Figures are numbered in the order in
//! which a result has something for them, so that none is missing between two others.

pub mod feature_leak;
pub mod horizons;
pub mod paper_protocol;
pub mod permutations;
pub mod posterior;
pub mod rounds;
pub mod sensitivity;
pub mod windows;

use super::number::{self, fixed, grouped, percent, percent_with_interval};
use super::style::{Look, Marker};
use super::svg::{Anchor, Canvas, shortened};
use super::{Figure, axis};
use crate::experiment::audit::result::{AuditResult, Estimate, Finding};
use crate::experiment::audit::view::{Horizon, Vantage};

/// Every figure of an audit, in the order of the page; each draws nothing where the result has nothing for it.
pub const REGISTER: &[fn(&AuditResult) -> Option<Figure>] = &[
    horizons::draw,
    windows::draw,
    permutations::draw,
    posterior::draw,
    rounds::draw,
    paper_protocol::draw,
    feature_leak::draw,
    sensitivity::draw,
];

/// Width of every panel, in its own units.
const WIDTH: f64 = 530.0;

/// Draws and numbers everything the result has something for.
pub fn all(result: &AuditResult) -> Vec<Figure> {
    let drawn = REGISTER.iter().filter_map(|draw| draw(result));
    drawn.enumerate().map(|(i, figure)| Figure { number: format!("Figure {}", i + 1), ..figure }).collect()
}

/// Balanced accuracy of guessing: one over the number of conditions.
pub fn guessing(finding: &Finding) -> f64 {
    1.0 / finding.conditions.len().max(2) as f64
}

/// The conditions distinguished, for a reader: `mic_on or mic_on_noise`; the task's name where there are none.
pub fn either_condition(finding: &Finding) -> String {
    match finding.conditions.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => finding.task.clone(),
    }
}

/// The conditions distinguished, after "tells": `mic_on from mic_on_noise`; more than two as a list.
pub fn one_from_other(finding: &Finding) -> String {
    match finding.conditions.as_slice() {
        [a, b] => format!("{a} from {b}"),
        _ => either_condition(finding),
    }
}

/// A finding's name in tables and headings: `gateway, mic_on or mic_on_noise`.
pub fn spoken(finding: &Finding) -> String {
    format!("{}, {}", finding.observer, either_condition(finding))
}

/// A horizon by itself: `one window`, `5 minutes`, `whole round`.
pub fn horizon_label(horizon: Horizon) -> String {
    match horizon {
        Horizon::Window => "one window".to_owned(),
        Horizon::Round => "whole round".to_owned(),
        Horizon::Minutes(1) => "1 minute".to_owned(),
        Horizon::Minutes(minutes) => format!("{minutes} minutes"),
    }
}

/// A horizon in a sentence after "over": `one window`, `one minute`, `a whole round`.
pub fn horizon_over(horizon: Horizon) -> String {
    match horizon {
        Horizon::Round => "a whole round".to_owned(),
        Horizon::Minutes(1) => "one minute".to_owned(),
        other => horizon_label(other),
    }
}

/// A horizon in a sentence after "in … of": `single windows`, `stretches of 5 minutes`, `whole rounds`.
pub fn horizon_plural(horizon: Horizon) -> String {
    match horizon {
        Horizon::Window => "single windows".to_owned(),
        Horizon::Round => "whole rounds".to_owned(),
        Horizon::Minutes(_) => format!("stretches of {}", horizon_label(horizon)),
    }
}

/// Colours and markers of observers, by their place in the register.
const LOOKS: [(&str, Marker); 6] = [
    ("ink", Marker::Circle),
    ("link", Marker::Square),
    ("c-3", Marker::Diamond),
    ("c-4", Marker::Up),
    ("c-5", Marker::Plus),
    ("warn", Marker::Hexagon),
];

/// The look of an observer: a colour and a marker of its own.
pub fn observer(vantage: Vantage) -> Look {
    let name = vantage.name();
    let (colour, marker) = match vantage {
        Vantage::Observer(observer) => LOOKS[observer as usize % LOOKS.len()],
        Vantage::Table => ("muted", Marker::Down),
    };
    Look { label: name.to_owned(), short: name.to_owned(), colour: colour.into(), marker, baseline: false }
}

/// A value and its interval, all three finite, else `None`.
pub fn whole(estimate: Estimate) -> Option<(f64, (f64, f64))> {
    let Estimate { value, low, high } = estimate;
    [value, low, high].iter().all(|x| x.is_finite()).then_some((value, (low, high)))
}

/// A share as percent with its interval; without one where it is not finite.
pub fn share_text(estimate: Estimate) -> String {
    match whole(estimate) {
        Some((value, interval)) => percent_with_interval(value, interval),
        None if estimate.value.is_finite() => format!("{} %", fixed(100.0 * estimate.value, 1)),
        None => number::NONE.to_owned(),
    }
}

/// A share as percent without its interval, rounded to what that supports.
pub fn share_brief(estimate: Estimate) -> String {
    match whole(estimate) {
        Some((value, interval)) => percent(value, interval),
        None => share_text(estimate),
    }
}

/// A p-value: three decimals, more where those would all be 0.
pub fn p_text(p: f64) -> String {
    match p {
        p if p.is_finite() && p > 0.0 && p < 0.001 => number::significant(p),
        1.0 => "1".to_owned(),
        p => fixed(p, 3),
    }
}

/// `999 random assignments` or `all 70 assignments`, with folds and seed: what a figure of tests was measured on.
fn tested_on(result: &AuditResult) -> String {
    let counts: Vec<u64> = result.findings.iter().map(|f| f.assignments as u64).collect();
    let most = counts.iter().copied().max().unwrap_or(0);
    let all = result.findings.iter().all(|f| f.exhaustive);
    let kind = if all { "every assignment there is" } else { "random ones and the true one" };
    let noun = if most == 1 { "assignment" } else { "assignments" };
    format!("{} {noun} ({kind}), {}", grouped(most), measured_on(result))
}

/// `24 units, 23.4 h, seed 1`: what every figure names.
fn measured_on(result: &AuditResult) -> String {
    let scope = &result.scope;
    let unit = match (scope.paired, scope.units) {
        (true, 1) => "unit",
        (true, _) => "units",
        (false, 1) => "capture",
        (false, _) => "captures",
    };
    let hours = number::span(3_600.0 * scope.hours);
    format!("{} {unit}, {hours} of traffic, seed {}", grouped(scope.units as u64), scope.seed)
}

/// Observer to the left, what is distinguished to the right.
fn heading(canvas: &mut Canvas, finding: &Finding) {
    canvas.text("h f-ink", (0.0, 17.0), Anchor::Start, &shortened(finding.observer.name(), 22));
    canvas.text("t f-muted", (WIDTH, 17.0), Anchor::End, &shortened(&either_condition(finding), 46));
}

/// A range of shares for an axis: from guessing up, further down where a value lies there, at least a quarter wide,
/// from a round tenth to a round twentieth.
pub(in crate::figure) fn share_range(values: impl Iterator<Item = f64>, guess: f64) -> (f64, f64) {
    let (mut low, mut high) = (guess, guess);
    for value in values.filter(|v| v.is_finite()) {
        low = low.min(value);
        high = high.max(value);
    }
    let low = if low < guess { (low * 10.0 + 1e-9).floor() / 10.0 } else { low };
    let high = ((high * 20.0 - 1e-9).ceil() / 20.0).max(low + 0.25);
    (low.max(0.0), high.min(1.0).max(low + 0.05))
}

/// The range of [`share_range`] over all findings with as many conditions as this one: panels side by side are
/// compared, so they share their scale.
fn shared_range(
    result: &AuditResult,
    finding: &Finding,
    values: impl Fn(&Finding) -> Vec<f64>,
) -> (f64, f64) {
    let guess = guessing(finding);
    share_range(result.findings.iter().filter(|f| guessing(f) == guess).flat_map(values), guess)
}

/// The grey line of guessing as an end to be labelled.
fn guessing_end(x: f64, y: f64) -> axis::End {
    axis::End {
        point: (x, y),
        shape: Marker::Bar,
        marker: "w s-base".to_owned(),
        text: "t f-muted",
        label: "guessing".to_owned(),
    }
}

/// "Each panel is one observer …" where there is more than one.
fn per_panel(result: &AuditResult) -> &'static str {
    if result.findings.len() > 1 { " One panel per observer and task." } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn horizons_read_as_words() {
        assert_eq!(horizon_label(Horizon::Minutes(5)), "5 minutes");
        assert_eq!(horizon_plural(Horizon::Minutes(1)), "stretches of 1 minute");
        assert_eq!(horizon_over(Horizon::Round), "a whole round");
    }

    #[test]
    fn an_axis_starts_at_guessing_unless_something_lies_below() {
        assert_eq!(share_range([0.6, 0.7].into_iter(), 0.5), (0.5, 0.75));
        assert_eq!(share_range([0.42, 0.9].into_iter(), 0.5), (0.4, 0.9));
        assert_eq!(share_range([f64::NAN].into_iter(), 0.5), (0.5, 0.75));
    }

    #[test]
    fn a_small_p_keeps_its_digits() {
        assert_eq!(
            [p_text(0.0012), p_text(0.0002), p_text(1.0), p_text(f64::NAN)],
            ["0.001", "0.000200", "1", "–"]
        );
    }
}
