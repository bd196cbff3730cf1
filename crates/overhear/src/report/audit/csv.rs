//! The tables of an audit as CSV; an undefined value is an empty cell, a float reads back to the same bits.

use crate::Error;
use crate::experiment::audit::result::AuditResult;
use crate::report::csv::{float, table};

/// `task, observer, learner, windowing, horizon, balanced_accuracy, t, p_single`.
///
/// # Errors
/// Where the table cannot be written.
pub fn statistics(result: &AuditResult) -> Result<Vec<u8>, Error> {
    let head = ["task", "observer", "learner", "windowing", "horizon", "balanced_accuracy", "t", "p_single"];
    let rows = result.findings.iter().flat_map(|f| {
        f.statistics.iter().map(move |s| {
            let names = [f.task.clone(), f.observer.to_string(), s.learner.clone()];
            let place = [s.windowing.to_string(), s.horizon.to_string()];
            let values = [s.balanced_accuracy, s.t, s.p_single].map(|x| float(Some(x)));
            names.into_iter().chain(place).chain(values).collect()
        })
    });
    table("statistics.csv", &head, rows)
}

/// `task, observer, horizon, balanced_accuracy, low, high, quoted_low, quoted_high, day_left_out, auc, limit`.
///
/// # Errors
/// Where the table cannot be written.
pub fn horizons(result: &AuditResult) -> Result<Vec<u8>, Error> {
    let head = [
        "task",
        "observer",
        "horizon",
        "balanced_accuracy",
        "low",
        "high",
        "quoted_low",
        "quoted_high",
        "day_left_out",
        "auc",
        "limit",
    ];
    let rows = result.findings.iter().flat_map(|f| {
        f.horizons.iter().map(move |h| {
            let e = h.balanced_accuracy;
            let (day, auc) = (h.day_left_out.map(|d| d.value), h.auc.map(|a| a.value));
            let quoted = [Some(h.quoted.low), Some(h.quoted.high)];
            let values = [Some(e.value), Some(e.low), Some(e.high)];
            let values = values.into_iter().chain(quoted).chain([day, auc, Some(h.limit)]);
            let names = [f.task.clone(), f.observer.to_string(), h.horizon.to_string()];
            names.into_iter().chain(values.map(float)).collect()
        })
    });
    table("horizons.csv", &head, rows)
}

/// `task, observer, horizon, round, capture, condition, unit, start_ns, duration_s, packets, left_out, correct`: each round of
/// the schedule, numbered from 1, under each finding; `correct` is the share of its blocks that was classified correctly when no learner
/// had seen it.
///
/// # Errors
/// Where the table cannot be written.
pub fn rounds(result: &AuditResult) -> Result<Vec<u8>, Error> {
    let head = [
        "task",
        "observer",
        "horizon",
        "round",
        "capture",
        "condition",
        "unit",
        "start_ns",
        "duration_s",
        "packets",
        "left_out",
        "correct",
    ];
    let rows = result.findings.iter().flat_map(|f| {
        let horizon = f.horizons.first().map_or_else(String::new, |h| h.horizon.to_string());
        let of_task = |condition: &String| f.conditions.contains(condition);
        result.schedule.iter().enumerate().filter(move |(_, r)| of_task(&r.condition)).map(
            move |(index, r)| {
                let found =
                    f.rounds.iter().find(|found| found.round == index).and_then(|found| found.correct);
                let left_out = result.left_out(index).map_or_else(String::new, ToString::to_string);
                vec![
                    f.task.clone(),
                    f.observer.to_string(),
                    horizon.clone(),
                    (index + 1).to_string(),
                    r.capture.clone(),
                    r.condition.clone(),
                    r.unit.to_string(),
                    r.start_ns.map_or_else(String::new, |ns| ns.to_string()),
                    float(Some(r.duration_s)),
                    r.packets.to_string(),
                    left_out,
                    float(found),
                ]
            },
        )
    });
    table("rounds.csv", &head, rows)
}
