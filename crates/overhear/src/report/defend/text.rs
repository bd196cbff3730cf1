//! Defences for a terminal: the recommendation first, then the stacks.

use super::{sections, words};
use crate::experiment::defend::result::{Choice, Frontier, Point, Undefended};
use crate::figure::number::fixed;
use crate::report::terminal::{Look, Tone, hanging, wrap};
use std::fmt::Write;
use std::path::Path;

/// The text; `report`: the directory of the report, where one was written.
pub fn text(result: &Frontier, report: Option<&Path>, look: Look) -> String {
    let width = look.width.clamp(60, 110);
    let mut out = String::new();
    if let Some(generated) = &result.audit.scope.generated {
        wrap(&mut out, "", &format!("generated traffic ({generated})"), width);
        out.push('\n');
    }
    for own in &result.recommended {
        let tone = match own.choice {
            Choice::Use { .. } => Tone::Good,
            Choice::None { .. } => Tone::Bad,
            Choice::Nothing => Tone::Open,
        };
        let _ = writeln!(out, "{}", look.paint(tone, &own.observer.to_string()));
        wrap(&mut out, "  ", &words::sentence(result, own), width);
    }
    out.push('\n');
    for own in &result.undefended {
        points(&mut out, result, own, width);
    }
    for end in &result.far_ends {
        let left: Vec<String> = end
            .seen
            .iter()
            .map(|seen| {
                let worst = seen.worst();
                let all = worst.iter().map(|at| {
                    format!("{} over {}", fixed(at.balanced_accuracy.value, 2), words::heading(at.horizon))
                });
                format!("{}: {}", seen.observer, all.collect::<Vec<_>>().join(", "))
            })
            .collect();
        hanging(&mut out, &format!("{} blocked: ", end.name), &left.join("; "), width);
        hanging(&mut out, "  ", &end.known.join("; "), width);
    }
    if let Some(found) = &result.search {
        hanging(&mut out, "search: ", &sections::searched(result, found).join(" "), width);
    }
    wrap(&mut out, "", words::limits(result).first().map_or("", String::as_str), width);
    match report {
        Some(directory) => {
            let _ = writeln!(out, "report: {}", directory.join("report.html").display());
        }
        None => hanging(&mut out, "next: ", "-o report writes a page with figures, and report.json", width),
    }
    out
}

/// Stacks that no other beats at less cost, and the number of the others.
fn points(out: &mut String, result: &Frontier, own: &Undefended, width: usize) {
    let (horizon, _) = words::horizons(own);
    let value = |point: &Point| {
        let seen = point.seen_by(own.observer).filter(|seen| seen.is_seen)?;
        let at = *words::at(&seen.worst(), horizon)?;
        Some((point.cost.mb_a_day(), point.cost.delay_p99_ms, at.balanced_accuracy))
    };
    let all: Vec<(&Point, _)> =
        result.points.iter().filter_map(|point| Some((point, value(point)?))).collect();
    // a single stack was asked for: it is shown whatever it does
    let is_best = |(mb, _, ba): &(f64, f64, crate::experiment::audit::result::Estimate)| {
        all.len() == 1
            || !all.iter().any(|(_, (other_mb, _, other))| other_mb <= mb && other.value < ba.value)
    };
    let mut best: Vec<_> = all.iter().filter(|(_, value)| is_best(value)).collect();
    best.sort_by(|a, b| a.1.0.total_cmp(&b.1.0));
    let name = width.saturating_sub(42).clamp(24, 60);
    let title = format!("as {} sees it, over {}", own.observer, words::heading(horizon));
    let _ = writeln!(out, "{title:name$}  {:>8}  {:>7}  balanced accuracy", "MB a day", "p99, ms");
    if let Some(at) = words::at(&own.reached, horizon) {
        let ba = words::estimate(at.balanced_accuracy);
        let _ = writeln!(out, "{:name$}  {:>8}  {:>7}  {ba}", "  no defence", "0", "0");
    }
    for (point, (mb, p99, ba)) in &best {
        let (mb, p99) = (fixed(*mb, 2), fixed(*p99, 1));
        let mut lines = String::new();
        hanging(&mut lines, "  ", &point.stack, name);
        let mut lines = lines.lines();
        let first = lines.next().unwrap_or_default();
        let _ = writeln!(out, "{first:name$}  {mb:>8}  {p99:>7}  {}", words::estimate(*ba));
        lines.for_each(|line| {
            let _ = writeln!(out, "  {line}");
        });
    }
    let others = all.len() - best.len();
    if others > 0 {
        let _ = writeln!(out, "  and {others} that cost more without leaving less");
    }
    out.push('\n');
}
