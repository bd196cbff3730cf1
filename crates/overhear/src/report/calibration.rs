//! The self-check as tables to read (Markdown, which a terminal shows as well) and as JSON.

use crate::experiment::calibration::result::{
    AttackerCell, CalibrationResult, Cell, Check, PlantCell, Share,
};
use std::fmt::Write;

/// `overhear/calibrate/1`.
pub fn document(result: &CalibrationResult) -> String {
    let mut document = serde_json::json!({ "schema": "overhear/calibrate/1", "generated": true });
    if let (Some(object), Ok(serde_json::Value::Object(fields))) =
        (document.as_object_mut(), serde_json::to_value(result))
    {
        object.extend(fields);
    }
    format!("{document:#}\n")
}

/// All tables.
pub fn text(result: &CalibrationResult) -> String {
    let mut out = format!(
        "Generated traffic throughout: {} campaigns a cell, seed {}, {}, {}, {} windows a round, day effect and \
         drift {} sd each, {} random assignments.\n",
        result.campaigns,
        result.seed,
        result.learners.join(" and "),
        result.windowing,
        result.windows,
        result.disturbance,
        result.permutations
    );
    section(&mut out, "How often the audit finds an effect", &rejections(result));
    section(&mut out, "What the 95 % intervals hold", &coverage(result));
    section(&mut out, "Two campaigns between which nothing changed", &compared(result));
    section(&mut out, "Three conditions and four observers without an effect", &joint(result));
    section(&mut out, "What is found where the best possible attacker is known", &laws(result));
    section(&mut out, "Planted leaks, through packets", &plants(result));
    section(&mut out, "Each attacker by itself", &attackers(result));
    section(&mut out, "The paper's protocol where there is no effect", &paper(result));
    section(&mut out, "Leakage estimates against channels in closed form", &channels(result));
    section(&mut out, "What has to hold", &checks(&result.checks));
    let broken = result.checks.iter().filter(|check| !check.holds).count();
    let _ = match broken {
        0 => writeln!(out, "\nAll {} checks hold.", result.checks.len()),
        n => writeln!(
            out,
            "\n{n} of {} checks do not hold; about one in forty fails by chance.",
            result.checks.len()
        ),
    };
    out
}

/// Nothing of a part that did not run: its table is a head alone.
fn section(out: &mut String, title: &str, rows: &[Vec<String>]) {
    if rows.len() < 2 {
        return;
    }
    let _ = write!(out, "\n## {title}\n\n{}", aligned(rows));
}

/// A Markdown table whose columns line up: the first to the left, numbers to the right.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let Some(head) = rows.first() else { return String::new() };
    let width = |j: usize| rows.iter().map(|row| row[j].chars().count()).max().unwrap_or(0).max(3);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut out = String::new();
    for (i, row) in rows.iter().enumerate() {
        for (j, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            let _ = if j == 0 { write!(out, "| {cell:width$} ") } else { write!(out, "| {cell:>width$} ") };
        }
        out.push_str("|\n");
        if i == 0 {
            for (j, &width) in widths.iter().enumerate() {
                let rule = "-".repeat(width + 1);
                let _ = if j == 0 { write!(out, "|:{rule}") } else { write!(out, "|{rule}:") };
            }
            out.push_str("|\n");
        }
    }
    out
}

pub(super) fn head(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn share(share: Share) -> String {
    format!("{:.3} ± {:.3}", share.value, share.standard_error)
}

fn campaign(cell: &Cell) -> Vec<String> {
    let units = match cell.design.as_str() {
        "captures" => format!("{0} + {0} captures", cell.pairs),
        _ => format!("{} pairs", cell.pairs),
    };
    vec![format!("{} sd, {}", cell.effect, cell.source), units, cell.campaigns.to_string()]
}

fn rejections(result: &CalibrationResult) -> Vec<Vec<String>> {
    let row = |cell: &Cell| {
        let meaning = if cell.effect == 0.0 { "false positives" } else { "power" };
        let found = [share(cell.rejected), share(cell.rejected_at_half), share(cell.leaks)];
        [campaign(cell), vec![meaning.to_owned()], found.to_vec()].concat()
    };
    let names = ["effect", "design", "campaigns", "is", "p ≤ 0.05 ± s.e.", "p ≤ 0.5 ± s.e.", "LEAK ± s.e."];
    std::iter::once(head(&names)).chain(result.cells.iter().map(row)).collect()
}

fn coverage(result: &CalibrationResult) -> Vec<Vec<String>> {
    let mut rows = vec![head(&[
        "effect",
        "design",
        "campaigns",
        "over",
        "true BA",
        "mean BA",
        "width",
        "coverage ± s.e.",
    ])];
    for cell in &result.cells {
        for at in &cell.horizons {
            let numbers = [at.truth, at.estimate, at.width].map(|v| format!("{v:.3}"));
            let own = [vec![at.horizon.to_string()], numbers.to_vec(), vec![share(at.coverage)]].concat();
            rows.push([campaign(cell), own].concat());
        }
        let none = vec!["–".to_owned(); 3];
        for (what, held) in [("all together", cell.together), ("the one quoted", cell.quoted)] {
            let own = [vec![what.to_owned()], none.clone(), vec![share(held)]].concat();
            rows.push([campaign(cell), own].concat());
        }
    }
    rows
}

fn compared(result: &CalibrationResult) -> Vec<Vec<String>> {
    let mut rows = vec![head(&[
        "days",
        "pairs",
        "effect of both",
        "times",
        "over",
        "width",
        "holds 0 ± s.e.",
        "false alarm (3) ± s.e.",
        "within 0.05 (0)",
    ])];
    for cell in &result.compared {
        for at in &cell.horizons {
            rows.push(vec![
                cell.days.clone(),
                cell.pairs.to_string(),
                format!("{} sd", cell.effect),
                cell.campaigns.to_string(),
                at.horizon.to_string(),
                format!("{:.3}", at.width),
                share(at.coverage),
                share(at.alarms),
                format!("{:.3}", at.within.value),
            ]);
        }
    }
    rows
}

fn joint(result: &CalibrationResult) -> Vec<Vec<String>> {
    let Some(cell) = &result.joint else { return Vec::new() };
    vec![
        head(&[
            "units",
            "learner",
            "campaigns",
            "assignments",
            "some p ≤ 0.05 by itself",
            "p ≤ 0.05 ± s.e.",
            "LEAK ± s.e.",
        ]),
        vec![
            cell.units.to_string(),
            cell.learner.clone(),
            cell.campaigns.to_string(),
            cell.permutations.to_string(),
            format!("{:.3}", cell.rejected_alone.value),
            share(cell.rejected),
            share(cell.leaks),
        ],
    ]
}

fn laws(result: &CalibrationResult) -> Vec<Vec<String>> {
    let mut rows = vec![head(&[
        "what differs",
        "dose",
        "best possible over a round",
        "pairs",
        "campaigns",
        "mean BA over a round",
        "LEAK ± s.e.",
        "NO LEAK ± s.e.",
    ])];
    for cell in &result.laws {
        let numbers = [cell.dose, cell.best].map(|v| format!("{v:.3}"));
        let counts = [cell.pairs.to_string(), cell.campaigns.to_string(), format!("{:.3}", cell.reached)];
        let found = [share(cell.leaks), share(cell.no_leaks)];
        rows.push([vec![cell.law.clone()], numbers.to_vec(), counts.to_vec(), found.to_vec()].concat());
    }
    rows
}

fn plants(result: &CalibrationResult) -> Vec<Vec<String>> {
    let mut rows = vec![head(&["planted", "campaigns", "p ≤ 0.05, paper's features", "p ≤ 0.05, default"])];
    for cell in &result.plants {
        let found = cell.rejected.map(share);
        rows.push([vec![planted(cell), cell.campaigns.to_string()], found.to_vec()].concat());
    }
    rows
}

/// What is planted, with the unit of its dose.
fn planted(cell: &PlantCell) -> String {
    match cell.unit.as_str() {
        "" => cell.plant.clone(),
        unit => format!("{} {unit}", cell.plant.replace(':', ", ")),
    }
}

/// Share of campaigns with p ≤ 0.05 of each attacker alone (n_attackers), by what is planted.
fn attackers(result: &CalibrationResult) -> Vec<Vec<String>> {
    let Some(first) = result.plants.first() else { return Vec::new() };
    let of_plants = result.plants.iter().map(|cell| cell.plant.clone());
    let mut rows = vec![std::iter::once("attacker".to_owned()).chain(of_plants).collect::<Vec<_>>()];
    for AttackerCell { attacker, .. } in &first.attackers {
        let found = |cell: &PlantCell| {
            let own = cell.attackers.iter().find(|own| own.attacker == *attacker);
            own.map_or("–".to_owned(), |own| format!("{:.2}", own.rejected.value))
        };
        rows.push(std::iter::once(attacker.clone()).chain(result.plants.iter().map(found)).collect());
    }
    rows
}

fn paper(result: &CalibrationResult) -> Vec<Vec<String>> {
    let Some(cell) = &result.paper else { return Vec::new() };
    let mut rows = vec![
        head(&["effect", "campaigns", "p ≤ 0.05 ± s.e."]),
        vec!["0 sd, tables".to_owned(), cell.campaigns.to_string(), share(cell.rejected)],
    ];
    for (learner, ba) in &cell.balanced_accuracy {
        rows[0].push(format!("BA, {learner}"));
        rows[1].push(format!("{ba:.3}"));
    }
    rows
}

fn channels(result: &CalibrationResult) -> Vec<Vec<String>> {
    let mut rows = vec![head(&[
        "channel",
        "measure",
        "unit",
        "truth",
        "mean",
        "bias ± s.e.",
        "bounds from",
        "wrong side",
    ])];
    for cell in &result.channels {
        for m in &cell.measures {
            let side = format!("{:?}", m.bounds).to_lowercase();
            rows.push(vec![
                cell.channel.clone(),
                m.measure.clone(),
                m.unit.clone(),
                format!("{:.3}", m.truth),
                format!("{:.3}", m.estimate),
                format!("{:+.3} ± {:.3}", m.bias, m.standard_error),
                side,
                format!("{:.3}", m.wrong_side.value),
            ]);
        }
    }
    rows
}

fn checks(checks: &[Check]) -> Vec<Vec<String>> {
    let row = |check: &Check| {
        vec![
            check.what.clone(),
            format!("{:.3}", check.found),
            format!("{:.3} to {:.3}", check.lowest, check.highest),
            if check.holds { "yes" } else { "NO" }.to_owned(),
        ]
    };
    std::iter::once(head(&["what", "found", "allowed", "holds"])).chain(checks.iter().map(row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = vec![head(&["a", "number"]), head(&["long name", "1"])];
        assert_eq!(
            aligned(&rows),
            "| a         | number |\n|:----------|-------:|\n| long name |      1 |\n"
        );
    }
}
