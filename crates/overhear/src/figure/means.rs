//! Figure 4: means over packets by condition, with intervals and the paper's claim as a tick.
//!
//! Source: paper §4.1, "the average packet length doubles, whereas the average TCP window size halves".

use super::number::{fixed, grouped, with_interval};
use super::scale::{Scale, decimals_of_step, step, ticks};
use super::svg::{Anchor, Canvas, Rect, shortened};
use super::{DataTable, Figure, Panel, number, packets_in_words, style};
use crate::experiment::paper::{PacketMean, PaperResult, Quantity};

const WIDTH: f64 = 484.0;
const LEFT: f64 = 122.0;
const RIGHT: f64 = 384.0;
const TOP: f64 = 44.0;
const ROW: f64 = 46.0;

/// Draws Figure 4; `None` where no mean was computed.
pub fn draw(result: &PaperResult) -> Option<Figure> {
    if !result.means.iter().any(|m| m.mean.is_some()) {
        return None;
    }
    let panels = Quantity::ALL.iter().map(|&q| panel(result, q)).collect();
    Some(Figure {
        number: "Figure 4".to_owned(),
        section: "packets",
        slug: "figure-4",
        title: title(result),
        caption: "Mean of each packet quantity under each condition; a tick stands where the mean would be \
                  if the paper's sentence held exactly."
            .to_owned(),
        measured: format!(
            "Measured on {}; 95 % intervals from batch means over blocks of packets, seed {}.",
            packets_in_words(result),
            result.scope.seed
        ),
        panels,
        columns: 2,
        tables: Vec::new(),
        data: vec![data(result)],
    })
}

/// The mean of a quantity under a condition.
pub fn mean<'a>(result: &'a PaperResult, condition: &str, quantity: Quantity) -> Option<&'a PacketMean> {
    result.means.iter().find(|m| m.condition == condition && m.quantity == quantity)
}

/// How many times the mean under `over` is the mean under `under`.
pub fn ratio(result: &PaperResult, quantity: Quantity, over: &str, under: &str) -> Option<f64> {
    let value = |condition| mean(result, condition, quantity)?.mean;
    let ratio = value(over)? / value(under)?;
    ratio.is_finite().then_some(ratio)
}

/// What a reader calls a quantity, with its unit.
pub fn spoken(quantity: Quantity) -> (&'static str, &'static str) {
    match quantity {
        Quantity::Length => ("Packet length", "bytes"),
        Quantity::TcpWindow => ("TCP window", "bytes, unscaled"),
        Quantity::Ipt => ("Gap to the packet before", "s"),
        Quantity::Ttl => ("TTL", "hops"),
    }
}

fn title(result: &PaperResult) -> String {
    let noise = |q| ratio(result, q, "mic_on_noise", "mic_on");
    let (Some(length), Some(window)) = (noise(Quantity::Length), noise(Quantity::TcpWindow)) else {
        return "Means by condition".to_owned();
    };
    format!(
        "Noise {} and {}",
        effect(length, "the mean packet length"),
        effect(window, "the mean TCP window")
    )
}

/// What noise does to a mean: "doubles" only where it about does.
fn effect(ratio: f64, what: &str) -> String {
    let number = fixed(ratio, 2);
    match ratio {
        0.95..1.05 => format!("leaves {what} as it is (×{number})"),
        1.75..2.25 => format!("about doubles {what} (×{number})"),
        0.45..0.55 => format!("halves {what} (×{number})"),
        _ => format!("multiplies {what} by {number}"),
    }
}

/// Where the paper's sentence would put the mean of `condition`, and its words.
fn claim(result: &PaperResult, quantity: Quantity, condition: &str) -> Option<(f64, &'static str)> {
    let of = |name| mean(result, name, quantity)?.mean;
    match (quantity, condition) {
        (Quantity::Length, "mic_on_noise") => Some((2.0 * of("mic_on")?, "paper: doubles")),
        (Quantity::TcpWindow, "mic_on_noise") => Some((0.5 * of("mic_on")?, "paper: halves")),
        (Quantity::Length | Quantity::TcpWindow, "mic_on") => Some((of("mic_off")?, "paper: as mic_off")),
        _ => None,
    }
}

fn panel(result: &PaperResult, quantity: Quantity) -> Panel {
    let conditions = &result.conditions;
    let (name, unit) = spoken(quantity);
    let height = TOP + ROW * conditions.len().max(1) as f64 + 26.0;
    let bottom = height - 26.0;
    let mut top = 0.0f64;
    for c in conditions {
        if let Some(m) = mean(result, &c.condition, quantity) {
            top = top.max(m.interval.map_or(0.0, |i| i.1)).max(m.mean.unwrap_or(0.0));
        }
        top = top.max(claim(result, quantity, &c.condition).map_or(0.0, |t| t.0));
    }
    let top = if top > 0.0 && top.is_finite() { top * 1.04 } else { 1.0 };
    let x = Scale::linear((0.0, top), (LEFT, RIGHT));
    let mut canvas = Canvas::default();
    canvas.text("h f-ink", (0.0, 17.0), Anchor::Start, name);
    canvas.text("n f-muted", (WIDTH - 4.0, 17.0), Anchor::End, &format!("mean, {unit}"));
    let decimals = decimals_of_step(step(top / 4.0));
    for tick in ticks(0.0, top, 4) {
        canvas.line("g s-grid", (x.at(tick), TOP - 12.0), (x.at(tick), bottom));
        canvas.text("n f-muted", (x.at(tick), bottom + 17.0), Anchor::Middle, &fixed(tick, decimals));
    }
    let mut said = Vec::new();
    for (k, summary) in conditions.iter().enumerate() {
        let y = TOP + ROW * k as f64 + 10.0;
        said.push(row(&mut canvas, result, quantity, (&summary.condition, k), (&x, y)));
    }
    canvas.line("g s-rule", (LEFT, TOP - 12.0), (LEFT, bottom));
    let title = format!("{name} by condition, {unit}");
    Panel::new(format!("figure-4-{}", slug(quantity)), (WIDTH, height), title, said.join(" "), canvas)
}

/// Draws one condition's bar, interval, tick and value; says the same in words.
fn row(
    canvas: &mut Canvas,
    result: &PaperResult,
    quantity: Quantity,
    (condition, index): (&str, usize),
    (x, y): (&Scale, f64),
) -> String {
    let colour = style::condition(condition, index);
    canvas.text("t f-ink", (LEFT - 10.0, y + 5.0), Anchor::End, &shortened(condition, 13));
    let found = mean(result, condition, quantity);
    let Some((found, mean)) = found.and_then(|m| Some((m, m.mean?))) else {
        canvas.text("n f-muted", (LEFT + 8.0, y + 4.5), Anchor::Start, "no packet has it");
        return format!("{condition}: none.");
    };
    let value = with_interval(mean, found.interval);
    canvas.titled(&format!("{condition}: {value}, {} packets", grouped(found.n)), |c| {
        let bar = Rect { x: LEFT, y: y - 7.0, width: x.at(mean) - LEFT, height: 14.0 };
        c.rect(&format!("f-{colour}"), bar, 1.5);
        if let Some((low, high)) = found.interval {
            let (low, high) = (x.at(low.max(0.0)), x.at(high));
            c.line("w s-ink", (low, y), (high, y));
            c.line("w s-ink", (low, y - 4.0), (low, y + 4.0));
            c.line("w s-ink", (high, y - 4.0), (high, y + 4.0));
        }
    });
    let short =
        shared_decimals(result, quantity).map_or_else(|| number::significant(mean), |d| fixed(mean, d));
    canvas.text("t b f-ink", (WIDTH - 4.0, y + 5.0), Anchor::End, &short);
    if let Some((place, words)) = claim(result, quantity, condition) {
        let place = x.at(place);
        canvas.line("k s-paper", (place - 2.0, y - 11.0), (place - 2.0, y + 11.0));
        canvas.line("w s-ink", (place, y - 12.0), (place, y + 12.0));
        let (anchor, at) = if place > (LEFT + RIGHT) / 2.0 {
            (Anchor::End, place + 3.0)
        } else {
            (Anchor::Start, place - 3.0)
        };
        canvas.text("n f-muted halo", (at, y + 24.0), anchor, words);
    }
    format!("{condition}: {value}.")
}

/// The decimals that every interval of a panel supports; `None` where there is no interval.
fn shared_decimals(result: &PaperResult, quantity: Quantity) -> Option<usize> {
    let intervals = result.means.iter().filter(|m| m.quantity == quantity).filter_map(|m| m.interval);
    intervals.map(|(low, high)| number::decimals((high - low) / 2.0)).min()
}

fn slug(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Length => "length",
        Quantity::TcpWindow => "tcp-window",
        Quantity::Ipt => "ipt",
        Quantity::Ttl => "ttl",
    }
}

fn data(result: &PaperResult) -> DataTable {
    let rows = result
        .means
        .iter()
        .map(|m| {
            let (name, unit) = spoken(m.quantity);
            let bound = |pick: fn((f64, f64)) -> f64| {
                m.interval.map_or_else(|| number::NONE.to_owned(), |i| fixed(pick(i), 4))
            };
            vec![
                format!("{name}, {unit}"),
                m.condition.clone(),
                grouped(m.n),
                m.mean.map_or_else(|| number::NONE.to_owned(), |v| fixed(v, 4)),
                bound(|i| i.0),
                bound(|i| i.1),
            ]
        })
        .collect();
    DataTable::new("", 2, &["quantity", "condition", "packets", "mean", "95 % low", "high"], rows)
}
