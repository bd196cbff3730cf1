//! Figure 9: which features distinguish the conditions, Gini gain beside permutation importance.
//!
//! Source: paper §5 and Figure 9 (Gini only).

use super::confusion::{Shown, missing, shown};
use super::number::{self, fixed};
use super::paper_numbers::TOP_FEATURES;
use super::scale::{Scale, decimals_of_step, step, ticks};
use super::setting::spoken;
use super::svg::{Anchor, Canvas, Rect, shortened};
use super::{DataTable, Figure, Panel, provenance, style};
use crate::experiment::paper::{Importance, PaperResult};
use overhear_traffic::feature;

const WIDTH: f64 = 530.0;
const GINI: (f64, f64) = (186.0, 344.0);
const PERMUTATION: (f64, f64) = (366.0, 522.0);
const TOP: f64 = 66.0;
const ROW: f64 = 22.0;

/// Draws Figure 9; `None` where no importance was computed.
pub fn draw(result: &PaperResult) -> Option<Figure> {
    if result.importances.is_empty() {
        return None;
    }
    let shown = shown(result);
    let panels: Vec<Panel> = shown
        .iter()
        .enumerate()
        .filter_map(|(k, s)| {
            let bars = sorted(result, s);
            (!bars.is_empty()).then(|| panel(k, s, &bars))
        })
        .collect();
    let missing = missing(result, |s| !sorted(result, s).is_empty());
    Some(Figure {
        number: "Figure 9".to_owned(),
        section: "importance",
        slug: "figure-9",
        title: title(result, &shown),
        caption: format!(
            "Features by their share of the Gini gain, and what accuracy is lost on held-out windows when each is \
             shuffled; whiskers are one deviation over folds, a diamond marks what the paper names.{missing}"
        ),
        measured: format!("Mean over folds; {}.", provenance(result)),
        panels,
        columns: 2,
        tables: Vec::new(),
        data: vec![data(result)],
    })
}

/// The importances of one setting, most Gini gain first (permutation where there is no Gini).
pub fn sorted<'a>(result: &'a PaperResult, shown: &Shown) -> Vec<&'a Importance> {
    let here = |i: &&Importance| {
        i.task == shown.task.name && i.windowing == shown.windowing && i.learner == shown.learner
    };
    let mut bars: Vec<&Importance> = result.importances.iter().filter(here).collect();
    let key = |i: &Importance| i.gini.unwrap_or(i.permutation);
    bars.sort_by(|a, b| key(b).total_cmp(&key(a)));
    bars
}

/// What a reader calls a feature; its own name where it is a column of another table.
pub fn feature_label(name: &str) -> &str {
    feature::find(name).map_or(name, |feature| feature.label)
}

fn title(result: &PaperResult, shown: &[Shown]) -> String {
    let tops: Vec<String> = shown
        .iter()
        .filter_map(|s| {
            let bars = sorted(result, s);
            let first = bars.first().filter(|b| b.gini.unwrap_or(b.permutation) > 0.0)?;
            Some(format!(
                "{} distinguishes {} from {}",
                shortened(feature_label(&first.feature), 30),
                s.task.negative,
                s.task.positive
            ))
        })
        .collect();
    let text = tops.join("; ");
    // A heading begins with a capital, whatever the feature is called.
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => "Importance of the features".to_owned(),
    }
}

fn panel(index: usize, shown: &Shown, bars: &[&Importance]) -> Panel {
    let bottom = TOP + ROW * bars.len() as f64;
    let mut canvas = Canvas::default();
    let heading = format!("{}, {}", style::learner(shown.learner).label, spoken(shown.windowing));
    canvas.text("h f-ink", (0.0, 17.0), Anchor::Start, &heading);
    let between = format!("{} or {}", shown.task.negative, shown.task.positive);
    canvas.text("t f-muted", (WIDTH, 17.0), Anchor::End, &shortened(&between, 40));
    canvas.text("n f-muted", (GINI.0, 46.0), Anchor::Start, "Gini gain, % of all");
    canvas.text("n f-muted", (PERMUTATION.0, 46.0), Anchor::Start, "accuracy lost, points");
    let gini = axis(
        &mut canvas,
        GINI,
        bottom,
        bars.iter().filter_map(|b| Some((b.gini?, b.gini_std.unwrap_or(0.0)))),
    );
    let lost =
        axis(&mut canvas, PERMUTATION, bottom, bars.iter().map(|b| (b.permutation, b.permutation_std)));
    let named = shown.papers.map_or(&[][..], |slot| TOP_FEATURES[slot]);
    let colour = style::learner(shown.learner).colour;
    for (k, bar) in bars.iter().enumerate() {
        let y = TOP + ROW * (k as f64 + 0.5);
        let label = shortened(feature_label(&bar.feature), 21);
        let is_named = named.contains(&bar.feature.as_str());
        canvas.text(
            if is_named { "n b f-ink" } else { "n f-ink" },
            (GINI.0 - 24.0, y + 4.0),
            Anchor::End,
            &label,
        );
        if is_named {
            canvas.marker(style::Marker::Diamond, "f-ink", (GINI.0 - 12.0, y), 3.2);
        }
        match bar.gini {
            Some(value) => whiskered(&mut canvas, &gini, y, (value, bar.gini_std.unwrap_or(0.0)), &colour),
            None => canvas.text("n f-muted", (GINI.0 + 4.0, y + 4.0), Anchor::Start, number::NONE),
        }
        whiskered(&mut canvas, &lost, y, (bar.permutation, bar.permutation_std), "base");
    }
    let first: Vec<&str> = bars.iter().take(4).map(|b| feature_label(&b.feature)).collect();
    let desc = format!("Most Gini gain first: {}.", first.join("; "));
    let title = format!("Importance of features, {}", shown.spoken());
    Panel::new(format!("figure-9-{index}"), (WIDTH, bottom + 26.0), title, desc, canvas)
}

/// Grid and tick labels for percentages; the scale includes 0 and every whisker.
fn axis(canvas: &mut Canvas, to: (f64, f64), bottom: f64, values: impl Iterator<Item = (f64, f64)>) -> Scale {
    let (mut low, mut high) = (0.0f64, 0.0f64);
    for (value, spread) in values.filter(|(v, s)| v.is_finite() && s.is_finite()) {
        low = low.min(value - spread);
        high = high.max(value + spread);
    }
    if high - low <= 0.0 {
        high = 0.01;
    }
    let scale = Scale::linear((low, high), to);
    let decimals = decimals_of_step(100.0 * step((high - low) / 4.0));
    for tick in ticks(low, high, 4) {
        canvas.line("g s-grid", (scale.at(tick), TOP - 4.0), (scale.at(tick), bottom));
        canvas.text(
            "n f-muted",
            (scale.at(tick), bottom + 18.0),
            Anchor::Middle,
            &fixed(100.0 * tick, decimals),
        );
    }
    canvas.line("g s-rule", (scale.at(0.0), TOP - 4.0), (scale.at(0.0), bottom));
    scale
}

fn whiskered(canvas: &mut Canvas, scale: &Scale, y: f64, (value, spread): (f64, f64), colour: &str) {
    let (zero, end) = (scale.at(0.0), scale.at(value));
    let words = format!("{} ± {}", fixed(100.0 * value, 2), fixed(100.0 * spread, 2));
    canvas.titled(&words, |c| {
        let bar = Rect { x: zero.min(end), y: y - 6.0, width: (end - zero).abs().max(0.8), height: 12.0 };
        c.rect(&format!("f-{colour}"), bar, 1.0);
        c.line("w s-ink", (scale.at(value - spread), y), (scale.at(value + spread), y));
    });
}

fn data(result: &PaperResult) -> DataTable {
    let rows = result.importances.iter().map(|i| {
        let optional = |x: Option<f64>| x.map_or_else(|| number::NONE.to_owned(), |x| fixed(x, 5));
        vec![
            i.task.clone(),
            spoken(&i.windowing),
            style::learner(&i.learner).label,
            i.feature.clone(),
            optional(i.gini),
            optional(i.gini_std),
            optional(Some(i.permutation)),
            optional(Some(i.permutation_std)),
        ]
    });
    let head =
        ["task", "window", "learner", "feature", "Gini share", "deviation", "accuracy lost", "deviation"];
    DataTable::new("", 4, &head, rows.collect())
}
