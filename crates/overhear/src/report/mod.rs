//! A report on disk: one HTML file to read, JSON and CSV to compute with, figures to cite.
//!
//! Every writer takes the same result; nothing here computes a score. A report is written whole or
//! not at all: into a directory beside, then put in place by renaming.

pub mod audit;
pub mod calibration;
pub mod caveats;
pub mod claims;
pub mod csv;
pub mod defend;
pub mod gate;
pub mod html;
pub mod inspect;
pub mod json;
mod place;
mod section;
mod tables;
pub mod terminal;
pub mod training;
mod words;

use std::fs;
use std::path::Path;

use crate::Error;
use crate::experiment::paper::PaperResult;
use crate::figure;
use crate::report::claims::claims;

/// One file of a report.
#[derive(Debug, Clone)]
pub struct ReportFile {
    /// Path inside the report, `figures/figure-4.svg`.
    pub path: String,
    /// Its content.
    pub content: Vec<u8>,
}

/// Every file of a report, in memory.
///
/// # Errors
/// Where a writer fails; none touches the disk.
pub fn files(result: &PaperResult) -> Result<Vec<ReportFile>, Error> {
    let figures = figure::all(result);
    let claims = claims(result);
    let mut files = vec![
        file("report.html", html::page(result, &figures, &claims)?.into_bytes()),
        file("report.json", json::document(result, &claims)?),
        file("accuracy.csv", csv::accuracy(result)?),
        file("training_time.csv", csv::training_time(result)?),
        file("importance.csv", csv::importance(result)?),
        file("correlation.csv", csv::correlation(result)?),
    ];
    let generated = result.scope.generated.as_deref();
    for figure in figures.iter().filter(|f| !f.panels.is_empty()) {
        files.push(file(&format!("figures/{}.svg", figure.slug), figure.to_file(generated).into_bytes()));
    }
    Ok(files)
}

/// What a reproduction found, for a terminal: the best of each task, and what it is not.
pub fn summary(result: &PaperResult, look: terminal::Look) -> String {
    let width = look.width.clamp(60, 110);
    let mut out = String::new();
    if let Some(generated) = &result.scope.generated {
        terminal::wrap(&mut out, "", &format!("generated traffic ({generated})"), width);
        out.push('\n');
    }
    for answer in words::answers(result) {
        let names = if answer.names.is_empty() { String::new() } else { format!(" ({})", answer.names) };
        let head = format!("{}{names}", answer.question);
        out.push_str(&format!("{}\n", look.paint(terminal::Tone::Strong, &head)));
        terminal::wrap(&mut out, "  ", &format!("{} {}", answer.value, answer.text), width);
    }
    let caution = words::caution(result);
    terminal::wrap(
        &mut out,
        "",
        &format!("\nOptimistic, and no verdict: {caution} `overhear audit` gives one."),
        width,
    );
    out
}

/// Writes the whole report to `directory`, or leaves it as it was.
///
/// A new or empty directory, or an earlier report and nothing else, is replaced as a whole by one rename; in a
/// directory that holds other files those stay, and the report's files are renamed into it one by one,
/// `report.html` last.
///
/// # Errors
/// Where a file cannot be written or `directory` is a file; what was there before is then still there.
pub fn write(result: &PaperResult, directory: &Path) -> Result<(), Error> {
    place::put(&files(result)?, directory)
}

fn file(path: &str, content: Vec<u8>) -> ReportFile {
    ReportFile { path: path.to_owned(), content }
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    move |source| Error::ReportIo { path: path.to_owned(), source }
}

fn make_directory(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(io(path))
}
