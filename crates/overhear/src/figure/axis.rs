//! What charts share around their plot: a percent axis, and names at the ends of lines.

use super::number::fixed;
use super::scale::{Scale, decimals_of_step, spread, step, ticks};
use super::style::Marker;
use super::svg::{Anchor, Canvas, Point};

/// Grid lines and labels in percent of a vertical axis of shares, over `range`, from `left` to `right`.
///
/// Where the first round value lies well above the lower end, the lower end is labelled as well.
pub fn percent(canvas: &mut Canvas, y: &Scale, (low, high): (f64, f64), (left, right): (f64, f64)) {
    let decimals = decimals_of_step(100.0 * step((high - low) / 6.0));
    for tick in ticks(low, high, 6) {
        canvas.line("g s-grid", (left, y.at(tick)), (right, y.at(tick)));
        let label = format!("{} %", fixed(100.0 * tick, decimals));
        canvas.text("n f-muted", (left - 10.0, y.at(tick) + 4.0), Anchor::End, &label);
    }
    if ticks(low, high, 6).first().is_none_or(|&tick| y.at(low) - y.at(tick) > 15.0) {
        let label = format!("{} %", fixed(100.0 * low, 1));
        canvas.text("n f-muted", (left - 10.0, y.at(low) + 4.0), Anchor::End, &label);
    }
}

/// A line's end and its name.
#[derive(Debug, Clone)]
pub struct End {
    /// Where the line ends.
    pub point: Point,
    /// Marker before the name.
    pub shape: Marker,
    /// Class of the marker.
    pub marker: String,
    /// Class of the name.
    pub text: &'static str,
    /// The name.
    pub label: String,
}

/// Names at the lines' ends, moved apart where they would meet, with leaders back to the ends.
///
/// `right` is the plot's right edge, `labels` where markers and names stand, `within` the top and bottom of the room
/// that names may take.
pub fn end_labels(canvas: &mut Canvas, ends: &[End], (right, labels): (f64, f64), within: (f64, f64)) {
    let wanted: Vec<f64> = ends.iter().map(|e| e.point.1).collect();
    let places = spread(&wanted, 18.0, within.0, within.1);
    for (end, place) in ends.iter().zip(places) {
        let (end_x, end_y) = end.point;
        let leader =
            [(end_x + 6.0, end_y), (right + 8.0, end_y), (labels - 10.0, place), (labels - 6.0, place)];
        canvas.polyline("g s-rule", &leader);
        canvas.marker(end.shape, &end.marker, (labels + 1.0, place), 4.2);
        canvas.text(end.text, (labels + 12.0, place + 4.8), Anchor::Start, &end.label);
    }
}
