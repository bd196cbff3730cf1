//! Writes audit reports from invented numbers, to look at while changing their design:
//! `cargo run -p overhear --example audit_fixture -- DIRECTORY`.

#[path = "../tests/fixture/audit.rs"]
mod fixture;

use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory: PathBuf =
        std::env::args().nth(1).ok_or("name a directory to write the reports to")?.into();
    for (name, result) in [
        ("full", fixture::full()),
        ("one-observer", fixture::one_observer()),
        ("three-conditions", fixture::three_conditions()),
        ("one-capture-each", fixture::one_capture_each()),
    ] {
        overhear::report::audit::write(&result, &directory.join(name))?;
    }
    Ok(())
}
