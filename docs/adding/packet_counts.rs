//! How many packets each condition has: a figure, whole.

use super::scale::Scale;
use super::svg::{Anchor, Canvas, Rect};
use super::{DataTable, Figure, Panel};
use crate::experiment::paper::PaperResult;

const WIDTH: f64 = 484.0;
const LEFT: f64 = 90.0;
const ROW: f64 = 24.0;

/// Draws it; `None` where nothing was captured.
pub fn draw(result: &PaperResult) -> Option<Figure> {
    let most = result.conditions.iter().map(|c| c.packets).max().filter(|&most| most > 0)?;
    let x = Scale::linear((0.0, most as f64), (LEFT, WIDTH - 90.0));
    let (mut canvas, mut rows) = (Canvas::default(), Vec::new());
    for (k, condition) in result.conditions.iter().enumerate() {
        let (y, n) = (ROW * k as f64 + 8.0, condition.packets);
        canvas.text("t f-ink", (LEFT - 8.0, y + 11.0), Anchor::End, &condition.condition);
        let bar = Rect { x: LEFT, y, width: x.at(n as f64) - LEFT, height: 14.0 };
        canvas.rect("f-share", bar, 1.5);
        canvas.text("n f-ink", (bar.x + bar.width + 6.0, y + 11.0), Anchor::Start, &n.to_string());
        rows.push(vec![condition.condition.clone(), n.to_string()]);
    }
    let height = ROW * result.conditions.len() as f64 + 12.0;
    let said = rows.iter().map(|row| row.join(": ")).collect::<Vec<_>>().join("; ");
    Some(Figure {
        number: "Figure 10".to_owned(),
        section: "packets",
        slug: "figure-10",
        title: "Packets of each condition".to_owned(),
        caption: "How many packets each condition has.".to_owned(),
        measured: "Packets of the device.".to_owned(),
        panels: vec![Panel::new("figure-10-a".to_owned(), (WIDTH, height), "Packets".to_owned(), said, canvas)],
        columns: 1,
        tables: Vec::new(),
        data: vec![DataTable::new("Packets", 1, &["condition", "packets"], rows)],
    })
}
