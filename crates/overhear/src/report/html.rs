//! `report.html`: one file that opens anywhere, offline, without a script.
//!
//! The first screen is for someone at home; everything below lets a researcher distrust it.

use askama::Template;

use super::{tables, words};
use crate::Error;
use crate::experiment::paper::PaperResult;
use crate::figure::{DataTable, Figure, style};
use crate::report::claims::{Claim, Holds};

/// The page of a reproduction.
///
/// # Errors
/// Where the template cannot be filled in.
pub fn page(result: &PaperResult, figures: &[Figure], claims: &[Claim]) -> Result<String, Error> {
    let page = Page {
        title: format!("{}: what its encrypted traffic gives away", words::capital(&result.scope.device)),
        style: format!(
            "{}{}{}",
            style::variables(),
            style::css(),
            include_str!("../../templates/report.css")
        ),
        generated: result.scope.generated.as_deref().unwrap_or_default(),
        is_generated: result.scope.generated.is_some(),
        tested: words::tested(result),
        answers: words::answers(result),
        caution: words::caution(result),
        selection: words::selection(result),
        sections: sections(result, figures),
        claims_heading: words::claims_heading(claims),
        calibrated: claims.iter().any(|c| c.by_construction),
        claims,
        learners_heading: words::learners_heading(result),
        learners_text: words::learners_text(result),
        learners: tables::learners(result),
        limits: words::limits(result),
        settings: tables::settings(result),
        files: tables::files(result),
        version: &result.scope.version,
    };
    // A number and its percent sign stay on one line.
    Ok(page.render()?.replace(" %", "\u{a0}%"))
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    title: String,
    style: String,
    generated: &'a str,
    is_generated: bool,
    tested: String,
    answers: Vec<words::Answer>,
    caution: &'static str,
    selection: String,
    sections: Vec<Section<'a>>,
    claims_heading: String,
    calibrated: bool,
    claims: &'a [Claim],
    learners_heading: String,
    learners_text: Vec<String>,
    learners: DataTable,
    limits: Vec<String>,
    settings: Vec<(&'static str, String)>,
    files: DataTable,
    version: &'a str,
}

/// A part of the page that holds figures or a table.
struct Section<'a> {
    /// Its anchor.
    id: &'static str,
    /// In the contents list.
    name: &'static str,
    /// On the page: the finding, where it has one of its own.
    heading: String,
    text: String,
    table: Option<DataTable>,
    figures: Vec<&'a Figure>,
}

impl Section<'_> {
    /// What the contents list shows beneath the name: the section's figures.
    fn numbers(&self) -> String {
        self.figures.iter().map(|f| f.number.as_str()).collect::<Vec<_>>().join(", ")
    }
}

fn sections<'a>(result: &PaperResult, figures: &'a [Figure]) -> Vec<Section<'a>> {
    let section = |id, name, text: String| Section {
        id,
        name,
        heading: name.to_owned(),
        text,
        table: None,
        figures: figures.iter().filter(|figure| figure.section == id).collect(),
    };
    let captured = Section {
        heading: words::captured_heading(result),
        table: Some(tables::captured(result)),
        ..section("captured", "What was captured", words::captured_text(result))
    };
    let mut sections = vec![
        captured,
        section("packets", "The packets", String::new()),
        section("accuracy", "Classification accuracy", words::accuracy_text(result)),
        section("confusion", "Confusion", String::new()),
        section("importance", "What gives it away", words::importance_text()),
        section("times", "Time to train", words::times_text(result)),
    ];
    sections.retain(|s| s.table.is_some() || !s.figures.is_empty());
    sections
}

/// The class and sign of a decision: never colour alone.
fn mark(holds: &Holds) -> (&'static str, &'static str) {
    match holds {
        Holds::Holds => ("yes", "●"),
        Holds::Partly => ("some", "◐"),
        Holds::DoesNot => ("no", "○"),
        Holds::Undecided => ("open", "–"),
    }
}
