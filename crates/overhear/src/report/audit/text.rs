//! An audit for a terminal: the answer first, then its numbers, controls and what to do next.

use super::sentence;
use crate::experiment::audit::result::{Answer, AuditResult, Finding};
use crate::report::terminal::{Look, Tone, hanging, wrap};
use std::fmt::Write;
use std::path::Path;

/// The text; `report`: the directory of the report, where one was written.
pub fn text(result: &AuditResult, report: Option<&Path>, look: Look) -> String {
    let width = look.width.clamp(60, 110);
    let mut out = String::new();
    if let Some(generated) = &result.scope.generated {
        wrap(&mut out, "", &format!("generated traffic ({generated})"), width);
        out.push('\n');
    }
    for finding in &result.findings {
        finding_text(&mut out, result, finding, (look, width));
    }
    if let Some(found) = sentence::would_have_found(result) {
        hanging(&mut out, "would have found: ", found.trim_start_matches("It would have found: "), width);
    }
    // said once where several findings share it
    let mut next: Vec<String> = Vec::new();
    for advice in result.findings.iter().flat_map(sentence::advice) {
        if !next.contains(&advice) {
            next.push(advice);
        }
    }
    for advice in &next {
        hanging(&mut out, "next: ", advice, width);
    }
    match report {
        Some(directory) => {
            let _ = writeln!(out, "report: {}", directory.join("report.html").display());
        }
        None => hanging(&mut out, "next: ", "-o report writes a page with figures, and report.json", width),
    }
    out
}

fn finding_text(out: &mut String, result: &AuditResult, finding: &Finding, (look, width): (Look, usize)) {
    let task = format!("{} as {} sees it", finding.task, finding.observer);
    let _ = writeln!(out, "{}", look.paint(Tone::Strong, &task));
    let tone = match finding.answer {
        Answer::Leak => Tone::Bad,
        Answer::NoLeak => Tone::Good,
        Answer::Inconclusive => Tone::Open,
    };
    let start = out.len();
    wrap(out, "  ", &sentence::line(result, finding), width);
    if look.colour {
        let line = out.split_off(start);
        line.lines().for_each(|line| {
            let _ = writeln!(out, "{}", look.paint(tone, line));
        });
    }
    wrap(out, "  ", &sentence::sentence(result, finding), width);
    horizons(out, finding, width);
    for control in &finding.controls {
        let said = match control.passed {
            Some(true) => "passed",
            Some(false) => "FAILED",
            None => "not run",
        };
        let line = format!("{said}; {}", sentence::detail(control));
        hanging(out, &format!("  {}: ", control.name), &line, width);
    }
    hanging(out, "  order of conditions: ", &sentence::order(finding), width);
    out.push('\n');
}

fn horizons(out: &mut String, finding: &Finding, width: usize) {
    if finding.horizons.is_empty() {
        return;
    }
    // the interval of all together is the one that is quoted; on a narrow terminal it stands alone
    let wide = width >= 88;
    let own = |text: &str| if wide { format!("  {text:>14}") } else { String::new() };
    let _ = writeln!(
        out,
        "\n  {:7}  {:>8}{}  {:>14}  {:>7} {:>5} {:>5} {:>5}",
        "horizon",
        "balanced",
        own("95 % interval"),
        "all together",
        "new day",
        "limit",
        "AUC",
        "bits"
    );
    for h in &finding.horizons {
        let ba = h.balanced_accuracy;
        let bits = h.leakage.iter().find(|l| l.measure == "min_entropy").map_or(0.0, |l| l.estimate.value);
        let auc = h.auc.map_or("–".to_owned(), |auc| format!("{:.3}", auc.value));
        let interval = own(&format!("{:.3} to {:.3}", ba.low, ba.high));
        let quoted = format!("{:.3} to {:.3}", h.quoted.low, h.quoted.high);
        let day = h.day_left_out.map_or("–".to_owned(), |day| format!("{:.3}", day.value));
        let _ = writeln!(
            out,
            "  {:7}  {:>8.3}{interval}  {quoted:>14}  {day:>7} {:>5.2} {auc:>5} {bits:>5.3}",
            h.horizon.to_string(),
            ba.value,
            h.limit
        );
    }
    let assignments = match (finding.exhaustive, finding.assignments) {
        (true, n) => format!("all {n} assignments"),
        (false, n) => format!("{n} random assignments"),
    };
    let p = format!(
        "p = {:.4} over {assignments}, for all learners, windows, horizons, observers and tasks together",
        finding.p
    );
    wrap(out, "  ", &p, width);
    out.push('\n');
}
