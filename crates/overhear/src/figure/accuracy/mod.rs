//! Figures 6 and 7: accuracy by window, one panel per grouping, one line per learner.
//!
//! Source: paper §4.2. The vertical axis starts at the majority baseline, not where it would flatter.

mod chart;

use super::number::{fixed, grouped, percent};
use super::setting::{Grouping, in_words, spoken};
use super::{
    DataTable, Figure, Panel, best, is_attacker, number, paper_numbers, provenance, score, style, task_at,
};
use crate::experiment::paper::{PaperResult, Task};
use chart::Chart;

/// The least that the vertical axis spans: less would make a small effect look large.
const SMALL_RANGE: f64 = 0.25;

/// A gain over guessing that the best of many combinations also has by chance on a few hundred windows.
const LITTLE: f64 = 0.1;

/// Draws Figure 6, the first task.
pub fn draw_first(result: &PaperResult) -> Option<Figure> {
    draw(result, 0, "Figure 6", "figure-6")
}

/// Draws Figure 7, the second task.
pub fn draw_second(result: &PaperResult) -> Option<Figure> {
    draw(result, 1, "Figure 7", "figure-7")
}

fn draw(result: &PaperResult, slot: usize, number: &'static str, slug: &'static str) -> Option<Figure> {
    let task = task_at(result, slot)?;
    let range = range(result, &task.name)?;
    let panels: Vec<Panel> = Grouping::ALL
        .iter()
        .filter_map(|&grouping| Chart { result, task, grouping, range, slug }.draw())
        .collect();
    if panels.is_empty() {
        return None;
    }
    Some(Figure {
        number: number.to_owned(),
        section: "accuracy",
        slug,
        title: title(result, task),
        caption: caption(task),
        measured: format!("{}, windows as counted under the axis; {}.", sentence(task), provenance(result)),
        panels,
        columns: 2,
        tables: Vec::new(),
        data: vec![data(result, task)],
    })
}

fn caption(task: &Task) -> String {
    let papers = if paper_numbers::TASKS.contains(&task.name.as_str()) {
        "; a dotted line stands where the paper says that accuracy gets good"
    } else {
        ""
    };
    format!(
        "Accuracy of each learner by window, with its 95 % interval; the axis starts at the majority baseline and \
         the best point is ringed{papers}."
    )
}

fn sentence(task: &Task) -> String {
    format!("Telling {} from {}", task.negative, task.positive)
}

/// The finding: the best learner, unless its interval reaches down to guessing.
fn title(result: &PaperResult, task: &Task) -> String {
    let Some((cell, found)) = best(result, &task.name, is_attacker) else {
        return format!("Accuracy, {} or {}", task.negative, task.positive);
    };
    let (a, b) = (&task.negative, &task.positive);
    let accuracy = percent(found.accuracy, found.accuracy_interval);
    if let Some(majority) = score(result, &task.name, &cell.windowing, "majority").map(|s| s.accuracy) {
        if found.accuracy_interval.0 <= majority {
            return format!("No learner clearly beats guessing between {a} and {b}");
        }
        if found.accuracy - majority < LITTLE {
            let guessing = percent(majority, found.accuracy_interval);
            return format!(
                "{a} and {b} are classified little better than by guessing: {accuracy} against {guessing}"
            );
        }
    }
    format!(
        "{} distinguishes {a} from {b} in {accuracy} of {}",
        style::learner(&cell.learner).label,
        in_words(&cell.windowing)
    )
}

/// From the lowest majority baseline (or whatever fell below it) to 1, shared by both panels; where
/// nothing rises far above the baseline, a quarter above it is enough.
fn range(result: &PaperResult, task: &str) -> Option<(f64, f64)> {
    let cells = result.cells.iter().filter(|c| c.task == task);
    let scored: Vec<(&str, f64)> = cells
        .filter_map(|c| Some((c.learner.as_str(), c.score.as_ref()?.accuracy)))
        .filter(|(_, accuracy)| accuracy.is_finite())
        .collect();
    let lowest = scored.iter().map(|s| s.1).reduce(f64::min)?;
    let highest = scored.iter().map(|s| s.1).fold(lowest, f64::max);
    let low = lowest.clamp(0.0, 0.98);
    let high = if highest < low + SMALL_RANGE - 0.05 { low + SMALL_RANGE } else { 1.0 };
    Some((low, high.min(1.0)))
}

fn data(result: &PaperResult, task: &Task) -> DataTable {
    let rows = result.cells.iter().filter(|c| c.task == task.name).map(|c| {
        let mut row = vec![
            spoken(&c.windowing),
            style::learner(&c.learner).label,
            c.left_out.clone().unwrap_or_default(),
        ];
        row.push(grouped(c.n_windows as u64));
        let optional = |x: Option<f64>| x.map_or_else(|| number::NONE.to_owned(), |x| fixed(x, 4));
        let s = c.score.as_ref();
        row.extend([
            optional(s.map(|s| s.accuracy)),
            optional(s.map(|s| s.accuracy_interval.0)),
            optional(s.map(|s| s.accuracy_interval.1)),
            optional(s.map(|s| s.balanced_accuracy)),
            optional(s.and_then(|s| s.auc)),
        ]);
        row
    });
    let head = [
        "window",
        "learner",
        "left out",
        "windows",
        "accuracy",
        "95 % low",
        "high",
        "balanced accuracy",
        "AUC",
    ];
    DataTable::new("", 3, &head, rows.collect())
}
