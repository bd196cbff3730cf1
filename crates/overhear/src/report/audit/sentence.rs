//! An audit's facts as sentences: the verdict's line, why, what a control found, what to do next.
//!
//! Everything an audit decides is decided before; nothing here changes an answer.

use crate::experiment::audit::LEAK_ABOVE;
use crate::experiment::audit::result::{
    Advice, Answer, AtHorizon, AuditResult, Control, ControlFound, Estimate, Finding, Order, Pattern, Reason,
};
use crate::experiment::audit::view::{Vantage, as_far_from_guessing};
use crate::experiment::defend::is_seen;
use crate::figure::audit::{horizon_over, one_from_other};
use crate::figure::number::{fixed, span};
use crate::figure::style;
use overhear_change::defence::{Aspect, DEFENCES, Entry, Who};
use overhear_traffic::feature;
use overhear_traffic::observer::Need;

/// The verdict of the whole audit in one line: that of the worst finding.
pub fn verdict(result: &AuditResult) -> String {
    let of = |finding| line(result, finding);
    result.worst().map_or_else(|| "INCONCLUSIVE: nothing could be compared".to_owned(), of)
}

/// A finding's verdict in one line: begins `LEAK`, `NO LEAK ABOVE` or `INCONCLUSIVE`.
pub fn line(result: &AuditResult, finding: &Finding) -> String {
    let apart = one_from_other(finding);
    let distinguished = match finding.conditions.as_slice() {
        [a, b] => format!("{a} can be distinguished from {b}"),
        several => format!("{} can be distinguished", several.join(", ")),
    };
    match (finding.answer, finding.clearest()) {
        (Answer::Leak, Some(h)) => format!(
            "LEAK: {distinguished}, p = {}, balanced accuracy {} over {}",
            p(finding.p),
            interval(h.quoted),
            horizon_over(h.horizon)
        ),
        (Answer::NoLeak, _) => {
            let limits = finding
                .horizons
                .iter()
                .map(|h| format!("{} over {}", fixed(h.limit, 2), horizon_over(h.horizon)));
            format!(
                "NO LEAK ABOVE {}: {apart}, {}",
                limits.collect::<Vec<_>>().join(", "),
                scope(result, finding)
            )
        }
        _ => format!("INCONCLUSIVE: {}", reason(finding)),
    }
}

/// Why, in one plain sentence that names observer, learners and amount of data.
pub fn sentence(result: &AuditResult, finding: &Finding) -> String {
    let scope = scope(result, finding);
    let mut text = match (finding.answer, finding.clearest()) {
        (Answer::Leak, Some(h)) => format!(
            "With {scope}, {} of cases are classified correctly over {} (95 % interval {}; guessing gives {} %); a \
             result this clear comes by chance with p = {}.",
            share(h.quoted.value),
            horizon_over(h.horizon),
            shares(h.quoted),
            fixed(100.0 / finding.conditions.len() as f64, 0),
            p(finding.p)
        ),
        (Answer::NoLeak, _) => format!(
            "With {scope}, every interval ends below its limit; a stronger or more patient attacker may exist."
        ),
        _ => format!("With {scope}, there is no answer yet: {}.", reason(finding)),
    };
    if let Some((h, day)) = finding.clearest().and_then(|h| Some((h, h.day_left_out?))) {
        text.push_str(&format!(
            " On a whole day that was left out: {} over {} ({}).",
            share(day.value),
            horizon_over(h.horizon),
            shares(day)
        ));
    }
    if finding.knows_home() {
        text.push_str(&format!(" {KNOWS_HOME}"));
    }
    text
}

/// What leaks of known size the audit would have found, the smallest dose of each; `None` where none were planted.
pub fn would_have_found(result: &AuditResult) -> Option<String> {
    let sensitivity = result.sensitivity.as_ref()?;
    let (found, missed): (Vec<_>, Vec<_>) =
        sensitivity.kinds.iter().partition(|kind| kind.smallest().is_some());
    let doses: Vec<String> = found.iter().filter_map(|kind| Some(kind.at(kind.smallest()?))).collect();
    let names: Vec<&str> = missed.iter().map(|kind| kind.plant.as_str()).collect();
    let found = match doses.is_empty() {
        true => "It would have found none of the leaks that were planted to try it".to_owned(),
        false => format!("It would have found: {}", doses.join("; ")),
    };
    Some(match names.is_empty() || doses.is_empty() {
        true => format!("{found}."),
        false => format!("{found}. Not found at any dose tried: {}.", names.join(", ")),
    })
}

/// Said wherever an estimate is spoken of that takes an attacker with a baseline.
pub const KNOWS_HOME: &str = "It takes an attacker who has watched this home before: what is compared is a round less the home's usual level.";

/// Who looked, with which learners, at how much.
fn scope(result: &AuditResult, finding: &Finding) -> String {
    let learners: Vec<String> =
        result.scope.learners.iter().map(|l| style::in_sentence(&style::learner(l).label)).collect();
    let units = match (finding.paired, finding.units, finding.hours > 0.0) {
        (_, 1, _) => "1 unit".to_owned(),
        (false, n, true) => format!("{n} captures"),
        (_, n, _) => format!("{n} units"),
    };
    // a table need not say when its rows were measured
    let data = match finding.hours > 0.0 {
        true => format!("{} of traffic in {units}", span(3_600.0 * finding.hours)),
        false => units,
    };
    let order = if finding.order == Order::Unknown { " of unknown order" } else { "" };
    format!("observer {}, {}, {data}{order}", finding.observer, learners.join(", "))
}

/// What an inconclusive finding lacks.
fn reason(finding: &Finding) -> String {
    match &finding.reason {
        Reason::Shown { .. } | Reason::BelowLimits => String::new(),
        Reason::ControlFailed { control } => match finding.controls.iter().find(|c| c.name == *control) {
            Some(failed) => format!("the control \u{201c}{control}\u{201d} failed: {}", detail(failed)),
            None => format!("the control \u{201c}{control}\u{201d} failed"),
        },
        Reason::ControlNotRun { control } => {
            format!(
                "the control \u{201c}{control}\u{201d} has too few units to show that a leak would be found"
            )
        }
        Reason::Capped { fact } => fact.to_string(),
        Reason::ConditionWithTime { order_p, pattern } => {
            let differ = match finding.p <= 0.05 {
                true => format!("they differ (p = {}), but condition and time go together", p(finding.p)),
                false => "condition and time go together".to_owned(),
            };
            match pattern {
                Pattern::DaysApart | Pattern::NoClock => format!("{differ}: {}", how(*pattern)),
                _ => {
                    format!("{differ}: {}, as a coin does once in {} orders", how(*pattern), times(*order_p))
                }
            }
        }
        Reason::TooFewPermutations { permutations, least } => format!(
            "{permutations} assignments are too few: p is {} at best; {least} are the least",
            p(finding.smallest_p)
        ),
        Reason::TooFewCaptures => format!(
            "{} captures cannot tell the condition from the day: whatever they show, p is {} at best",
            finding.units,
            p(finding.smallest_p)
        ),
        Reason::TooFewUnits => format!(
            "{} units are too few, in this order and on these days: p is {} at best; 24 pairs over three days are the \
             default",
            finding.units,
            p(finding.smallest_p)
        ),
        Reason::NoInterval => format!(
            "{} {} are too few for an interval: it takes four of each condition",
            finding.units,
            if finding.paired { "units" } else { "captures" }
        ),
        Reason::NotShownLarge => {
            let least = as_far_from_guessing(LEAK_ABOVE, finding.conditions.len());
            let ends: Vec<String> = finding
                .clearest()
                .iter()
                .map(|h| format!("{} over {}", interval(h.quoted), horizon_over(h.horizon)))
                .collect();
            format!(
                "something differs (p = {}), but it is not shown to be more than {least:.2} ({})",
                p(finding.p),
                ends.join("")
            )
        }
        Reason::PastLimit { horizons } => {
            let open = finding.horizons.iter().filter(|h| horizons.contains(&h.horizon));
            let of = |h: &AtHorizon| {
                let e = h.balanced_accuracy;
                format!("{} to {} over {}", fixed(e.low, 2), fixed(e.high, 2), horizon_over(h.horizon))
            };
            let ends: Vec<String> = open.map(of).collect();
            format!("p = {}, and the interval reaches past the limit ({})", p(finding.p), ends.join("; "))
        }
    }
}

fn how(pattern: Pattern) -> &'static str {
    match pattern {
        Pattern::Place => "one condition nearly always came first",
        Pattern::Day => "conditions keep to days",
        Pattern::Time => "one condition was recorded before the other",
        Pattern::TimeOfDay => "one condition keeps to a time of day",
        Pattern::Weekday => "conditions keep to days of the week",
        Pattern::Runs => "conditions come in runs",
        Pattern::DaysApart => "most days hold one condition alone",
        Pattern::NoClock => "the captures do not say when they were recorded",
    }
}

/// What is known of the order, as a sentence.
pub fn order(finding: &Finding) -> String {
    match &finding.order {
        Order::Drawn { plan_sha256 } => {
            format!("drawn beforehand and followed (plan {})", plan_sha256.get(..12).unwrap_or(plan_sha256))
        }
        Order::LikeCoin { p: found } => format!("cannot be distinguished from a coin's (p = {})", p(*found)),
        Order::WithTime { p: found, pattern } => {
            format!("condition and time go together: {} (p = {})", how(*pattern), p(*found))
        }
        Order::Unknown => "unknown: there are no times".to_owned(),
    }
}

/// What a control found, in a sentence.
pub fn detail(control: &Control) -> String {
    match &control.found {
        ControlFound::TooFewRounds { rounds, least } => {
            let rounds = if *rounds == 1 { "1 round is".to_owned() } else { format!("{rounds} rounds are") };
            format!("{rounds} too few: it takes {least}")
        }
        ControlFound::NoTimes => "there are no times".to_owned(),
        ControlFound::TooFewDays { days } => {
            let days = if *days == 1 { "1 day has".to_owned() } else { format!("{days} days have") };
            format!("{days} several rounds of it: too few to compare days")
        }
        ControlFound::Neighbours { pairs, p: found } => {
            let rejected = match control.passed {
                Some(false) => "rejected: rounds of one condition differ with time by themselves",
                _ => "not rejected",
            };
            format!(
                "the first of {pairs} neighbouring rounds against the second: p = {}, {rejected}",
                p(*found)
            )
        }
        ControlFound::Days { days, p: found, balanced } => {
            let said = match (*found > 0.01, balanced) {
                (true, _) => "not rejected",
                (false, true) => {
                    "days differ, and every day holds each condition equally often: they explain nothing"
                }
                (false, false) => {
                    "rejected: days differ by themselves, and conditions are not spread evenly over them"
                }
            };
            format!("{days} days compared: p = {}, {said}", p(*found))
        }
        ControlFound::Positive { from, balanced_accuracy, horizon } => match (balanced_accuracy, horizon) {
            (Some(e), Some(horizon)) => format!(
                "against {from}: balanced accuracy {} over {} (0.9 is asked for)",
                interval(*e),
                horizon_over(*horizon)
            ),
            _ => format!("against {from}: too few units"),
        },
    }
}

/// What to do next, in sentences.
pub fn advice(finding: &Finding) -> Vec<String> {
    finding.advice.iter().map(|advice| advised(finding, advice)).collect()
}

fn advised(finding: &Finding, advice: &Advice) -> String {
    match advice {
        Advice::Defend => defend(finding),
        Advice::CompareLater => {
            "Audit again after the change with the same schedule, and compare the two with `overhear gate --compare`."
                .to_owned()
        }
        Advice::Repeat => {
            "Repeat the audit after each firmware update; `overhear gate` does it on a build server.".to_owned()
        }
        Advice::FindDisturbance => {
            "Look for what changed between rounds (updates, other devices, the place), and record again in an order \
             that `overhear plan` draws."
                .to_owned()
        }
        Advice::CheckCapture => {
            "Check that the capture sees the device's traffic, with `overhear inspect`.".to_owned()
        }
        Advice::RepairRounds => {
            "Repair or record again the rounds that are left out; each is named with its reason.".to_owned()
        }
        Advice::DrawOrder => {
            "Record pairs of rounds in random order: `overhear plan --pairs 24` draws one that is balanced within days."
                .to_owned()
        }
        Advice::MorePermutations { least } => format!("Ask for more assignments: `--permutations {least}` or more."),
        Advice::MoreUnits { more, all } => {
            format!("Record about {more} more units ({all} in all), if what was found so far is the truth.")
        }
        Advice::OnTheLimit => {
            "What was found lies on the limit itself: more units would hardly settle it.".to_owned()
        }
    }
}

/// Defences against what gives most away, among those that change what this observer sees.
fn defend(finding: &Finding) -> String {
    let sees = |need: Need| match finding.observer {
        Vantage::Observer(observer) => observer.sees(need),
        Vantage::Table => true,
    };
    let mut defences: Vec<&str> = Vec::new();
    for leak in finding.features.iter().take(5) {
        let seen = feature::find(&leak.feature).filter(|feature| sees(feature.needs));
        match seen.and_then(|feature| feature.reduced_by) {
            Some(defence) if !defences.contains(&defence) => defences.push(defence),
            _ => {}
        }
    }
    let named = |defence: &&str| match names(defence, finding.observer).join(", ") {
        none if none.is_empty() => (*defence).to_owned(),
        names => format!("{defence} ({names})"),
    };
    let tried = match defences.is_empty() {
        true => String::new(),
        false => {
            let named: Vec<String> = defences.iter().map(named).collect();
            format!(" What this observer would see a change in: {}.", named.join("; "))
        }
    };
    format!(
        "Find what gives it away in the table of single features, and see with `overhear defend` which defence removes it and what it costs.{tried}"
    )
}

/// At most so many defences are named for one thing to do.
const MOST_NAMES: usize = 3;

/// Defences of the register that do so where this observer sees it, those that the router runs alone first.
fn names(does: &str, observer: Vantage) -> Vec<&'static str> {
    let aspect = match does {
        "pad lengths" => Aspect::Length,
        "batch packets in time" => Aspect::Time,
        "normalise TTLs" => Aspect::Ttl,
        "quantise TCP windows" => Aspect::TcpWindow,
        _ => Aspect::Count,
    };
    // what blocks or drops is no cover
    let fits = |entry: &&&Entry| {
        entry.touches.contains(&aspect) && entry.drops.is_none() && is_seen(entry, observer)
    };
    let mut fitting: Vec<&&Entry> = DEFENCES.iter().filter(fits).collect();
    // those that touch least else, and those that need nobody else, first
    fitting.sort_by_key(|entry| (entry.touches.len(), entry.who != Who::Router));
    fitting.into_iter().take(MOST_NAMES).map(|entry| entry.name).collect()
}

fn interval(e: Estimate) -> String {
    format!("{} ({} to {})", fixed(e.value, 2), fixed(e.low, 2), fixed(e.high, 2))
}

fn share(value: f64) -> String {
    format!("{} %", fixed(100.0 * value, 0))
}

fn shares(e: Estimate) -> String {
    format!("{} to {} %", fixed(100.0 * e.low, 0), fixed(100.0 * e.high, 0))
}

fn times(p: f64) -> String {
    crate::figure::number::grouped((1.0 / p.max(1e-9)).round().max(1.0) as u64)
}

fn p(p: f64) -> String {
    if p < 0.001 { fixed(p, 4) } else { fixed(p, 3) }
}
