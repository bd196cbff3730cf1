//! The sentences of defences, from the numbers.

use crate::experiment::audit::result::Estimate;
use crate::experiment::audit::view::{Horizon, Vantage};
use crate::experiment::defend::measure::Reached;
use crate::experiment::defend::result::{Choice, Frontier, Point, Recommendation, SeenPoint, Undefended};
use crate::figure::audit::{horizon_label, horizon_over};
use crate::figure::number::{fixed, grouped, span};
use crate::report::audit::sentence::line;
use crate::report::audit::who;
use crate::report::words::{capital, counted};

/// A card: for one observer.
pub(super) struct Card {
    pub against: String,
    pub value: String,
    pub class: &'static str,
    pub text: Vec<String>,
}

/// `0.98 (0.93 to 1.00)`.
pub(super) fn estimate(ba: Estimate) -> String {
    format!("{} ({} to {})", fixed(ba.value, 2), fixed(ba.low, 2), fixed(ba.high, 2))
}

/// A stack in a sentence: `normalise-ttl, then batch:ms=250`.
pub(super) fn spoken(stack: &str) -> String {
    stack.split(' ').collect::<Vec<_>>().join(", then ")
}

/// What a stack costs: `3.1 MB a day and 120 ms of delay for 99 % of the packets`.
pub(super) fn costs(point: &Point) -> String {
    let cost = &point.cost;
    let mut parts = vec![megabytes(cost.mb_a_day())];
    if cost.delay_p99_ms > 0.0 {
        parts.push(format!("at most {} of delay for 99 % of the packets", milliseconds(cost.delay_p99_ms)));
    } else {
        parts.push("no delay".to_owned());
    }
    if cost.dropped_share > 0.0 {
        parts.push(format!("{} % of the packets dropped", fixed(100.0 * cost.dropped_share, 1)));
    }
    match parts.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => parts.concat(),
    }
}

/// `no bytes`, `3.1 MB a day`, `0.2 MB a day less`.
pub(super) fn megabytes(mb: f64) -> String {
    match mb {
        0.0 => "no bytes".to_owned(),
        mb if mb < 0.0 => format!("{} MB a day less", fixed(-mb, 2)),
        mb if mb < 10.0 => format!("{} MB a day", fixed(mb, 2)),
        mb => format!("{} MB a day", grouped(mb.round() as u64)),
    }
}

/// `0.4 ms`, `250 ms`.
pub(super) fn milliseconds(ms: f64) -> String {
    if ms < 10.0 { format!("{} ms", fixed(ms, 1)) } else { format!("{} ms", grouped(ms.round() as u64)) }
}

/// The shortest horizon, at which stacks are told apart best: over longer ones many leave everything; and the longest.
pub(super) fn horizons(own: &Undefended) -> (Horizon, Horizon) {
    let of = |at: Option<&Reached>| at.map_or(Horizon::Window, |at| at.horizon);
    (of(own.reached.first()), of(own.reached.last()))
}

/// What is reached at a horizon.
pub(super) fn at(reached: &[Reached], horizon: Horizon) -> Option<&Reached> {
    reached.iter().find(|at| at.horizon == horizon)
}

/// What an observer still learns behind a point, worst attacker, over one window and over the longest stretch.
fn left(result: &Frontier, observer: Vantage, point: &Point) -> String {
    let Some(seen) = point.seen_by(observer) else { return String::new() };
    let worst = seen.worst();
    let own = result.undefended.iter().find(|own| own.observer == observer);
    let (shortest, longest) = own.map_or((Horizon::Window, Horizon::Round), horizons);
    let mut parts = Vec::new();
    for horizon in [Some(shortest), (longest != shortest).then_some(longest)].into_iter().flatten() {
        let was = own.and_then(|own| at(&own.reached, horizon));
        let was =
            was.map_or_else(String::new, |was| format!(", {} before", fixed(was.balanced_accuracy.value, 2)));
        if let Some(now) = at(&worst, horizon) {
            parts.push(format!("{} over {}{was}", estimate(now.balanced_accuracy), horizon_over(horizon)));
        }
    }
    parts.join("; ")
}

/// What a recommendation says, in one sentence or a few.
pub(super) fn sentence(result: &Frontier, own: &Recommendation) -> String {
    let against = who(own.observer);
    let budget = &result.sweep.budget;
    let within = format!("{} MB a day and {} ms", fixed(budget.mb_a_day, 1), fixed(budget.delay_p99_ms, 0));
    match &own.choice {
        Choice::Nothing => nothing(result, own.observer),
        Choice::Use { confirmed, failed, .. } => {
            let again = match failed.len() {
                0 => String::new(),
                n => format!(
                    " {} had seemed enough and did not hold when tried again.",
                    capital(&counted(n, "cheaper stack"))
                ),
            };
            format!(
                "Against {against}: {} ({}). It costs {}; an attacker who learns from defended traffic has a balanced accuracy of {}.{again}",
                spoken(&confirmed.stack),
                runs(&confirmed.who),
                costs(confirmed),
                left(result, own.observer, confirmed)
            )
        }
        Choice::None { nearest, failed } => {
            let again = match failed.len() {
                0 => String::new(),
                n => format!(
                    " {} had seemed enough and did not hold when tried again.",
                    capital(&counted(n, "stack"))
                ),
            };
            let nearest = match nearest {
                Some(point) => format!(
                    " Nearest comes {} ({}), at {}: still {}.",
                    spoken(&point.stack),
                    runs(&point.who),
                    costs(point),
                    left(result, own.observer, point)
                ),
                None => {
                    " Everything that was tried and changes what this observer sees costs more.".to_owned()
                }
            };
            format!("Against {against} no defence that was tried is enough within {within}.{again}{nearest}")
        }
    }
}

fn runs(who: &str) -> String {
    format!("run by {who}")
}

fn nothing(result: &Frontier, observer: Vantage) -> String {
    let against = who(observer);
    let verdict = result.finding(observer).map(|finding| line(&result.audit, finding));
    let verdict = verdict.unwrap_or_else(|| "INCONCLUSIVE: nothing could be compared".to_owned());
    format!(
        "Against {against} nothing is recommended, since no leak was shown that a defence could remove. The audit of the recordings as they are: \
         {verdict}."
    )
}

/// One card for each observer.
pub(super) fn cards(result: &Frontier) -> Vec<Card> {
    let card = |own: &Recommendation| {
        let (value, class) = match &own.choice {
            Choice::Nothing => ("Nothing".to_owned(), "open"),
            Choice::Use { confirmed, .. } => (confirmed.names.join(" + "), "yes"),
            Choice::None { .. } => ("Nothing is enough".to_owned(), "no"),
        };
        Card {
            against: format!("against {}", who(own.observer)),
            value,
            class,
            text: vec![sentence(result, own)],
        }
    };
    result.recommended.iter().map(card).collect()
}

/// What was tried, in a few sentences.
pub(super) fn tried(result: &Frontier) -> String {
    let scope = &result.audit.scope;
    let rounds = if scope.paired { counted(scope.units, "pair") } else { counted(scope.units, "recording") };
    format!(
        "{} of defences on {rounds}, {} of traffic under {}. Attackers learnt from defended recordings of other units than they are tried on. \
         The recordings do not react to what a defence does: far ends and the device would have, to delay above all.",
        capital(&counted(result.points.len(), "stack")),
        span(3_600.0 * scope.hours),
        scope.conditions.join(", ")
    )
}

/// What has to be known before any of it is believed.
pub(super) fn limits(result: &Frontier) -> Vec<String> {
    let scope = &result.audit.scope;
    let rate = |bits: Option<u64>| {
        bits.map_or_else(
            || "an unbounded link".to_owned(),
            |bits| format!("{} Mbit/s", fixed(bits as f64 / 1e6, 1)),
        )
    };
    let mut limits = vec![
        "A recorded trace does not react: a device or far end that waits longer, repeats or gives up would send other packets. That matters \
         most for defences that delay, drop or block."
            .to_owned(),
        format!(
            "Everything goes through a link of {} up and {} down, cover included; delay is counted against the same link without a defence.",
            rate(result.sweep.up_bits_per_s),
            rate(result.sweep.down_bits_per_s)
        ),
        "As many stacks were tried on the same recordings, the one that looks best is partly lucky. What is recommended was tried again, with \
         other draws and with the audit's attackers."
            .to_owned(),
        "An attacker who filters learnt in a home of its own which packets are cover, by their headers and lengths. One who uses times as well \
         may recognise more."
            .to_owned(),
    ];
    if scope.observers.contains(&Vantage::Observer(overhear_traffic::observer::Observer::Wifi)) {
        limits.push(
            "What a router does to the device's packets it does behind the air between them: against a Wi-Fi sniffer only what the maker or the \
             owner does is recommended."
                .to_owned(),
        );
    }
    limits
}

/// A horizon's heading.
pub(super) fn heading(horizon: Horizon) -> String {
    horizon_label(horizon)
}

/// Whether the target is reached, with its sign.
pub(super) fn reaches(result: &Frontier, point: &Point, seen: &SeenPoint) -> &'static str {
    let budget = &result.sweep.budget;
    let is_reached = budget.is_reached(&seen.worst(), result.audit.scope.conditions.len());
    match (is_reached, budget.allows(&point.cost), seen.is_seen) {
        (true, true, true) => "● reached",
        (true, false, true) => "◐ reached, too dear",
        (_, _, false) => "– not seen here",
        _ => "○ missed",
    }
}
