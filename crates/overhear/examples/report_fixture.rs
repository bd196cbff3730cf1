//! Writes a report from invented numbers, to look at while changing its design:
//! `cargo run -p overhear --example report_fixture -- DIRECTORY [quick]`.

#[path = "../tests/fixture/mod.rs"]
mod fixture;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("name a directory to write the report to")?;
    let result =
        if arguments.next().as_deref() == Some("quick") { fixture::quick() } else { fixture::full() };
    overhear::report::write(&result, directory.as_ref())?;
    Ok(())
}
