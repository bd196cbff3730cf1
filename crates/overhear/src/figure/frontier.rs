//! Worth of defences against their cost: a point for each stack, the stacks that no other beats joined by a line.

use super::audit::{horizon_over, share_range};
use super::number::{fixed, grouped};
use super::scale::Scale;
use super::style::Marker;
use super::svg::{Anchor, Canvas, shortened};
use super::{DataTable, Figure, Panel, axis};
use crate::experiment::audit::result::Estimate;
use crate::experiment::audit::view::{Horizon, Vantage};
use crate::experiment::defend::result::{Frontier, Point, Undefended};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 740.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 380.0;
/// Costs below are drawn at this, MB a day.
const LEAST_MB: f64 = 0.01;

/// A figure for each observer.
pub fn all(result: &Frontier) -> Vec<Figure> {
    let drawn = result.undefended.iter().enumerate().filter_map(|(place, own)| draw(result, place, own));
    drawn.enumerate().map(|(i, figure)| Figure { number: format!("Figure {}", i + 1), ..figure }).collect()
}

/// A stack as the figure shows it.
struct Mark<'a> {
    point: &'a Point,
    mb: f64,
    ba: Estimate,
    is_within: bool,
    is_best: bool,
}

fn marks<'a>(result: &'a Frontier, observer: Vantage, horizon: Horizon) -> Vec<Mark<'a>> {
    let mark = |point: &'a Point| {
        let seen = point.seen_by(observer).filter(|seen| seen.is_seen)?;
        let ba = seen.worst().iter().find(|at| at.horizon == horizon)?.balanced_accuracy;
        let is_within = result.sweep.budget.allows(&point.cost);
        Some(Mark { point, mb: point.cost.mb_a_day(), ba, is_within, is_best: false })
    };
    let mut marks: Vec<Mark<'a>> = result.points.iter().filter_map(mark).collect();
    let is_beaten =
        |own: &Mark<'a>| marks.iter().any(|other| other.mb <= own.mb && other.ba.value < own.ba.value);
    let best: Vec<bool> = marks.iter().map(|own| !is_beaten(own)).collect();
    marks.iter_mut().zip(best).for_each(|(mark, is_best)| mark.is_best = is_best);
    marks.sort_by(|a, b| a.mb.total_cmp(&b.mb).then(b.ba.value.total_cmp(&a.ba.value)));
    marks
}

fn draw(result: &Frontier, place: usize, own: &Undefended) -> Option<Figure> {
    // over longer stretches many stacks leave everything
    let before = own.reached.first()?;
    let marks = marks(result, own.observer, before.horizon);
    if marks.is_empty() {
        return None;
    }
    let over = horizon_over(before.horizon);
    Some(Figure {
        number: String::new(),
        section: "frontier",
        slug: ["frontier-1", "frontier-2", "frontier-3", "frontier-4"].get(place).copied()?,
        title: format!("What is left for {}, over {over}, against what it costs", own.observer),
        caption: "Each mark is a stack of defences against the worst attacker who adapts: filled where it is within the budget of bytes and delay. \
                  The line joins the stacks that no other beats at less cost; thin lines are their 95 % intervals."
            .to_owned(),
        measured: format!(
            "{} units; balanced accuracy over {over}; without a defence {} ({} to {}).",
            result.audit.scope.units,
            fixed(before.balanced_accuracy.value, 2),
            fixed(before.balanced_accuracy.low, 2),
            fixed(before.balanced_accuracy.high, 2)
        ),
        panels: vec![panel(result, place, own, before.balanced_accuracy, &marks)],
        columns: 1,
        tables: Vec::new(),
        data: vec![data(&marks)],
    })
}

fn panel(result: &Frontier, place: usize, own: &Undefended, before: Estimate, marks: &[Mark<'_>]) -> Panel {
    let guess = 1.0 / result.audit.scope.conditions.len().max(2) as f64;
    let values =
        marks.iter().flat_map(|mark| [mark.ba.value, if mark.is_best { mark.ba.low } else { mark.ba.value }]);
    let range = share_range(values.chain([before.value, before.high]), guess);
    let y = Scale::linear(range, (BOTTOM, TOP));
    let most = marks.iter().map(|mark| mark.mb).fold(1.0, f64::max) * 1.6;
    let x = Scale::log((LEAST_MB, most), (LEFT + 16.0, RIGHT));
    let at_mb = |mb: f64| x.at(mb.max(LEAST_MB));
    let mut canvas = Canvas::default();
    axis::percent(&mut canvas, &y, range, (LEFT, RIGHT));
    canvas.line("w s-base", (LEFT, y.at(guess)), (RIGHT, y.at(guess)));
    canvas.text("n f-muted halo", (RIGHT, y.at(guess) - 6.0), Anchor::End, "guessing");
    canvas.line("w s-warn", (LEFT, y.at(before.value)), (RIGHT, y.at(before.value)));
    canvas.text("n f-warn halo", (RIGHT, y.at(before.value) - 6.0), Anchor::End, "no defence");
    let budget = result.sweep.budget.mb_a_day;
    if budget < most && budget > LEAST_MB {
        canvas.line("g s-rule", (at_mb(budget), TOP), (at_mb(budget), BOTTOM));
        let label = format!("budget, {} MB a day", fixed(budget, 1));
        canvas.text("n f-muted halo", (at_mb(budget) - 5.0, BOTTOM - 8.0), Anchor::End, &label);
    }
    for mb in [LEAST_MB, 0.1, 1.0, 10.0, 100.0, 1_000.0, 10_000.0] {
        if mb <= most {
            canvas.line("g s-rule", (at_mb(mb), BOTTOM), (at_mb(mb), BOTTOM + 5.0));
            let label = match mb {
                mb if mb <= LEAST_MB => "none".to_owned(),
                mb if mb < 1.0 => fixed(mb, 1),
                mb => grouped(mb as u64),
            };
            canvas.text("n f-muted", (at_mb(mb), BOTTOM + 20.0), Anchor::Middle, &label);
        }
    }
    canvas.text("n f-muted", ((LEFT + RIGHT) / 2.0, BOTTOM + 42.0), Anchor::Middle, "MB a day more");
    let best: Vec<&Mark<'_>> = marks.iter().filter(|mark| mark.is_best).collect();
    let line: Vec<(f64, f64)> = best.iter().map(|mark| (at_mb(mark.mb), y.at(mark.ba.value))).collect();
    for mark in &best {
        let at = at_mb(mark.mb);
        let ends = [mark.ba.low, mark.ba.high].map(|end| y.at(end.clamp(range.0, range.1)));
        canvas.line("g s-muted", (at, ends[0]), (at, ends[1]));
    }
    canvas.polyline("w s-ink", &line);
    for mark in marks {
        let class = match (mark.is_within, mark.is_best) {
            (true, true) => "m f-ink s-paper",
            (true, false) => "m f-muted s-paper",
            (false, _) => "m f-paper s-muted",
        };
        let size = if mark.is_best { 5.2 } else { 3.8 };
        canvas.titled(&words(mark), |c| {
            c.marker(Marker::Circle, class, (at_mb(mark.mb), y.at(mark.ba.value)), size);
        });
    }
    labels(&mut canvas, &best, (&at_mb, &|value| y.at(value)));
    let title = format!("Defences against {}", own.observer);
    let described = best.iter().map(|mark| words(mark)).collect::<Vec<_>>().join("; ");
    Panel::new(format!("frontier-{place}"), (WIDTH, HEIGHT), title, format!("{described}."), canvas)
}

/// Names beside the stacks that no other beats, where there is room: below and to the right of each, or left of it at the edge.
fn labels(canvas: &mut Canvas, best: &[&Mark<'_>], (x, y): (&dyn Fn(f64) -> f64, &dyn Fn(f64) -> f64)) {
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for mark in best {
        let (at_x, at_y) = (x(mark.mb), y(mark.ba.value));
        let name = shortened(&mark.point.names.join(" + "), 44);
        let (label_x, anchor) =
            if at_x > (LEFT + RIGHT) / 2.0 { (at_x - 9.0, Anchor::End) } else { (at_x + 9.0, Anchor::Start) };
        let free = |place: f64| {
            taken
                .iter()
                .all(|(other_x, other)| (other - place).abs() >= 15.0 || (other_x - label_x).abs() > 330.0)
        };
        let wanted = [at_y + 16.0, at_y - 8.0, at_y + 31.0, at_y - 23.0, at_y + 46.0, at_y - 38.0];
        let Some(place) =
            wanted.into_iter().find(|&place| free(place) && (TOP + 20.0..BOTTOM - 2.0).contains(&place))
        else {
            continue;
        };
        taken.push((label_x, place));
        canvas.text("n f-ink halo", (label_x, place), anchor, &name);
    }
}

fn words(mark: &Mark<'_>) -> String {
    let ba = mark.ba;
    format!(
        "{}: {} ({} to {}) at {} MB a day and {} ms",
        mark.point.stack,
        fixed(ba.value, 2),
        fixed(ba.low, 2),
        fixed(ba.high, 2),
        fixed(mark.mb, 2),
        fixed(mark.point.cost.delay_p99_ms, 1)
    )
}

fn data(marks: &[Mark<'_>]) -> DataTable {
    let row = |mark: &Mark<'_>| {
        vec![
            mark.point.stack.clone(),
            fixed(mark.mb, 3),
            fixed(mark.point.cost.delay_p99_ms, 1),
            fixed(mark.ba.value, 3),
            fixed(mark.ba.low, 3),
            fixed(mark.ba.high, 3),
        ]
    };
    let head = ["stack", "MB a day", "delay p99, ms", "balanced accuracy", "low", "high"];
    DataTable::new("", 1, &head, marks.iter().map(row).collect())
}
