//! Tables 1 and 2: seconds to train, the paper's beside ours, with a sparkline per learner.
//!
//! Source: paper §4.3, Tables 1 and 2 (an Intel Core i7-3770; scikit-learn and Fast.ai).

use super::number::{self, fixed, seconds};
use super::paper_numbers::{LEARNERS, TABLE_1, TABLE_2, TASKS, Times};
use super::scale::Scale;
use super::setting::{Grouping, Setting, spoken};
use super::style;
use super::svg::{Anchor, Canvas, Point, shortened};
use super::{DataTable, Figure, Panel, provenance, score, spoken_task, task_at};
use crate::experiment::paper::{PaperResult, Task};

const WIDTH: f64 = 530.0;
const TOP: f64 = 62.0;
const BOTTOM: f64 = 206.0;
const LEFT: f64 = 40.0;

/// Draws Table 1, windows of Δt seconds.
pub fn draw_by_time(result: &PaperResult) -> Option<Figure> {
    draw(result, Grouping::Time, "Table 1", "table-1")
}

/// Draws Table 2, windows of N packets.
pub fn draw_by_count(result: &PaperResult) -> Option<Figure> {
    draw(result, Grouping::Count, "Table 2", "table-2")
}

/// The paper's seconds for a learner, task slot and setting.
pub fn papers(grouping: Grouping, slot: usize, size: f64, learner: &str) -> Option<f64> {
    let table = match grouping {
        Grouping::Time => &TABLE_1,
        Grouping::Count => &TABLE_2,
    };
    let k = LEARNERS.iter().position(|&l| l == learner)?;
    let row: &Times = table.iter().find(|row| row.size == size)?;
    match slot {
        0 => Some(row.off_on[k]),
        1 => Some(row.on_noise[k]),
        _ => None,
    }
}

fn draw(
    result: &PaperResult,
    grouping: Grouping,
    number: &'static str,
    slug: &'static str,
) -> Option<Figure> {
    let settings = Setting::of(&result.scope.windowings, grouping);
    let slots: Vec<(usize, &Task)> = (0..2).filter_map(|k| Some((k, task_at(result, k)?))).collect();
    if settings.is_empty() || slots.is_empty() {
        return None;
    }
    let charts: Vec<Chart> = slots
        .iter()
        .map(|&(slot, task)| Chart { result, task, slot, grouping, settings: &settings })
        .collect();
    let threads = result.scope.threads;
    Some(Figure {
        number: number.to_owned(),
        section: "times",
        slug,
        title: title(&charts, grouping),
        caption: "Seconds to train each learner by window: the paper's (grey), ours, and the paper's divided by ours; \
                  all lines on one logarithmic scale."
            .to_owned(),
        measured: format!(
            "Ours: mean wall seconds to fit one fold, on {threads} {}; {}. The paper's: an Intel Core i7-3770; it does \
             not say whether its seconds cover one fold or all.",
            if threads == 1 { "thread" } else { "threads" },
            provenance(result)
        ),
        panels: charts.iter().map(|c| c.panel(slug)).collect(),
        columns: 2,
        tables: charts.iter().map(Chart::table).collect(),
        data: charts.iter().map(Chart::data).collect(),
    })
}

/// The quickest and the slowest of the paper's five in all, where each has every time.
fn title(charts: &[Chart], grouping: Grouping) -> String {
    let name = match grouping {
        Grouping::Time => "Training time by Δt",
        Grouping::Count => "Training time by N",
    };
    let mut totals: Vec<(&str, f64)> = Vec::new();
    for learner in LEARNERS {
        let all = charts.iter().flat_map(|c| c.settings.iter().map(move |s| c.ours(&s.typed, learner)));
        let Some(times) = all.collect::<Option<Vec<f64>>>().filter(|t| !t.is_empty()) else {
            return name.to_owned();
        };
        totals.push((learner, times.iter().sum()));
    }
    totals.sort_by(|a, b| a.1.total_cmp(&b.1));
    let label = |k: usize| style::learner(totals[k].0).label;
    let slowest = style::in_sentence(&label(totals.len() - 1));
    format!("{name}: {} trains quickest, {slowest} slowest", label(0))
}

/// One task's times in one grouping.
struct Chart<'a> {
    result: &'a PaperResult,
    task: &'a Task,
    slot: usize,
    grouping: Grouping,
    settings: &'a [Setting],
}

impl Chart<'_> {
    fn ours(&self, typed: &str, learner: &str) -> Option<f64> {
        score(self.result, &self.task.name, typed, learner).map(|s| s.fit_s).filter(|s| s.is_finite())
    }

    fn papers(&self, size: f64, learner: &str) -> Option<f64> {
        // The paper's seconds belong to its own tasks: beside others they would compare unlike things.
        let is_papers = TASKS.get(self.slot).is_some_and(|t| *t == self.task.name);
        papers(self.grouping, self.slot, size, learner).filter(|_| is_papers)
    }

    /// Five sparklines on one scale, 10 µs to 1,000 s.
    fn panel(&self, slug: &str) -> Panel {
        let mut canvas = Canvas::default();
        canvas.text("h f-ink", (0.0, 17.0), Anchor::Start, &shortened(&spoken_task(self.task), 30));
        let y = Scale::log((1e-5, 1e3), (BOTTOM, TOP));
        for (value, label) in
            [(1e-5, "10 µs"), (1e-3, "1 ms"), (0.1, "0.1 s"), (10.0, "10 s"), (1e3, "1000 s")]
        {
            canvas.line("g s-grid", (LEFT + 8.0, y.at(value)), (WIDTH, y.at(value)));
            canvas.text("n f-muted", (LEFT + 2.0, y.at(value) + 4.0), Anchor::End, label);
        }
        let slice = (WIDTH - LEFT - 14.0) / LEARNERS.len() as f64;
        let mut said = Vec::new();
        for (k, learner) in LEARNERS.iter().enumerate() {
            let left = LEFT + 14.0 + slice * k as f64;
            let x = self.horizontal((left + 8.0, left + slice - 14.0));
            let look = style::learner(learner);
            canvas.text("n b f-ink", (left + slice / 2.0 - 3.0, 46.0), Anchor::Middle, &look.short);
            let grey = self.points(|s| self.papers(s.size, learner), (&x, &y));
            let ours = self.points(|s| self.ours(&s.typed, learner), (&x, &y));
            canvas.polyline("w s-base", &grey);
            canvas.polyline(&format!("l s-{}", look.colour), &ours);
            for &point in &ours {
                canvas.marker(look.marker, &format!("m f-{} s-paper", look.colour), point, 3.0);
            }
            if k == 0 && !grey.is_empty() {
                legend(&mut canvas, &grey, &ours);
            }
            let ends = [self.settings.first(), self.settings.last()].map(|s| {
                s.and_then(|s| self.ours(&s.typed, learner)).map_or_else(|| number::NONE.to_owned(), seconds)
            });
            said.push(format!("{}: {} s to {} s.", look.label, ends[0], ends[1]));
        }
        let sizes: Vec<String> = self.settings.iter().map(|s| s.size.to_string()).collect();
        let ends = format!(
            "each from {} to {} {}",
            sizes.first().map_or("", |s| s),
            sizes.last().map_or("", |s| s),
            if self.grouping == Grouping::Time { "s, left to right" } else { "packets, left to right" }
        );
        canvas.text("n f-muted", (WIDTH, 17.0), Anchor::End, &ends);
        let title = format!("Seconds to train, {}", self.task.name);
        Panel::new(format!("{slug}-{}", self.slot), (WIDTH, BOTTOM + 12.0), title, said.join(" "), canvas)
    }

    fn horizontal(&self, to: (f64, f64)) -> Scale {
        let size = |s: Option<&Setting>| s.map_or(1.0, |s| s.size);
        Scale::log((size(self.settings.first()), size(self.settings.last())), to)
    }

    fn points(&self, of: impl Fn(&Setting) -> Option<f64>, (x, y): (&Scale, &Scale)) -> Vec<Point> {
        let place = |s: &Setting| Some((x.at(s.size), y.at(of(s)?.max(1e-5))));
        self.settings.iter().filter_map(place).collect()
    }

    /// The paper's table with ours beside it.
    fn table(&self) -> DataTable {
        let optional =
            |x: Option<f64>, show: fn(f64) -> String| x.map_or_else(|| number::NONE.to_owned(), show);
        let mut rows = Vec::new();
        for setting in self.settings {
            let mut row = vec![spoken(&setting.typed)];
            for learner in LEARNERS {
                let (paper, ours) = (self.papers(setting.size, learner), self.ours(&setting.typed, learner));
                let ratio = paper.zip(ours).filter(|(_, o)| *o > 0.0).map(|(p, o)| p / o);
                row.push(optional(paper, papers_seconds));
                row.push(optional(ours, seconds));
                row.push(optional(ratio, times));
            }
            rows.push(row);
        }
        let mut head = vec!["window"];
        head.extend(std::iter::repeat_n(["paper", "ours", "ratio"], LEARNERS.len()).flatten());
        let mut groups = vec![(String::new(), 1)];
        groups.extend(LEARNERS.map(|l| (style::learner(l).label, 3)));
        DataTable::new(&format!("{}, seconds", spoken_task(self.task)), 1, &head, rows).grouped(groups)
    }

    /// Every learner's times, those outside the paper as well.
    fn data(&self) -> DataTable {
        let mut rows = Vec::new();
        for setting in self.settings {
            for learner in &self.result.scope.learners {
                let Some(s) = score(self.result, &self.task.name, &setting.typed, learner) else { continue };
                let label = style::learner(learner).label;
                rows.push(vec![spoken(&setting.typed), label, fixed(s.fit_s, 6), fixed(s.predict_s, 6)]);
            }
        }
        let caption = format!("{}, mean wall seconds of a fold", spoken_task(self.task));
        DataTable::new(&caption, 2, &["window", "learner", "fit, s", "predict, s"], rows)
    }
}

/// Names the two lines where they stand, in the first sparkline alone.
fn legend(canvas: &mut Canvas, grey: &[Point], ours: &[Point]) {
    for (line, text, other) in [(grey, "paper", ours), (ours, "ours", grey)] {
        let Some(&(x, y)) = line.last() else { continue };
        let below = other.last().is_some_and(|o| o.1 < y);
        let y = if below { y + 15.0 } else { y - 8.0 };
        canvas.text("n f-muted halo", (x + 6.0, y.min(BOTTOM + 10.0)), Anchor::End, text);
    }
}

/// As the paper prints it: hundreds with one decimal, the others with two.
fn papers_seconds(s: f64) -> String {
    fixed(s, if s >= 140.0 && s.fract() == 0.0 { 1 } else { 2 })
}

/// How many times less ours took; under one, ours took longer.
fn times(ratio: f64) -> String {
    match ratio {
        r if r >= 10.0 => number::grouped(r.round() as u64),
        r if r >= 0.1 => fixed(r, 1),
        _ => number::significant(ratio),
    }
}
