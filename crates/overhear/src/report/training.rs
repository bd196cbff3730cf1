//! Poisoning and inflation as sentences, tables (Markdown, which a terminal shows as well), CSV and JSON.
//!
//! Everything is decided before; nothing here changes what was found.

use super::calibration::{aligned, head};
use super::csv::{float, table};
use super::terminal::wrap;
use super::words::counted;
use super::{ReportFile, file, place};
use crate::Error;
use crate::experiment::audit::result::Estimate;
use crate::experiment::audit::view::Horizon;
use crate::experiment::training::TrainingResult;
use crate::experiment::training::result::{
    Budget, CHOSEN, HORIZONS, InflationCell, PoisonCell, Scored, Situation, TaskFound,
};
use crate::figure;
use crate::figure::audit::{horizon_plural, share_text};
use crate::figure::number::{NONE, fixed, grouped, seconds, significant};
use std::fmt::Write;
use std::path::Path;

/// Columns of the sentences.
const WIDTH: usize = 110;

/// `overhear/training/1`, with a line feed at its end.
pub fn document(result: &TrainingResult) -> String {
    let mut document = serde_json::json!({ "schema": "overhear/training/1" });
    if let (Some(object), Ok(serde_json::Value::Object(fields))) =
        (document.as_object_mut(), serde_json::to_value(result))
    {
        object.extend(fields);
        object.insert("sentences".to_owned(), result.tasks.iter().map(sentences).collect());
    }
    format!("{document:#}\n")
}

/// Every file of the report, in memory: `report.md`, `report.json`, `training.csv` and the figure.
///
/// # Errors
/// Where a table cannot be written; none touches the disk.
pub fn files(result: &TrainingResult) -> Result<Vec<ReportFile>, Error> {
    let mut files = vec![
        file("report.md", text(result).into_bytes()),
        file("report.json", document(result).into_bytes()),
        file("training.csv", csv(result)?),
    ];
    if let Some(figure) = figure::training::draw(result) {
        let drawn = figure.to_file(result.scope.generated.as_deref());
        files.push(file(&format!("figures/{}.svg", figure.slug), drawn.into_bytes()));
    }
    Ok(files)
}

/// Writes the whole report to `directory`, or leaves it as it was; see [`super::write`].
///
/// # Errors
/// Where a file cannot be written or `directory` is a file; what was there before is then still there.
pub fn write(result: &TrainingResult, directory: &Path) -> Result<(), Error> {
    place::put(&files(result)?, directory)
}

/// Sentences of every task, then its tables.
pub fn text(result: &TrainingResult) -> String {
    let mut out = String::new();
    if let Some(generated) = &result.scope.generated {
        wrap(&mut out, "", &format!("Generated traffic ({generated})."), WIDTH);
        out.push('\n');
    }
    for task in &result.tasks {
        let _ = writeln!(out, "## {}, as {} sees it\n", task.conditions.join(" or "), result.scope.observer);
        for sentence in sentences(task) {
            wrap(&mut out, "", &sentence, WIDTH);
            out.push('\n');
        }
        for horizon in HORIZONS {
            section(&mut out, &format!("Poison, {}", horizon_plural(horizon)), &by_share(task, horizon));
        }
        let most = task.shares().last().copied().unwrap_or(0.0);
        section(
            &mut out,
            &format!("{} of poison, single windows, by learner", percent(most)),
            &by_learner(task, most),
        );
        section(&mut out, "How well poison is told from clean training windows", &detection(task));
        section(&mut out, "Inflation", &inflation(task));
    }
    let (neighbours, seed) = (result.scope.neighbours, result.scope.seed);
    let closing = format!(
        "Balanced accuracy on units that were left out, ± half of its 95 % interval over units; * marks a success of the defence. \
         In each fold the learner that does best on clean training units, unless a table names it. Sanitising leaves out training \
         windows most of whose {} in other units have the other label. Seed {seed}.",
        counted(neighbours, "nearest neighbour")
    );
    wrap(&mut out, "", &closing, WIDTH);
    out
}

/// What was found of two conditions, in plain sentences: what there is to lose, poison, what finds it, its cost, inflation.
pub fn sentences(task: &TaskFound) -> Vec<String> {
    let shares = task.shares();
    let Some(clean) = task.poison_of(0.0, Situation::LabStopped, false, CHOSEN) else { return Vec::new() };
    let mut said = vec![format!(
        "Without a defence an attacker is right about {} (balanced over {}; 95 % intervals over {} units; guessing gives 50 %).{}",
        both(&clean.window, &clean.round),
        task.conditions.join(" and "),
        grouped(task.units as u64),
        if is_above_guessing(clean) {
            ""
        } else {
            " That is not above guessing: there is nothing to poison."
        }
    )];
    if let Some(&most) = shares.last().filter(|&&share| share > 0.0) {
        said.extend(poison(task, most, is_above_guessing(clean)));
        said.extend(found_out(task, most));
    }
    said.extend(inflated(task));
    said
}

fn is_above_guessing(cell: &PoisonCell) -> bool {
    [&cell.window, &cell.round].iter().any(|scored| scored.balanced_accuracy.low > 0.5)
}

/// What a share of poison leaves each attacker, how much of it a wrong model explains where there is a leak, and whether that is a success.
fn poison(task: &TaskFound, share: f64, is_leak: bool) -> Vec<String> {
    let cell = |situation, sanitises| task.poison_of(share, situation, sanitises, CHOSEN);
    let [Some(goes_on), Some(stopped), Some(sanitised_on), Some(sanitised), Some(lab), Some(lab_stopped)] = [
        cell(Situation::HomeGoesOn, false),
        cell(Situation::HomeStopped, false),
        cell(Situation::HomeGoesOn, true),
        cell(Situation::HomeStopped, true),
        cell(Situation::LabGoesOn, false),
        cell(Situation::LabStopped, false),
    ] else {
        return Vec::new();
    };
    let of = |cell: &PoisonCell| both(&cell.window, &cell.round);
    let unmoved = [&lab_stopped.window, &lab_stopped.round].iter().all(|scored| scored.fall.value == 0.0);
    let mut said = vec![
        format!(
            "Poisoning {} of the windows leaves an attacker who trains at the victim's home {} while it goes on, and {} once it has \
             stopped.",
            percent(share),
            of(goes_on),
            of(stopped)
        ),
        format!(
            "One who sanitises has {} while it goes on, and {} once it has stopped.",
            of(sanitised_on),
            of(sanitised)
        ),
        format!(
            "One who trained in a lab of his own has {} while it goes on{}.",
            of(lab),
            if unmoved { ", and is not affected at all once it has stopped" } else { "" }
        ),
    ];
    let reaches = |cell: &PoisonCell| 100.0 * cell.window.balanced_accuracy.value;
    let beyond_cover = |cell: &PoisonCell| more(reaches(lab) - reaches(cell));
    let parts = format!(
        "Against the model from the lab, which no poison reaches, it takes {} points of single windows: so much is cover. \
         Teaching a wrong model {}, and against one who sanitises it {}.",
        fixed(100.0 * lab.window.fall.value, 1),
        beyond_cover(goes_on),
        beyond_cover(sanitised_on)
    );
    said.extend(is_leak.then_some(parts));
    let worked = |cell: &&PoisonCell| cell.window.worked || cell.round.worked;
    let all = [goes_on, stopped, sanitised_on, sanitised, lab, lab_stopped];
    let names = |wanted: bool| {
        let some = all.iter().filter(|cell| worked(cell) == wanted).map(|cell| attacker(cell));
        some.collect::<Vec<_>>().join("; ")
    };
    said.push(match (names(true), names(false)) {
        (none, _) if none.is_empty() => {
            "It succeeds against none of them: no fall is above what chance explains.".to_owned()
        }
        (some, none) if none.is_empty() => format!("It succeeds against all of them: {some}."),
        (some, none) => format!("It succeeds against: {some}. Not against: {none}."),
    });
    said
}

/// How well the poison is found, and what it costs.
fn found_out(task: &TaskFound, share: f64) -> Vec<String> {
    let Some(found) = task.detection.iter().find(|found| found.share == share) else { return Vec::new() };
    let mut said = Vec::new();
    if let (Some(auc), Some(recall)) = (found.auc, found.recall) {
        said.push(format!(
            "The sanitiser leaves out {} of the poisoned windows and {} of the clean ones; disagreeing neighbours tell them apart \
             with an AUC of {} ({} to {}).",
            percent(recall),
            percent(found.clean_left_out),
            fixed(auc.value, 2),
            fixed(auc.low, 2),
            fixed(auc.high, 2)
        ));
    }
    said.push(match found.megabytes_per_day.zip(task.megabytes_per_day) {
        Some((cost, own)) => format!(
            "What is replayed is {} MB a day, beside the device's own {} MB.",
            significant(cost),
            significant(own)
        ),
        None => "What it costs is not known: the windows do not say their bytes.".to_owned(),
    });
    said
}

/// What the largest multiple does.
fn inflated(task: &TaskFound) -> Vec<String> {
    let Some(&most) = task.multiples().last().filter(|&&multiple| multiple > 1) else { return Vec::new() };
    let cell = |multiple, budget| task.inflation_of(multiple, budget, CHOSEN);
    let [Some(before), Some(all), Some(fixed_budget)] =
        [cell(1, Budget::Everything), cell(most, Budget::Everything), cell(most, Budget::Fixed)]
    else {
        return Vec::new();
    };
    let clock = match before.seconds > 0.0 {
        true => format!(", {} s a fold instead of {} s", seconds(all.seconds), seconds(before.seconds)),
        false => String::new(),
    };
    let cost = all
        .megabytes_per_day
        .map_or(String::new(), |cost| format!(" It costs {} MB a day.", significant(cost)));
    let mut said = vec![format!(
        "With {most} times the windows, an attacker who trains on all of them ({} instead of {}{clock}) is right about {}; one who \
         trains on as many as before, taken at random, about {}.{cost}",
        grouped(all.training_windows.round() as u64),
        grouped(before.training_windows.round() as u64),
        both(&all.window, &all.round),
        both(&fixed_budget.window, &fixed_budget.round)
    )];
    let multiples = task.multiples();
    let worked = multiples.iter().filter(|&&multiple| {
        cell(multiple, Budget::Fixed).is_some_and(|cell| cell.window.worked || cell.round.worked)
    });
    let worked: Vec<String> = worked.map(ToString::to_string).collect();
    said.push(match worked.as_slice() {
        [] => "At a fixed training budget no multiple lowers balanced accuracy by more than chance explains: inflation does not work."
            .to_owned(),
        some => format!(
            "At a fixed training budget balanced accuracy falls by more than chance explains with {} times the windows.",
            some.join(", ")
        ),
    });
    said
}

/// `93 % (91 to 95) of single windows and 99 % (97 to 100) of whole rounds`.
fn both(window: &Scored, round: &Scored) -> String {
    let [one, whole] = [(window, Horizon::Window), (round, Horizon::Round)].map(|(scored, horizon)| {
        format!("{} of {}", share_text(scored.balanced_accuracy), horizon_plural(horizon))
    });
    format!("{one} and {whole}")
}

/// An attacker on poison in a few words.
pub fn attacker(cell: &PoisonCell) -> String {
    let trained = if cell.situation.trains_on_poison() { "trained at home" } else { "trained in a lab" };
    let sanitises = if cell.sanitises { ", sanitises" } else { "" };
    let goes_on = if cell.situation.looks_at_poison() { "poison goes on" } else { "poison has stopped" };
    format!("{trained}{sanitises}, {goes_on}")
}

/// What falls further by so many points.
fn more(points: f64) -> String {
    match points {
        less if less < 0.0 => format!("gives {} of them back", fixed(-less, 1)),
        more => format!("takes {} more", fixed(more, 1)),
    }
}

/// A share in percent, with a decimal where it has one.
fn percent(share: f64) -> String {
    let text = fixed(100.0 * share, 1);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

fn section(out: &mut String, title: &str, rows: &[Vec<String>]) {
    let _ = write!(out, "### {title}\n\n{}\n", aligned(rows));
}

/// A balanced accuracy with half of its interval.
fn score(scored: &Scored) -> String {
    let Estimate { value, low, high } = scored.balanced_accuracy;
    format!("{value:.3} ± {:.3}{}", (high - low) / 2.0, if scored.worked { "*" } else { " " })
}

/// The cells of the chosen learner at a share.
fn chosen_at(task: &TaskFound, share: f64) -> impl Iterator<Item = &PoisonCell> {
    task.poison.iter().filter(move |cell| cell.share == share && cell.learner == CHOSEN)
}

fn by_share(task: &TaskFound, horizon: Horizon) -> Vec<Vec<String>> {
    let shares = task.shares();
    let names = std::iter::once("attacker".to_owned()).chain(shares.iter().map(|&share| percent(share)));
    let mut rows = vec![names.collect::<Vec<_>>()];
    for cell in chosen_at(task, 0.0) {
        let at = |&share: &f64| {
            let own = task.poison_of(share, cell.situation, cell.sanitises, CHOSEN);
            own.map_or(NONE.to_owned(), |cell| score(cell.at(horizon)))
        };
        rows.push(std::iter::once(attacker(cell)).chain(shares.iter().map(at)).collect());
    }
    rows
}

fn by_learner(task: &TaskFound, share: f64) -> Vec<Vec<String>> {
    let learners = || task.chosen.iter().map(|choice| choice.learner.as_str());
    let named = task.chosen.iter().map(|choice| match choice.folds {
        0 => choice.learner.clone(),
        folds => format!("{} (chosen {folds} of {})", choice.learner, task.folds),
    });
    let mut rows = vec![std::iter::once("attacker".to_owned()).chain(named).collect::<Vec<_>>()];
    for cell in chosen_at(task, share) {
        let of = |learner: &str| {
            let own = task.poison_of(share, cell.situation, cell.sanitises, learner);
            own.map_or(NONE.to_owned(), |cell| score(&cell.window))
        };
        rows.push(std::iter::once(attacker(cell)).chain(learners().map(of)).collect());
    }
    rows
}

fn detection(task: &TaskFound) -> Vec<Vec<String>> {
    let mut rows = vec![head(&["poison", "AUC", "precision", "recall", "clean left out", "MB a day"])];
    let share = |value: Option<f64>| value.map_or(NONE.to_owned(), |value| fixed(value, 3));
    rows.extend(task.detection.iter().map(|found| {
        let auc = found.auc.map(|auc| format!("{:.3} ± {:.3}", auc.value, (auc.high - auc.low) / 2.0));
        vec![
            percent(found.share),
            auc.unwrap_or(NONE.to_owned()),
            share(found.precision),
            share(found.recall),
            share(Some(found.clean_left_out)),
            found.megabytes_per_day.map_or(NONE.to_owned(), significant),
        ]
    }));
    rows
}

fn inflation(task: &TaskFound) -> Vec<Vec<String>> {
    let mut rows = vec![head(&[
        "windows",
        "trains on",
        "training windows",
        "s a fold",
        "single windows",
        "whole rounds",
        "MB a day more",
    ])];
    let chosen =
        |cell: &&InflationCell| cell.learner == CHOSEN && (cell.multiple, cell.budget) != (1, Budget::Fixed);
    rows.extend(task.inflation.iter().filter(chosen).map(|cell| {
        vec![
            format!("× {}", cell.multiple),
            match cell.budget {
                Budget::Everything => "everything",
                Budget::Fixed => "fixed budget",
            }
            .to_owned(),
            grouped(cell.training_windows.round() as u64),
            if cell.seconds > 0.0 { seconds(cell.seconds) } else { NONE.to_owned() },
            score(&cell.window),
            score(&cell.round),
            cell.megabytes_per_day.map_or(NONE.to_owned(), significant),
        ]
    }));
    rows
}

/// Every cell at both horizons: `task, sweep, strength, trained_on, tested_on, attacker, learner, horizon, balanced_accuracy, low, high, fall,
/// fall_low, fall_high, worked, training_windows, seconds, megabytes_per_day, auc, precision, recall, clean_left_out`. `strength`: the share of
/// poison, or how many times the windows.
///
/// # Errors
/// Where the table cannot be written.
pub fn csv(result: &TrainingResult) -> Result<Vec<u8>, Error> {
    let columns = [
        "task",
        "sweep",
        "strength",
        "trained_on",
        "tested_on",
        "attacker",
        "learner",
        "horizon",
        "balanced_accuracy",
        "low",
        "high",
        "fall",
        "fall_low",
        "fall_high",
        "worked",
        "training_windows",
        "seconds",
        "megabytes_per_day",
        "auc",
        "precision",
        "recall",
        "clean_left_out",
    ];
    let mut rows = Vec::new();
    for task in &result.tasks {
        for horizon in HORIZONS {
            rows.extend(task.poison.iter().map(|cell| poison_row(task, cell, horizon)));
            rows.extend(task.inflation.iter().map(|cell| inflation_row(task, cell, horizon)));
        }
    }
    table("training.csv", &columns, rows.into_iter())
}

fn poison_row(task: &TaskFound, cell: &PoisonCell, horizon: Horizon) -> Vec<String> {
    let windows = |poisoned: bool| if poisoned && cell.share > 0.0 { "poisoned" } else { "clean" }.to_owned();
    let found = task.detection.iter().find(|found| found.share == cell.share);
    let mut row = vec![task.conditions.join("/"), "poison".to_owned(), cell.share.to_string()];
    row.extend([windows(cell.situation.trains_on_poison()), windows(cell.situation.looks_at_poison())]);
    let sanitises = if cell.sanitises { "_sanitises" } else { "" };
    row.extend([format!("{}{sanitises}", cell.situation.name()), cell.learner.clone(), horizon.to_string()]);
    row.extend(score_cells(cell.at(horizon)));
    row.extend([String::new(), String::new()]);
    row.push(float(found.and_then(|found| found.megabytes_per_day)));
    row.push(float(found.and_then(|found| found.auc).map(|auc| auc.value)));
    row.push(float(found.and_then(|found| found.precision)));
    row.push(float(found.and_then(|found| found.recall)));
    row.push(float(found.map(|found| found.clean_left_out)));
    row
}

fn inflation_row(task: &TaskFound, cell: &InflationCell, horizon: Horizon) -> Vec<String> {
    let windows = if cell.multiple > 1 { "inflated" } else { "clean" };
    let mut row = vec![task.conditions.join("/"), "inflation".to_owned(), cell.multiple.to_string()];
    row.extend([windows.to_owned(), "clean".to_owned(), cell.budget.name().to_owned()]);
    row.extend([cell.learner.clone(), horizon.to_string()]);
    row.extend(score_cells(cell.at(horizon)));
    row.extend([Some(cell.training_windows), Some(cell.seconds), cell.megabytes_per_day].map(float));
    row.extend(std::iter::repeat_n(String::new(), 4));
    row
}

fn score_cells(scored: &Scored) -> Vec<String> {
    let (own, fall) = (scored.balanced_accuracy, scored.fall);
    let numbers = [own.value, own.low, own.high, fall.value, fall.low, fall.high].map(|x| float(Some(x)));
    numbers.into_iter().chain([scored.worked.to_string()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::training::tests::{gathered, swept};

    #[test]
    fn sentences_say_who_trains_on_what_and_what_it_comes_to() {
        let result = swept(&gathered(8, 5.0, true));
        let said = sentences(&result.tasks[0]).join("\n");
        for part in [
            "balanced over quiet and speech",
            "Poisoning 40 % of the windows leaves an attacker who trains at the victim's home",
            "not affected at all once it has stopped",
            "MB a day, beside the device's own",
            "inflation does not work",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!said.contains("nothing to poison"));
        let text = text(&result);
        assert!(
            text.lines().any(|line| line.starts_with("| trained at home, sanitises, poison has stopped")),
            "{text}"
        );
    }

    #[test]
    fn without_a_leak_there_is_nothing_to_poison() {
        let said = sentences(&swept(&gathered(8, 0.0, true)).tasks[0]).join("\n");
        assert!(
            said.contains("there is nothing to poison") && said.contains("It succeeds against none"),
            "{said}"
        );
    }

    #[test]
    fn every_cell_stands_in_the_table_at_both_horizons() {
        let result = swept(&gathered(8, 1.0, true));
        let csv = String::from_utf8(csv(&result).unwrap()).unwrap();
        let task = &result.tasks[0];
        assert_eq!(csv.lines().count(), 1 + 2 * (task.poison.len() + task.inflation.len()));
        assert!(
            csv.contains("quiet/speech,poison,0.4,poisoned,clean,home_stopped_sanitises,chosen,window,"),
            "{csv}"
        );
        let document: serde_json::Value = serde_json::from_str(&document(&result)).unwrap();
        assert_eq!(document["schema"], "overhear/training/1");
        assert!(document["sentences"][0][0].as_str().unwrap().starts_with("Without a defence"));
    }
}
