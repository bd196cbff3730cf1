//! Is it a leak? `cargo run --release --example audit -- CAMPAIGN`

use overhear::campaign::Campaign;
use overhear::engine::Engine;
use overhear::experiment::audit::{Settings, View};
use overhear::report::audit::sentence;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name the directory of a campaign")?;
    let settings = Settings::default_of(1)?;
    let result = Campaign::open(Path::new(&path))?.audit(&View::default(), &settings, &Engine::silent())?;
    for caveat in &result.caveats {
        println!("{caveat}");
    }
    for finding in &result.findings {
        println!("{}: {}", finding.task, sentence::line(&result, finding));
    }
    Ok(())
}
