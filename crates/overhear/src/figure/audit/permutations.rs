//! The randomisation test: what the largest statistic is when the conditions are shuffled, and what it really was.
//!
//! Source: docs/method.md, "Test" (max-T).

use super::super::number::{fixed, grouped};
use super::super::scale::{Scale, decimals_of_step, step, ticks};
use super::super::svg::{Anchor, Canvas, Rect};
use super::super::{DataTable, Figure, Panel};
use super::{WIDTH, either_condition, p_text, per_panel, tested_on};
use crate::experiment::audit::result::{AuditResult, Finding};

/// Its file and anchor.
pub const SLUG: &str = "permutations";

const HEIGHT: f64 = 310.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 510.0;
const TOP: f64 = 88.0;
const BOTTOM: f64 = 256.0;

/// The share of assignments left of the dotted line: what a leak must pass.
const LEVEL: f64 = 0.99;

/// Draws the figure; `None` where no finding has an assignment besides the true one.
pub fn draw(result: &AuditResult) -> Option<Figure> {
    let panels: Vec<Panel> = result
        .findings
        .iter()
        .enumerate()
        .filter_map(|(k, finding)| Chart::of(finding).map(|chart| chart.draw(k)))
        .collect();
    if panels.is_empty() {
        return None;
    }
    Some(Figure {
        number: String::new(),
        section: "numbers",
        slug: SLUG,
        title: title(result),
        caption: format!(
            "The largest scaled statistic over all learners, windows and horizons when the conditions are \
             assigned anew within units (bars), and for the conditions as they were (line): p is the share of \
             assignments that reach it.{}",
            per_panel(result)
        ),
        measured: format!("{}.", tested_on(result)),
        panels,
        columns: 2,
        tables: Vec::new(),
        data: result.findings.iter().filter_map(data).collect(),
    })
}

/// How many of the assignments tried reach the true one's statistic, itself among them.
fn reach(finding: &Finding) -> Option<usize> {
    let observed = *finding.max_t.first()?;
    Some(finding.max_t.iter().filter(|&&t| t >= observed).count())
}

fn title(result: &AuditResult) -> String {
    let tested = result.findings.iter().filter(|f| f.max_t.len() > 1);
    let Some(finding) = tested.min_by(|a, b| a.p.total_cmp(&b.p)) else {
        return "Randomisation test".to_owned();
    };
    let several =
        if result.findings.len() > 1 { format!(" ({})", super::spoken(finding)) } else { String::new() };
    if finding.p >= 1.0 {
        return "Shuffled conditions do as well as the true ones every time".to_owned();
    }
    match reach(finding) {
        Some(1) => format!("No other assignment reaches the true one{several}: p = {}", p_text(finding.p)),
        Some(n) => format!(
            "{} of {} assignments reach the true one{several}: p = {}",
            grouped(n as u64),
            grouped(finding.max_t.len() as u64),
            p_text(finding.p)
        ),
        None => "Randomisation test".to_owned(),
    }
}

/// One finding's histogram.
struct Chart<'a> {
    finding: &'a Finding,
    observed: f64,
    shuffled: Vec<f64>,
    range: (f64, f64),
}

impl<'a> Chart<'a> {
    fn of(finding: &'a Finding) -> Option<Chart<'a>> {
        let observed = finding.max_t.first().copied().filter(|t| t.is_finite())?;
        let mut shuffled: Vec<f64> = finding.max_t[1..].iter().copied().filter(|t| t.is_finite()).collect();
        shuffled.sort_by(f64::total_cmp);
        let low = shuffled.first()?.min(observed);
        let high = shuffled.last()?.max(observed);
        // A statistic that never differs still needs an axis.
        let pad = if high > low { 0.04 * (high - low) } else { 0.5 };
        Some(Chart { finding, observed, shuffled, range: (low - pad, high + pad) })
    }

    /// Left edge, right edge and count of each bar.
    fn bars(&self) -> Vec<(f64, f64, usize)> {
        // Rice's rule, within what a panel can show.
        let n = (2.0 * (self.shuffled.len() as f64).cbrt()).ceil().clamp(4.0, 40.0) as usize;
        let (low, high) = self.range;
        let width = (high - low) / n as f64;
        let mut counts = vec![0; n];
        for t in &self.shuffled {
            counts[(((t - low) / width) as usize).min(n - 1)] += 1;
        }
        let edge = |k: usize| low + width * k as f64;
        counts.into_iter().enumerate().map(|(k, count)| (edge(k), edge(k + 1), count)).collect()
    }

    fn draw(&self, index: usize) -> Panel {
        let x = Scale::linear(self.range, (LEFT, RIGHT));
        let bars = self.bars();
        let most = bars.iter().map(|b| b.2).max().unwrap_or(1).max(1);
        let y = Scale::linear((0.0, most as f64), (BOTTOM, TOP));
        let mut canvas = Canvas::default();
        super::heading(&mut canvas, self.finding);
        self.axes(&mut canvas, (&x, &y), most);
        for &(from, to, count) in &bars {
            let place = Rect {
                x: x.at(from) + 0.6,
                y: y.at(count as f64),
                width: x.at(to) - x.at(from) - 1.2,
                height: BOTTOM - y.at(count as f64),
            };
            let words = format!("{} to {}: {}", fixed(from, 2), fixed(to, 2), grouped(count as u64));
            canvas.titled(&words, |c| c.rect("f-base", place, 0.0));
        }
        self.level(&mut canvas, &x);
        let words = format!("observed {}, p = {}", fixed(self.observed, 2), p_text(self.finding.p));
        let at = x.at(self.observed);
        canvas.line("k s-c-noise", (at, TOP - 38.0), (at, BOTTOM));
        let anchor = if at > (LEFT + RIGHT) / 2.0 { Anchor::End } else { Anchor::Start };
        let aside = if anchor == Anchor::End { -7.0 } else { 7.0 };
        canvas.text("t b f-ink halo", (at + aside, TOP - 32.0), anchor, &words);
        let smallest = format!("smallest p possible here: {}", p_text(self.finding.smallest_p));
        canvas.text("n f-muted", (LEFT, HEIGHT - 5.0), Anchor::Start, &smallest);
        let title = format!("Randomisation test, {}", super::spoken(self.finding));
        let said = format!("{words}; {} other assignments; {smallest}.", grouped(self.shuffled.len() as u64));
        Panel::new(format!("{SLUG}-{index}"), (WIDTH, HEIGHT), title, said, canvas)
    }

    fn axes(&self, canvas: &mut Canvas, (x, y): (&Scale, &Scale), most: usize) {
        for tick in ticks(0.0, most as f64, 3).into_iter().filter(|t| t.fract() == 0.0) {
            canvas.line("g s-grid", (LEFT, y.at(tick)), (RIGHT, y.at(tick)));
            canvas.text("n f-muted", (LEFT - 8.0, y.at(tick) + 4.0), Anchor::End, &grouped(tick as u64));
        }
        let (low, high) = self.range;
        let decimals = decimals_of_step(step((high - low) / 6.0));
        for tick in ticks(low, high, 6) {
            canvas.line("g s-rule", (x.at(tick), BOTTOM), (x.at(tick), BOTTOM + 5.0));
            canvas.text("n f-muted", (x.at(tick), BOTTOM + 20.0), Anchor::Middle, &fixed(tick, decimals));
        }
        canvas.line("g s-rule", (LEFT, BOTTOM), (RIGHT, BOTTOM));
        canvas.text("n f-muted", (RIGHT, HEIGHT - 5.0), Anchor::End, "largest statistic");
    }

    /// Where one assignment in a hundred lies beyond, with enough of them to say so.
    fn level(&self, canvas: &mut Canvas, x: &Scale) {
        if self.shuffled.len() < 99 {
            return;
        }
        let rank = (LEVEL * self.shuffled.len() as f64).ceil() as usize;
        let Some(&value) = self.shuffled.get(rank.saturating_sub(1)) else { return };
        let at = x.at(value);
        canvas.line("dot s-ink", (at, TOP - 16.0), (at, BOTTOM));
        let (anchor, aside) =
            if at > (LEFT + RIGHT) / 2.0 { (Anchor::End, -6.0) } else { (Anchor::Start, 6.0) };
        canvas.text("n f-muted halo", (at + aside, TOP - 8.0), anchor, "99 % of shuffles");
    }
}

fn data(finding: &Finding) -> Option<DataTable> {
    let chart = Chart::of(finding)?;
    let row = |(from, to, count): (f64, f64, usize)| {
        vec![format!("{} to {}", fixed(from, 3), fixed(to, 3)), grouped(count as u64)]
    };
    let caption = format!(
        "{}, {}: observed {}, p = {}",
        finding.observer,
        either_condition(finding),
        fixed(chart.observed, 3),
        p_text(finding.p)
    );
    Some(DataTable::new(
        &caption,
        1,
        &["largest statistic", "assignments"],
        chart.bars().into_iter().map(row).collect(),
    ))
}
