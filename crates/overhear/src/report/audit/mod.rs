//! The report of an audit: the same kind of directory as a reproduction's, drawn from an [`AuditResult`].

pub mod csv;
pub mod html;
pub mod json;
mod provenance;
mod sections;
pub mod sentence;
mod tables;
mod text;
mod words;

use std::path::Path;

pub use json::{document, read};
pub use text::text;
pub(in crate::report) use words::who;

use super::{ReportFile, file, place};
use crate::Error;
use crate::experiment::audit::result::AuditResult;
use crate::figure;

/// Every file of an audit's report, in memory: `report.html`, `report.json`, `statistics.csv`, `horizons.csv`, `rounds.csv` and
/// `figures/*.svg`.
///
/// # Errors
/// Where a writer fails; none touches the disk.
pub fn files(result: &AuditResult) -> Result<Vec<ReportFile>, Error> {
    let figures = figure::audit::all(result);
    let mut files = vec![
        file("report.html", html::page(result, &figures)?.into_bytes()),
        file("report.json", document(result)),
        file("statistics.csv", csv::statistics(result)?),
        file("horizons.csv", csv::horizons(result)?),
        file("rounds.csv", csv::rounds(result)?),
    ];
    let generated = result.scope.generated.as_deref();
    for figure in &figures {
        files.push(file(&format!("figures/{}.svg", figure.slug), figure.to_file(generated).into_bytes()));
    }
    Ok(files)
}

/// Writes the whole report to `directory`, or leaves it as it was; see [`super::write`].
///
/// # Errors
/// Where a file cannot be written or `directory` is a file; what was there before is then still there.
pub fn write(result: &AuditResult, directory: &Path) -> Result<(), Error> {
    place::put(&files(result)?, directory)
}
