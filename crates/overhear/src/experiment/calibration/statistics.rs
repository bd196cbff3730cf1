//! What the generator's windows look like, in numbers that campaigns can be drawn from.

use crate::Error;
use crate::assemble::{Windows, rounds_generated, windows};
use crate::engine::Engine;
use crate::experiment::interval::mean_and_std;
use overhear_learn::Dataset;
use overhear_synth::{self as synth, Scenario};
use overhear_traffic::observer::Observer;
use overhear_traffic::trace::Selection;
use overhear_traffic::window::Windowing;
use std::num::NonZeroU32;
use std::time::Duration;

/// The windowing that everything here is about.
pub const WINDOWING: Windowing = Windowing::Time(NonZeroU32::new(15).expect("15 is not 0"));

/// Length of its windows.
pub const WINDOW: Duration = Duration::from_secs(15);

/// Pairs of rounds that are generated to measure.
const PAIRS: u32 = 96;

/// Statistics of t=15 windows of `mic_on`, features as the gateway sees them (n_features each).
pub struct Statistics {
    /// Names.
    pub features: Vec<String>,
    /// Means.
    pub mean: Vec<f64>,
    /// Deviations over windows; what effects are measured in.
    pub deviation: Vec<f64>,
    /// Lower triangle L with L·Lᵀ the correlations of windows (n_features × n_features).
    pub factor: Vec<Vec<f64>>,
    /// Correlation of a window with the next one of its round.
    pub memory: Vec<f64>,
    /// How far rounds differ beyond what their windows explain, deviations of a window.
    pub between: Vec<f64>,
    /// How the paper's noise moves the features: differences of means in deviations, the largest taken as 1.
    pub direction: Vec<f64>,
}

impl Statistics {
    /// Generates pairs of rounds without day effect and drift, and measures their windows.
    ///
    /// # Errors
    /// [`Error::Settings`], [`Error::Learn`].
    pub fn measure(seed: u64) -> Result<Statistics, Error> {
        let settings =
            synth::Settings { scenario: Scenario::Crossover, pairs: PAIRS, seed, ..Default::default() };
        let rounds = rounds_generated(&settings)?;
        let selection = Selection { device: crate::generate::device(), observer: Observer::Gateway };
        let windows = windows(&rounds, selection, &[WINDOWING], &Engine::silent())?;
        let [quiet, noise] = ["mic_on", "mic_on_noise"].map(|condition| windows.dataset(0, &[condition]));
        Ok(Statistics::of(&quiet?, &noise?, &windows))
    }

    fn of(quiet: &Dataset, noise: &Dataset, windows: &Windows) -> Statistics {
        let p = quiet.features.len();
        let (mean, deviation): (Vec<f64>, Vec<f64>) = (0..p).map(|j| mean_and_std(quiet.x.column(j))).unzip();
        let standard = |j: usize, value: f64| {
            if deviation[j] > 0.0 { (value - mean[j]) / deviation[j] } else { 0.0 }
        };
        let column = |j: usize| quiet.x.column(j).iter().map(|&v| standard(j, v)).collect::<Vec<f64>>();
        let z: Vec<Vec<f64>> = (0..p).map(column).collect();
        let n = quiet.n_rows() as f64;
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let correlation: Vec<Vec<f64>> =
            (0..p).map(|i| (0..p).map(|j| product(&z[i], &z[j]) / n).collect()).collect();
        let rounds = rounds_of(quiet, windows);
        let shift: Vec<f64> = (0..p).map(|j| standard(j, mean_and_std(noise.x.column(j)).0)).collect();
        let largest = shift.iter().fold(0.0, |most, s| f64::max(most, s.abs()));
        let (memory, between) = z.iter().map(|z| memory_and_between(z, &rounds)).unzip();
        Statistics {
            features: quiet.features.clone(),
            factor: cholesky(&correlation),
            memory,
            between,
            direction: shift.iter().map(|s| s / largest).collect(),
            mean,
            deviation,
        }
    }
}

/// Rows of each round, in order.
fn rounds_of(quiet: &Dataset, windows: &Windows) -> Vec<std::ops::Range<usize>> {
    let mut from = 0;
    let mut rounds = Vec::new();
    for round in windows.rounds.iter().filter(|round| quiet.classes.contains(&round.condition)) {
        let n = round.observers[0].columns[0].n_windows();
        rounds.push(from..from + n);
        from += n;
    }
    rounds
}

/// Correlation of neighbouring windows within rounds, and the deviation of rounds' means beyond what windows that
/// remember so much explain.
fn memory_and_between(z: &[f64], rounds: &[std::ops::Range<usize>]) -> (f64, f64) {
    let (mut product, mut square) = (0.0, 0.0);
    let means: Vec<f64> = rounds.iter().map(|rows| mean_and_std(&z[rows.clone()]).0).collect();
    for (rows, mean) in rounds.iter().zip(&means) {
        let own = &z[rows.clone()];
        product += own.windows(2).map(|w| (w[0] - mean) * (w[1] - mean)).sum::<f64>();
        square += own.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
    }
    let memory = if square > 0.0 { (product / square).clamp(-0.95, 0.95) } else { 0.0 };
    let n = z.len() as f64 / rounds.len().max(1) as f64;
    let of_windows = (1.0 + memory) / (1.0 - memory) / n;
    let between = mean_and_std(&means).1.powi(2) - of_windows;
    (memory, between.max(0.0).sqrt())
}

/// L of a positive semidefinite matrix; what rounding leaves below 0 on the diagonal counts as 0.
fn cholesky(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let p = matrix.len();
    let mut l = vec![vec![0.0; p]; p];
    for i in 0..p {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
            let left = matrix[i][j] - known;
            l[i][j] = match (i == j, l[j][j] > 1e-6) {
                (true, _) => left.max(0.0).sqrt(),
                (false, true) => left / l[j][j],
                (false, false) => 0.0,
            };
        }
    }
    l
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_triangle_gives_the_matrix_back_even_if_singular() {
        let matrix = vec![vec![1.0, 0.5, 1.0], vec![0.5, 1.0, 0.5], vec![1.0, 0.5, 1.0]];
        let l = cholesky(&matrix);
        for i in 0..3 {
            for j in 0..3 {
                let found: f64 = (0..3).map(|k| l[i][k] * l[j][k]).sum();
                assert!((found - matrix[i][j]).abs() < 1e-12, "{i}, {j}: {found}");
            }
        }
    }

    #[test]
    fn the_generator_s_windows_are_what_they_are_said_to_be() {
        let s = Statistics::measure(1).unwrap();
        let at = |name: &str| s.features.iter().position(|f| f == name).unwrap();
        assert_eq!(s.features.len(), 14);
        assert!(s.deviation.iter().all(|&d| d > 0.0), "{:?}", s.deviation);
        // the paper: noise doubles the mean length and halves the mean TCP window
        assert!(s.direction[at("length_mean")] > 0.0 && s.direction[at("tcp_window_mean")] < 0.0);
        assert!((s.direction.iter().fold(0.0, |m, d| f64::max(m, d.abs())) - 1.0).abs() < 1e-12);
    }
}
