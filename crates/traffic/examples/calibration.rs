//! Prints the calibration of the generator as Markdown: `cargo run --release -p overhear-traffic --example
//! calibration [SEED]`. The tables of `docs/generator.md` come from here.

#[path = "../tests/measure/mod.rs"]
mod measure;

use overhear_traffic::synth::Settings;

fn main() {
    let seed = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(1);
    let captures = measure::campaign(&Settings { seed, ..Settings::default() });
    println!("| figure | target | achieved | tolerance | holds |\n|---|---:|---:|---|---|");
    for check in measure::checks(&captures) {
        let holds = if check.holds() { "yes" } else { "**no**" };
        let decimals = check.decimals;
        println!(
            "| {} | {:.decimals$} | {:.decimals$} | {} | {holds} |",
            check.name, check.target, check.achieved, check.tolerance
        );
    }
    println!("\n| capture | TCP share | UDP share | mean TCP window |\n|---|---:|---:|---:|");
    for capture in &captures {
        println!(
            "| {} | {:.3} | {:.3} | {:.0} |",
            capture.condition.name(),
            capture.tcp_share,
            capture.udp_share,
            capture.mean_tcp_window
        );
    }
}
