//! How sure an attacker is of the true condition while watching one round.
//!
//! Source: docs/method.md, "Time".

use super::super::axis;
use super::super::number::{fixed, span};
use super::super::scale::{Scale, decimals_of_step, step, ticks};
use super::super::svg::{Anchor, Canvas, Point};
use super::super::{DataTable, Figure, Panel};
use super::{WIDTH, either_condition, guessing, measured_on, per_panel};
use crate::experiment::audit::result::{AuditResult, Finding, Posterior};

/// Its file and anchor.
pub const SLUG: &str = "posterior";

/// The posterior at which an attacker is called sure.
pub const SURE: f64 = 0.95;

const HEIGHT: f64 = 336.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 440.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 286.0;

/// Draws the figure; `None` where no finding has a posterior.
pub fn draw(result: &AuditResult) -> Option<Figure> {
    let panels: Vec<Panel> =
        result.findings.iter().enumerate().filter_map(|(k, f)| panel(k, f, f.posterior.as_ref()?)).collect();
    if panels.is_empty() {
        return None;
    }
    Some(Figure {
        number: String::new(),
        section: "numbers",
        slug: SLUG,
        title: title(result),
        caption: format!(
            "How probable the true condition is to an attacker who adds up what each window says: the median round \
             (line) and the middle half of the rounds (band).{}",
            per_panel(result)
        ),
        measured: format!("Rounds never seen in training; {}.", measured_on(result)),
        panels,
        columns: 2,
        tables: Vec::new(),
        data: result.findings.iter().filter_map(data).collect(),
    })
}

fn title(result: &AuditResult) -> String {
    let known = || result.findings.iter().filter_map(|f| Some((f, f.posterior.as_ref()?)));
    let timed = known().filter_map(|(f, p)| Some((f, p.median_s.filter(|s| s.is_finite())?)));
    let Some((finding, s)) = timed.min_by(|a, b| a.1.total_cmp(&b.1)) else {
        return match known().map(|(_, p)| p.reached).filter(|r| r.is_finite()).reduce(f64::max) {
            Some(reached) if reached <= 0.0 => "In no round does an attacker become 95 % sure".to_owned(),
            Some(_) => "In most rounds an attacker never becomes 95 % sure".to_owned(),
            None => "An attacker's certainty over time".to_owned(),
        };
    };
    let who = if result.findings.len() > 1 {
        format!("The observer {}", finding.observer)
    } else {
        "An attacker".to_owned()
    };
    format!("{who} is 95 % sure after {} in the median round", span(s))
}

/// Points where minute and all quartiles are finite.
fn points(posterior: &Posterior) -> Vec<(f64, [f64; 3])> {
    let all = posterior.minutes.iter().copied().zip(posterior.quartiles.iter().copied());
    all.filter(|(m, q)| m.is_finite() && q.iter().all(|v| v.is_finite())).collect()
}

fn panel(index: usize, finding: &Finding, posterior: &Posterior) -> Option<Panel> {
    let points = points(posterior);
    let last = points.iter().map(|p| p.0).fold(f64::NEG_INFINITY, f64::max);
    let (first, _) = points.first()?;
    let guess = guessing(finding);
    // Certainty of the true condition can fall to 0: the whole scale, so that a wrong attacker is seen as one.
    let (x, y) =
        (Scale::linear((first.min(0.0), last), (LEFT, RIGHT)), Scale::linear((0.0, 1.0), (BOTTOM, TOP)));
    let mut canvas = Canvas::default();
    super::heading(&mut canvas, finding);
    axis::percent(&mut canvas, &y, (0.0, 1.0), (LEFT, RIGHT));
    minutes(&mut canvas, &x, (first.min(0.0), last));
    for (value, class, label) in [(guess, "w s-base", "guessing"), (SURE, "d s-muted", "sure: 95 %")] {
        canvas.line(class, (LEFT, y.at(value)), (RIGHT, y.at(value)));
        canvas.text("n f-muted", (RIGHT + 8.0, y.at(value) + 4.0), Anchor::Start, label);
    }
    let edge = |k: usize| -> Vec<Point> {
        points.iter().map(|(m, q)| (x.at(*m), y.at(q[k].clamp(0.0, 1.0)))).collect()
    };
    let outline: Vec<Point> = edge(0).into_iter().chain(edge(2).into_iter().rev()).collect();
    canvas.polygon("a f-link", &outline);
    canvas.polyline("l s-link", &edge(1));
    if let [(m, q)] = points.as_slice() {
        canvas.line("w s-link", (x.at(*m), y.at(q[0])), (x.at(*m), y.at(q[2])));
    }
    if let Some(minute) = posterior.median_s.map(|s| s / 60.0).filter(|m| (0.0..=last).contains(m)) {
        canvas.line("dot s-ink", (x.at(minute), y.at(SURE)), (x.at(minute), BOTTOM));
        let (anchor, aside) =
            if x.at(minute) > (LEFT + RIGHT) / 2.0 { (Anchor::End, -6.0) } else { (Anchor::Start, 6.0) };
        canvas.text("n f-ink halo", (x.at(minute) + aside, BOTTOM - 10.0), anchor, &span(60.0 * minute));
    }
    let words = words(posterior);
    canvas.text("n f-muted", (LEFT, HEIGHT - 5.0), Anchor::Start, &words);
    let title = format!("Certainty over time, {}", super::spoken(finding));
    Some(Panel::new(format!("{SLUG}-{index}"), (WIDTH, HEIGHT), title, format!("{words}."), canvas))
}

fn minutes(canvas: &mut Canvas, x: &Scale, (low, high): (f64, f64)) {
    let decimals = decimals_of_step(step((high - low).max(1e-6) / 6.0));
    for tick in ticks(low, high, 6) {
        canvas.line("g s-rule", (x.at(tick), BOTTOM), (x.at(tick), BOTTOM + 5.0));
        canvas.text("n f-muted", (x.at(tick), BOTTOM + 20.0), Anchor::Middle, &fixed(tick, decimals));
    }
    canvas.line("g s-rule", (LEFT, BOTTOM), (RIGHT, BOTTOM));
    canvas.text("n f-muted", (RIGHT + 8.0, BOTTOM + 20.0), Anchor::Start, "minutes");
}

/// `95 % sure in 83 % of rounds, wrong in 5 % of those`.
pub fn words(posterior: &Posterior) -> String {
    let wrong = match posterior.wrong.filter(|w| w.is_finite()) {
        Some(wrong) => format!(", wrong in {} % of those", fixed(100.0 * wrong, 0)),
        None => String::new(),
    };
    format!("95 % sure in {} % of rounds{wrong}", fixed(100.0 * posterior.reached, 0))
}

fn data(finding: &Finding) -> Option<DataTable> {
    let rows = points(finding.posterior.as_ref()?).into_iter().map(|(minute, quartiles)| {
        [fixed(minute, 2)].into_iter().chain(quartiles.map(|q| fixed(q, 3))).collect()
    });
    let caption = format!("{}, {}", finding.observer, either_condition(finding));
    Some(DataTable::new(
        &caption,
        0,
        &["minutes", "lower quartile", "median", "upper quartile"],
        rows.collect(),
    ))
}
