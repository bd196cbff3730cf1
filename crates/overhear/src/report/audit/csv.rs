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
