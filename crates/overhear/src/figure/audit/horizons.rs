//! Balanced accuracy by horizon: every observer's estimate with its interval, against guessing and the limits.
//!
//! Source: docs/method.md, "Statistic" and "Interval".

use super::super::axis::{self, End};
use super::super::number::{fixed, grouped};
use super::super::scale::Scale;
use super::super::svg::{Anchor, Canvas, shortened};
use super::super::{DataTable, Figure, Panel};
use super::{
    WIDTH, either_condition, guessing, horizon_label, horizon_plural, measured_on, observer, one_from_other,
    share_brief, share_range, share_text, whole,
};
use crate::experiment::audit::result::{Answer, AtHorizon, AuditResult, Finding};

/// Its file and anchor.
pub const SLUG: &str = "accuracy-by-horizon";

const HEIGHT: f64 = 400.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 416.0;
const TOP: f64 = 46.0;
const BOTTOM: f64 = 348.0;
const LABELS: f64 = 438.0;

/// Draws the figure, one panel per task; `None` where no finding has a horizon.
pub fn draw(result: &AuditResult) -> Option<Figure> {
    let mut tasks: Vec<&str> = Vec::new();
    for finding in result.findings.iter().filter(|f| !f.horizons.is_empty()) {
        if !tasks.contains(&finding.task.as_str()) {
            tasks.push(&finding.task);
        }
    }
    let of = |task: &str| result.findings.iter().filter(|f| f.task == task).collect::<Vec<_>>();
    let panels: Vec<Panel> =
        tasks.iter().enumerate().filter_map(|(k, task)| Chart::of(of(task))?.draw(k)).collect();
    if panels.is_empty() {
        return None;
    }
    Some(Figure {
        number: String::new(),
        section: "numbers",
        slug: SLUG,
        title: title(result),
        caption:
            "Balanced accuracy on units never seen, by how long is watched, with its 95 % interval; dashed \
                  stands the limit that a clean device stays below."
                .to_owned(),
        measured: format!(
            "Nested choice of learner and window; {} repetitions; {}.",
            result.scope.repetitions,
            measured_on(result)
        ),
        panels,
        columns: 2,
        tables: Vec::new(),
        data: vec![data(result)],
    })
}

/// The estimate whose lower end lies highest above guessing among `findings`; two
/// conditions go before more, whose guessing is another.
pub fn clearest<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Option<(&'a Finding, &'a AtHorizon)> {
    let above = |f: &Finding, h: &AtHorizon| whole(h.quoted).map(|(_, (low, _))| low - guessing(f));
    let all = findings.into_iter().flat_map(|f| f.horizons.iter().map(move |h| (f, h)));
    let known = all.filter_map(|(f, h)| Some((above(f, h)?, (f, h))));
    let pair = |f: &Finding| f.conditions.len() == 2;
    let order = known.max_by(|a, b| pair(a.1.0).cmp(&pair(b.1.0)).then(a.0.total_cmp(&b.0)));
    order.map(|(_, found)| found)
}

fn title(result: &AuditResult) -> String {
    let leaking = result.findings.iter().filter(|f| f.answer == Answer::Leak);
    if let Some((f, h)) = clearest(leaking) {
        return format!(
            "The observer {} distinguishes {} in {} of {}",
            f.observer,
            one_from_other(f),
            share_brief(h.quoted),
            horizon_plural(h.horizon)
        );
    }
    if !result.findings.is_empty() && result.findings.iter().all(|f| f.answer == Answer::NoLeak) {
        return "Every interval ends below its limit".to_owned();
    }
    match clearest(&result.findings) {
        Some((f, h)) if h.quoted.low > guessing(f) => {
            "Some interval lies above guessing; the test as a whole does not call it a leak".to_owned()
        }
        Some(_) => "No interval lies above guessing".to_owned(),
        None => "Balanced accuracy by horizon".to_owned(),
    }
}

/// One task's panel.
struct Chart<'a> {
    findings: Vec<&'a Finding>,
    horizons: Vec<&'a AtHorizon>,
    guess: f64,
    range: (f64, f64),
}

impl<'a> Chart<'a> {
    fn of(findings: Vec<&'a Finding>) -> Option<Chart<'a>> {
        let mut horizons: Vec<&AtHorizon> = Vec::new();
        for horizon in findings.iter().flat_map(|f| &f.horizons) {
            if !horizons.iter().any(|h| h.horizon == horizon.horizon) {
                horizons.push(horizon);
            }
        }
        let guess = guessing(findings.first()?);
        let values = findings.iter().flat_map(|f| &f.horizons).flat_map(|h| {
            let e = h.balanced_accuracy;
            [e.value, e.low.max(0.0), e.high.min(1.0), h.limit]
        });
        let range = share_range(values, guess);
        (!horizons.is_empty()).then_some(Chart { findings, horizons, guess, range })
    }

    fn column(&self) -> f64 {
        (RIGHT - LEFT) / self.horizons.len() as f64
    }

    /// The middle of a horizon's column, moved aside for each of several observers.
    fn place(&self, horizon: usize, finding: usize) -> f64 {
        let apart = (0.62 * self.column() / self.findings.len() as f64).min(15.0);
        let aside = finding as f64 - (self.findings.len() as f64 - 1.0) / 2.0;
        LEFT + self.column() * (horizon as f64 + 0.5) + apart * aside
    }

    fn draw(&self, index: usize) -> Option<Panel> {
        let task = either_condition(self.findings.first()?);
        let y = Scale::linear(self.range, (BOTTOM, TOP));
        let mut canvas = Canvas::default();
        canvas.text("h f-ink", (0.0, 17.0), Anchor::Start, &shortened(&task, 60));
        axis::percent(&mut canvas, &y, self.range, (LEFT, RIGHT));
        self.columns(&mut canvas, &y);
        let mut ends = vec![super::guessing_end(RIGHT - 6.0, y.at(self.guess))];
        canvas.line("w s-base", (LEFT, y.at(self.guess)), (RIGHT, y.at(self.guess)));
        let mut said = Vec::new();
        for (k, finding) in self.findings.iter().enumerate() {
            ends.extend(self.observer(&mut canvas, &y, (k, finding)));
            let words = finding
                .horizons
                .iter()
                .map(|h| format!("{} {}", horizon_label(h.horizon), share_text(h.balanced_accuracy)));
            said.push(format!("{}: {}.", finding.observer, words.collect::<Vec<_>>().join(", ")));
        }
        axis::end_labels(&mut canvas, &ends, (RIGHT, LABELS), (TOP + 2.0, BOTTOM - 2.0));
        let title = format!("Balanced accuracy by horizon, {task}");
        Some(Panel::new(format!("{SLUG}-{index}"), (WIDTH, HEIGHT), title, said.join(" "), canvas))
    }

    /// Names, limits and dashed limit lines of the horizons.
    fn columns(&self, canvas: &mut Canvas, y: &Scale) {
        let most = (self.column() / 6.6) as usize;
        for (k, horizon) in self.horizons.iter().enumerate() {
            let left = LEFT + self.column() * k as f64;
            let middle = left + self.column() / 2.0;
            let name = shortened(&horizon_label(horizon.horizon), most);
            canvas.text("n f-ink", (middle, BOTTOM + 20.0), Anchor::Middle, &name);
            if !horizon.limit.is_finite() {
                continue;
            }
            let limit = format!("{} %", fixed(100.0 * horizon.limit, 0));
            canvas.text("n f-muted", (middle, BOTTOM + 38.0), Anchor::Middle, &limit);
            let at = y.at(horizon.limit);
            canvas.line("d s-muted", (left + 3.0, at), (left + self.column() - 3.0, at));
        }
        canvas.text("n f-ink", (LABELS, BOTTOM + 20.0), Anchor::Start, "watched");
        canvas.text("n f-muted", (LABELS, BOTTOM + 38.0), Anchor::Start, "limit (dashed)");
        canvas.line("g s-rule", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    }

    /// One observer's points; the last of them is where its name is led to.
    fn observer(&self, canvas: &mut Canvas, y: &Scale, (k, finding): (usize, &Finding)) -> Option<End> {
        let look = observer(finding.observer);
        let mut last = None;
        for horizon in &finding.horizons {
            let Some(column) = self.horizons.iter().position(|h| h.horizon == horizon.horizon) else {
                continue;
            };
            let estimate = horizon.balanced_accuracy;
            if !estimate.value.is_finite() {
                continue;
            }
            let point = (self.place(column, k), y.at(estimate.value));
            let words =
                format!("{}, {}: {}", look.label, horizon_label(horizon.horizon), share_text(estimate));
            canvas.titled(&words, |c| {
                if let Some((_, (low, high))) = whole(estimate) {
                    let [low, high] = [low, high].map(|v| (point.0, y.at(v.clamp(0.0, 1.0))));
                    c.line(&format!("w s-{}", look.colour), low, high);
                }
                c.marker(look.marker, &format!("m f-{} s-paper", look.colour), point, 4.2);
            });
            if self.findings.len() == 1 {
                // the name's line leaves the last point to the right
                let (aside, anchor) = if column + 1 == self.horizons.len() {
                    (-9.0, Anchor::End)
                } else {
                    (9.0, Anchor::Start)
                };
                let at = (point.0 + aside, point.1 + 4.5);
                canvas.text("n b f-ink halo", at, anchor, &share_brief(estimate));
            }
            last = Some(point);
        }
        let point = last?;
        let marker = format!("m f-{} s-paper", look.colour);
        let label = shortened(&look.label, 10);
        Some(End { point, shape: look.marker, marker, text: "t f-ink", label })
    }
}

fn data(result: &AuditResult) -> DataTable {
    let rows = result.findings.iter().flat_map(|f| {
        f.horizons.iter().map(move |h| {
            let e = h.balanced_accuracy;
            let mut row = vec![either_condition(f), f.observer.to_string(), horizon_label(h.horizon)];
            row.extend([e.value, e.low, e.high, h.limit].map(|x| fixed(x, 4)));
            row.push(grouped(h.n_blocks as u64));
            row
        })
    });
    let head = ["task", "observer", "horizon", "balanced accuracy", "low", "high", "limit", "blocks"];
    DataTable::new("", 3, &head, rows.collect())
}
