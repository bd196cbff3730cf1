//! Round by round: how much of each was classified correctly when no learner had seen it, in the order of time.

use super::super::axis;
use super::super::number::{fixed, grouped};
use super::super::scale::Scale;
use super::super::style::{self, Marker};
use super::super::svg::{Anchor, Canvas, shortened};
use super::super::{DataTable, Figure, Panel};
use super::{WIDTH, guessing, horizon_plural, measured_on, per_panel, spoken};
use crate::experiment::audit::result::{AuditResult, Finding, RoundFound, RoundUse};
use jiff::Timestamp;

/// Its file and anchor.
pub const SLUG: &str = "round-by-round";

const HEIGHT: f64 = 336.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 516.0;
const TOP: f64 = 66.0;
const BOTTOM: f64 = 286.0;
/// Narrower days have no room for their date.
const DATE: f64 = 46.0;

/// Draws the figure; `None` where no finding looked at single rounds.
pub fn draw(result: &AuditResult) -> Option<Figure> {
    let panels: Vec<Panel> =
        result.findings.iter().enumerate().filter_map(|(k, f)| panel(result, k, f)).collect();
    let of_blocks = horizon_plural(result.findings.iter().find_map(|f| f.horizons.first())?.horizon);
    if panels.is_empty() {
        return None;
    }
    Some(Figure {
        number: String::new(),
        section: "numbers",
        slug: SLUG,
        title: title(result),
        caption: format!(
            "Each mark is a round, in the order of time; its height is the share of its {of_blocks} that were classified \
             correctly. Rounds far below the others deserve a look at what happened in them; a slope or a step is a \
             sign that something changed with time.{}",
            per_panel(result)
        ),
        measured: format!("Rounds never seen in training; {}.", measured_on(result)),
        panels,
        columns: 2,
        tables: Vec::new(),
        data: vec![data(result)],
    })
}

/// Rounds of a finding that have blocks, in the order of time.
fn in_order<'a>(result: &'a AuditResult, finding: &'a Finding) -> Vec<(&'a RoundUse, f64)> {
    let known = |found: &RoundFound| Some((result.schedule.get(found.round)?, found.correct?));
    let mut rounds: Vec<(&RoundUse, f64)> = finding.rounds.iter().filter_map(known).collect();
    rounds.sort_by_key(|(round, _)| round.start_ns);
    rounds
}

fn title(result: &AuditResult) -> String {
    let counts = |f: &Finding| {
        let rounds = in_order(result, f);
        let above = rounds.iter().filter(|(_, correct)| *correct > guessing(f)).count();
        (above, rounds.len())
    };
    let all = result.findings.iter().map(|f| (f, counts(f))).filter(|(_, (_, n))| *n > 0);
    let most = all.max_by(|(_, a), (_, b)| (a.0 * b.1).cmp(&(b.0 * a.1)));
    let Some((finding, (above, n))) = most else { return "Round by round".to_owned() };
    let who = match result.findings.len() {
        1 => String::new(),
        _ => format!(" ({})", finding.observer),
    };
    format!("Better than guessing in {above} of {n} rounds{who}")
}

fn panel(result: &AuditResult, index: usize, finding: &Finding) -> Option<Panel> {
    let rounds = in_order(result, finding);
    if rounds.is_empty() {
        return None;
    }
    let y = Scale::linear((0.0, 1.0), (BOTTOM, TOP));
    let column = (RIGHT - LEFT) / rounds.len() as f64;
    let x = |k: usize| LEFT + column * (k as f64 + 0.5);
    let mut canvas = Canvas::default();
    super::heading(&mut canvas, finding);
    legend(&mut canvas, &finding.conditions);
    axis::percent(&mut canvas, &y, (0.0, 1.0), (LEFT, RIGHT));
    let guess = y.at(guessing(finding));
    canvas.line("w s-base", (LEFT, guess), (RIGHT, guess));
    canvas.text("n f-muted halo", (LEFT + 4.0, guess - 5.0), Anchor::Start, "guessing");
    days(&mut canvas, &rounds, &x, column);
    let size = (column * 0.4).clamp(2.0, 4.2);
    for (k, (round, correct)) in rounds.iter().enumerate() {
        let (colour, marker) = look(&finding.conditions, &round.condition);
        let words = format!("{}, {}: {}", round.capture, round.condition, percent(*correct));
        let point = (x(k), y.at(*correct));
        canvas.titled(&words, |c| c.marker(marker, &format!("m f-{colour} s-paper"), point, size));
    }
    canvas.line("g s-rule", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    let lowest = rounds.iter().map(|(_, correct)| *correct).fold(f64::INFINITY, f64::min);
    let words = format!("{} rounds; the lowest at {}", grouped(rounds.len() as u64), percent(lowest));
    canvas.text("n f-muted", (LEFT, HEIGHT - 5.0), Anchor::Start, &words);
    let title = format!("Round by round, {}", spoken(finding));
    Some(Panel::new(format!("{SLUG}-{index}"), (WIDTH, HEIGHT), title, format!("{words}."), canvas))
}

/// Colour and marker of a condition among those of a finding.
fn look(conditions: &[String], condition: &str) -> (&'static str, Marker) {
    let place = conditions.iter().position(|c| c == condition).unwrap_or(0);
    let markers = [Marker::Circle, Marker::Square, Marker::Diamond, Marker::Up, Marker::Down];
    (style::condition(condition, place), markers[place % markers.len()])
}

fn legend(canvas: &mut Canvas, conditions: &[String]) {
    let mut left = LEFT;
    for condition in conditions {
        let (colour, marker) = look(conditions, condition);
        let name = shortened(condition, 22);
        canvas.marker(marker, &format!("m f-{colour} s-paper"), (left + 4.0, 40.0), 4.2);
        canvas.text("n f-ink", (left + 14.0, 44.5), Anchor::Start, &name);
        left += 34.0 + 7.2 * name.chars().count() as f64;
    }
}

/// Lines between days, and their dates where there is room.
fn days(canvas: &mut Canvas, rounds: &[(&RoundUse, f64)], x: &dyn Fn(usize) -> f64, column: f64) {
    let day = |round: &RoundUse| {
        Some(Timestamp::from_nanosecond(round.start_ns?.into()).ok()?.strftime("%-d %b").to_string())
    };
    let mut first = 0;
    for k in 1..=rounds.len() {
        let ends = rounds.get(k).is_none_or(|(round, _)| day(round) != day(rounds[first].0));
        if !ends {
            continue;
        }
        let (left, right) = (x(first) - column / 2.0, x(k - 1) + column / 2.0);
        canvas.line("g s-rule", (right, TOP), (right, BOTTOM + 5.0));
        if let Some(date) = day(rounds[first].0).filter(|_| right - left >= DATE) {
            canvas.text("n f-muted", ((left + right) / 2.0, BOTTOM + 20.0), Anchor::Middle, &date);
        }
        first = k;
    }
}

fn percent(share: f64) -> String {
    format!("{} %", fixed(100.0 * share, 0))
}

fn data(result: &AuditResult) -> DataTable {
    let rows = result.findings.iter().flat_map(|f| {
        in_order(result, f).into_iter().map(move |(round, correct)| {
            vec![
                super::either_condition(f),
                f.observer.to_string(),
                round.capture.clone(),
                round.condition.clone(),
                grouped(round.packets),
                fixed(correct, 4),
            ]
        })
    });
    DataTable::new("", 4, &["task", "observer", "capture", "condition", "packets", "correct"], rows.collect())
}
