//! Times a transform of generated series, for `benches/compare/series.py`.
//!
//!     cargo run --release -p overhear-learn --example series_time -- minirocket 1440 4 60
//!
//! Arguments: transform, series, channels, steps. Prints one line of JSON: seconds of fitting and of transforming all,
//! features, and how many megabytes both added to the peak of the program's memory (Linux; 0 elsewhere).

use overhear_learn::sequence::{Series, find};
use std::time::Instant;

#[path = "../tests/support/generated.rs"]
mod generated;
#[path = "support/memory.rs"]
mod memory;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, n, channels, steps] = arguments.as_slice() else {
        return Err("arguments: transform, series, channels, steps".into());
    };
    let (n, channels, steps): (usize, usize, usize) = (n.parse()?, channels.parse()?, steps.parse()?);
    let series = Series::new(channels, steps, generated::counts(1, n, channels, steps))?;
    let rows: Vec<u32> = (0..n as u32).collect();
    let transform = (find(name)?.default)();
    let before = memory::peak_megabytes();
    let start = Instant::now();
    let fitted = transform.fit(&series, &rows, 1)?;
    let fit_s = start.elapsed().as_secs_f64();
    let features = fitted.transform(&series)?.n_columns();
    let transform_s = start.elapsed().as_secs_f64() - fit_s;
    let memory_mb = memory::peak_megabytes() - before;
    println!(
        "{{\"fit_s\": {fit_s:.6}, \"transform_s\": {transform_s:.6}, \"features\": {features}, \"memory_mb\": {memory_mb:.1}}}"
    );
    Ok(())
}
