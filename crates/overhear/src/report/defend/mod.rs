//! The report of defences: what to switch on, what it costs, and what an attacker who adapts still learns.

mod csv;
mod html;
mod json;
mod sections;
mod tables;
mod text;
mod words;

use std::path::Path;

pub use json::{document, read};
pub use text::text;

use super::{ReportFile, file, place};
use crate::Error;
use crate::experiment::defend::result::Frontier;
use crate::figure;

/// Every file of the report, in memory: `report.html`, `report.json`, `frontier.csv` and `figures/*.svg`.
///
/// # Errors
/// Where a writer fails; none touches the disk.
pub fn files(result: &Frontier) -> Result<Vec<ReportFile>, Error> {
    let figures = figure::frontier::all(result);
    let mut files = vec![
        file("report.html", html::page(result, &figures)?.into_bytes()),
        file("report.json", document(result)),
        file("frontier.csv", csv::frontier(result)?),
    ];
    let generated = result.audit.scope.generated.as_deref();
    for figure in &figures {
        files.push(file(&format!("figures/{}.svg", figure.slug), figure.to_file(generated).into_bytes()));
    }
    Ok(files)
}

/// Writes the whole report to `directory`, or leaves it as it was; see [`super::write`].
///
/// # Errors
/// Where a file cannot be written or `directory` is a file; what was there before is then still there.
pub fn write(result: &Frontier, directory: &Path) -> Result<(), Error> {
    place::put(&files(result)?, directory)
}
