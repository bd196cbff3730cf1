//! The sections of an audit's page, in the order in which a researcher asks.

use super::words::Tell;
use super::{provenance, sentence, tables};
use crate::experiment::audit::result::{AuditResult, Finding};
use crate::figure::audit::horizons::clearest;
use crate::figure::audit::{guessing, p_text, paper_protocol, share_text, spoken};
use crate::figure::number::{fixed, grouped, span};
use crate::figure::{DataTable, Figure, style};
use crate::report::caveats;
use crate::report::section::{Point, Section};

/// Every section, in order.
pub(super) fn all<'a>(result: &AuditResult, figures: &'a [Figure]) -> Vec<Section<'a>> {
    let mut sections: Vec<Section<'a>> = vec![
        scope(result),
        verdict(result),
        numbers(result),
        controls(result),
        found(result),
        protocol(result),
        observers(result),
        next(result),
        limits(result),
        end(result),
    ];
    sections.retain(|section| !section.id.is_empty());
    for section in &mut sections {
        section.figures = figures.iter().filter(|figure| figure.section == section.id).collect();
    }
    sections
}

fn scope(result: &AuditResult) -> Section<'static> {
    Section {
        id: "scope",
        name: "Scope",
        heading: "What was audited".to_owned(),
        settings: provenance::scope(result),
        tables: vec![tables::vantage(result)],
        items: caveats::lines(&result.caveats),
        ..Section::default()
    }
}

fn verdict(result: &AuditResult) -> Section<'static> {
    let point = |f: &Finding| {
        let (class, sign) = Tell::of(f).mark();
        let how = match (f.exhaustive, f.assignments) {
            (_, 1) => "1 assignment".to_owned(),
            (true, n) => format!("all {} assignments", grouped(n as u64)),
            (false, n) => format!("{} random assignments", grouped(n as u64)),
        };
        let aside = format!(
            "{}; p = {} over {how}; smallest possible {}",
            spoken(f),
            p_text(f.p),
            p_text(f.smallest_p)
        );
        Point { class, sign, head: sentence::line(result, f), aside, text: sentence::sentence(result, f) }
    };
    let text = if result.findings.is_empty() {
        vec!["There is no finding: nothing was left to compare.".to_owned()]
    } else {
        Vec::new()
    };
    Section {
        id: "verdict",
        name: "Verdict",
        // one finding is its own heading
        heading: match result.findings.len() {
            1 => "The verdict, and what it rests on".to_owned(),
            _ => sentence::verdict(result),
        },
        text,
        points: result.findings.iter().map(point).collect(),
        ..Section::default()
    }
}

fn numbers(result: &AuditResult) -> Section<'static> {
    let heading = match clearest(&result.findings) {
        Some((f, h)) => {
            format!(
                "The clearest estimate: {} of {} classified correctly",
                share_text(h.quoted),
                crate::figure::audit::horizon_plural(h.horizon)
            ) + &format!(", guessing gives {} %", fixed(100.0 * guessing(f), 0))
        }
        None => "Numbers".to_owned(),
    };
    let text = vec![
        "Learner and window are chosen inside the training side; every number is of units never seen. Intervals are \
         95 %, over units. The leakage measures stand on one side of the truth each: a stronger attacker may get more \
         than what is \u{201c}at least\u{201d}."
            .to_owned(),
    ];
    let filled = |tables: [Option<DataTable>; 3]| {
        tables.into_iter().flatten().filter(|t| !t.rows.is_empty()).collect::<Vec<_>>()
    };
    Section {
        id: "numbers",
        name: "Numbers",
        heading,
        text,
        tables: filled([Some(tables::horizons(result)), None, None]),
        after: filled([Some(tables::leakage(result)), tables::ppv(result), tables::time(result)]),
        ..Section::default()
    }
}

fn controls(result: &AuditResult) -> Section<'static> {
    let all = || result.findings.iter().flat_map(|f| &f.controls);
    let (failed, passed) =
        (all().filter(|c| c.passed == Some(false)).count(), all().filter(|c| c.passed == Some(true)).count());
    let heading = match (failed, passed, all().count()) {
        (_, _, 0) => "No control was run".to_owned(),
        (0, passed, n) if passed == n => "Every control passed".to_owned(),
        (0, 0, _) => "There is too little data for the controls".to_owned(),
        (0, passed, n) => format!("{passed} of {n} controls passed, for the others there is too little data"),
        (failed, _, n) => format!("{failed} of {n} controls failed"),
    };
    let text = "Recordings of the same condition should look alike. Where they can be distinguished, a \
                difference between conditions may be one between days: the confounding index is the balanced accuracy \
                of telling units of one condition apart.";
    Section {
        id: "controls",
        name: "Controls and confounding",
        heading,
        text: vec![text.to_owned()],
        tables: tables::controls(result).into_iter().chain([tables::confounding(result)]).collect(),
        ..Section::default()
    }
}

/// Nothing of it where leaks were not planted: the page leaves an empty section out.
fn found(result: &AuditResult) -> Section<'static> {
    let Some(sensitivity) = &result.sensitivity else { return Section::default() };
    Section {
        id: "found",
        name: "Would have found",
        heading: "What this audit would have found".to_owned(),
        text: vec![format!(
            "Leaks of known size were planted into the rounds of {}: of every two neighbouring rounds a coin chose one. The \
             smallest dose is given at which {} of {} such campaigns are a LEAK, with {} random assignments each. These \
             campaigns have half as many rounds as the audit, so the audit itself finds smaller doses still.",
            sensitivity.condition,
            sensitivity.needed,
            sensitivity.tries,
            grouped(sensitivity.permutations as u64)
        )],
        tables: vec![crate::figure::audit::sensitivity::table(sensitivity)],
        ..Section::default()
    }
}

fn protocol(result: &AuditResult) -> Section<'static> {
    let text = "The paper draws its folds at random over windows, so that neighbours from one recording stand on both \
                sides, and the program may learn the recording instead of the condition. That number is optimistic \
                and never used for a verdict. Beside it the same windows and learner with whole units left out.";
    Section {
        id: "protocol",
        name: "The paper's protocol",
        heading: if paper_protocol::reported(result).is_some() {
            "Beside it: the paper's protocol, optimistic".to_owned()
        } else {
            paper_protocol::title(result)
        },
        text: vec![text.to_owned()],
        ..Section::default()
    }
}

fn observers(result: &AuditResult) -> Section<'static> {
    let mut names: Vec<&str> = Vec::new();
    for finding in &result.findings {
        if !names.contains(&finding.observer.name()) {
            names.push(finding.observer.name());
        }
    }
    let could = |tell: Tell| {
        let worst = |name: &str| Tell::worst(result.findings.iter().filter(|f| f.observer.name() == name));
        names.iter().filter(|n| worst(n) == tell).copied().collect::<Vec<_>>()
    };
    let (yes, no) = (could(Tell::Yes), could(Tell::No));
    let heading = match (yes.len(), no.len(), names.len()) {
        (_, _, 0) => "What each observer learns".to_owned(),
        (n, _, all) if n == all && all > 1 => "Every observer can tell".to_owned(),
        (_, n, all) if n == all && all > 1 => "No observer can tell, within the limits".to_owned(),
        (0, 0, _) => "No observer's answer is certain".to_owned(),
        (0, _, _) => format!("Cannot tell, within the limits: {}", no.join(", ")),
        _ => format!("Can tell: {}", yes.join(", ")),
    };
    Section {
        id: "observers",
        name: "Per observer",
        heading,
        tables: vec![tables::observers(result)],
        ..Section::default()
    }
}

/// Every finding's advice; one that several share is said once.
fn next(result: &AuditResult) -> Section<'static> {
    let mut advice: Vec<(String, Vec<String>)> = Vec::new();
    for finding in &result.findings {
        for text in sentence::advice(finding) {
            match advice.iter_mut().find(|(known, _)| *known == text) {
                Some((_, whose)) => whose.push(spoken(finding)),
                None => advice.push((text, vec![spoken(finding)])),
            }
        }
    }
    let all = result.findings.len();
    let items: Vec<String> = advice
        .into_iter()
        .map(|(text, whose)| {
            // a command stands in quotes on a page, in backticks in a terminal
            let text = text.replace('`', "\"");
            if whose.len() == all { text } else { format!("{text} ({})", whose.join("; ")) }
        })
        .collect();
    let text =
        if items.is_empty() { vec!["Nothing follows from this audit.".to_owned()] } else { Vec::new() };
    Section {
        id: "next",
        name: "What to do next",
        heading: "What to do next".to_owned(),
        text,
        items,
        ..Section::default()
    }
}

fn limits(result: &AuditResult) -> Section<'static> {
    let scope = &result.scope;
    let learners: Vec<String> =
        scope.learners.iter().map(|l| style::in_sentence(&style::learner(l).label)).collect();
    let mut items = vec![
        format!(
            "The attackers are the learners named ({}), with {} of traffic to learn from. A stronger or more patient \
             one may see more.",
            learners.join(", "),
            span(3_600.0 * scope.hours)
        ),
        "One device, one firmware, one home: the interval covers new units like these, not other devices.".to_owned(),
        "A balanced accuracy counts both conditions alike. Where one is rare, most alarms may be false: see the \
         predictive values."
            .to_owned(),
    ];
    if result.findings.iter().flat_map(|f| &f.statistics).any(|s| s.windowing.less_home) {
        items.push(
            "One attacker knows this home: it takes the mean of a unit's rounds off, and so has watched both of them. It \
             does not know which is which. Where it was chosen the table says \"less the home's level\"."
                .to_owned(),
        );
    }
    if !scope.paired {
        items.push(
            "The captures are not paired: what differs between days differs between conditions, too."
                .to_owned(),
        );
    }
    if result.findings.len() > 1 {
        items.push(format!(
            "{} findings stand here. Each p is corrected for all combinations of learner, window and horizon and for \
             the number of findings; what is quoted of an estimate holds for all of them together.",
            grouped(result.findings.len() as u64)
        ));
    }
    if scope.generated.is_some() {
        items.push(
            "The traffic is generated: what is found is true of the generator, and of a real speaker only as far as \
             that is like it."
                .to_owned(),
        );
    }
    Section { id: "limits", name: "Limits", heading: "Limits".to_owned(), items, ..Section::default() }
}

fn end(result: &AuditResult) -> Section<'static> {
    let text = "The same captures, seed and version give the same numbers on any number of threads, the time taken apart.";
    let hashes = Some(provenance::hashes(result)).filter(|hashes| !hashes.rows.is_empty());
    Section {
        id: "provenance",
        name: "Provenance",
        heading: "Provenance".to_owned(),
        text: vec![text.to_owned()],
        settings: provenance::settings(result),
        tables: vec![provenance::schedule(result)],
        files: vec!["report.json", "statistics.csv", "horizons.csv", "rounds.csv"],
        folded: hashes.map(|hashes| ("Hashes of the captures", hashes)).into_iter().collect(),
        ..Section::default()
    }
}
