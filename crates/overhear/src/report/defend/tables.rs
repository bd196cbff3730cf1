//! The tables of defences.

use super::words;
use crate::experiment::audit::view::{Horizon, Vantage};
use crate::experiment::defend::measure::Reached;
use crate::experiment::defend::result::{Frontier, SeenPoint, Undefended};
use crate::figure::DataTable;
use crate::figure::number::{NONE, fixed};

fn ba(reached: &[Reached], horizon: Horizon) -> String {
    words::at(reached, horizon).map_or_else(|| NONE.to_owned(), |at| words::estimate(at.balanced_accuracy))
}

/// Every stack against one observer, the cheapest first: cost, and what each attacker reaches at a horizon.
pub(super) fn points(result: &Frontier, own: &Undefended) -> DataTable {
    let (horizon, longest) = words::horizons(own);
    let mut rows = vec![vec![
        "no defence".to_owned(),
        NONE.to_owned(),
        NONE.to_owned(),
        "0.00".to_owned(),
        "0.0".to_owned(),
        "0.0".to_owned(),
        NONE.to_owned(),
        ba(&own.reached, horizon),
        NONE.to_owned(),
        words::at(&own.reached, horizon).map_or_else(|| NONE.to_owned(), |at| fixed(at.bits, 2)),
        ba(&own.reached, longest),
    ]];
    let mut points: Vec<_> = result.points.iter().collect();
    points.sort_by(|a, b| a.cost.mb_a_day().total_cmp(&b.cost.mb_a_day()));
    for point in points {
        let Some(seen) = point.seen_by(own.observer) else { continue };
        let worst = seen.worst();
        rows.push(vec![
            point.stack.clone(),
            point.who.clone(),
            words::reaches(result, point, seen).to_owned(),
            fixed(point.cost.mb_a_day(), 2),
            fixed(point.cost.delay_p99_ms, 1),
            fixed(100.0 * point.cost.dropped_share, 1),
            ba(&seen.old, horizon),
            ba(&seen.retrained, horizon),
            filtered(seen, horizon),
            words::at(&worst, horizon).map_or_else(|| NONE.to_owned(), |at| fixed(at.bits, 2)),
            ba(&worst, longest),
        ]);
    }
    let last = words::heading(longest);
    let head = [
        "stack",
        "who runs it",
        "target",
        "MB a day",
        "delay p99, ms",
        "dropped, %",
        "old",
        "retrained",
        "filtered",
        "bits",
        &last,
    ];
    let caption = format!("Against {}, over {}", own.observer, words::heading(horizon));
    DataTable::new(&caption, 3, &head, rows).grouped(vec![
        (String::new(), 3),
        ("cost".to_owned(), 3),
        (format!("balanced accuracy over {}", words::heading(horizon)), 4),
        ("worst".to_owned(), 1),
    ])
}

fn filtered(seen: &SeenPoint, horizon: Horizon) -> String {
    seen.filtered.as_ref().map_or_else(|| NONE.to_owned(), |filtered| ba(filtered, horizon))
}

/// Cost in full.
pub(super) fn costs(result: &Frontier) -> DataTable {
    let row = |point: &crate::experiment::defend::result::Point| {
        let cost = &point.cost;
        vec![
            point.stack.clone(),
            point.draws.to_string(),
            fixed(cost.up_mb_a_day, 2),
            fixed(cost.down_mb_a_day, 2),
            fixed(100.0 * cost.up_share, 1),
            fixed(100.0 * cost.down_share, 1),
            fixed(100.0 * cost.packets_share, 1),
            fixed(cost.delay_p50_ms, 1),
            fixed(cost.delay_p99_ms, 1),
            fixed(cost.delay_max_ms, 1),
            fixed(100.0 * cost.dropped_share, 1),
            fixed(cost.most_held_kb, 1),
        ]
    };
    let head = [
        "stack",
        "draws",
        "up",
        "down",
        "up",
        "down",
        "packets",
        "p50",
        "p99",
        "most",
        "dropped, %",
        "held, kB",
    ];
    DataTable::new(
        "What each stack costs, as its driver counted it",
        1,
        &head,
        result.points.iter().map(row).collect(),
    )
    .grouped(vec![
        (String::new(), 2),
        ("MB a day".to_owned(), 2),
        ("added, %".to_owned(), 3),
        ("delay, ms".to_owned(), 3),
        (String::new(), 2),
    ])
}

/// The leak with each far end blocked, as each observer sees it.
pub(super) fn far_ends(result: &Frontier) -> DataTable {
    let longest = |observer: Vantage| {
        let own = result.undefended.iter().find(|own| own.observer == observer);
        own.map_or(Horizon::Round, |own| words::horizons(own).1)
    };
    let mut rows = Vec::new();
    for end in &result.far_ends {
        for seen in &end.seen {
            rows.push(vec![
                end.name.clone(),
                seen.observer.to_string(),
                end.known.join("; "),
                fixed(100.0 * end.packets_share, 1),
                fixed(100.0 * end.bytes_share, 1),
                ba(&seen.worst(), Horizon::Window),
                ba(&seen.worst(), longest(seen.observer)),
            ]);
        }
    }
    let head =
        ["far end", "observer", "what uses it", "packets, %", "bytes, %", "one window", "longest stretch"];
    DataTable::new("What is still told with each far end blocked", 3, &head, rows)
}
