//! What several commands take as typed: lengths of time, moments, files of times.

use crate::failure::Failure;
use overhear::cut::Times;
use std::path::Path;
use std::time::Duration;

/// A length of time with its unit.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write a length of time with its unit, as in 30m, 90s or 1h".to_owned();
    let span: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
    Duration::try_from(span).map_err(|_| wrong())
}

/// A moment: date, time and offset.
pub fn instant(text: &str) -> Result<jiff::Timestamp, String> {
    text.parse().map_err(|_| "write date, time and offset, as in 2026-12-01T08:00:00Z".to_owned())
}

/// The times in a file: of a plan, a campaign or a table.
pub fn times(path: &Path, start: Option<jiff::Timestamp>) -> Result<Times, Failure> {
    let text = std::fs::read_to_string(path).map_err(overhear::Error::io(path))?;
    let is_table = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    if is_table && start.is_some() {
        return Err(Failure::Usage("--start: a table of times has dates of its own".to_owned()));
    }
    let times = if is_table { Times::of_csv(&text) } else { Times::of_plan(&text, start) };
    times.map_err(|fault| Failure::Usage(format!("{}: {fault}", path.display())))
}
