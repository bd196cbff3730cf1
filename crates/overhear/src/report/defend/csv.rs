//! Every point as CSV; an undefined value is an empty cell, a float reads back to the same bits.

use crate::Error;
use crate::experiment::defend::measure::Reached;
use crate::experiment::defend::result::Frontier;
use crate::report::csv::{float, table};

/// A row for each stack, observer, attacker (`old`, `retrained`, `filtered`) and horizon, with the stack's cost; the rows of `none` are the
/// undefended ones.
///
/// # Errors
/// Where the table cannot be written.
pub fn frontier(result: &Frontier) -> Result<Vec<u8>, Error> {
    let head = [
        "stack",
        "observer",
        "attacker",
        "horizon",
        "balanced_accuracy",
        "low",
        "high",
        "bits",
        "up_mb_a_day",
        "down_mb_a_day",
        "delay_p50_ms",
        "delay_p99_ms",
        "delay_max_ms",
        "dropped_share",
        "draws",
    ];
    let row = |names: [String; 3], at: &Reached, costs: &[Option<f64>]| {
        let ba = at.balanced_accuracy;
        let values = [ba.value, ba.low, ba.high, at.bits].map(|x| float(Some(x)));
        let horizon = std::iter::once(at.horizon.to_string());
        names.into_iter().chain(horizon).chain(values).chain(costs.iter().copied().map(float)).collect()
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    for own in &result.undefended {
        let names = || ["none".to_owned(), own.observer.to_string(), "retrained".to_owned()];
        rows.extend(own.reached.iter().map(|at| row(names(), at, &[None; 7])));
    }
    for point in &result.points {
        let cost = point.cost;
        let delays = [cost.delay_p50_ms, cost.delay_p99_ms, cost.delay_max_ms];
        let costs: Vec<Option<f64>> = [cost.up_mb_a_day, cost.down_mb_a_day]
            .into_iter()
            .chain(delays)
            .chain([cost.dropped_share, point.draws as f64])
            .map(Some)
            .collect();
        for seen in &point.seen {
            let attackers = [
                ("old", Some(&seen.old)),
                ("retrained", Some(&seen.retrained)),
                ("filtered", seen.filtered.as_ref()),
            ];
            for (attacker, reached) in attackers {
                let names = || [point.stack.clone(), seen.observer.to_string(), attacker.to_owned()];
                rows.extend(reached.into_iter().flatten().map(|at| row(names(), at, &costs)));
            }
        }
    }
    table("frontier.csv", &head, rows.into_iter())
}
