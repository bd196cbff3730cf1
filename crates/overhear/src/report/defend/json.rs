//! `report.json` of defences: everything the page shows, for machines.

use serde_json::{Value, json};

use super::words;
use crate::Error;
use crate::experiment::defend::result::Frontier;
use crate::report::caveats;
use crate::report::json::SCHEMA;

/// The document, with a line feed at its end; a number that is not finite is `null`. Beside the facts stand their sentences: in each
/// recommendation `sentence`, and `warnings`. It reads back with [`read`].
pub fn document(result: &Frontier) -> Vec<u8> {
    // Writing to memory cannot fail, and the result holds no map with keys that JSON lacks.
    let facts = serde_json::to_value(result).expect("a result is JSON");
    let mut document = json!({ "schema": SCHEMA, "kind": "defend" });
    if let (Value::Object(all), Value::Object(facts)) = (&mut document, facts) {
        all.extend(facts);
    }
    let sentences = result.recommended.iter().map(|own| words::sentence(result, own));
    if let Some(recommended) = document["recommended"].as_array_mut() {
        recommended.iter_mut().zip(sentences).for_each(|(own, sentence)| own["sentence"] = sentence.into());
    }
    document["warnings"] = caveats::lines(&result.audit.caveats).into();
    let mut bytes = serde_json::to_vec_pretty(&document).expect("a result is JSON");
    bytes.push(b'\n');
    bytes
}

/// Reads a result back from its `report.json`.
///
/// # Errors
/// [`Error::Json`] where the text is none.
pub fn read(text: &str) -> Result<Frontier, Error> {
    Ok(serde_json::from_str(text)?)
}
