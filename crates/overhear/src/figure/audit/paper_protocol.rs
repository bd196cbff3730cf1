//! The paper's protocol beside the honest one, on the same windows with the same learner.
//!
//! Source: docs/method.md, "The paper's protocol".

use super::super::number::fixed;
use super::super::scale::{Scale, ticks};
use super::super::setting::spoken;
use super::super::style::{self, Marker};
use super::super::svg::{Anchor, Canvas, shortened};
use super::super::{DataTable, Figure, Panel};
use super::{WIDTH, either_condition, guessing, measured_on, per_panel, shared_range};
use crate::experiment::audit::result::{AuditResult, Finding, PaperCell};

/// Its file and anchor.
pub const SLUG: &str = "paper-protocol";

const LEFT: f64 = 190.0;
const RIGHT: f64 = 440.0;
const TOP: f64 = 70.0;
const ROW: f64 = 24.0;

/// A gap, in shares, that rounding alone does not explain.
const GAP: f64 = 0.01;

/// Draws the figure; `None` where the paper's protocol was not run.
pub fn draw(result: &AuditResult) -> Option<Figure> {
    let panels: Vec<Panel> = result
        .findings
        .iter()
        .enumerate()
        .filter_map(|(k, finding)| panel(k, finding, range(result, finding)))
        .collect();
    if panels.is_empty() {
        return None;
    }
    Some(Figure {
        number: String::new(),
        section: "protocol",
        slug: SLUG,
        title: title(result),
        caption: format!(
            "Balanced accuracy over single windows: the paper's random folds (hollow, optimistic) and units left out \
             (filled), and the gap between them in points.{}",
            per_panel(result)
        ),
        measured: format!("{}.", measured_on(result)),
        panels,
        columns: 2,
        tables: Vec::new(),
        data: vec![data(result)],
    })
}

/// The finding's rows that have both numbers.
fn rows(finding: &Finding) -> Vec<&PaperCell> {
    finding.paper.iter().filter(|c| c.optimistic.is_finite() && c.honest.is_finite()).collect()
}

fn range(result: &AuditResult, finding: &Finding) -> (f64, f64) {
    shared_range(result, finding, |f| rows(f).into_iter().flat_map(|c| [c.optimistic, c.honest]).collect())
}

/// The row of the highest optimistic number: what the paper's protocol would have reported.
pub fn reported(result: &AuditResult) -> Option<(&Finding, &PaperCell)> {
    let all = result.findings.iter().flat_map(|f| rows(f).into_iter().map(move |c| (f, c)));
    all.max_by(|a, b| a.1.optimistic.total_cmp(&b.1.optimistic))
}

/// The finding in one line, for the figure and for the section around it.
pub fn title(result: &AuditResult) -> String {
    let Some((_, cell)) = reported(result) else {
        return "The paper's protocol was not run".to_owned();
    };
    let (optimistic, honest) = (fixed(100.0 * cell.optimistic, 0), fixed(100.0 * cell.honest, 0));
    if cell.optimistic - cell.honest >= GAP {
        format!("The paper's protocol reports {optimistic} % where units never seen give {honest} %")
    } else {
        format!("The paper's protocol is no more optimistic here: {optimistic} % against {honest} %")
    }
}

fn panel(index: usize, finding: &Finding, range: (f64, f64)) -> Option<Panel> {
    let rows = rows(finding);
    if rows.is_empty() {
        return None;
    }
    let bottom = TOP + ROW * rows.len() as f64;
    let guess = guessing(finding);
    let x = Scale::linear(range, (LEFT, RIGHT));
    let mut canvas = Canvas::default();
    super::heading(&mut canvas, finding);
    canvas.text("n f-muted", (WIDTH, 50.0), Anchor::End, "gap, points");
    for tick in ticks(range.0, range.1, 4) {
        canvas.line("g s-grid", (x.at(tick), TOP - 4.0), (x.at(tick), bottom));
        let label = format!("{} %", fixed(100.0 * tick, 0));
        canvas.text("n f-muted", (x.at(tick), bottom + 18.0), Anchor::Middle, &label);
    }
    canvas.line("w s-base", (x.at(guess), TOP - 4.0), (x.at(guess), bottom));
    canvas.text("n f-muted halo", (x.at(guess), TOP - 10.0), Anchor::Middle, "guessing");
    let mut said = Vec::new();
    for (k, cell) in rows.iter().enumerate() {
        let look = style::learner(&cell.learner);
        let y = TOP + ROW * (k as f64 + 0.5);
        let name = shortened(&format!("{}, {}", look.label, spoken(&cell.windowing.to_string())), 27);
        canvas.text("n f-ink", (LEFT - 14.0, y + 4.0), Anchor::End, &name);
        let percent = |v: f64| format!("{} %", fixed(100.0 * v, 1));
        let words =
            format!("{name}: {} optimistic, {} honest", percent(cell.optimistic), percent(cell.honest));
        canvas.titled(&words, |c| {
            c.line("w s-rule", (x.at(cell.honest), y), (x.at(cell.optimistic), y));
            c.marker(Marker::Circle, "w f-paper s-ink", (x.at(cell.optimistic), y), 4.4);
            c.marker(Marker::Circle, "m f-ink s-paper", (x.at(cell.honest), y), 4.8);
        });
        let gap = fixed(100.0 * (cell.optimistic - cell.honest), 0);
        canvas.text("n b f-ink", (WIDTH, y + 4.0), Anchor::End, &gap);
        said.push(words);
    }
    let title = format!("The paper's protocol against units left out, {}", super::spoken(finding));
    let said = format!("{}.", said.join("; "));
    Some(Panel::new(format!("{SLUG}-{index}"), (WIDTH, bottom + 26.0), title, said, canvas))
}

fn data(result: &AuditResult) -> DataTable {
    let rows = result.findings.iter().flat_map(|f| {
        f.paper.iter().map(move |c| {
            let names = [
                either_condition(f),
                f.observer.to_string(),
                style::learner(&c.learner).label,
                spoken(&c.windowing.to_string()),
            ];
            let values = [c.optimistic, c.honest, c.optimistic - c.honest].map(|v| fixed(v, 4));
            names.into_iter().chain(values).collect()
        })
    });
    let head = ["task", "observer", "learner", "window", "random folds", "units left out", "gap"];
    DataTable::new("", 4, &head, rows.collect())
}
