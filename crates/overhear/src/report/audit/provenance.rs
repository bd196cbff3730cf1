//! What an audit was made of: settings, the schedule as it was used, and every capture with its hash.

use jiff::Timestamp;

use super::sentence;
use crate::experiment::audit::result::{AuditResult, RoundUse};
use crate::figure::DataTable;
use crate::figure::number::{self, fixed, grouped, span};

/// What was audited, as names and values.
pub(super) fn scope(result: &AuditResult) -> Vec<(&'static str, String)> {
    let scope = &result.scope;
    let used = (0..result.schedule.len()).filter(|&index| result.left_out(index).is_none()).count();
    let unit =
        if scope.paired { "units that hold every condition" } else { "captures, each a unit by itself" };
    vec![
        ("device", scope.device.clone()),
        (
            "traffic",
            scope.generated.clone().map_or_else(|| "captured".to_owned(), |g| format!("generated: {g}")),
        ),
        ("conditions", listed(&scope.conditions)),
        ("units", format!("{} {unit}", grouped(scope.units as u64))),
        ("rounds", format!("{} used of {}", grouped(used as u64), grouped(result.schedule.len() as u64))),
        (
            "time",
            format!("{} of traffic within {}", span(3_600.0 * scope.hours), span(86_400.0 * scope.days)),
        ),
        ("learners", listed(&scope.learners)),
        ("windows", listed(&scope.windowings.iter().map(ToString::to_string).collect::<Vec<_>>())),
        ("second by second", listed(&scope.sequences.iter().map(ToString::to_string).collect::<Vec<_>>())),
        ("order of conditions", orders(result)),
    ]
}

/// What is known of the order, task by task where they differ.
fn orders(result: &AuditResult) -> String {
    let mut known: Vec<(String, &str)> = Vec::new();
    for finding in &result.findings {
        let order = sentence::order(finding);
        if !known.iter().any(|(text, _)| *text == order) {
            known.push((order, &finding.task));
        }
    }
    match known.as_slice() {
        [] => number::NONE.to_owned(),
        [(one, _)] => one.clone(),
        several => {
            several.iter().map(|(text, task)| format!("{task}: {text}")).collect::<Vec<_>>().join("; ")
        }
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { number::NONE.to_owned() } else { names.join(", ") }
}

/// How it was computed.
pub(super) fn settings(result: &AuditResult) -> Vec<(&'static str, String)> {
    let scope = &result.scope;
    let run =
        scope.run.iter().flat_map(|run| [("command", run.command.clone()), ("finished", run.date.clone())]);
    let settings = [
        ("program", format!("Overhear {}", scope.version)),
        ("seed", scope.seed.to_string()),
        ("assignments asked for", grouped(scope.permutations as u64)),
        ("folds of units", format!("{} in the randomisation test", folds(result))),
        ("repetitions", format!("{} of the nested cross-validation", scope.repetitions)),
        ("threads", scope.threads.to_string()),
        ("time taken", span(scope.elapsed_s)),
    ];
    run.chain(settings).collect()
}

/// Folds of the tests: one number, or the range of several.
fn folds(result: &AuditResult) -> String {
    let folds = || result.findings.iter().map(|finding| finding.folds);
    match (folds().min(), folds().max()) {
        (Some(least), Some(most)) if least < most => format!("{least} to {most}"),
        (Some(one), _) => one.to_string(),
        _ => number::NONE.to_owned(),
    }
}

/// The rounds in the order of the campaign.
pub(super) fn schedule(result: &AuditResult) -> DataTable {
    let rows = result.schedule.iter().enumerate().map(|(index, r)| {
        let left_out = result.left_out(index);
        vec![
            r.capture.clone(),
            r.condition.clone(),
            began(r),
            left_out.map_or_else(|| "used".to_owned(), |fact| format!("left out: {fact}")),
            r.unit.to_string(),
            if r.duration_s.is_finite() { fixed(r.duration_s / 60.0, 1) } else { number::NONE.to_owned() },
            grouped(r.packets),
        ]
    });
    let head = ["capture", "condition", "began (UTC)", "use", "unit", "minutes", "packets"];
    let caption = format!("Schedule, {} rounds", result.schedule.len());
    DataTable::new(&caption, 4, &head, rows.collect())
}

fn began(round: &RoundUse) -> String {
    let stamp = round.start_ns.and_then(|ns| Timestamp::from_nanosecond(ns.into()).ok());
    stamp.map_or_else(|| number::NONE.to_owned(), |t| t.strftime("%Y-%m-%d %H:%M").to_string())
}

/// Every capture with its hash.
pub(super) fn hashes(result: &AuditResult) -> DataTable {
    let rows = result.schedule.iter().filter_map(|r| Some(vec![r.capture.clone(), r.sha256.clone()?]));
    DataTable::new("", 2, &["capture", "SHA-256"], rows.collect())
}
