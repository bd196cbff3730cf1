//! Prints the calibration of the generator as Markdown: `cargo run --release -p overhear-traffic --example
//! calibration [SEED]`. The tables of `docs/generator.md` come from here.

#[path = "../tests/measure/mod.rs"]
mod measure;

use measure::knobs::{self, Trials};
use overhear_synth::Settings;

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
    print_knobs();
}

/// How far the day effect and the drift move each feature, for each unit asked for.
fn print_knobs() {
    let knobs = [0.25, 0.5, 1.0];
    let days = knobs.map(|knob| knobs::day_effect_achieved(knob, Trials { count: 200, hours: 8.0 }));
    let drifts = knobs.map(|knob| knobs::drift_achieved(knob, Trials { count: 300, hours: 2.0 }));
    println!(
        "\n| feature | day effect 0.25 | 0.5 | 1 | drift 0.25 | 0.5 | 1 |\n|---|---:|---:|---:|---:|---:|---:|"
    );
    for (feature, name) in knobs::FEATURES.iter().enumerate() {
        let cells: Vec<String> =
            days.iter().chain(&drifts).map(|ratios| format!("{:.2}", ratios[feature])).collect();
        println!("| `{name}` | {} |", cells.join(" | "));
    }
}
