//! `report.html` of defences: a sentence to act on for each observer, then everything behind it.

use askama::Template;

use super::sections;
use super::words::{self, Card};
use crate::Error;
use crate::experiment::defend::result::Frontier;
use crate::figure::{Figure, style};
use crate::report::section::Section;
use crate::report::words::capital;

/// The page.
///
/// # Errors
/// Where the template cannot be filled in.
pub fn page(result: &Frontier, figures: &[Figure]) -> Result<String, Error> {
    let page = Page {
        title: format!("{}: what a defence costs, and what it is worth", capital(&result.audit.scope.device)),
        style: format!(
            "{}{}{}{}",
            style::variables(),
            style::css(),
            include_str!("../../../templates/report.css"),
            include_str!("../../../templates/audit.css")
        ),
        generated: result.audit.scope.generated.as_deref().unwrap_or_default(),
        is_generated: result.audit.scope.generated.is_some(),
        tried: words::tried(result),
        cards: words::cards(result),
        sections: sections::all(result, figures),
        version: &result.audit.scope.version,
    };
    // A number and its percent sign stay on one line, and so does a p.
    Ok(page.render()?.replace(" %", "\u{a0}%").replace("(p = ", "(p\u{a0}=\u{a0}"))
}

#[derive(Template)]
#[template(path = "defend.html")]
struct Page<'a> {
    title: String,
    style: String,
    generated: &'a str,
    is_generated: bool,
    tried: String,
    cards: Vec<Card>,
    sections: Vec<Section<'a>>,
    version: &'a str,
}
