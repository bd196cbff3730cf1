//! `report.json` of an audit: everything the page shows, for machines.

use serde::Serialize;

use crate::experiment::audit::result::AuditResult;
use crate::report::json::SCHEMA;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    result: &'a AuditResult,
}

/// The document of an audit, with a line feed at its end; a number that is not finite is `null`.
pub fn document(result: &AuditResult) -> Vec<u8> {
    let document = Document { schema: SCHEMA, kind: "audit", result };
    // Writing to memory cannot fail, and the result holds no map with keys that JSON lacks.
    let mut bytes = serde_json::to_vec_pretty(&document).expect("an audit is JSON");
    bytes.push(b'\n');
    bytes
}
