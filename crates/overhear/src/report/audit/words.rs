//! The first screen: one answer for someone at home, computed from the findings.

use super::sentence;
use crate::experiment::audit::result::Reason;
use crate::experiment::audit::result::{Answer, AuditResult, Finding};
use crate::experiment::audit::view::Vantage;
use crate::figure::Panel;
use crate::figure::audit::horizons::clearest;
use crate::figure::audit::{guessing, horizon_plural, one_from_other, p_text, share_brief, whole};
use crate::figure::number::{fixed, grouped, span};
use crate::figure::paper_numbers::TASKS;
use crate::report::words::{capital, counted, strip};

/// Below this p, an inconclusive finding is called probable: docs/method.md, "Verdict" asks 0.01 of a leak.
const PROBABLE: f64 = 0.05;

/// What an outsider could tell, from the worst to the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tell {
    /// A leak.
    Yes,
    /// Inconclusive for want of data alone, with p at most 0.05.
    Probably,
    /// Anything else.
    NotEnough,
    /// No leak above the limits.
    No,
}

impl Tell {
    pub(super) fn of(finding: &Finding) -> Tell {
        match finding.answer {
            Answer::Leak => Tell::Yes,
            Answer::NoLeak => Tell::No,
            Answer::Inconclusive if finding.p <= PROBABLE && wants_data(&finding.reason) => Tell::Probably,
            Answer::Inconclusive => Tell::NotEnough,
        }
    }

    /// The worst over `findings`; without any there is not enough data.
    pub(super) fn worst<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Tell {
        findings.into_iter().map(Tell::of).min().unwrap_or(Tell::NotEnough)
    }

    /// The word on the card.
    pub(super) fn word(self) -> &'static str {
        match self {
            Tell::Yes => "Yes",
            Tell::Probably => "Probably",
            Tell::NotEnough => "Not enough data",
            Tell::No => "No",
        }
    }

    /// Its class and sign: never colour alone.
    pub(super) fn mark(self) -> (&'static str, &'static str) {
        match self {
            Tell::Yes => ("no", "●"),
            Tell::Probably => ("some", "◐"),
            Tell::NotEnough => ("open", "–"),
            Tell::No => ("yes", "○"),
        }
    }
}

/// Whether more of the same recording would settle it: only then is a small p a sign of a leak.
fn wants_data(reason: &Reason) -> bool {
    matches!(reason, Reason::NotShownLarge | Reason::PastLimit { .. } | Reason::TooFewPermutations { .. })
}

/// The card of the first screen.
pub(super) struct Card {
    /// What could be told, in a resident's words.
    pub question: String,
    /// `Yes`, `Probably`, `No`, `Not enough data`.
    pub value: &'static str,
    /// Class of the value.
    pub class: &'static str,
    /// Sentences beneath it.
    pub text: Vec<String>,
    /// The clearest estimate against guessing.
    pub strip: Option<Panel>,
    /// What `strip` shows.
    pub strip_text: String,
    /// One answer per task and outsider, where there are several.
    pub each: Vec<(String, &'static str, (&'static str, &'static str))>,
}

/// The card, from the finding that decides it.
pub(super) fn card(result: &AuditResult) -> Card {
    let tell = Tell::worst(&result.findings);
    let deciding: Vec<&Finding> = result.findings.iter().filter(|f| Tell::of(f) == tell).collect();
    let lead = lead(&deciding);
    let one_question = result.findings.windows(2).all(|w| w[0].task == w[1].task);
    let each = result.findings.iter().map(|f| {
        let who = capital(&who(f.observer));
        let name = if one_question { who } else { format!("{who}: {}", question(f)) };
        (name, Tell::of(f).word(), Tell::of(f).mark())
    });
    let several = result.findings.len() > 1;
    let shown = lead.and_then(|f| clearest([f]));
    Card {
        question: questions(result),
        value: tell.word(),
        class: tell.mark().0,
        text: lead.map_or_else(
            || vec!["Nothing could be compared: no observer and task gave a result.".to_owned()],
            |f| text(result, tell, f),
        ),
        strip: shown.and_then(|(f, h)| {
            let (value, (low, high)) = whole(h.quoted)?;
            let desc = format!("{} of {}", share_brief(h.quoted), horizon_plural(h.horizon));
            Some(strip(0, (value, low, high), Some(guessing(f)), desc))
        }),
        strip_text: shown.map_or_else(String::new, |(f, h)| {
            format!(
                "The dot: the share of {} classified correctly, seen by {}; the thin line through it is the 95 % interval, the mark \
                 is guessing.",
                horizon_plural(h.horizon),
                who(f.observer)
            )
        }),
        each: if several { each.collect() } else { Vec::new() },
    }
}

/// The finding to speak of: the clearest estimate, or the smallest p where no interval is known.
fn lead<'a>(findings: &[&'a Finding]) -> Option<&'a Finding> {
    let clear = clearest(findings.iter().copied()).map(|(f, _)| f);
    clear.or_else(|| findings.iter().copied().min_by(|a, b| a.p.total_cmp(&b.p)))
}

/// Who looks, in words a resident knows.
pub(in crate::report) fn who(observer: Vantage) -> String {
    match observer {
        Vantage::Observer(observer) => observer.entry().who.to_owned(),
        Vantage::Table => "whoever has the table".to_owned(),
    }
}

/// What an observer sees; nothing is known of a table's.
pub(super) fn sees(observer: Vantage) -> &'static str {
    match observer {
        Vantage::Observer(observer) => observer.entry().about,
        Vantage::Table => "",
    }
}

/// After "tell": `whether the microphone is off or on`, or the conditions by name, `a from b`.
fn question(finding: &Finding) -> String {
    match TASKS.iter().position(|&t| t == finding.task) {
        Some(0) => "whether the microphone is off or on".to_owned(),
        Some(_) => "whether the room is quiet or someone talks".to_owned(),
        None if finding.conditions.len() > 2 => format!("{} apart", finding.conditions.join(", ")),
        None => one_from_other(finding),
    }
}

fn questions(result: &AuditResult) -> String {
    let mut found: Vec<String> = Vec::new();
    for question in result.findings.iter().map(question) {
        if !found.contains(&question) {
            found.push(question);
        }
    }
    // A long list tells someone at home nothing; each stands with its own answer beneath.
    if found.len() > 2 { format!("{} comparisons, each below", found.len()) } else { found.join("; ") }
}

/// What was compared, in two sentences.
pub(super) fn compared(result: &AuditResult) -> String {
    let scope = &result.scope;
    let n = scope.units;
    let rounds = match (scope.paired, scope.conditions.len()) {
        (true, 2) => format!("{} of recordings", counted(n, "pair")),
        (true, _) => format!("{} of recordings", counted(n, "set")),
        (false, _) => counted(n, "recording"),
    };
    let days = if scope.days >= 1.5 { format!(" over {} days", fixed(scope.days, 0)) } else { String::new() };
    let attackers = counted(scope.learners.len(), "learning program");
    let names = scope.conditions.join(", ");
    format!(
        "Compared: {rounds}, {} of traffic{days}, under {} ({names}). {} had to tell the conditions of recordings \
         they had never seen, from what an outsider sees of encrypted packets, never from what was said.",
        span(3_600.0 * scope.hours),
        counted(scope.conditions.len(), "condition"),
        capital(&attackers)
    )
}

fn text(result: &AuditResult, tell: Tell, f: &Finding) -> Vec<String> {
    let best = clearest([f]).map(|(f, h)| {
        format!(
            "{} of {} classified correctly, where guessing gives {} %",
            share_brief(h.quoted),
            horizon_plural(h.horizon),
            fixed(100.0 * guessing(f), 0)
        )
    });
    let (who, what) = (who(f.observer), question(f));
    let chance = by_chance(f.p);
    match tell {
        Tell::Yes => {
            let found = best.map_or_else(String::new, |b| format!(": {b}"));
            let home = f.knows_home().then(|| sentence::KNOWS_HOME.to_owned());
            [format!("{} could tell {what}{found}.", capital(&who))]
                .into_iter()
                .chain(home)
                .chain([chance])
                .collect()
        }
        Tell::Probably => vec![
            format!("There are signs that {who} could tell {what}, but the proof is not complete. {chance}"),
            format!("Why it is not: {}", sentence::line(result, f).trim_start_matches("INCONCLUSIVE: ")),
        ],
        Tell::No => {
            let best = best.map_or_else(String::new, |b| format!(": at best {b}"));
            let scope = "That holds for these outsiders, these programs and this much traffic. One with more patience or skill may see more.";
            let text = vec![
                format!("None of the programs could tell {what} well enough to matter{best}."),
                scope.to_owned(),
            ];
            text.into_iter().chain(sentence::would_have_found(result)).collect()
        }
        Tell::NotEnough => not_enough(result, f),
    }
}

/// What p says, as a frequency: how often nothing at all would look like this.
fn by_chance(p: f64) -> String {
    if !(p > 0.0 && p <= 1.0) {
        return String::new();
    }
    let times = (1.0 / p).round().max(1.0) as u64;
    let times =
        if times <= 1 { "every time".to_owned() } else { format!("about once in {} times", grouped(times)) };
    format!("Had there been nothing to tell, a result this strong would come up {times} (p = {}).", p_text(p))
}

fn not_enough(result: &AuditResult, f: &Finding) -> Vec<String> {
    let mut text = vec!["The recordings do not settle it, either way. This is no all-clear.".to_owned()];
    let why = sentence::line(result, f);
    text.push(format!("Why: {}.", why.trim_start_matches("INCONCLUSIVE: ")));
    if f.smallest_p > 0.01 {
        text.push(format!(
            "With {} no result could have been called a leak: p cannot fall below {}, and a leak needs 0.01.",
            if f.paired { counted(f.units, "unit") } else { counted(f.units, "recording") },
            p_text(f.smallest_p)
        ));
    }
    if let Some(next) = sentence::advice(f).first() {
        text.push(format!("Next: {next}"));
    }
    text
}
