//! The generated campaign against the paper's figures (METHOD section 6), measured from the frames' own headers.

mod measure;

use std::time::Duration;

use overhear_synth::{self as synth, Condition, Scenario, Settings};

#[test]
fn paper_scenario_keeps_the_papers_figures() {
    let captures = measure::campaign(&Settings::default());
    let missed: Vec<_> = measure::checks(&captures).into_iter().filter(|check| !check.holds()).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn without_effect_the_microphone_changes_nothing() {
    let captures = measure::campaign(&Settings { effect: 0.0, ..Settings::default() });
    for capture in &captures[1..] {
        let ratio = |a: f64, b: f64| (a / b - 1.0).abs();
        assert!(ratio(capture.packets as f64, captures[0].packets as f64) < 0.03);
        assert!(ratio(capture.mean_length, captures[0].mean_length) < 0.03);
        assert!(ratio(capture.mean_tcp_window, captures[0].mean_tcp_window) < 0.03);
    }
}

#[test]
fn effect_is_linear_in_packets_and_bytes() {
    let noise = |effect| {
        let settings = Settings { effect, ..Settings::default() };
        let rounds = synth::plan(&settings).expect("in range");
        measure::totals(&settings, &rounds[2])
    };
    let (none, half, whole) = (noise(0.0), noise(0.5), noise(1.0));
    let part = |half: u64, none: u64, whole: u64| (half as f64 - none as f64) / (whole as f64 - none as f64);
    let packets = part(half.packets, none.packets, whole.packets);
    let bytes = part(half.bytes, none.bytes, whole.bytes);
    assert!((0.42..0.58).contains(&packets), "half of the effect adds {packets} of its packets");
    assert!((0.45..0.55).contains(&bytes), "half of the effect adds {bytes} of its bytes");
}

#[test]
fn noise_rounds_of_a_crossover_are_longer_in_the_mean() {
    let settings = Settings {
        scenario: Scenario::Crossover,
        pairs: 4,
        round: Duration::from_secs(3600),
        ..Settings::default()
    };
    let mean = |condition| {
        let of: Vec<_> =
            measure::campaign(&settings).into_iter().filter(|round| round.condition == condition).collect();
        of.iter().map(|round| round.mean_length).sum::<f64>() / of.len() as f64
    };
    assert!(mean(Condition::MicOnNoise) > 1.4 * mean(Condition::MicOn));
}
