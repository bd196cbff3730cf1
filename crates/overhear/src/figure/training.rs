//! Poisoning and inflation: balanced accuracy against the share of poison and against the multiple of windows, an attacker a line.
//!
//! Source: docs/method.md, "Poisoning and inflation".

use super::audit::share_text;
use super::axis::{self, End};
use super::number::fixed;
use super::scale::Scale;
use super::style::Marker;
use super::svg::{Anchor, Canvas, Point, Rect, shortened};
use super::{DataTable, Figure, Panel};
use crate::experiment::audit::result::Estimate;
use crate::experiment::audit::view::Horizon;
use crate::experiment::training::TrainingResult;
use crate::experiment::training::result::{Budget, CHOSEN, HORIZONS, Scored, Situation, TaskFound};

/// Its file and anchor.
pub const SLUG: &str = "poison-and-inflation";

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 362.0;
const TOP: f64 = 62.0;
const BOTTOM: f64 = 340.0;
const LABELS: f64 = 384.0;
/// Balanced accuracy of guessing between two conditions.
const GUESSING: f64 = 0.5;

/// Draws the figure, two panels for each two conditions and horizon; `None` without a task.
pub fn draw(result: &TrainingResult) -> Option<Figure> {
    let panels: Vec<Panel> = result
        .tasks
        .iter()
        .enumerate()
        .flat_map(|(number, task)| HORIZONS.map(|horizon| charts(task, number, horizon)))
        .flatten()
        .collect();
    let first = result.tasks.first()?;
    let units: Vec<String> = result
        .tasks
        .iter()
        .map(|task| format!("{}: {} units in {} folds", task.conditions.join(" or "), task.units, task.folds))
        .collect();
    Some(Figure {
        number: "Figure 1".to_owned(),
        section: "training",
        slug: SLUG,
        title: title(result),
        caption: "Balanced accuracy on units never seen, with its 95 % interval over units: left against the share of windows that are \
                  poisoned, right against how many times the windows there are."
            .to_owned(),
        measured: format!(
            "{}, as {} sees it; windows {}; in each fold the learner that does best on clean training units; seed {}.",
            units.join("; "),
            result.scope.observer,
            first.windowing,
            result.scope.seed
        ),
        panels,
        columns: 2,
        tables: Vec::new(),
        data: vec![data(result)],
    })
}

/// What the sweeps come to, of all tasks together: whether there is anything to poison, whether poison outlasts sanitising, and inflation a fixed budget.
fn title(result: &TrainingResult) -> String {
    let worked = |window: &Scored, round: &Scored| window.worked || round.worked;
    let poison = || result.tasks.iter().flat_map(|task| &task.poison).filter(|cell| cell.learner == CHOSEN);
    let inflation =
        || result.tasks.iter().flat_map(|task| &task.inflation).filter(|cell| cell.learner == CHOSEN);
    let is_above = |scored: &Scored| scored.balanced_accuracy.low > GUESSING;
    let mut clean = poison().filter(|cell| cell.situation == Situation::LabStopped);
    if !clean.any(|cell| is_above(&cell.window) || is_above(&cell.round)) {
        return "No attacker is above guessing: there is nothing to poison".to_owned();
    }
    let of_sanitiser = |situation| poison().filter(move |cell| cell.situation == situation && cell.sanitises);
    let outlasts = of_sanitiser(Situation::HomeStopped).any(|cell| worked(&cell.window, &cell.round));
    let at_fixed = inflation().filter(|cell| cell.budget == Budget::Fixed);
    let inflates = at_fixed.into_iter().any(|cell| worked(&cell.window, &cell.round));
    format!(
        "Poison that has stopped harms {}; inflation {} at a fixed training budget",
        if outlasts {
            "one who sanitises, but none who trained in a lab"
        } else {
            "neither one who sanitises nor one who trained in a lab"
        },
        if inflates { "works" } else { "does not work" }
    )
}

/// One attacker.
struct Line {
    label: &'static str,
    colour: &'static str,
    marker: Marker,
    /// Class of its stroke.
    stroke: &'static str,
    points: Vec<(f64, Scored)>,
}

/// What a panel is of.
struct Chart {
    id: String,
    heading: String,
    beneath: String,
    axis: &'static str,
    ticks: Vec<(f64, String)>,
    log: bool,
    lines: Vec<Line>,
}

fn charts(task: &TaskFound, number: usize, horizon: Horizon) -> Vec<Panel> {
    let over = super::audit::horizon_plural(horizon);
    let conditions = shortened(&task.conditions.join(" or "), 40);
    let chart = |which: &str, axis, ticks: Vec<(f64, String)>, log, lines| Chart {
        id: format!("{SLUG}-{number}-{which}-{horizon}"),
        heading: format!("{}, {over}", if log { "Inflation" } else { "Poison" }),
        beneath: conditions.clone(),
        axis,
        ticks,
        log,
        lines,
    };
    let percent = |share: f64| (share, format!("{} %", fixed(100.0 * share, 0)));
    let shares: Vec<(f64, String)> = task.shares().into_iter().map(percent).collect();
    let multiples: Vec<(f64, String)> =
        task.multiples().into_iter().map(|m| (f64::from(m), m.to_string())).collect();
    [
        chart("poison", "poison", shares, false, poison_lines(task, horizon)),
        chart("inflation", "× windows", multiples, true, inflation_lines(task, horizon)),
    ]
    .iter()
    .filter(|chart| chart.ticks.len() > 1)
    .map(Chart::draw)
    .collect()
}

/// Attackers by situation and whether they sanitise; dashed while the poison goes on.
const ATTACKERS: [(Situation, bool, &str, &str, Marker); 6] = [
    (Situation::LabStopped, false, "lab, stopped", "c-3", Marker::Diamond),
    (Situation::HomeStopped, true, "sanitised, stopped", "link", Marker::Square),
    (Situation::HomeStopped, false, "home, stopped", "c-noise", Marker::Circle),
    (Situation::LabGoesOn, false, "lab, goes on", "c-3", Marker::Diamond),
    (Situation::HomeGoesOn, true, "sanitised, goes on", "link", Marker::Square),
    (Situation::HomeGoesOn, false, "home, goes on", "c-noise", Marker::Circle),
];

fn poison_lines(task: &TaskFound, horizon: Horizon) -> Vec<Line> {
    let of = |&(situation, sanitises, label, colour, marker): &(
        Situation,
        bool,
        &'static str,
        &'static str,
        Marker,
    )| {
        let at =
            |share: f64| Some((share, *task.poison_of(share, situation, sanitises, CHOSEN)?.at(horizon)));
        let stroke = if situation.looks_at_poison() { "d" } else { "l" };
        Line { label, colour, marker, stroke, points: task.shares().into_iter().filter_map(at).collect() }
    };
    ATTACKERS.iter().map(of).collect()
}

fn inflation_lines(task: &TaskFound, horizon: Horizon) -> Vec<Line> {
    let of = |(budget, label, colour, marker, stroke)| {
        let at = |m: u32| Some((f64::from(m), *task.inflation_of(m, budget, CHOSEN)?.at(horizon)));
        Line { label, colour, marker, stroke, points: task.multiples().into_iter().filter_map(at).collect() }
    };
    vec![
        of((Budget::Everything, "trains on all", "c-noise", Marker::Circle, "d")),
        of((Budget::Fixed, "fixed budget", "link", Marker::Square, "l")),
    ]
}

impl Chart {
    fn draw(&self) -> Panel {
        let range = self.range();
        let y = Scale::linear(range, (BOTTOM, TOP));
        let ends = self.ticks.first().zip(self.ticks.last());
        let from = ends.map_or((0.0, 1.0), |(first, last)| (first.0, last.0));
        let x = if self.log { Scale::log(from, (LEFT, RIGHT)) } else { Scale::linear(from, (LEFT, RIGHT)) };
        let mut canvas = Canvas::default();
        canvas.text("h f-ink", (0.0, 17.0), Anchor::Start, &self.heading);
        canvas.text("t f-muted", (0.0, 37.0), Anchor::Start, &self.beneath);
        axis::percent(&mut canvas, &y, range, (LEFT, RIGHT));
        for (place, label) in &self.ticks {
            canvas.text("n f-ink", (x.at(*place), BOTTOM + 20.0), Anchor::Middle, label);
        }
        canvas.text("n f-ink", (LABELS + 12.0, BOTTOM + 20.0), Anchor::Start, self.axis);
        canvas.line("g s-rule", (LEFT, BOTTOM), (RIGHT, BOTTOM));
        canvas.line("w s-base", (LEFT, y.at(GUESSING)), (RIGHT, y.at(GUESSING)));
        let plot =
            Rect { x: LEFT - 8.0, y: TOP - 8.0, width: RIGHT - LEFT + 16.0, height: BOTTOM - TOP + 9.0 };
        canvas.clipped(&format!("{}-clip", self.id), plot, |c| {
            self.lines.iter().for_each(|line| line.band(c, (&x, &y)));
        });
        let mut ends = vec![guessing((RIGHT, y.at(GUESSING)))];
        for line in &self.lines {
            ends.extend(line.stroke(&mut canvas, (&x, &y)));
        }
        axis::end_labels(&mut canvas, &ends, (RIGHT, LABELS), (TOP + 2.0, BOTTOM - 2.0));
        let title = format!("{}, {}", self.heading, self.beneath);
        Panel::new(self.id.clone(), (WIDTH, HEIGHT), title, self.described(), canvas)
    }

    /// From guessing or below to certainty, in tenths.
    fn range(&self) -> (f64, f64) {
        let lows = self.lines.iter().flat_map(|line| &line.points).map(|(_, s)| s.balanced_accuracy.low);
        let low = lows.filter(|low| low.is_finite()).fold(GUESSING, f64::min);
        ((low * 10.0 + 1e-9).floor() / 10.0, 1.0)
    }

    fn described(&self) -> String {
        let of = |line: &Line| {
            let last = line.points.last()?;
            Some(format!("{}: {}", line.label, share_text(last.1.balanced_accuracy)))
        };
        let at = self.ticks.last().map_or("", |(_, label)| label.as_str());
        let said: Vec<String> = self.lines.iter().filter_map(of).collect();
        format!("At {at} {}: {}.", self.axis, said.join("; "))
    }
}

fn guessing(point: Point) -> End {
    let marker = "w s-base".to_owned();
    End { point, shape: Marker::Bar, marker, text: "t f-muted", label: "guessing".to_owned() }
}

impl Line {
    /// Its interval along the points.
    fn band(&self, canvas: &mut Canvas, (x, y): (&Scale, &Scale)) {
        let edge = |pick: fn(Estimate) -> f64| -> Vec<Point> {
            self.points.iter().map(|(at, s)| (x.at(*at), y.at(pick(s.balanced_accuracy)))).collect()
        };
        let (mut outline, low) = (edge(|e| e.high), edge(|e| e.low));
        outline.extend(low.into_iter().rev());
        canvas.polygon(&format!("a f-{}", self.colour), &outline);
    }

    /// The line and its points; where its name is led to.
    fn stroke(&self, canvas: &mut Canvas, (x, y): (&Scale, &Scale)) -> Option<End> {
        let place = |(at, scored): &(f64, Scored)| (x.at(*at), y.at(scored.balanced_accuracy.value));
        let points: Vec<Point> = self.points.iter().map(place).collect();
        let class = format!("{} s-{}", self.stroke, self.colour);
        canvas.polyline(&class, &points);
        // hollow where the line is dashed
        let marker = match self.stroke {
            "d" => format!("m f-paper s-{}", self.colour),
            _ => format!("m f-{} s-paper", self.colour),
        };
        for ((_, scored), &point) in self.points.iter().zip(&points) {
            let words = format!("{}: {}", self.label, share_text(scored.balanced_accuracy));
            canvas.titled(&words, |c| c.marker(self.marker, &marker, point, 3.6));
        }
        let (point, label) = (*points.last()?, self.label.to_owned());
        Some(End { point, shape: self.marker, marker, text: "t f-ink", label })
    }
}

/// What was drawn, as numbers.
fn data(result: &TrainingResult) -> DataTable {
    let mut rows = Vec::new();
    for task in &result.tasks {
        for horizon in HORIZONS {
            let lines = [poison_lines(task, horizon), inflation_lines(task, horizon)];
            for (sweep, line) in
                ["poison", "inflation"].iter().zip(&lines).flat_map(|(s, l)| l.iter().map(move |l| (s, l)))
            {
                for (strength, scored) in &line.points {
                    let e = scored.balanced_accuracy;
                    let mut row =
                        vec![task.conditions.join(" or "), (*sweep).to_owned(), line.label.to_owned()];
                    row.extend([horizon.to_string(), strength.to_string()]);
                    row.extend([e.value, e.low, e.high].map(|x| fixed(x, 4)));
                    rows.push(row);
                }
            }
        }
    }
    let head =
        ["task", "sweep", "attacker", "horizon", "share or multiple", "balanced accuracy", "low", "high"];
    DataTable::new("", 4, &head, rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::training::tests::{gathered, swept};

    #[test]
    fn it_is_well_formed_with_any_names() {
        let mut result = swept(&gathered(8, 1.0, true));
        result.tasks[0].conditions[1] = "<script>\"&".to_owned();
        let figure = draw(&result).unwrap();
        assert_eq!(figure.panels.len(), 4);
        let file = figure.to_file(Some("<b>"));
        assert!(roxmltree::Document::parse(&file).is_ok(), "{file}");
        assert!(!file.contains("<script"));
        assert!(figure.data[0].rows.iter().all(|row| row.len() == figure.data[0].head.len()));
    }

    #[test]
    fn what_was_not_swept_is_not_drawn() {
        let mut result = swept(&gathered(8, 1.0, true));
        result.tasks[0].inflation.retain(|cell| cell.multiple == 1);
        assert_eq!(draw(&result).unwrap().panels.len(), 2);
        result.tasks.clear();
        assert!(draw(&result).is_none());
    }
}
