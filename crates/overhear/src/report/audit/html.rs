//! `report.html` of an audit: one answer for someone at home, then everything a researcher needs to distrust it.

use askama::Template;

use super::sections;
use super::words::{self, Card};
use crate::Error;
use crate::experiment::audit::result::AuditResult;
use crate::figure::{Figure, style};
use crate::report::section::Section;
use crate::report::words::capital;

/// The page of an audit.
///
/// # Errors
/// Where the template cannot be filled in.
pub fn page(result: &AuditResult, figures: &[Figure]) -> Result<String, Error> {
    let page = Page {
        title: format!("{}: could an outsider tell?", capital(&result.scope.device)),
        style: format!(
            "{}{}{}{}",
            style::variables(),
            style::css(),
            include_str!("../../../templates/report.css"),
            include_str!("../../../templates/audit.css")
        ),
        generated: result.scope.generated.as_deref().unwrap_or_default(),
        is_generated: result.scope.generated.is_some(),
        compared: words::compared(result),
        card: words::card(result),
        sections: sections::all(result, figures),
        version: &result.scope.version,
    };
    // A number and its percent sign stay on one line, and so does a p.
    Ok(page.render()?.replace(" %", "\u{a0}%").replace("(p = ", "(p\u{a0}=\u{a0}"))
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Page<'a> {
    title: String,
    style: String,
    generated: &'a str,
    is_generated: bool,
    compared: String,
    card: Card,
    sections: Vec<Section<'a>>,
    version: &'a str,
}
