//! What single features give away: the best cut on each, fitted on training units, tested on the others.
//!
//! Source: docs/method.md, "Learners": `one_threshold`, feature by feature.

use super::super::importance::feature_label;
use super::super::number::{fixed, significant};
use super::super::scale::{Scale, ticks};
use super::super::setting::spoken;
use super::super::svg::{Anchor, Canvas, Rect, shortened};
use super::super::{DataTable, Figure, Panel};
use super::{WIDTH, either_condition, guessing, measured_on, per_panel, shared_range};
use crate::experiment::audit::result::{AuditResult, FeatureLeak, Finding};

/// Its file and anchor.
pub const SLUG: &str = "feature-leak";

const LEFT: f64 = 216.0;
const RIGHT: f64 = 440.0;
const TOP: f64 = 70.0;
const ROW: f64 = 22.0;

/// Bars in a panel; the table beneath has every feature.
const SHOWN: usize = 12;

/// A gain over guessing, in shares, that many features also show by chance.
const LITTLE: f64 = 0.05;

/// Draws the figure; `None` where no feature was tried alone.
pub fn draw(result: &AuditResult) -> Option<Figure> {
    let panels: Vec<Panel> = result
        .findings
        .iter()
        .enumerate()
        .filter_map(|(k, finding)| panel(k, finding, range(result, finding)))
        .collect();
    if panels.is_empty() {
        return None;
    }
    Some(Figure {
        number: String::new(),
        section: "observers",
        slug: SLUG,
        title: title(result),
        caption: format!(
            "Balanced accuracy of the best single cut on each feature, over single windows, as distance from \
             guessing; a feature that an observer cannot see is absent.{}",
            per_panel(result)
        ),
        measured: format!("Cut fitted on training units, tested on the others; {}.", measured_on(result)),
        panels,
        columns: 2,
        tables: Vec::new(),
        data: result.findings.iter().filter_map(data).collect(),
    })
}

/// The features with a number, strongest first.
pub fn sorted(finding: &Finding) -> Vec<&FeatureLeak> {
    let mut found: Vec<&FeatureLeak> =
        finding.features.iter().filter(|f| f.balanced_accuracy.is_finite()).collect();
    found.sort_by(|a, b| b.balanced_accuracy.total_cmp(&a.balanced_accuracy));
    found
}

fn range(result: &AuditResult, finding: &Finding) -> (f64, f64) {
    shared_range(result, finding, |f| sorted(f).iter().take(SHOWN).map(|l| l.balanced_accuracy).collect())
}

fn title(result: &AuditResult) -> String {
    let all = result.findings.iter().filter_map(|f| Some((f, *sorted(f).first()?)));
    let Some((f, leak)) = all.max_by(|a, b| a.1.balanced_accuracy.total_cmp(&b.1.balanced_accuracy)) else {
        return "Leak by feature".to_owned();
    };
    let share = format!("{} %", fixed(100.0 * leak.balanced_accuracy, 0));
    let name = shortened(feature_label(&leak.feature), 40);
    if leak.balanced_accuracy - guessing(f) < LITTLE {
        return format!("No single feature gives much away: at most {share}, by {name}");
    }
    let several = if result.findings.len() > 1 { format!(" ({})", f.observer) } else { String::new() };
    format!("Of single features, {name} gives most away: {share} of windows classified correctly{several}")
}

fn panel(index: usize, finding: &Finding, range: (f64, f64)) -> Option<Panel> {
    let all = sorted(finding);
    let bars = &all[..all.len().min(SHOWN)];
    if bars.is_empty() {
        return None;
    }
    let bottom = TOP + ROW * bars.len() as f64;
    let guess = guessing(finding);
    let x = Scale::linear(range, (LEFT, RIGHT));
    let mut canvas = Canvas::default();
    super::heading(&mut canvas, finding);
    for tick in ticks(range.0, range.1, 4) {
        canvas.line("g s-grid", (x.at(tick), TOP - 4.0), (x.at(tick), bottom));
        let label = format!("{} %", fixed(100.0 * tick, 0));
        canvas.text("n f-muted", (x.at(tick), bottom + 18.0), Anchor::Middle, &label);
    }
    let windows: Vec<String> = bars.iter().map(|b| b.windowing.to_string()).collect();
    let one_windowing = windows.windows(2).all(|w| w[0] == w[1]);
    for (k, bar) in bars.iter().enumerate() {
        let y = TOP + ROW * (k as f64 + 0.5);
        let label = match one_windowing {
            true => shortened(feature_label(&bar.feature), 30),
            false => format!(
                "{}, {}",
                shortened(feature_label(&bar.feature), 21),
                spoken(&bar.windowing.to_string())
            ),
        };
        canvas.text("n f-ink", (LEFT - 14.0, y + 4.0), Anchor::End, &label);
        let (from, to) = (x.at(guess), x.at(bar.balanced_accuracy));
        let place = Rect { x: from.min(to), y: y - 6.0, width: (to - from).abs().max(0.8), height: 12.0 };
        let class = if to < from { "f-base" } else { "f-link" };
        canvas.titled(&words(finding, bar), |c| c.rect(class, place, 1.0));
        let share = format!("{} %", fixed(100.0 * bar.balanced_accuracy, 1));
        canvas.text("n f-ink", (RIGHT + 60.0, y + 4.0), Anchor::End, &share);
    }
    canvas.line("w s-base", (x.at(guess), TOP - 4.0), (x.at(guess), bottom));
    canvas.text("n f-muted halo", (x.at(guess), TOP - 10.0), Anchor::Middle, "guessing");
    if one_windowing {
        canvas.text("n f-muted", (WIDTH, 44.0), Anchor::End, &spoken(&windows[0]));
    }
    if all.len() > bars.len() {
        let more = format!("and {} weaker", all.len() - bars.len());
        canvas.text("n f-muted", (LEFT - 34.0, bottom + 18.0), Anchor::End, &more);
    }
    let said: Vec<String> = bars.iter().take(4).map(|b| words(finding, b)).collect();
    let title = format!("Leak by feature, {}", super::spoken(finding));
    let said = format!("{}.", said.join("; "));
    Some(Panel::new(format!("{SLUG}-{index}"), (WIDTH, bottom + 26.0), title, said, canvas))
}

/// `mean length, Δt = 15 s: 61.2 % (mic_on 342, mic_on_noise 612)`.
fn words(finding: &Finding, leak: &FeatureLeak) -> String {
    let means = finding.conditions.iter().zip(&leak.means).filter(|(_, m)| m.is_finite());
    let means: Vec<String> = means.map(|(c, m)| format!("{c} {}", significant(*m))).collect();
    let means = if means.is_empty() { String::new() } else { format!(" ({})", means.join(", ")) };
    let share = fixed(100.0 * leak.balanced_accuracy, 1);
    format!("{}, {}: {share} %{means}", feature_label(&leak.feature), spoken(&leak.windowing.to_string()))
}

fn data(finding: &Finding) -> Option<DataTable> {
    let all = sorted(finding);
    if all.is_empty() {
        return None;
    }
    let mut head = vec!["feature".to_owned(), "window".to_owned(), "balanced accuracy".to_owned()];
    head.extend(finding.conditions.iter().map(|c| format!("mean, {c}")));
    let rows = all.into_iter().map(|leak| {
        let mut row =
            vec![leak.feature.clone(), spoken(&leak.windowing.to_string()), fixed(leak.balanced_accuracy, 4)];
        let mean = |k: usize| significant(leak.means.get(k).copied().unwrap_or(f64::NAN));
        row.extend((0..finding.conditions.len()).map(mean));
        row
    });
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let caption = format!("{}, {}", finding.observer, either_condition(finding));
    Some(DataTable::new(&caption, 2, &head, rows.collect()))
}
