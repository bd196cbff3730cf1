//! `report.json`: everything the page shows, for machines.

use serde::Serialize;

use crate::Error;
use crate::experiment::paper::PaperResult;
use crate::report::claims::Claim;

/// Version of the document; a reader refuses what it does not know.
pub const SCHEMA: &str = "overhear/report/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    result: &'a PaperResult,
    claims: &'a [Claim],
}

/// The document of a reproduction, with a line feed at its end.
///
/// # Errors
/// Where a value cannot be written as JSON.
pub fn document(result: &PaperResult, claims: &[Claim]) -> Result<Vec<u8>, Error> {
    let document = Document { schema: SCHEMA, kind: "reproduce", result, claims };
    let mut bytes = serde_json::to_vec_pretty(&document)?;
    bytes.push(b'\n');
    Ok(bytes)
}
