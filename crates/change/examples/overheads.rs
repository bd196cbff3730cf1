//! What every defence costs over traffic, as Markdown. Without arguments over three generated days of a speaker in a quiet
//! room, else over recorded ones, side by side: captures with the device's address, packet tables without. With `register`
//! as the argument: what defences there are.
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
use tried::{row, tried, typed};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [] => print_generated(&Recorded::generated(1, i64::MAX)),
        [one] if one == "register" => print_register(),
        _ => print_recorded(&arguments.iter().map(|text| read(text)).collect::<Result<Vec<_>, _>>()?),
    }
    Ok(())
}

fn print_register() {
    println!("| defence | who can run it | touches | source |\n|---|---|---|---|");
    DEFENCES.into_iter().for_each(|entry| println!("{}", row(entry)));
}

fn read(text: &str) -> Result<(String, Recorded), Box<dyn Error>> {
    let (path, recorded) = match text.split_once('=') {
        Some((path, device)) => (path, Recorded::capture(Path::new(path), device.parse()?)?),
        None => (text, Recorded::table(Path::new(text))?),
    };
    let name =
        Path::new(path).file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok((name, recorded))
}

/// The sum of both directions.
fn both(cost: &Cost, of: impl Fn(&Way) -> u64) -> u64 {
    of(&cost.up) + of(&cost.down)
}

/// By how many hundredths there is more after than before.
fn percent(before: u64, after: u64) -> f64 {
    (after as f64 / before.max(1) as f64 - 1.0) * 100.0
}

fn print_generated(recorded: &Recorded) {
    let of_day = |bytes: f64| bytes / 1e6 / recorded.seconds() * 86_400.0;
    let before = recorded.bytes() as f64;
    println!("{} packets, {:.1} MB a day\n", recorded.packets(), of_day(before));
    println!("| defence and setting | MB a day more | packets more, % | delay p50, p99, largest, ms |");
    println!("|---|---:|---:|---:|");
    let far_end = recorded.busiest();
    for setting in DEFENCES.into_iter().flat_map(|entry| tried(entry, far_end)) {
        let cost = recorded.defended(&setting, Rates::default());
        let after = both(&cost, |way| way.after.bytes) as f64;
        let [came, left] = [both(&cost, |way| way.before.packets), both(&cost, |way| way.after.packets)];
        let [p50, p99, max] =
            [cost.delay.p50_ns, cost.delay.p99_ns, cost.delay.max_ns].map(|ns| ns as f64 / 1e6);
        println!(
            "| `{}` | {:+.1} | {:+.1} | {p50:.1}, {p99:.1}, {max:.0} |",
            typed(&setting),
            of_day(after - before),
            percent(came, left),
        );
    }
}

fn print_recorded(all: &[(String, Recorded)]) {
    for (name, recorded) in all {
        println!("{name}: {} packets in {:.0} s", recorded.packets(), recorded.seconds());
    }
    print!("\n| defence and setting |");
    all.iter().for_each(|(name, _)| {
        print!(" {name}: bytes up, down; packets, % | delay p50, p99, largest | dropped; held, kB |")
    });
    println!("\n|---|{}", "---:|".repeat(3 * all.len()));
    for entry in DEFENCES {
        // those that differ by far end are the same settings in the same places
        let settings: Vec<_> = all.iter().map(|(_, recorded)| tried(entry, recorded.busiest())).collect();
        let most = settings.iter().max_by_key(|own| own.len()).into_iter().flatten().enumerate();
        for (at, setting) in most {
            print!("| `{}` |", typed(setting));
            for ((_, recorded), settings) in all.iter().zip(&settings) {
                match settings.get(at) {
                    Some(setting) => print_cells(&recorded.defended(setting, Rates::default())),
                    None => print!(" – | – | – |"),
                }
            }
            println!();
        }
    }
}

fn print_cells(cost: &Cost) {
    let [up, down] = [cost.up, cost.down].map(|way| rounded(percent(way.before.bytes, way.after.bytes)));
    let [came, left] = [both(cost, |way| way.before.packets), both(cost, |way| way.after.packets)];
    let [p50, p99, max] = [cost.delay.p50_ns, cost.delay.p99_ns, cost.delay.max_ns].map(time);
    let dropped = both(cost, |way| way.dropped.packets);
    let (packets, held) = (rounded(percent(came, left)), cost.most_held_bytes.div_ceil(1000));
    print!(" {up}, {down}; {packets} | {p50}, {p99}, {max} | {dropped}; {held} |");
}

/// Hundredths as they are read: one decimal below ten.
fn rounded(percent: f64) -> String {
    let text = if percent.abs() < 9.95 { format!("{percent:+.1}") } else { format!("{percent:+.0}") };
    if text.ends_with("0.0") && percent.abs() < 0.05 { "0".to_owned() } else { text.replace('-', "−") }
}

/// A delay in the unit in which it is read.
fn time(ns: u64) -> String {
    let ms = ns as f64 / 1e6;
    match ms {
        ..0.05 => "0".to_owned(),
        ..9.95 => format!("{ms:.1} ms"),
        ..9_950.0 => format!("{ms:.0} ms"),
        ..600_000.0 => format!("{:.0} s", ms / 1e3),
        _ => format!("{:.0} min", ms / 6e4),
    }
}
