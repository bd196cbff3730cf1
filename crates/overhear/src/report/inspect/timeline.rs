//! A device's bytes over time: what it sends above the line, what it receives below, and the beats of its rhythms.

use super::number::{bytes, duration};
use crate::figure::Panel;
use crate::figure::scale::{Scale, ticks};
use crate::figure::svg::{Anchor, Canvas, Rect};
use overhear_inspect::DeviceReport;

const WIDTH: f64 = 880.0;
const HEIGHT: f64 = 214.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 866.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 176.0;

/// Draws it; `None` for a device without bytes. `n_bins`: of the longest timeline of the capture.
pub fn draw(device: &DeviceReport, id: &str, n_bins: usize) -> Option<Panel> {
    let timeline = &device.timeline;
    let bin_s = timeline.bin_s as f64;
    let rate = |bytes: u64| bytes as f64 / bin_s;
    let most = |way: &[u64]| way.iter().copied().map(rate).fold(0.0, f64::max);
    let (up, down) = (most(&timeline.up), most(&timeline.down));
    if up + down == 0.0 {
        return None;
    }
    let span_s = n_bins.max(1) as f64 * bin_s;
    let x = Scale::linear((0.0, span_s), (LEFT, RIGHT));
    let y = Scale::linear((-down, up), (BOTTOM, TOP));
    let mut canvas = Canvas::default();
    for value in [up, -down] {
        if value != 0.0 {
            canvas.line("g s-grid", (LEFT, y.at(value)), (RIGHT, y.at(value)));
            let label = format!("{}/s", bytes(value.abs().round() as u64));
            canvas.text("n f-muted", (LEFT - 8.0, y.at(value) + 4.0), Anchor::End, &label);
        }
    }
    let width = ((RIGHT - LEFT) / n_bins.max(1) as f64).max(1.0) * 0.86;
    for (class, way, sign) in [("f-c-noise", &timeline.up, 1.0), ("f-neg", &timeline.down, -1.0)] {
        for (bin, &own) in way.iter().enumerate().filter(|(_, own)| **own > 0) {
            let (zero, end) = (y.at(0.0), y.at(sign * rate(own)));
            // a single packet must be seen
            let height = (zero - end).abs().max(1.0);
            let top = if sign > 0.0 { zero - height } else { zero };
            canvas.rect(class, Rect { x: x.at(bin as f64 * bin_s), y: top, width, height }, 0.0);
        }
    }
    canvas.line("g s-rule", (LEFT, y.at(0.0)), (RIGHT, y.at(0.0)));
    canvas.text("n f-ink", (LEFT, TOP - 10.0), Anchor::Start, "sent");
    canvas.text("n f-ink", (LEFT, BOTTOM + 14.0), Anchor::Start, "received");
    axis(&mut canvas, &x, span_s);
    let desc = format!(
        "{} sent and {} received in {}, in steps of {}; at most {}/s sent and {}/s received.",
        bytes(device.sent_bytes),
        bytes(device.received_bytes),
        duration(span_s),
        duration(bin_s),
        bytes(up.round() as u64),
        bytes(down.round() as u64)
    );
    let title = format!("Bytes over time, {}", device.device);
    Some(Panel::new(id.to_owned(), (WIDTH, HEIGHT), title, desc, canvas))
}

/// Time from the beginning of the capture, in the unit that suits it.
fn axis(canvas: &mut Canvas, x: &Scale, span_s: f64) {
    let (unit_s, unit) = match span_s {
        s if s >= 2.0 * 86_400.0 => (86_400.0, "days"),
        s if s >= 7_200.0 => (3_600.0, "hours"),
        s if s >= 300.0 => (60.0, "minutes"),
        _ => (1.0, "seconds"),
    };
    for tick in ticks(0.0, span_s / unit_s, 8) {
        let at = x.at(tick * unit_s);
        canvas.line("g s-rule", (at, BOTTOM + 20.0), (at, BOTTOM + 24.0));
        canvas.text("n f-muted", (at, BOTTOM + 37.0), Anchor::Middle, &format!("{tick}"));
    }
    canvas.text("n f-muted", (RIGHT, BOTTOM + 14.0), Anchor::End, &format!("{unit} from the beginning"));
}
