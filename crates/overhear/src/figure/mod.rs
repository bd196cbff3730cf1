//! Figures and tables of a report: what is seen, what was measured, and the numbers behind it.
//!
//! Our own `Figure` instead of a plot library's: see docs/report.md. A figure is one or more
//! [`Panel`]s, so that a page can set them side by side or, on a phone, one below the other, while a
//! file holds them all. The register is [`REGISTER`]: to add a figure, write its file and its line.

pub mod accuracy;
pub mod audit;
pub mod axis;
pub mod confusion;
pub mod correlations;
pub mod frontier;
pub mod importance;
pub mod means;
pub mod number;
mod panel;
pub mod paper_numbers;
pub mod scale;
pub mod setting;
pub mod style;
pub mod svg;
mod table;
pub mod training;
pub mod training_time;

pub use panel::Panel;
pub use table::DataTable;

use crate::experiment::paper::{Cell, PaperResult, Score, Task};

/// One figure or table of a report.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What its caption begins with: `Figure 4`, `Table 1`, after the paper. An audit's are numbered by their order.
    pub number: String,
    /// The section of the page that it belongs to, by the section's anchor.
    pub section: &'static str,
    /// Its file and anchor: `figure-4`.
    pub slug: &'static str,
    /// The finding where the numbers give one, else the figure's name.
    pub title: String,
    /// One sentence that says what to see.
    pub caption: String,
    /// What was measured on how much.
    pub measured: String,
    /// The drawing.
    pub panels: Vec<Panel>,
    /// Panels side by side where there is room.
    pub columns: usize,
    /// Tables that belong on the page itself (Tables 1 and 2).
    pub tables: Vec<DataTable>,
    /// What the figure was drawn from, opened by "data".
    pub data: Vec<DataTable>,
}

/// Every figure and table of the paper's report, in the order of the page; each draws nothing where the result has
/// nothing for it.
pub const REGISTER: &[fn(&PaperResult) -> Option<Figure>] = &[
    means::draw,
    correlations::draw,
    accuracy::draw_first,
    accuracy::draw_second,
    confusion::draw,
    importance::draw,
    training_time::draw_by_time,
    training_time::draw_by_count,
];

/// Draws everything the result has something for.
pub fn all(result: &PaperResult) -> Vec<Figure> {
    REGISTER.iter().filter_map(|draw| draw(result)).collect()
}

impl Figure {
    /// Panels side by side: a single one takes the room of all.
    pub fn side_by_side(&self) -> usize {
        self.columns.min(self.panels.len()).max(1)
    }

    /// The whole figure as a file of its own: every panel, both colour schemes, no page needed.
    ///
    /// `generated` adds the band that generated traffic carries everywhere.
    pub fn to_file(&self, generated: Option<&str>) -> String {
        panel::file(self, generated)
    }
}

/// The task drawn at `slot` (0 or 1): the paper's own where the campaign has it, else the next of the others.
pub fn task_at(result: &PaperResult, slot: usize) -> Option<&Task> {
    let tasks = &result.scope.tasks;
    let paper = |name: &str| tasks.iter().find(|t| t.name == name);
    if let Some(task) = paper_numbers::TASKS.get(slot).and_then(|name| paper(name)) {
        return Some(task);
    }
    let free_before = paper_numbers::TASKS.iter().take(slot).filter(|name| paper(name).is_none()).count();
    tasks.iter().filter(|t| !paper_numbers::TASKS.contains(&t.name.as_str())).nth(free_before)
}

/// The cell of a task, windowing and learner.
pub fn cell<'a>(result: &'a PaperResult, task: &str, windowing: &str, learner: &str) -> Option<&'a Cell> {
    result.cells.iter().find(|c| c.task == task && c.windowing == windowing && c.learner == learner)
}

/// Its score, where there is one.
pub fn score<'a>(result: &'a PaperResult, task: &str, windowing: &str, learner: &str) -> Option<&'a Score> {
    cell(result, task, windowing, learner)?.score.as_ref().filter(|s| s.accuracy.is_finite())
}

/// The cell of a task with the highest accuracy among the learners `admit` lets in; the first of equals.
pub fn best<'a>(
    result: &'a PaperResult,
    task: &str,
    admit: impl Fn(&Cell) -> bool,
) -> Option<(&'a Cell, &'a Score)> {
    let scored = result.cells.iter().filter(|c| c.task == task && admit(c));
    let mut best: Option<(&Cell, &Score)> = None;
    for cell in scored {
        let Some(score) = cell.score.as_ref().filter(|s| s.accuracy.is_finite()) else { continue };
        if best.is_none_or(|(_, b)| score.accuracy > b.accuracy) {
            best = Some((cell, score));
        }
    }
    best
}

/// Whether a learner is no baseline.
pub fn is_attacker(cell: &Cell) -> bool {
    !style::learner(&cell.learner).baseline
}

/// Two conditions for a reader: `mic_off or mic_on`.
pub fn spoken_task(task: &Task) -> String {
    format!("{} or {}", task.negative, task.positive)
}

/// "Seed 1, 10 folds": what every figure of scores names.
pub(crate) fn provenance(result: &PaperResult) -> String {
    format!("{} folds, seed {}", result.scope.folds, result.scope.seed)
}

/// Packets of the conditions, for a caption.
pub(crate) fn packets_in_words(result: &PaperResult) -> String {
    let packets: u64 = result.conditions.iter().map(|c| c.packets).sum();
    let n = result.conditions.len();
    format!("{} packets of {n} {}", number::grouped(packets), if n == 1 { "condition" } else { "conditions" })
}
