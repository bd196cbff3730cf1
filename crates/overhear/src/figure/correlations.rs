//! Figure 5: Pearson correlations over packets, one matrix per condition.
//!
//! Source: paper §4.1, "In general, there are not strong relationships among the data".

use super::number::{self, fixed};
use super::style;
use super::svg::{Anchor, Canvas, Rect, shortened};
use super::{DataTable, Figure, Panel, packets_in_words};
use crate::experiment::paper::{CorrelationMatrix, PaperResult, Quantity};

const WIDTH: f64 = 340.0;
const LEFT: f64 = 88.0;
const TOP: f64 = 58.0;
const CELL: f64 = 62.0;
const ROW: f64 = 46.0;

/// From this |r| on, a title calls a correlation one.
const WORTH_NAMING: f64 = 0.3;

/// Draws Figure 5; `None` where no matrix was computed.
pub fn draw(result: &PaperResult) -> Option<Figure> {
    if result.correlations.is_empty() {
        return None;
    }
    let panels = result.correlations.iter().enumerate().map(|(k, m)| panel(m, k)).collect();
    Some(Figure {
        number: "Figure 5".to_owned(),
        section: "packets",
        slug: "figure-5",
        title: title(result),
        caption:
            "Correlation of every two packet quantities, from −1 (blue) over 0 (blank) to 1 (red) on the \
                  same scale everywhere; the strongest pair is outlined."
                .to_owned(),
        measured: format!(
            "Pearson over {}, pairs with both quantities present; seed {}.",
            packets_in_words(result),
            result.scope.seed
        ),
        panels,
        columns: 3,
        tables: Vec::new(),
        data: vec![data(result)],
    })
}

/// The pair of different quantities with the largest |r|.
pub fn strongest(matrix: &CorrelationMatrix) -> Option<(Quantity, Quantity, f64)> {
    let mut best: Option<(Quantity, Quantity, f64)> = None;
    for (a, b, r) in pairs(matrix) {
        if best.is_none_or(|(_, _, most)| r.abs() > most.abs()) {
            best = Some((a, b, r));
        }
    }
    best
}

/// Every pair once, those left out whose correlation is undefined.
pub fn pairs(matrix: &CorrelationMatrix) -> Vec<(Quantity, Quantity, f64)> {
    let mut found = Vec::new();
    for (i, row) in matrix.r.iter().enumerate() {
        for (j, r) in row.iter().enumerate().take(i) {
            if let Some(r) = r.filter(|r| r.is_finite()) {
                found.push((Quantity::ALL[i], Quantity::ALL[j], r));
            }
        }
    }
    found
}

/// A quantity in one or two words.
pub fn short(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Length => "length",
        Quantity::TcpWindow => "TCP window",
        Quantity::Ipt => "gap",
        Quantity::Ttl => "TTL",
    }
}

fn title(result: &PaperResult) -> String {
    let all = result.correlations.iter().filter_map(|m| Some((m, strongest(m)?)));
    let most = all.max_by(|(_, a), (_, b)| a.2.abs().total_cmp(&b.2.abs()));
    match most {
        Some((matrix, (a, b, r))) if r.abs() >= WORTH_NAMING => format!(
            "The strongest correlation is {} with {} under {}, r = {}",
            short(a),
            short(b),
            shortened(&matrix.condition, 30),
            fixed(r, 2)
        ),
        Some(_) => "No two packet quantities correlate strongly under any condition".to_owned(),
        None => "Correlations".to_owned(),
    }
}

fn panel(matrix: &CorrelationMatrix, index: usize) -> Panel {
    let mut canvas = Canvas::default();
    let colour = style::condition(&matrix.condition, index);
    canvas.rect(&format!("f-{colour}"), Rect { x: 0.0, y: 6.0, width: 12.0, height: 12.0 }, 2.0);
    canvas.text("h f-ink", (20.0, 17.0), Anchor::Start, &shortened(&matrix.condition, 34));
    let strongest = strongest(matrix);
    for (i, &a) in Quantity::ALL.iter().enumerate() {
        let y = TOP + ROW * i as f64;
        canvas.text("n f-muted", (LEFT - 8.0, y + ROW / 2.0 + 4.0), Anchor::End, short(a));
        canvas.text("n f-muted", (LEFT + CELL * (i as f64 + 0.5), TOP - 8.0), Anchor::Middle, short(a));
        for (j, &b) in Quantity::ALL.iter().enumerate() {
            let place = Rect { x: LEFT + CELL * j as f64, y, width: CELL - 2.0, height: ROW - 2.0 };
            let outlined = strongest.is_some_and(|(p, q, _)| (p, q) == (a, b) || (p, q) == (b, a));
            cell(&mut canvas, place, matrix.r[i][j], i == j, outlined);
        }
    }
    let y = TOP + ROW * 4.0 + 20.0;
    let words = strongest.map_or_else(
        || "Nothing to correlate.".to_owned(),
        |(a, b, r)| format!("Strongest: {} with {}, {}", short(a), short(b), fixed(r, 2)),
    );
    canvas.text("n f-ink", (LEFT + CELL * 4.0 - 2.0, y), Anchor::End, &words);
    key(&mut canvas, y + 14.0);
    let desc: Vec<String> = pairs(matrix)
        .iter()
        .map(|&(a, b, r)| format!("{} with {}: {}.", short(a), short(b), fixed(r, 2)))
        .collect();
    let title = format!("Correlations under {}", matrix.condition);
    Panel::new(
        format!("figure-5-{index}"),
        (WIDTH, y + 46.0),
        title,
        format!("{words}. {}", desc.join(" ")),
        canvas,
    )
}

fn cell(canvas: &mut Canvas, place: Rect, r: Option<f64>, diagonal: bool, outlined: bool) {
    let middle = (place.x + place.width / 2.0, place.y + place.height / 2.0 + 5.0);
    canvas.rect("f-soft", place, 2.0);
    if diagonal {
        canvas.text("n f-muted", middle, Anchor::Middle, "1");
        return;
    }
    let Some(r) = r.filter(|r| r.is_finite()) else {
        canvas.text("n f-muted", middle, Anchor::Middle, number::NONE);
        return;
    };
    canvas.rect("f-paper", place, 2.0);
    canvas.rect_with(if r < 0.0 { "f-neg" } else { "f-pos" }, place, 2.0, r.abs().min(1.0));
    if outlined {
        let inner =
            Rect { x: place.x + 1.0, y: place.y + 1.0, width: place.width - 2.0, height: place.height - 2.0 };
        canvas.rect("k s-ink", inner, 2.0);
    }
    canvas.text(if outlined { "t b f-ink" } else { "t f-ink" }, middle, Anchor::Middle, &fixed(r, 2));
}

/// The scale, fixed to −1 … 1.
fn key(canvas: &mut Canvas, y: f64) {
    let width = (CELL * 4.0 - 2.0) / 20.0;
    for k in 0..20 {
        let r = (f64::from(k) + 0.5) / 10.0 - 1.0;
        let place = Rect { x: LEFT + width * f64::from(k), y, width: width + 0.3, height: 6.0 };
        canvas.rect_with(if r < 0.0 { "f-neg" } else { "f-pos" }, place, 0.0, r.abs());
    }
    let right = LEFT + CELL * 4.0 - 2.0;
    for (x, anchor, text) in
        [(LEFT, Anchor::Start, "−1"), ((LEFT + right) / 2.0, Anchor::Middle, "0"), (right, Anchor::End, "1")]
    {
        canvas.text("n f-muted", (x, y + 20.0), anchor, text);
    }
}

fn data(result: &PaperResult) -> DataTable {
    let rows = result
        .correlations
        .iter()
        .flat_map(|m| {
            pairs(m).into_iter().map(|(a, b, r)| {
                vec![m.condition.clone(), short(a).to_owned(), short(b).to_owned(), fixed(r, 4)]
            })
        })
        .collect();
    DataTable::new("", 3, &["condition", "a", "b", "r"], rows)
}
