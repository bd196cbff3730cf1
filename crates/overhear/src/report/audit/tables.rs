//! The tables of an audit's page: every finding beside the others, no number on its own.

use super::sentence;
use super::words::{Tell, sees};
use crate::experiment::audit::result::{AtHorizon, AuditResult, Bounds, Estimate, Finding, Leakage};
use crate::experiment::audit::view::Horizon;
use crate::figure::audit::feature_leak::sorted;
use crate::figure::audit::{either_condition, horizon_label, p_text, share_text};
use crate::figure::importance::feature_label;
use crate::figure::number::{self, fixed, span};
use crate::figure::setting::spoken;
use crate::figure::{DataTable, style};

fn dash() -> String {
    number::NONE.to_owned()
}

fn percent(x: f64) -> String {
    if x.is_finite() { format!("{} %", fixed(100.0 * x, 0)) } else { dash() }
}

/// The columns that name a finding: only those in which findings differ.
struct Names {
    task: bool,
    observer: bool,
}

impl Names {
    fn of(result: &AuditResult) -> Names {
        let differ =
            |pick: fn(&Finding) -> &str| result.findings.windows(2).any(|w| pick(&w[0]) != pick(&w[1]));
        Names { task: differ(|f| &f.task), observer: differ(|f| f.observer.name()) }
    }

    fn head<'a>(&self, rest: &[&'a str]) -> Vec<&'a str> {
        let mut head = Vec::new();
        head.extend(self.task.then_some("task"));
        head.extend(self.observer.then_some("observer"));
        head.extend(rest);
        head
    }

    fn cells(&self, finding: &Finding) -> Vec<String> {
        let mut cells = Vec::new();
        cells.extend(self.task.then(|| either_condition(finding)));
        cells.extend(self.observer.then(|| finding.observer.to_string()));
        cells
    }

    fn count(&self) -> usize {
        usize::from(self.task) + usize::from(self.observer)
    }
}

/// Per finding and horizon: balanced accuracy with its interval, AUC, limit, what was chosen.
pub(super) fn horizons(result: &AuditResult) -> DataTable {
    let names = Names::of(result);
    let rows = result.findings.iter().flat_map(|f| {
        let names = &names;
        f.horizons.iter().map(move |h| {
            let mut row = names.cells(f);
            row.extend([horizon_label(h.horizon), chosen(h)]);
            row.extend([share_text(h.balanced_accuracy), share_text(h.quoted)]);
            row.push(h.day_left_out.map_or_else(dash, |day| percent(day.value)));
            row.push(percent(h.limit));
            row.push(h.auc.map_or_else(dash, |auc| number::significant(auc.value)));
            row
        })
    });
    let head = names.head(&[
        "watched",
        "mostly chosen",
        "balanced accuracy (95 %)",
        "all together",
        "day left out",
        "limit",
        "AUC in a unit",
    ]);
    DataTable::new("Classified correctly, units never seen", names.count() + 2, &head, rows.collect())
}

/// `random forest, Δt = 15 s (83 %)`: the choice most often made.
fn chosen(horizon: &AtHorizon) -> String {
    let known = horizon.chosen.iter().filter(|c| c.share.is_finite());
    known.max_by(|a, b| a.share.total_cmp(&b.share)).map_or_else(dash, |c| {
        let learner = style::in_sentence(&style::learner(&c.learner).label);
        format!("{learner}, {} ({})", spoken(&c.windowing.to_string()), percent(c.share))
    })
}

/// Per finding and measure, a column per horizon; each row says on which side of the truth it stands.
pub(super) fn leakage(result: &AuditResult) -> DataTable {
    let names = Names::of(result);
    let horizons = horizon_names(result);
    let mut rows = Vec::new();
    for finding in &result.findings {
        let mut measures: Vec<&Leakage> = Vec::new();
        for leakage in finding.horizons.iter().flat_map(|h| &h.leakage) {
            if !measures.iter().any(|m| m.measure == leakage.measure && m.bounds == leakage.bounds) {
                measures.push(leakage);
            }
        }
        for measure in measures {
            let mut row = names.cells(finding);
            row.push(measure_label(measure));
            row.extend(horizons.iter().map(|name| {
                let here = finding.horizons.iter().filter(|h| h.horizon == *name).flat_map(|h| &h.leakage);
                let mut same = here.filter(|l| l.measure == measure.measure && l.bounds == measure.bounds);
                same.next().map_or_else(dash, |l| hundredths(l.estimate))
            }));
            rows.push(row);
        }
    }
    let labels: Vec<String> = horizons.iter().map(|&h| horizon_label(h)).collect();
    let mut head = names.head(&["the truth"]);
    head.extend(labels.iter().map(String::as_str));
    DataTable::new(
        "Leakage: the side of the truth that each number bounds (95 %)",
        names.count() + 1,
        &head,
        rows,
    )
}

/// What is measured, its unit, and on which side of it the truth is.
fn measure_label(leakage: &Leakage) -> String {
    let name = match leakage.measure.as_str() {
        "beta" => "β (errors ÷ guessing's errors)",
        "min_entropy" => "min-entropy leakage",
        "mutual_information" => "mutual information",
        "bayes_risk_upper" | "bayes_risk_lower" => "Bayes risk",
        other => other,
    };
    let unit = if leakage.unit == "share" { String::new() } else { format!(", {}", leakage.unit) };
    let side = match leakage.bounds {
        Bounds::Below => "at least",
        Bounds::Above => "at most",
    };
    format!("{name}{unit}: {side}")
}

/// With two decimals: finer than any decision that is made on a leakage measure.
fn hundredths(estimate: Estimate) -> String {
    let Estimate { value, low, high } = estimate;
    if !value.is_finite() {
        return dash();
    }
    format!("{} ({} to {})", fixed(value, 2), fixed(low, 2), fixed(high, 2))
}

/// Every horizon that some finding has, in order.
fn horizon_names(result: &AuditResult) -> Vec<Horizon> {
    let mut names: Vec<Horizon> = Vec::new();
    for horizon in result.findings.iter().flat_map(|f| &f.horizons) {
        if !names.contains(&horizon.horizon) {
            names.push(horizon.horizon);
        }
    }
    names
}

/// How often the answer "second condition" is right, by how common that condition is; empty where nothing has it.
pub(super) fn ppv(result: &AuditResult) -> Option<DataTable> {
    let names = Names::of(result);
    let horizons = horizon_names(result);
    let mut rows = Vec::new();
    for finding in &result.findings {
        let mut rates: Vec<f64> = Vec::new();
        for ppv in finding.horizons.iter().flat_map(|h| &h.ppv) {
            if !rates.contains(&ppv.base_rate) && ppv.base_rate.is_finite() {
                rates.push(ppv.base_rate);
            }
        }
        for rate in rates {
            let mut row = names.cells(finding);
            row.push(finding.conditions.get(1).cloned().unwrap_or_else(dash));
            let share = 100.0 * rate;
            let decimals = if (share - share.round()).abs() < 1e-9 { 0 } else { 1 };
            row.push(format!("{} % of the time", fixed(share, decimals)));
            row.extend(horizons.iter().map(|name| {
                let here = finding.horizons.iter().filter(|h| h.horizon == *name).flat_map(|h| &h.ppv);
                let mut same = here.filter(|p| p.base_rate == rate);
                same.next().and_then(|p| p.ppv).map_or_else(dash, percent)
            }));
            rows.push(row);
        }
    }
    let labels: Vec<String> = horizons.iter().map(|&h| horizon_label(h)).collect();
    let mut head = names.head(&["answer", "where it holds"]);
    head.extend(labels.iter().map(String::as_str));
    let caption = "How often that answer is right (positive predictive value)";
    (!rows.is_empty()).then(|| DataTable::new(caption, names.count() + 2, &head, rows))
}

/// Time until an attacker is 95 % sure; `None` where no finding has a posterior.
pub(super) fn time(result: &AuditResult) -> Option<DataTable> {
    let names = Names::of(result);
    let known = result.findings.iter().filter_map(|f| Some((f, f.posterior.as_ref()?)));
    let rows: Vec<Vec<String>> = known
        .map(|(f, p)| {
            let mut row = names.cells(f);
            // The first column is the row's heading, so a table of one row needs a name in it.
            if row.is_empty() {
                row.push(f.observer.to_string());
            }
            row.push(p.median_s.map_or_else(|| "most rounds never".to_owned(), span));
            row.extend([percent(p.reached), p.wrong.map_or_else(dash, percent)]);
            row
        })
        .collect();
    let rest = ["median time", "rounds that reach it", "wrong then"];
    let head = match names.count() {
        0 => [&["observer"][..], &rest].concat(),
        _ => names.head(&rest),
    };
    (!rows.is_empty()).then(|| DataTable::new("Until 95 % sure", head.len() - 3, &head, rows))
}

/// Every control and what came of it; `None` where none was run.
pub(super) fn controls(result: &AuditResult) -> Option<DataTable> {
    let names = Names::of(result);
    let mut rows = Vec::new();
    for finding in &result.findings {
        for control in &finding.controls {
            let outcome = match control.passed {
                Some(true) => "● passed",
                Some(false) => "○ failed",
                None => "– too little data",
            };
            let mut row = vec![control.name.to_string()];
            row.extend(names.cells(finding));
            row.extend([outcome.to_owned(), sentence::detail(control)]);
            rows.push(row);
        }
    }
    let mut head = vec!["control"];
    head.extend(names.head(&["outcome", "what was found"]));
    (!rows.is_empty()).then(|| DataTable::new("Controls", head.len(), &head, rows))
}

/// Telling units of one condition apart, beside the verdict it casts doubt on.
pub(super) fn confounding(result: &AuditResult) -> DataTable {
    let rows = result.findings.iter().map(|f| {
        let index = f.confounding.map_or_else(|| "too few units".to_owned(), share_text);
        let window = f.horizons.first().map_or_else(dash, |h| share_text(h.balanced_accuracy));
        vec![f.observer.to_string(), either_condition(f), index, window]
    });
    let head =
        ["observer", "task", "units of one condition distinguished", "conditions distinguished, one window"];
    DataTable::new("Confounding index", 2, &head, rows.collect())
}

/// What each observer learns, one row per observer and task.
pub(super) fn observers(result: &AuditResult) -> DataTable {
    let tasks = Names { observer: false, ..Names::of(result) };
    let rows = result.findings.iter().map(|f| {
        let at = |h: Option<&AtHorizon>| h.map_or_else(dash, |h| share_text(h.balanced_accuracy));
        let last = f.horizons.last();
        let bits = last.and_then(|h| h.leakage.iter().find(|l| l.measure == "min_entropy"));
        let until = |s: Option<f64>| s.map_or_else(|| "mostly never".to_owned(), span);
        let feature = sorted(f).first().map_or_else(dash, |l| {
            format!("{} ({})", feature_label(&l.feature), percent(l.balanced_accuracy))
        });
        let mut row = vec![f.observer.to_string()];
        row.extend(tasks.cells(f));
        row.extend([Tell::of(f).word().to_owned(), feature, p_text(f.p), at(f.horizons.first()), at(last)]);
        row.push(bits.map_or_else(dash, |l| hundredths(l.estimate)));
        row.push(f.posterior.as_ref().map_or_else(dash, |p| until(p.median_s)));
        row
    });
    let mut head = vec!["observer"];
    head.extend(tasks.head(&[
        "could tell",
        "best feature",
        "p",
        "at first",
        "at last",
        "bits, at least",
        "95 % sure",
    ]));
    DataTable::new("From the shortest horizon to the longest", 3 + tasks.count(), &head, rows.collect())
}

/// Who the observers are.
pub(super) fn vantage(result: &AuditResult) -> DataTable {
    let rows = result.scope.observers.iter().map(|&o| vec![o.to_string(), sees(o).to_owned()]);
    DataTable::new("", 2, &["observer", "sees"], rows.collect())
}
