//! The tables of an audit as CSV; an undefined value is an empty cell, a float reads back to the same bits.

use crate::experiment::audit::result::AuditResult;
use crate::report::Error;
use crate::report::csv::{float, table};

/// `task, observer, learner, windowing, horizon, balanced_accuracy, t, p_single`.
///
/// # Errors
/// Where the table cannot be written.
pub fn statistics(result: &AuditResult) -> Result<Vec<u8>, Error> {
    let head = ["task", "observer", "learner", "windowing", "horizon", "balanced_accuracy", "t", "p_single"];
    let rows = result.findings.iter().flat_map(|f| {
        f.statistics.iter().map(move |s| {
            let names = [&f.task, &f.observer, &s.learner, &s.windowing, &s.horizon].map(Clone::clone);
            let values = [s.balanced_accuracy, s.t, s.p_single].map(|x| float(Some(x)));
            names.into_iter().chain(values).collect()
        })
    });
    table("statistics.csv", &head, rows)
}

/// `task, observer, horizon, balanced_accuracy, low, high, auc, limit`.
///
/// # Errors
/// Where the table cannot be written.
pub fn horizons(result: &AuditResult) -> Result<Vec<u8>, Error> {
    let head = ["task", "observer", "horizon", "balanced_accuracy", "low", "high", "auc", "limit"];
    let rows = result.findings.iter().flat_map(|f| {
        f.horizons.iter().map(move |h| {
            let e = h.balanced_accuracy;
            let values = [Some(e.value), Some(e.low), Some(e.high), h.auc.map(|a| a.value), Some(h.limit)];
            let names = [&f.task, &f.observer, &h.horizon].map(Clone::clone);
            names.into_iter().chain(values.map(float)).collect()
        })
    });
    table("horizons.csv", &head, rows)
}
