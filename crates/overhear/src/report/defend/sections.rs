//! The sections of the page of defences.

use super::{tables, words};
use crate::experiment::defend::result::{Choice, Found, Frontier, Recommendation};
use crate::figure::Figure;
use crate::figure::number::{NONE, fixed, span};
use crate::report::audit::{sentence, who};
use crate::report::caveats;
use crate::report::section::{Point, Section};
use crate::report::words::{capital, counted};

pub(super) fn all<'a>(result: &Frontier, figures: &'a [Figure]) -> Vec<Section<'a>> {
    let mut sections: Vec<Section<'a>> = vec![
        recommended(result),
        frontier(result),
        far_ends(result),
        search(result),
        limits(result),
        scope(result),
    ];
    sections.retain(|section| !section.id.is_empty());
    for section in &mut sections {
        section.figures = figures.iter().filter(|figure| figure.section == section.id).collect();
    }
    sections
}

fn recommended(result: &Frontier) -> Section<'static> {
    let point = |own: &Recommendation| {
        let (class, sign) = match own.choice {
            Choice::Use { .. } => ("yes", "●"),
            Choice::None { .. } => ("no", "○"),
            Choice::Nothing => ("open", "–"),
        };
        let aside = match &own.choice {
            Choice::Use { p, .. } => {
                format!("tried again: p of the randomisation test on defended rounds {}", fixed(*p, 3))
            }
            Choice::None { failed, .. } if !failed.is_empty() => {
                format!("did not hold when tried again: {}", failed.join("; "))
            }
            _ => String::new(),
        };
        // the card says it in full
        let text = match &own.choice {
            Choice::Use { confirmed, .. } => {
                format!("{}, at {}.", capital(&words::spoken(&confirmed.stack)), words::costs(confirmed))
            }
            Choice::None { .. } => "Nothing that was tried within the budget reaches it.".to_owned(),
            Choice::Nothing => match result.finding(own.observer) {
                Some(finding) => format!("{}.", sentence::line(&result.audit, finding)),
                None => "INCONCLUSIVE: nothing could be compared.".to_owned(),
            },
        };
        Point { class, sign, head: capital(&who(own.observer)), aside, text }
    };
    let budget = &result.sweep.budget;
    Section {
        id: "recommended",
        name: "What to switch on",
        heading: "What to switch on".to_owned(),
        text: vec![format!(
            "The cheapest stack that brings the worst attacker who adapts to a balanced accuracy of at most {} over one window with its upper end \
             at most {}, and below the audit's limits over longer stretches, within {} MB a day and {} ms of delay for 99 % of the packets.",
            fixed(budget.balanced_accuracy, 2),
            fixed(budget.upper_end, 2),
            fixed(budget.mb_a_day, 1),
            fixed(budget.delay_p99_ms, 0)
        )],
        points: result.recommended.iter().map(point).collect(),
        ..Section::default()
    }
}

fn frontier(result: &Frontier) -> Section<'static> {
    let of = |own| tables::points(result, own);
    Section {
        id: "frontier",
        name: "Worth against cost",
        heading: "What each stack is worth, and what it costs".to_owned(),
        text: vec![
            "Old: an attacker who learnt before there was a defence. Retrained: one who learnt from defended recordings. Filtered: the same once \
             packets that it recognises as cover were taken out. The worse of the last two counts."
                .to_owned(),
        ],
        after: result.undefended.iter().map(of).chain([tables::costs(result)]).collect(),
        files: vec!["frontier.csv", "report.json"],
        ..Section::default()
    }
}

fn far_ends(result: &Frontier) -> Section<'static> {
    if result.far_ends.is_empty() {
        return Section::default();
    }
    Section {
        id: "far-ends",
        name: "Blocking",
        heading: "Which far ends carry the leak".to_owned(),
        text: vec![
            "The same attackers with each far end's packets removed, as a router that blocks it would. What stops working is known only as far as \
             the recordings show who was talked to: how the device behaves once a far end never answers again is not in them."
                .to_owned(),
        ],
        tables: vec![tables::far_ends(result)],
        ..Section::default()
    }
}

fn search(result: &Frontier) -> Section<'static> {
    let Some(found) = &result.search else { return Section::default() };
    Section {
        id: "search",
        name: "Search",
        heading: "A search for better stacks".to_owned(),
        text: searched(result, found),
        ..Section::default()
    }
}

/// What a search found, in sentences.
pub(super) fn searched(result: &Frontier, found: &Found) -> Vec<String> {
    let tried = format!(
        "{} tried on {}, {} more cost too much to be tried.",
        capital(&counted(found.tried, "stack")),
        counted(found.searched_units, "unit"),
        counted(found.too_dear, "stack")
    );
    let observer = result.audit.scope.observers.first();
    let left = |point: &crate::experiment::defend::result::Point| {
        let seen = point.seen.iter().find(|seen| Some(&seen.observer) == observer);
        let all: Vec<String> = seen
            .map(|seen| seen.worst())
            .unwrap_or_default()
            .iter()
            .map(|at| {
                format!("{} over {}", words::estimate(at.balanced_accuracy), words::heading(at.horizon))
            })
            .collect();
        if all.is_empty() { NONE.to_owned() } else { all.join("; ") }
    };
    let mut said = vec![tried];
    if let Some(best) = &found.best {
        said.push(format!(
            "Best there: {}, at {}: {}.",
            words::spoken(&best.stack),
            words::costs(best),
            left(best)
        ));
    }
    if let Some(confirmed) = &found.confirmed {
        said.push(format!(
            "On {} that the search never saw, against the audit's attackers: {}. That is the number to believe.",
            counted(found.confirmed_units, "unit"),
            left(confirmed)
        ));
    }
    said
}

fn limits(result: &Frontier) -> Section<'static> {
    Section {
        id: "limits",
        name: "What this does not say",
        heading: "What this does not say".to_owned(),
        items: words::limits(result),
        ..Section::default()
    }
}

fn scope(result: &Frontier) -> Section<'static> {
    let scope = &result.audit.scope;
    let run =
        scope.run.iter().flat_map(|run| [("command", run.command.clone()), ("finished", run.date.clone())]);
    let settings = [
        ("device", scope.device.clone()),
        (
            "traffic",
            scope.generated.clone().map_or_else(|| "captured".to_owned(), |g| format!("generated: {g}")),
        ),
        ("conditions", scope.conditions.join(", ")),
        ("units", scope.units.to_string()),
        ("time", span(3_600.0 * scope.hours)),
        ("learners of the sweep", result.sweep.learners.join(", ")),
        ("learners on what is recommended", scope.learners.join(", ")),
        ("windows", scope.windowings.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        ("draws of what draws", result.sweep.draws.to_string()),
        ("seed", scope.seed.to_string()),
        ("program", format!("Overhear {}", scope.version)),
        ("time taken", span(result.sweep.elapsed_s)),
    ];
    Section {
        id: "scope",
        name: "Scope",
        heading: "What was tried".to_owned(),
        settings: run.chain(settings).collect(),
        items: caveats::lines(&result.audit.caveats),
        ..Section::default()
    }
}
