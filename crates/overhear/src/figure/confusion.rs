//! Figure 8: the confusion matrices of the paper's two best results, counts and row shares.
//!
//! Source: paper §4.2 and Figure 8.

use super::number::{fixed, grouped};
use super::paper_numbers::SHOWN;
use super::setting::spoken;
use super::style;
use super::svg::{Anchor, Canvas, Rect, shortened};
use super::{DataTable, Figure, Panel, cell, provenance, task_at};
use crate::experiment::paper::{Cell, PaperResult, Score, Task};

const WIDTH: f64 = 460.0;
const LEFT: f64 = 146.0;
const TOP: f64 = 76.0;
const ROW: f64 = 92.0;

/// One of the two results that Figures 8 and 9 show, where the run has it.
pub struct Shown<'a> {
    /// The task, the paper's or the campaign's own in its place.
    pub task: &'a Task,
    /// Its place in [`SHOWN`], where the task is the paper's own.
    pub papers: Option<usize>,
    /// As typed.
    pub windowing: &'static str,
    /// Permanent name.
    pub learner: &'static str,
    /// Its cell with a score.
    pub found: Option<(&'a Cell, &'a Score)>,
}

impl Shown<'_> {
    /// `AdaBoost, Δt = 500 s, mic_off or mic_on`.
    pub fn spoken(&self) -> String {
        let learner = style::learner(self.learner).label;
        format!("{learner}, {}, {} or {}", spoken(self.windowing), self.task.negative, self.task.positive)
    }
}

/// The paper's two results on this campaign's tasks.
pub fn shown(result: &PaperResult) -> Vec<Shown<'_>> {
    let of = |(slot, &(name, windowing, learner)): (usize, &(&str, &'static str, &'static str))| {
        let task = task_at(result, slot)?;
        let cell = cell(result, &task.name, windowing, learner);
        let found = cell.and_then(|c| Some((c, c.score.as_ref()?)));
        let papers = (task.name == name).then_some(slot);
        Some(Shown { task, papers, windowing, learner, found })
    };
    SHOWN.iter().enumerate().filter_map(of).collect()
}

/// A sentence on what is not in this run; empty where nothing is missing.
pub fn missing(result: &PaperResult, has: impl Fn(&Shown) -> bool) -> String {
    let absent: Vec<String> = shown(result).iter().filter(|s| !has(s)).map(Shown::spoken).collect();
    if absent.is_empty() { String::new() } else { format!(" Not in this run: {}.", absent.join("; ")) }
}

/// Draws Figure 8; `None` where the run has no task.
pub fn draw(result: &PaperResult) -> Option<Figure> {
    let shown = shown(result);
    if shown.is_empty() {
        return None;
    }
    let drawn = shown.iter().enumerate().filter_map(|(k, s)| Some(panel(k, s, s.found?.1)));
    let missing = missing(result, |s| s.found.is_some());
    Some(Figure {
        number: "Figure 8".to_owned(),
        section: "confusion",
        slug: "figure-8",
        title: title(&shown),
        caption: format!(
            "Where the windows of each condition end up in the settings that the paper shows: counts, and shares of the row.{missing}"
        ),
        measured: format!("Out of fold, summed over folds; {}.", provenance(result)),
        panels: drawn.collect(),
        columns: 2,
        tables: Vec::new(),
        data: vec![data(&shown)],
    })
}

/// Whether every row has its largest count on the diagonal; `None` for an empty or ragged matrix.
pub fn is_diagonal(confusion: &[Vec<u64>]) -> Option<bool> {
    if confusion.is_empty() || confusion.iter().any(|row| row.len() != confusion.len()) {
        return None;
    }
    Some(
        confusion
            .iter()
            .enumerate()
            .all(|(k, row)| row.iter().enumerate().all(|(j, &n)| j == k || n < row[k])),
    )
}

fn title(shown: &[Shown]) -> String {
    let diagonal: Vec<bool> = shown.iter().filter_map(|s| is_diagonal(&s.found?.1.confusion)).collect();
    match (diagonal.len(), diagonal.iter().filter(|d| **d).count()) {
        (0, _) => "Confusion matrices of the paper's settings".to_owned(),
        (n, k) if n == k => "Most windows of every condition are classified correctly".to_owned(),
        _ => "Some condition is mistaken for the other in most of its windows".to_owned(),
    }
}

fn names(shown: &Shown, classes: usize) -> Vec<String> {
    let of = |k| match k {
        0 => shown.task.negative.clone(),
        1 => shown.task.positive.clone(),
        _ => format!("class {}", k + 1),
    };
    (0..classes).map(of).collect()
}

fn panel(index: usize, shown: &Shown, score: &Score) -> Panel {
    let classes = score.confusion.len();
    let names = names(shown, classes);
    let cell_width = (WIDTH - LEFT) / classes.max(1) as f64;
    let mut canvas = Canvas::default();
    let heading = format!("{}, {}", style::learner(shown.learner).label, spoken(shown.windowing));
    canvas.text("h f-ink", (0.0, 17.0), Anchor::Start, &heading);
    canvas.text("n f-muted", (LEFT, 46.0), Anchor::Start, "predicted →");
    canvas.text("n f-muted", (LEFT - 14.0, 46.0), Anchor::End, "really ↓");
    let mut said = Vec::new();
    for (i, row) in score.confusion.iter().enumerate() {
        let middle = TOP + ROW * (i as f64 + 0.5);
        let colour = style::condition(&names[i], i);
        canvas.rect(
            &format!("f-{colour}"),
            Rect { x: LEFT - 8.0, y: middle - ROW / 2.0, width: 4.0, height: ROW - 3.0 },
            1.0,
        );
        canvas.text("t f-ink", (LEFT - 16.0, middle + 4.0), Anchor::End, &shortened(&names[i], 15));
        let column = LEFT + cell_width * (i as f64 + 0.5);
        canvas.text("t f-ink", (column, TOP - 9.0), Anchor::Middle, &shortened(&names[i], 18));
        let total: u64 = row.iter().sum();
        for (j, &count) in row.iter().enumerate() {
            let share = if total > 0 { count as f64 / total as f64 } else { 0.0 };
            let place = Rect {
                x: LEFT + cell_width * j as f64,
                y: TOP + ROW * i as f64,
                width: cell_width - 3.0,
                height: ROW - 3.0,
            };
            canvas.rect("f-soft", place, 3.0);
            canvas.rect_with("f-share", place, 3.0, share);
            let x = place.x + place.width / 2.0;
            let share = format!("{} %", fixed(100.0 * share, 1));
            canvas.text("h f-ink", (x, middle - 4.0), Anchor::Middle, &share);
            canvas.text("n f-ink", (x, middle + 16.0), Anchor::Middle, &grouped(count));
            said.push(format!("{} predicted as {}: {share}.", names[i], names.get(j).map_or("?", |n| n)));
        }
    }
    let height = TOP + ROW * classes as f64 + 2.0;
    let title = format!("Confusion of {}", shown.spoken());
    Panel::new(format!("figure-8-{index}"), (WIDTH, height), title, said.join(" "), canvas)
}

fn data(shown: &[Shown]) -> DataTable {
    let mut rows = Vec::new();
    for s in shown {
        let Some((_, score)) = s.found else { continue };
        let names = names(s, score.confusion.len());
        for (i, row) in score.confusion.iter().enumerate() {
            for (j, &count) in row.iter().enumerate() {
                let predicted = names.get(j).cloned().unwrap_or_default();
                rows.push(vec![s.spoken(), names[i].clone(), predicted, grouped(count)]);
            }
        }
    }
    DataTable::new("", 3, &["setting", "true", "predicted", "windows"], rows)
}
