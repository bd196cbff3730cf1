//! Balanced accuracy by window: every fixed combination of learner, window and horizon in the randomisation test.
//!
//! Source: docs/method.md, "Test".

use super::super::axis::{self, End};
use super::super::number::fixed;
use super::super::scale::Scale;
use super::super::setting::{Grouping, Setting, in_words, spoken};
use super::super::style::{self, Look};
use super::super::svg::{Anchor, Canvas, Point, shortened};
use super::super::{DataTable, Figure, Panel};
use super::{
    WIDTH, either_condition, guessing, horizon_label, horizon_plural, p_text, per_panel, shared_range,
    tested_on,
};
use crate::experiment::audit::result::{AuditResult, Finding, Statistic};
use crate::experiment::audit::view::Horizon;

/// Its file and anchor.
pub const SLUG: &str = "accuracy-by-window";

const HEIGHT: f64 = 376.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 394.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 334.0;
const LABELS: f64 = 412.0;
const BETWEEN: f64 = 14.0;

/// The p above which the strongest combination is not put in a heading.
const NOTABLE: f64 = 0.05;

/// Draws the figure; `None` where no finding has a statistic.
pub fn draw(result: &AuditResult) -> Option<Figure> {
    let panels: Vec<Panel> = result
        .findings
        .iter()
        .enumerate()
        .filter_map(|(k, finding)| {
            let values = |f: &Finding| f.statistics.iter().map(|s| s.balanced_accuracy).collect();
            Some(Chart::of(finding)?.draw(k, shared_range(result, finding, values)))
        })
        .collect();
    if panels.is_empty() {
        return None;
    }
    Some(Figure {
        number: String::new(),
        section: "numbers",
        slug: SLUG,
        title: title(result),
        caption: format!(
            "Balanced accuracy of each learner by window, units left out, one column per horizon and in it one per learner, \
             windows from the smallest, hollow where whole stretches are rows or the home's level is taken off; the combination with the largest statistic is ringed. The test corrects for having tried them all; intervals belong to \
             the estimates by horizon.{}",
            per_panel(result)
        ),
        measured: format!("{}.", tested_on(result)),
        panels,
        columns: 2,
        tables: Vec::new(),
        data: vec![data(result)],
    })
}

/// The combination with the largest scaled statistic.
pub fn strongest(finding: &Finding) -> Option<&Statistic> {
    let finite = finding.statistics.iter().filter(|s| s.t.is_finite() && s.balanced_accuracy.is_finite());
    finite.max_by(|a, b| a.t.total_cmp(&b.t))
}

fn title(result: &AuditResult) -> String {
    let all = result.findings.iter().filter_map(|f| Some((f, strongest(f)?)));
    let Some((f, s)) = all.max_by(|a, b| a.1.t.total_cmp(&b.1.t)) else {
        return "Balanced accuracy by window".to_owned();
    };
    // The largest of many is large by chance: only where shuffled conditions rarely reach it is it a finding.
    if f.p.is_nan() || f.p > NOTABLE {
        return "By window and learner, nothing stands out from shuffled conditions".to_owned();
    }
    let several = if result.findings.len() > 1 { format!(" ({})", f.observer) } else { String::new() };
    format!(
        "Largest statistic: {} on {}, {} % of {}{several}",
        style::in_sentence(&style::learner(&s.learner).label),
        in_words(&s.windowing.to_string()),
        fixed(100.0 * s.balanced_accuracy, 0),
        horizon_plural(s.horizon)
    )
}

/// One finding's panel: a column per horizon, in it one per learner, windows within from the smallest.
struct Chart<'a> {
    finding: &'a Finding,
    horizons: Vec<Horizon>,
    windowings: Vec<String>,
    learners: Vec<&'a str>,
}

impl<'a> Chart<'a> {
    fn of(finding: &'a Finding) -> Option<Chart<'a>> {
        let all = &finding.statistics;
        let mut windowings = distinct(all, |s| s.windowing.to_string());
        // Seconds first, then packets, each from the smallest; what is neither stays last.
        let key = |typed: &str| {
            let (base, stretch) = typed.split_once('/').map_or((typed, 0), |(base, _)| (base, 3));
            let of = Setting::read(base);
            of.map_or((stretch + 2, 0.0), |s| (stretch + i32::from(s.grouping == Grouping::Count), s.size))
        };
        windowings.sort_by(|a, b| key(a).0.cmp(&key(b).0).then(key(a).1.total_cmp(&key(b).1)));
        let chart = Chart {
            finding,
            horizons: distinct(all, |s| s.horizon),
            windowings,
            learners: distinct(all, |s| s.learner.as_str()),
        };
        (!chart.horizons.is_empty()).then_some(chart)
    }

    fn column(&self) -> f64 {
        let n = self.horizons.len() as f64;
        (RIGHT - LEFT - BETWEEN * (n - 1.0)) / n
    }

    fn left(&self, horizon: usize) -> f64 {
        LEFT + (self.column() + BETWEEN) * horizon as f64
    }

    fn x(&self, statistic: &Statistic) -> f64 {
        let horizon = self.horizons.iter().position(|&h| h == statistic.horizon).unwrap_or(0);
        let at_horizon = || self.finding.statistics.iter().filter(|s| s.horizon == statistic.horizon);
        let has = |learner: &&&str| at_horizon().any(|s| s.learner == **learner);
        let learners: Vec<&&str> = self.learners.iter().filter(has).collect();
        let learner = learners.iter().position(|name| **name == statistic.learner).unwrap_or(0) as f64;
        let own = at_horizon().filter(|s| s.learner == statistic.learner).map(|s| s.windowing.to_string());
        let own: Vec<String> = own.collect();
        let typed = statistic.windowing.to_string();
        let windowings: Vec<&String> = self.windowings.iter().filter(|w| own.contains(w)).collect();
        let window = windowings.iter().position(|w| **w == typed).unwrap_or(0) as f64;
        let within = 0.12 + 0.76 * (window + 0.5) / windowings.len().max(1) as f64;
        self.left(horizon) + self.column() * (learner + within) / learners.len().max(1) as f64
    }

    fn draw(&self, index: usize, range: (f64, f64)) -> Panel {
        let guess = guessing(self.finding);
        let y = Scale::linear(range, (BOTTOM, TOP));
        let mut canvas = Canvas::default();
        super::heading(&mut canvas, self.finding);
        axis::percent(&mut canvas, &y, range, (LEFT, RIGHT));
        canvas.line("w s-base", (LEFT, y.at(guess)), (RIGHT, y.at(guess)));
        self.columns(&mut canvas);
        let mut ends = vec![super::guessing_end(RIGHT - 6.0, y.at(guess))];
        for learner in &self.learners {
            ends.extend(self.learner(&mut canvas, &y, learner));
        }
        let mut said = format!("{} combinations.", self.finding.statistics.len());
        if let Some(best) = strongest(self.finding) {
            let place = (self.x(best), y.at(best.balanced_accuracy));
            canvas.marker(style::Marker::Circle, "w s-ink", place, 9.0);
            said = format!("{said} Strongest: {}.", words(best));
        }
        axis::end_labels(&mut canvas, &ends, (RIGHT, LABELS), (TOP + 2.0, BOTTOM - 2.0));
        let title = format!("Balanced accuracy by window, {}", super::spoken(self.finding));
        Panel::new(format!("{SLUG}-{index}"), (WIDTH, HEIGHT), title, said, canvas)
    }

    /// Horizons above.
    fn columns(&self, canvas: &mut Canvas) {
        for (k, &horizon) in self.horizons.iter().enumerate() {
            let left = self.left(k);
            let name = shortened(&horizon_label(horizon), (self.column() / 6.2) as usize);
            canvas.text("n f-ink", (left + self.column() / 2.0, TOP - 16.0), Anchor::Middle, &name);
            canvas.line("g s-rule", (left, BOTTOM), (left + self.column(), BOTTOM));
        }
    }

    /// One learner's points, joined within a horizon and a kind of window.
    fn learner(&self, canvas: &mut Canvas, y: &Scale, name: &str) -> Option<End> {
        let Look { colour, marker: shape, label, .. } = style::learner(name);
        let mut points: Vec<(&Statistic, Point)> = self
            .finding
            .statistics
            .iter()
            .filter(|s| s.learner == name && s.balanced_accuracy.is_finite())
            .map(|s| (s, (self.x(s), y.at(s.balanced_accuracy))))
            .collect();
        points.sort_by(|a, b| a.1.0.total_cmp(&b.1.0));
        let kind = |s: &Statistic| Setting::read(&s.windowing.to_string()).map(|s| s.grouping);
        // sizes of windows are joined; stretches are no sizes
        let runs = points.chunk_by(|a, b| a.0.horizon == b.0.horizon && kind(a.0) == kind(b.0));
        for run in runs.filter(|run| kind(run[0].0).is_some()) {
            canvas.polyline(&format!("g s-{colour}"), &run.iter().map(|p| p.1).collect::<Vec<_>>());
        }
        let marker = format!("m f-{colour} s-paper");
        let hollow = format!("w f-paper s-{colour}");
        for (statistic, point) in &points {
            let class = if statistic.windowing.is_of_windows() { &marker } else { &hollow };
            canvas.titled(&words(statistic), |c| c.marker(shape, class, *point, 3.8));
        }
        let label = shortened(&label, 16);
        points.last().map(|&(_, point)| End { point, shape, marker, text: "t f-ink", label })
    }
}

/// Every different value, in order of appearance.
fn distinct<'a, T: PartialEq>(all: &'a [Statistic], pick: impl Fn(&'a Statistic) -> T) -> Vec<T> {
    let mut found = Vec::new();
    for value in all.iter().map(pick) {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}

fn words(s: &Statistic) -> String {
    format!(
        "{}, {}, {}: {} %, t = {}, single p = {}",
        style::learner(&s.learner).label,
        spoken(&s.windowing.to_string()),
        horizon_label(s.horizon),
        fixed(100.0 * s.balanced_accuracy, 1),
        fixed(s.t, 2),
        p_text(s.p_single)
    )
}

fn data(result: &AuditResult) -> DataTable {
    let rows = result.findings.iter().flat_map(|f| {
        f.statistics.iter().map(move |s| {
            let names = [either_condition(f), f.observer.to_string(), style::learner(&s.learner).label];
            let place = [spoken(&s.windowing.to_string()), horizon_label(s.horizon)];
            let values = [fixed(s.balanced_accuracy, 4), fixed(s.t, 2), p_text(s.p_single)];
            names.into_iter().chain(place).chain(values).collect()
        })
    });
    let head = ["task", "observer", "learner", "window", "horizon", "balanced accuracy", "t", "single p"];
    DataTable::new("", 5, &head, rows.collect())
}
