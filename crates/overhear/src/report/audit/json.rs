//! `report.json` of an audit: everything the page shows, for machines.
//!
//! Facts stand as the result has them, and read back with [`read`]; beside them their sentences: `verdict`, and in each
//! finding `verdict`, `sentence` and `next`, in each control `detail`, in each round `left_out`, and `warnings`.

use serde_json::{Value, json};

use super::sentence;
use crate::Error;
use crate::experiment::audit::result::AuditResult;
use crate::report::caveats;
use crate::report::json::SCHEMA;

/// The document of an audit, with a line feed at its end; a number that is not finite is `null`.
pub fn document(result: &AuditResult) -> Vec<u8> {
    // Writing to memory cannot fail, and the result holds no map with keys that JSON lacks.
    let mut bytes = serde_json::to_vec_pretty(&value(result)).expect("an audit is JSON");
    bytes.push(b'\n');
    bytes
}

fn value(result: &AuditResult) -> Value {
    let facts = serde_json::to_value(result).expect("an audit is JSON");
    let mut document = json!({ "schema": SCHEMA, "kind": "audit", "verdict": sentence::verdict(result) });
    if let (Value::Object(all), Value::Object(facts)) = (&mut document, facts) {
        all.extend(facts);
    }
    for (finding, value) in result.findings.iter().zip(rows(&mut document["findings"])) {
        value["verdict"] = sentence::line(result, finding).into();
        value["sentence"] = sentence::sentence(result, finding).into();
        value["next"] = sentence::advice(finding).into();
        for (control, value) in finding.controls.iter().zip(rows(&mut value["controls"])) {
            value["detail"] = sentence::detail(control).into();
        }
    }
    for (index, value) in rows(&mut document["schedule"]).iter_mut().enumerate() {
        value["left_out"] = result.left_out(index).map(ToString::to_string).into();
    }
    document["warnings"] = caveats::lines(&result.caveats).into();
    document
}

fn rows(value: &mut Value) -> &mut [Value] {
    value.as_array_mut().map_or(&mut [], Vec::as_mut_slice)
}

/// Reads an audit back from its `report.json`.
///
/// # Errors
/// [`Error::Json`] where the text is none.
pub fn read(text: &str) -> Result<AuditResult, Error> {
    Ok(serde_json::from_str(text)?)
}
