//! What the day effect and the drift do to a t=15 window's features, in the features' own deviations.

use overhear_synth::{self as synth, RoundPlan, Settings};

use super::{Packet, packets};

/// Features measured, named as in METHOD section 1.
pub const FEATURES: [&str; 10] = [
    "n_packets",
    "n_tcp",
    "n_udp",
    "length_mean",
    "length_std",
    "ttl_mean",
    "ttl_std",
    "tcp_window_mean",
    "tcp_window_std",
    "ipt_mean",
];

type Row = [Option<f64>; FEATURES.len()];

const WINDOW_NS: i64 = 15_000_000_000;
const HOUR_S: f64 = 3600.0;

/// How often one of the knobs was tried.
#[derive(Debug, Clone, Copy)]
pub struct Trials {
    pub count: u64,
    /// Length of the stretch whose mean is one observation. Unit: h.
    pub hours: f64,
}

/// Deviation of each feature over the days of a campaign ÷ (deviation of a t=15 window's feature × knob).
pub fn day_effect_achieved(knob: f64, trials: Trials) -> [f64; FEATURES.len()] {
    achieved(knob, trials, |knob, trial| {
        let settings = Settings { day_effect: knob, effect: 0.0, ..Settings::default() };
        let mut round = synth::plan(&settings).expect("in range").remove(1);
        (round.index, round.day, round.duration_s) =
            (trial as usize, Some(trial as i64), trials.hours * HOUR_S);
        (settings, round)
    })
}

/// The same for the drift, over stretches of many campaigns at moments far apart.
pub fn drift_achieved(knob: f64, trials: Trials) -> [f64; FEATURES.len()] {
    achieved(knob, trials, |knob, trial| {
        let settings = Settings { drift: knob, effect: 0.0, seed: 1 + trial, ..Settings::default() };
        let mut round = synth::plan(&settings).expect("in range").remove(1);
        (round.index, round.duration_s) = (trial as usize, trials.hours * HOUR_S);
        (settings, round)
    })
}

fn achieved(
    knob: f64,
    trials: Trials,
    round: impl Fn(f64, u64) -> (Settings, RoundPlan),
) -> [f64; FEATURES.len()] {
    let stretches = |knob: f64| -> Vec<Vec<Row>> {
        (0..trials.count)
            .map(|trial| round(knob, trial))
            .map(|(settings, round)| rows(&settings, &round))
            .collect()
    };
    let (still, moved) = (stretches(0.0), stretches(knob));
    std::array::from_fn(|feature| {
        let column = |rows: &[Row]| rows.iter().filter_map(|row| row[feature]).collect::<Vec<_>>();
        let of_means = |stretches: &[Vec<Row>]| {
            variance(&stretches.iter().map(|rows| mean(&column(rows))).collect::<Vec<_>>())
        };
        let of_windows = variance(&still.iter().flat_map(|rows| column(rows)).collect::<Vec<_>>());
        // A stretch's mean varies a little without any knob: that part is not the knob's.
        ((of_means(&moved) - of_means(&still)).max(0.0) / of_windows).sqrt() / knob
    })
}

fn rows(settings: &Settings, round: &RoundPlan) -> Vec<Row> {
    let (mut rows, mut window, mut first) = (Vec::new(), Vec::new(), None);
    packets(settings, round, |packet| {
        let first = *first.get_or_insert(packet.time_ns);
        let number = (packet.time_ns - first) / WINDOW_NS;
        if window.first().is_some_and(|start: &Packet| (start.time_ns - first) / WINDOW_NS != number) {
            rows.push(row(&window));
            window.clear();
        }
        window.push(packet);
    });
    rows
}

fn row(window: &[Packet]) -> Row {
    let count = |protocol| window.iter().filter(|packet| packet.protocol == protocol).count() as f64;
    let lengths: Vec<f64> = window.iter().map(|packet| packet.length as f64).collect();
    let ttls: Vec<f64> = window.iter().map(|packet| f64::from(packet.ttl)).collect();
    let windows: Vec<f64> = window.iter().filter_map(|packet| packet.tcp_window).map(f64::from).collect();
    let gaps: Vec<f64> =
        window.windows(2).map(|pair| (pair[1].time_ns - pair[0].time_ns) as f64 / 1e9).collect();
    let some = |values: &[f64], of: fn(&[f64]) -> f64| (!values.is_empty()).then(|| of(values));
    [
        Some(window.len() as f64),
        Some(count(6)),
        Some(count(17)),
        some(&lengths, mean),
        some(&lengths, deviation),
        some(&ttls, mean),
        some(&ttls, deviation),
        some(&windows, mean),
        some(&windows, deviation),
        some(&gaps, mean),
    ]
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64
}

fn deviation(values: &[f64]) -> f64 {
    variance(values).sqrt()
}
