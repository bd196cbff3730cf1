//! What every defence costs over traffic, as Markdown. Without arguments over three generated days of a speaker in a quiet
//! room, else over recorded ones: captures with the device's address, packet tables without.
//!
//!     cargo run --release -p overhear-change --example overheads
//!     cargo run --release -p overhear-change --example overheads nest-mini.pcap=d4:f5:47:2c:91:9b voice-commands.csv.gz
//!
//! Recorded traffic is gone through as it was recorded: nothing in it reacts to delay or loss.

#[path = "../tests/support/recorded.rs"]
mod recorded;
#[path = "../tests/support/tried.rs"]
mod tried;

use overhear_change::defence::{Cost, DEFENCES, Rates, Way};
use recorded::Recorded;
use std::error::Error;
use std::path::Path;
use tried::{tried, typed};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.is_empty() {
        print_generated(&Recorded::generated(1, i64::MAX));
    }
    for argument in arguments {
        let recorded = match argument.split_once('=') {
            Some((path, device)) => Recorded::capture(Path::new(path), device.parse()?)?,
            None => Recorded::table(Path::new(&argument))?,
        };
        print_recorded(&argument, &recorded);
    }
    Ok(())
}

/// The sum of both directions.
fn both(cost: &Cost, of: impl Fn(&Way) -> u64) -> u64 {
    of(&cost.up) + of(&cost.down)
}

fn ms(ns: u64) -> f64 {
    ns as f64 / 1e6
}

/// By how many hundredths there is more after than before.
fn percent(before: u64, after: u64) -> f64 {
    (after as f64 / before.max(1) as f64 - 1.0) * 100.0
}

fn print_generated(recorded: &Recorded) {
    let of_day = |bytes: f64| bytes / 1e6 / recorded.seconds() * 86_400.0;
    let before = recorded.bytes() as f64;
    println!("{} packets, {:.1} MB a day\n", recorded.packets(), of_day(before));
    println!(
        "| defence and setting | MB a day more | packets more, % | delay p50, p99, largest, ms | dropped, % |"
    );
    println!("|---|---:|---:|---:|---:|");
    let far_end = recorded.busiest();
    for setting in DEFENCES.into_iter().flat_map(|entry| tried(entry, far_end)) {
        let cost = recorded.defended(&setting, Rates::default());
        let after = both(&cost, |way| way.after.bytes) as f64;
        let [came, left] = [both(&cost, |way| way.before.packets), both(&cost, |way| way.after.packets)];
        let dropped = both(&cost, |way| way.dropped.packets) as f64 / came as f64 * 100.0;
        let [p50, p99, max] = [cost.delay.p50_ns, cost.delay.p99_ns, cost.delay.max_ns].map(ms);
        println!(
            "| `{}` | {:.1} | {:.1} | {p50:.1}, {p99:.1}, {max:.0} | {dropped:.2} |",
            typed(&setting),
            of_day(after - before),
            percent(came, left),
        );
    }
}

fn print_recorded(name: &str, recorded: &Recorded) {
    println!("\n{name}: {} packets in {:.0} s\n", recorded.packets(), recorded.seconds());
    println!(
        "| defence and setting | bytes up, % | bytes down, % | packets, % | delay p50, p99, largest, ms | dropped | held, kB |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|");
    let far_end = recorded.busiest();
    for setting in DEFENCES.into_iter().flat_map(|entry| tried(entry, far_end)) {
        let cost = recorded.defended(&setting, Rates::default());
        let bytes = |way: &Way| percent(way.before.bytes, way.after.bytes);
        let [came, left] = [both(&cost, |way| way.before.packets), both(&cost, |way| way.after.packets)];
        let [p50, p99, max] = [cost.delay.p50_ns, cost.delay.p99_ns, cost.delay.max_ns].map(ms);
        println!(
            "| `{}` | {:+.1} | {:+.1} | {:+.1} | {p50:.1}, {p99:.1}, {max:.0} | {} | {:.1} |",
            typed(&setting),
            bytes(&cost.up),
            bytes(&cost.down),
            percent(came, left),
            both(&cost, |way| way.dropped.packets),
            cost.most_held_bytes as f64 / 1e3,
        );
    }
}
