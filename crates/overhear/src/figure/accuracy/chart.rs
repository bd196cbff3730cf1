//! One panel of Figure 6 or 7: lines, their intervals and their names.

use super::super::axis::{self, End};
use super::super::number::{brief, percent_with_interval};
use super::super::scale::{Scale, thinned};
use super::super::setting::{Grouping, Setting, spoken};
use super::super::style::{self, Look};
use super::super::svg::{Anchor, Canvas, Point, Rect};
use super::super::{Panel, best, cell, is_attacker, paper_numbers};
use crate::experiment::paper::{Cell, PaperResult, Score, Task};

const WIDTH: f64 = 530.0;
const HEIGHT: f64 = 424.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 366.0;
const TOP: f64 = 62.0;
const BOTTOM: f64 = 352.0;
const LABELS: f64 = 388.0;

/// One panel in the making.
pub(super) struct Chart<'a> {
    pub(super) result: &'a PaperResult,
    pub(super) task: &'a Task,
    pub(super) grouping: Grouping,
    pub(super) range: (f64, f64),
    pub(super) slug: &'static str,
}

/// One learner's points, from the smallest setting to the largest.
struct Line<'a> {
    look: Look,
    name: &'a str,
    points: Vec<(usize, &'a Cell, &'a Score)>,
}

impl Chart<'_> {
    /// Draws the panel; `None` where the run has no setting of this grouping.
    pub(super) fn draw(&self) -> Option<Panel> {
        let settings = Setting::of(&self.result.scope.windowings, self.grouping);
        let (first, last) = (settings.first()?, settings.last()?);
        let from = if first.size < last.size {
            (first.size, last.size)
        } else {
            (first.size / 2.0, first.size * 2.0)
        };
        let x = Scale::log(from, (LEFT, RIGHT));
        let y = Scale::linear(self.range, (BOTTOM, TOP));
        let lines = self.lines(&settings);
        let mut canvas = Canvas::default();
        let said = self.heading(&mut canvas);
        self.axes(&mut canvas, &settings, (&x, &y));
        let (slug, suffix) = (self.slug, self.suffix());
        let plot =
            Rect { x: LEFT - 8.0, y: TOP - 8.0, width: RIGHT - LEFT + 16.0, height: BOTTOM - TOP + 9.0 };
        canvas.clipped(&format!("{slug}-{suffix}-clip"), plot, |c| {
            for line in &lines {
                bands(c, line, &settings, (&x, &y));
            }
        });
        self.papers_window(&mut canvas, &x);
        for line in &lines {
            stroke(&mut canvas, line, &settings, (&x, &y));
        }
        self.ring(&mut canvas, (&x, &y));
        labels(&mut canvas, &lines, &settings, (&x, &y));
        let title = format!("Accuracy by window, {}, {}", self.task.name, self.heading_text());
        Some(Panel::new(format!("{slug}-{suffix}"), (WIDTH, HEIGHT), title, said, canvas))
    }

    fn suffix(&self) -> &'static str {
        match self.grouping {
            Grouping::Count => "n",
            Grouping::Time => "t",
        }
    }

    fn heading_text(&self) -> &'static str {
        match self.grouping {
            Grouping::Count => "Windows of N packets",
            Grouping::Time => "Windows of Δt seconds",
        }
    }

    fn best(&self) -> Option<(&Cell, &Score)> {
        let here = |c: &Cell| Setting::read(&c.windowing).is_some_and(|s| s.grouping == self.grouping);
        best(self.result, &self.task.name, |c| is_attacker(c) && here(c))
    }

    /// The heading and, beneath it, the best point by name; returns it in words.
    fn heading(&self, canvas: &mut Canvas) -> String {
        canvas.text("h f-ink", (0.0, 17.0), Anchor::Start, self.heading_text());
        let words = self.best().map_or_else(
            || "No learner has a score here.".to_owned(),
            |(cell, score)| {
                let accuracy = percent_with_interval(score.accuracy, score.accuracy_interval);
                format!(
                    "Best: {}, {}, {accuracy}",
                    style::learner(&cell.learner).label,
                    spoken(&cell.windowing)
                )
            },
        );
        canvas.text("t f-muted", (0.0, 37.0), Anchor::Start, &words);
        words
    }

    fn lines(&self, settings: &[Setting]) -> Vec<Line<'_>> {
        let of = |name| {
            let points = settings.iter().enumerate().filter_map(|(k, s)| {
                let cell = cell(self.result, &self.task.name, &s.typed, name)?;
                Some((k, cell, cell.score.as_ref().filter(|s| s.accuracy.is_finite())?))
            });
            Line { look: style::learner(name), name, points: points.collect() }
        };
        let mut lines: Vec<Line> = self.result.scope.learners.iter().map(|name| of(name)).collect();
        lines.retain(|l| !l.points.is_empty());
        // Baselines first, so that they lie beneath.
        lines.sort_by_key(|l| !l.look.baseline);
        lines
    }

    fn axes(&self, canvas: &mut Canvas, settings: &[Setting], (x, y): (&Scale, &Scale)) {
        axis::percent(canvas, y, self.range, (LEFT, RIGHT));
        let places: Vec<f64> = settings.iter().map(|s| x.at(s.size)).collect();
        let widths: Vec<f64> = settings.iter().map(|s| 8.0 * s.size.to_string().len() as f64).collect();
        let shown = thinned(&places, &widths, 4.0);
        for ((setting, &place), shown) in settings.iter().zip(&places).zip(shown) {
            canvas.line("g s-rule", (place, BOTTOM), (place, BOTTOM + 5.0));
            if shown {
                canvas.text("n f-ink", (place, BOTTOM + 20.0), Anchor::Middle, &setting.size.to_string());
                let windows = self.windows(&setting.typed).map_or_else(String::new, |n| brief(n as u64));
                canvas.text("n f-muted", (place, BOTTOM + 38.0), Anchor::Middle, &windows);
            }
        }
        canvas.line("g s-rule", (LEFT, BOTTOM), (RIGHT, BOTTOM));
        let unit = match self.grouping {
            Grouping::Count => "packets",
            Grouping::Time => "seconds",
        };
        canvas.text("n f-ink", (LABELS, BOTTOM + 20.0), Anchor::Start, unit);
        canvas.text("n f-muted", (LABELS, BOTTOM + 38.0), Anchor::Start, "windows");
    }

    /// A dotted line where the paper says that accuracy gets good (§4.2).
    fn papers_window(&self, canvas: &mut Canvas, x: &Scale) {
        let slot = paper_numbers::TASKS.iter().position(|&t| t == self.task.name);
        let (size, words) = match (slot, self.grouping) {
            (Some(0), Grouping::Count) => (500.0, "paper: 500"),
            (Some(0), Grouping::Time) => (500.0, "paper: 500 s"),
            (Some(1), Grouping::Count) => (20.0, "paper: 20"),
            (Some(1), Grouping::Time) => (15.0, "paper: 15 s"),
            _ => return,
        };
        let place = x.at(size);
        if (LEFT..=RIGHT).contains(&place) {
            canvas.line("dot s-muted", (place, TOP - 14.0), (place, BOTTOM));
            let (anchor, at) = if place > (LEFT + RIGHT) / 2.0 {
                (Anchor::End, place - 11.0)
            } else {
                (Anchor::Start, place + 11.0)
            };
            canvas.text("n f-muted halo", (at, TOP - 6.0), anchor, words);
        }
    }

    fn windows(&self, typed: &str) -> Option<usize> {
        let mut cells = self.result.cells.iter().filter(|c| c.task == self.task.name && c.windowing == typed);
        cells.next().map(|c| c.n_windows)
    }

    fn ring(&self, canvas: &mut Canvas, (x, y): (&Scale, &Scale)) {
        let Some((cell, score)) = self.best() else { return };
        let Some(setting) = Setting::read(&cell.windowing) else { return };
        let place = (x.at(setting.size), y.at(score.accuracy));
        canvas.marker(style::Marker::Circle, "w s-ink", place, 9.0);
    }
}

/// Intervals: a band along neighbouring settings, a bar at a point that stands alone.
fn bands(canvas: &mut Canvas, line: &Line, settings: &[Setting], (x, y): (&Scale, &Scale)) {
    if line.look.baseline {
        return;
    }
    let colour = &line.look.colour;
    for run in runs(line) {
        let edge = |pick: fn((f64, f64)) -> f64| -> Vec<Point> {
            run.iter().map(|&(k, _, s)| (x.at(settings[k].size), y.at(pick(s.accuracy_interval)))).collect()
        };
        let (low, mut outline) = (edge(|i| i.0), edge(|i| i.1));
        if let ([low], [high]) = (low.as_slice(), outline.as_slice()) {
            canvas.line(&format!("w s-{colour}"), *low, *high);
            continue;
        }
        outline.extend(low.into_iter().rev());
        canvas.polygon(&format!("a f-{colour}"), &outline);
    }
}

/// The points of a line, cut where a setting has no score.
fn runs<'a, 'b>(line: &'b Line<'a>) -> Vec<&'b [(usize, &'a Cell, &'a Score)]> {
    line.points.chunk_by(|a, b| b.0 == a.0 + 1).collect()
}

fn stroke(canvas: &mut Canvas, line: &Line, settings: &[Setting], (x, y): (&Scale, &Scale)) {
    let Look { colour, marker: shape, baseline, label, .. } = &line.look;
    let class = match (baseline, line.name) {
        (true, "majority") => format!("w s-{colour}"),
        (true, _) => format!("d s-{colour}"),
        _ => format!("l s-{colour}"),
    };
    let place = |&(k, _, s): &(usize, &Cell, &Score)| (x.at(settings[k].size), y.at(s.accuracy));
    for run in runs(line) {
        canvas.polyline(&class, &run.iter().map(place).collect::<Vec<_>>());
    }
    for point in &line.points {
        let (_, cell, score) = point;
        let accuracy = percent_with_interval(score.accuracy, score.accuracy_interval);
        canvas.titled(&format!("{label}, {}: {accuracy}", spoken(&cell.windowing)), |c| {
            let size = if *baseline { 2.2 } else { 3.6 };
            let marker = if *baseline { format!("w s-{colour}") } else { format!("m f-{colour} s-paper") };
            c.marker(*shape, &marker, place(point), size);
        });
    }
}

/// Names at the lines' ends, moved apart where they would meet, with leaders back to the ends.
fn labels(canvas: &mut Canvas, lines: &[Line], settings: &[Setting], (x, y): (&Scale, &Scale)) {
    let end = |line: &Line| {
        let &(k, _, score) = line.points.last()?;
        let Look { colour, marker: shape, baseline, label, .. } = &line.look;
        let (marker, text) = if *baseline {
            (format!("w s-{colour}"), "t f-muted")
        } else {
            (format!("m f-{colour} s-paper"), "t f-ink")
        };
        let point = (x.at(settings[k].size), y.at(score.accuracy));
        Some(End { point, shape: *shape, marker, text, label: label.clone() })
    };
    let ends: Vec<End> = lines.iter().filter_map(end).collect();
    axis::end_labels(canvas, &ends, (RIGHT, LABELS), (TOP + 2.0, BOTTOM - 2.0));
}
