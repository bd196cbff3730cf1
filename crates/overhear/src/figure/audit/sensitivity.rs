//! What the audit would have found: of each kind of leak the smallest dose, as a share of the largest tried.

use super::super::number::{fixed, grouped};
use super::super::scale::Scale;
use super::super::style::Marker;
use super::super::svg::{Anchor, Canvas, shortened};
use super::super::{DataTable, Figure, Panel};
use super::WIDTH;
use crate::experiment::audit::result::{AuditResult, FoundPlant, Sensitivity};

/// Its file and anchor.
pub const SLUG: &str = "would-have-found";

const LEFT: f64 = 100.0;
const RIGHT: f64 = 516.0;
const TOP: f64 = 44.0;
const ROW: f64 = 30.0;
const MIDDLE: f64 = (LEFT + RIGHT) / 2.0;
const FOUND: &str = "m f-ink s-paper";
const NOT_FOUND: &str = "m f-paper s-muted";
/// The axis ends here: doses below are drawn at it.
const LOWEST: f64 = 1e-3;

/// Draws the figure; `None` where leaks were not planted.
pub fn draw(result: &AuditResult) -> Option<Figure> {
    let sensitivity = result.sensitivity.as_ref()?;
    let n = sensitivity.kinds.iter().filter(|kind| kind.smallest().is_some()).count();
    Some(Figure {
        number: String::new(),
        section: "found",
        slug: SLUG,
        title: format!("{n} of {} kinds of planted leaks are found", sensitivity.kinds.len()),
        caption: format!(
            "Each mark is the smallest dose of a kind of leak that becomes a LEAK in {} of {} campaigns, as a share of \
             the largest that was tried; further left is a smaller leak. A hollow mark: not even the largest was found.",
            sensitivity.needed, sensitivity.tries
        ),
        measured: format!(
            "Planted into the rounds of {} as {} sees them: {} pairs of neighbouring rounds, a coin says which of two.",
            sensitivity.condition, sensitivity.observer, sensitivity.pairs
        ),
        panels: vec![panel(sensitivity)],
        columns: 1,
        tables: Vec::new(),
        data: vec![data(sensitivity)],
    })
}

fn panel(sensitivity: &Sensitivity) -> Panel {
    let bottom = TOP + ROW * sensitivity.kinds.len() as f64;
    let x = Scale::log((LOWEST, 1.0), (LEFT, RIGHT));
    let mut canvas = Canvas::default();
    for (share, label) in [(1e-3, "a thousandth"), (1e-2, "a hundredth"), (0.1, "a tenth"), (1.0, "largest")]
    {
        canvas.line("g s-rule", (x.at(share), TOP), (x.at(share), bottom));
        let anchor = if share == 1.0 { Anchor::End } else { Anchor::Middle };
        canvas.text("n f-muted", (x.at(share), bottom + 18.0), anchor, label);
    }
    for (row, kind) in sensitivity.kinds.iter().enumerate() {
        let y = TOP + ROW * (row as f64 + 0.5);
        canvas.text("n f-ink", (LEFT - 12.0, y + 4.0), Anchor::End, &shortened(&kind.plant, 11));
        let (share, class, label) = match kind.smallest() {
            Some(dose) => (dose / kind.largest, FOUND, format!("{dose} {}", kind.unit)),
            None => (1.0, NOT_FOUND, "not found".to_owned()),
        };
        let at = x.at(share.clamp(LOWEST, 1.0));
        canvas.line("g s-rule", (LEFT, y), (RIGHT, y));
        canvas.titled(&words(kind), |c| c.marker(Marker::Circle, class, (at, y), 5.0));
        // beside the mark, on the side that has room
        let (beside, anchor) =
            if at > MIDDLE { (at - 11.0, Anchor::End) } else { (at + 11.0, Anchor::Start) };
        canvas.text("n f-muted halo", (beside, y + 4.0), anchor, &shortened(&label, 36));
    }
    let title = "What the audit would have found".to_owned();
    let described = sensitivity.kinds.iter().map(words).collect::<Vec<_>>().join("; ");
    Panel::new(format!("{SLUG}-0"), (WIDTH, bottom + 26.0), title, format!("{described}."), canvas)
}

/// The smallest dose of a kind in words.
fn words(kind: &FoundPlant) -> String {
    match kind.smallest() {
        Some(dose) => kind.at(dose),
        None if kind.largest.is_finite() => format!("not found: {}", kind.at(kind.largest)),
        None => "not found".to_owned(),
    }
}

/// Every kind, a row each, for the page.
pub fn table(sensitivity: &Sensitivity) -> DataTable {
    let row = |kind: &FoundPlant| {
        vec![kind.plant.clone(), words(kind), format!("{} {}", grouped(kind.largest as u64), kind.unit)]
    };
    let rows = sensitivity.kinds.iter().map(row).collect();
    DataTable::new("", 3, &["kind", "smallest leak found", "largest tried"], rows)
}

/// The same as numbers.
fn data(sensitivity: &Sensitivity) -> DataTable {
    let row = |kind: &FoundPlant| {
        let dose = kind.smallest().map_or("not found".to_owned(), |dose| dose.to_string());
        vec![kind.plant.clone(), kind.unit.clone(), dose, fixed(kind.largest, 0)]
    };
    let rows = sensitivity.kinds.iter().map(row).collect();
    DataTable::new("", 2, &["kind", "unit", "smallest dose found", "largest tried"], rows)
}
