//! The sentences of the page, computed from the numbers: a heading is true of this run or not written.

use crate::experiment::paper::{PaperResult, Task};
use crate::figure::number::{self, fixed, grouped, percent, span};
use crate::figure::paper_numbers::{CAPTURED, LEARNERS, TASKS};
use crate::figure::scale::Scale;
use crate::figure::setting::in_words;
use crate::figure::svg::{Canvas, Rect};
use crate::figure::{Panel, best, is_attacker, score, style};
use crate::report::claims::{Claim, Holds};

/// The short answer to one task.
pub(super) struct Answer {
    /// In a resident's words where the conditions are the paper's, else `a or b?`.
    pub question: String,
    /// The conditions by name, where the question does not have them.
    pub names: String,
    /// `96.2 %`, or a dash.
    pub value: String,
    /// The sentence beneath it.
    pub text: String,
    /// The value and its interval against guessing, from 0 to 100 %.
    pub strip: Option<Panel>,
}

/// What was tested, in two sentences for someone at home.
pub(super) fn tested(result: &PaperResult) -> String {
    let names: Vec<&str> = result.conditions.iter().map(|c| c.condition.as_str()).collect();
    let seconds: f64 = result.conditions.iter().map(|c| c.duration_s).sum();
    let attackers = result.scope.learners.iter().filter(|l| !style::learner(l).baseline).count();
    format!(
        "{} of traffic under {} ({}). {} tried to tell from the sizes, times and headers of the \
         packets alone, never from what was said, under which condition they were sent.",
        span(seconds),
        counted(names.len(), "condition"),
        names.join(", "),
        capital(&counted(attackers, "learning program"))
    )
}

/// `three conditions`; from ten on in digits.
pub(super) fn counted(n: usize, what: &str) -> String {
    let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let number = words.get(n).map_or_else(|| grouped(n as u64), |&w| w.to_owned());
    format!("{number} {what}{}", if n == 1 { "" } else { "s" })
}

/// The first letter of a sentence.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// One answer per task.
pub(super) fn answers(result: &PaperResult) -> Vec<Answer> {
    result.scope.tasks.iter().enumerate().map(|(k, task)| answer(result, task, k)).collect()
}

fn answer(result: &PaperResult, task: &Task, index: usize) -> Answer {
    let names = format!("{} or {}", task.negative, task.positive);
    let (question, names) = match TASKS.iter().position(|&t| t == task.name) {
        Some(0) => ("Is the microphone off or on?".to_owned(), names),
        Some(_) => ("Is the room quiet, or does someone talk?".to_owned(), names),
        None => (format!("{names}?"), String::new()),
    };
    let Some((cell, found)) = best(result, &task.name, is_attacker) else {
        let text = "No learner has a score: too few windows.".to_owned();
        return Answer { question, names, value: number::NONE.to_owned(), text, strip: None };
    };
    let guess = score(result, &task.name, &cell.windowing, "majority").map(|s| s.accuracy);
    let (low, high) = found.accuracy_interval;
    let d = number::decimals(50.0 * (high - low)).min(2);
    let one = score(result, &task.name, &cell.windowing, "one_threshold").map(|s| s.accuracy);
    let share = |x: f64| format!("{} %", fixed(100.0 * x, d.min(1)));
    let guessing = match (guess, one) {
        (Some(g), Some(o)) => format!(
            " Always guessing the commoner condition gives {}, a single threshold on one feature {}.",
            share(g),
            share(o)
        ),
        (Some(g), None) => format!(" Always guessing the commoner condition gives {}.", share(g)),
        _ => String::new(),
    };
    let text = format!(
        "of {} {} classified correctly at best, by {} (95 % interval {} to {}).{guessing}",
        grouped(cell.n_windows as u64),
        in_words(&cell.windowing),
        style::in_sentence(&style::learner(&cell.learner).label),
        fixed(100.0 * low.max(0.0), d),
        fixed(100.0 * high.min(1.0), d)
    );
    let value = percent(found.accuracy, found.accuracy_interval);
    let desc = format!("{value} {text}");
    let strip = strip(index, (found.accuracy, low, high), guess, desc);
    Answer { question, names, value, text, strip: Some(strip) }
}

/// 0 to 100 %, the interval, the mean, and a mark at guessing.
pub(super) fn strip(
    index: usize,
    (mean, low, high): (f64, f64, f64),
    guess: Option<f64>,
    desc: String,
) -> Panel {
    let x = Scale::linear((0.0, 1.0), (6.0, 394.0));
    let mut canvas = Canvas::default();
    canvas.rect("f-grid", Rect { x: 6.0, y: 12.0, width: 388.0, height: 8.0 }, 4.0);
    canvas.rect("f-neg", Rect { x: 6.0, y: 12.0, width: x.at(mean.clamp(0.0, 1.0)) - 6.0, height: 8.0 }, 4.0);
    if let Some(guess) = guess {
        canvas.line("k s-paper", (x.at(guess), 7.0), (x.at(guess), 25.0));
        canvas.line("w s-ink", (x.at(guess), 7.0), (x.at(guess), 25.0));
        canvas.text("n f-muted", (x.at(guess), 40.0), crate::figure::svg::Anchor::Middle, "guessing");
    }
    let (low, high) = (x.at(low.clamp(0.0, 1.0)), x.at(high.clamp(0.0, 1.0)));
    canvas.line("w s-ink", (low, 16.0), (high, 16.0));
    canvas.marker(style::Marker::Circle, "m f-ink s-paper", (x.at(mean), 16.0), 6.0);
    for (value, anchor, text) in
        [(0.0, crate::figure::svg::Anchor::Start, "0 %"), (1.0, crate::figure::svg::Anchor::End, "100 %")]
    {
        canvas.text("n f-muted", (x.at(value), 40.0), anchor, text);
    }
    Panel::new(
        format!("answer-{index}"),
        (400.0, 46.0),
        "Best accuracy against guessing".to_owned(),
        desc,
        canvas,
    )
}

/// Whether every condition was captured in one stretch, as the paper's were.
fn in_stretches(result: &PaperResult) -> bool {
    result.conditions.iter().all(|c| c.captures.len() <= 1)
}

/// Why the numbers above are no verdict.
pub(super) fn caution(result: &PaperResult) -> &'static str {
    if in_stretches(result) {
        "Each condition was captured in a stretch of its own, so anything else that changed between the stretches \
         counts as if it were the microphone."
    } else {
        "Windows of one capture both train and test the learners, so anything else that changed with the condition \
         counts as if it were the condition."
    }
}

/// How many combinations the best was picked from: the pick itself flatters.
pub(super) fn selection(result: &PaperResult) -> String {
    let tried = result.cells.iter().filter(|c| is_attacker(c) && c.score.is_some()).count();
    let tasks = result.scope.tasks.len().max(1);
    format!(
        "Each number is the best of about {} combinations of learner and window, picked after seeing all of them, \
         which flatters it once more.",
        grouped((tried / tasks) as u64)
    )
}

pub(super) fn captured_heading(result: &PaperResult) -> String {
    let packets: u64 = result.conditions.iter().map(|c| c.packets).sum();
    let seconds: f64 = result.conditions.iter().map(|c| c.duration_s).sum();
    let files: usize = result.conditions.iter().map(|c| c.captures.len()).sum();
    let captures = if files > 0 { format!("in {}, ", counted(files, "capture")) } else { "in ".to_owned() };
    format!("{} packets {captures}{}", grouped(packets), span(seconds))
}

pub(super) fn captured_text(result: &PaperResult) -> String {
    let paper = result.conditions.iter().any(|c| CAPTURED.iter().any(|p| p.condition == c.condition));
    let compare = if paper { " The paper captured three days of each." } else { "" };
    format!("IP packets that the device sent or received; bytes are frame lengths on the wire.{compare}")
}

pub(super) fn accuracy_text(result: &PaperResult) -> String {
    format!(
        "Random {}-fold cross-validation over windows, the scaler fitted on the training folds. This is the paper's \
         protocol and it is optimistic: see Limits. Intervals are Student's over folds and too short, since folds share rows; where all folds agree, Wilson's over the windows.",
        result.scope.folds
    )
}

pub(super) fn importance_text() -> String {
    "Gini gain is what the paper shows. It favours columns with many values and is measured on training rows; \
     permutation importance on held-out windows stands beside it."
        .to_owned()
}

pub(super) fn times_text(result: &PaperResult) -> String {
    let threads = counted(result.scope.threads, "thread");
    format!(
        "Beside the paper's seconds stand ours on {threads}; the ratio is the paper's time divided by ours. Another \
             machine and other programs: it says what has become cheap, not who programs better."
    )
}

pub(super) fn claims_heading(claims: &[Claim]) -> String {
    let count = |what| claims.iter().filter(|c| c.holds == what).count();
    let decided = claims.len() - count(Holds::Undecided);
    if decided == 0 {
        return "None of the paper's statements can be decided on this campaign".to_owned();
    }
    let open = match count(Holds::Undecided) {
        0 => String::new(),
        n => format!(", {n} undecided"),
    };
    let calibrated = match claims.iter().filter(|c| c.by_construction && c.holds == Holds::Holds).count() {
        0 => String::new(),
        n => format!(" ({n} of them by calibration)"),
    };
    let (holds, partly) = (count(Holds::Holds), count(Holds::Partly));
    format!("{holds} of {decided} statements hold here{calibrated}, {partly} in part{open}")
}

/// The best of the learners that the paper did not have against the best of its five, on the first task that has both.
pub(super) fn learners_heading(result: &PaperResult) -> String {
    let gains = result.scope.tasks.iter().filter_map(|task| {
        let five = best(result, &task.name, |c| LEARNERS.contains(&c.learner.as_str()))?;
        let boosted = best(result, &task.name, |c| c.learner == "gradient_boosting")?;
        Some((boosted.1.accuracy - five.1.accuracy, five.1.accuracy - five.1.accuracy_interval.0))
    });
    let gains: Vec<(f64, f64)> = gains.collect();
    match gains.as_slice() {
        [] => "Every learner at its best".to_owned(),
        all if all.iter().all(|(gain, half)| gain.abs() <= *half) => {
            "Gradient boosting gains nothing clear over the paper's learners".to_owned()
        }
        all if all.iter().all(|(gain, _)| *gain > 0.0) => {
            "Gradient boosting beats the paper's learners".to_owned()
        }
        all if all.iter().all(|(gain, _)| *gain < 0.0) => {
            "Gradient boosting does not reach the paper's best learner".to_owned()
        }
        _ => "Gradient boosting beats the paper's learners on one task alone".to_owned(),
    }
}

pub(super) fn learners_text(result: &PaperResult) -> Vec<String> {
    let ran = |name: &str| result.scope.learners.iter().any(|l| l == name);
    let mut text = Vec::new();
    if ran("gradient_boosting") {
        text.push("Gradient boosting, the strongest learner on tables today, was not in the paper; an attacker would take it.".to_owned());
    }
    if ran("svm") {
        text.push(format!(
            "The paper tried the support vector machine and dropped it. Here it learns from at most {} training rows, \
             so its scores on small windows are not those of all the data.",
            grouped(result.scope.svm_rows as u64)
        ));
    }
    if ran("majority") || ran("one_threshold") {
        text.push("Majority always names the commoner condition; one threshold cuts a single feature once. What these two reach is no result of learning.".to_owned());
    }
    text
}

pub(super) fn limits(result: &PaperResult) -> Vec<String> {
    let mut limits = vec![
        format!(
            "{} Whatever else changed between captures (an update, a neighbour's network, the time of year) counts \
             as if it were the microphone. On real traffic of an Echo this protocol distinguishes mere days with \
             80 to 85 %.",
            if in_stretches(result) {
                "The condition is the same thing as the day: each was captured in one stretch."
            } else {
                "The split does not keep captures apart."
            }
        ),
        "Neighbouring windows of one capture are alike and land on both sides of the random split: a learner may \
         recognise a neighbour instead of a condition."
            .to_owned(),
        "Intervals come from folds that share training rows and are too short.".to_owned(),
        "Accuracy is that of one window. Someone who watches for an hour sees many windows and may be surer than any \
         number here, or no surer at all: this protocol cannot say."
            .to_owned(),
    ];
    limits.extend(super::caveats::lines(&result.caveats));
    if result.scope.generated.is_some() {
        limits.push(
            "The traffic was generated. What it was calibrated to comes back by construction; the rest is a finding about \
             the generator, not about a speaker."
                .to_owned(),
        );
    }
    let left_out = result.cells.iter().filter(|c| c.left_out.is_some()).count();
    if left_out > 0 {
        limits.push(format!(
            "{} of learner and window had too few windows for {} folds and have no score.",
            counted(left_out, "combination"),
            result.scope.folds
        ));
    }
    limits
}
