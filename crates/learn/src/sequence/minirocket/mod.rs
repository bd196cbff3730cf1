//! MiniRocket: how much of a series lies above each of many thresholds, after each of many convolutions.
//!
//! Source: A. Dempster, D. F. Schmidt, G. I. Webb, "MINIROCKET: a very fast (almost) deterministic transform for time
//! series classification", 2021, and their program for several channels, as aeon has it: 84 kernels of nine weights,
//! three of them 2 and six −1, at several dilations; a feature is the share of a convolution that is above a bias.
//!
//! The biases are a departure: they are quantiles of the convolution over training series that stand evenly among all,
//! up to 8,192 steps together, where the paper's usual variant and aeon take one training series, drawn anew for each kernel and
//! dilation, and its deterministic variant all of them. Nothing but the channels of a kernel is drawn then, and a series
//! more or less moves the features little; all series would take several times as long and move them as little.

use super::{Fitted, Form, Series, Transform, TransformEntry, check_training, tabulate};
use crate::learner::has_threads;
use crate::simd::dispatch;
use crate::{Error, Matrix};
use convolution::{Convolve, Dilated, Portion};
use quantiles::Selection;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

mod convolution;
mod quantiles;

#[cfg(test)]
mod tests;

/// Kernels: all choices of three places of nine.
const KERNELS: usize = 84;

/// Steps of the series that biases are taken from, at most, unless one series has more.
const BIAS_STEPS: usize = 1 << 13;

/// Weights of a kernel.
const WEIGHTS: usize = 9;

/// Settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MiniRocket {
    /// Features; as many as are a multiple of 84 are made of them, at least 84.
    pub n_features: usize,
    /// Dilations of a kernel at most, at least 1.
    pub max_dilations: usize,
}

impl Default for MiniRocket {
    fn default() -> MiniRocket {
        MiniRocket { n_features: 10_000, max_dilations: 32 }
    }
}

/// Its place in the register.
pub const ENTRY: TransformEntry = TransformEntry {
    name: "minirocket",
    label: "MiniRocket",
    about: "shares of convolutions above thresholds, then a ridge classifier",
    default: || Box::new(MiniRocket::default()),
    followed_by: ("ridge", &[]),
    scale: true,
};

impl Transform for MiniRocket {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    /// The seed draws the channels of each kernel at each dilation; with one channel it changes nothing.
    fn fit(&self, series: &Series, rows: &[u32], seed: u64) -> Result<Box<dyn Fitted>, Error> {
        check_training(ENTRY.name, series, rows, WEIGHTS)?;
        let dilations = self.dilations(series.n_steps());
        let channels = draw_channels(KERNELS * dilations.len(), series.n_channels(), seed);
        let biases = biases(series, &some(rows, BIAS_STEPS / series.n_steps()), &dilations, &channels);
        Ok(Box::new(Parameters { form: Form::of(series), dilations, channels, biases }))
    }
}

/// Steps between a kernel's weights, and how many features each kernel has there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Dilation {
    steps: usize,
    n_features: usize,
}

impl MiniRocket {
    /// The dilations of series of so many steps, rising: whole parts of powers of two that are spread evenly from 1 to
    /// the longest kernel that fits, each with features for as often as it occurs, the rest dealt round.
    fn dilations(&self, n_steps: usize) -> Vec<Dilation> {
        let of_kernel = (self.n_features / KERNELS).max(1);
        let n = of_kernel.min(self.max_dilations).max(1);
        let most = ((n_steps - 1) as f64 / (WEIGHTS - 1) as f64).log2();
        let mut dilations: Vec<Dilation> = Vec::new();
        for i in 0..n {
            let steps = power_of_two(i, n, most) as usize;
            match dilations.last_mut() {
                Some(last) if last.steps == steps => last.n_features += 1,
                _ => dilations.push(Dilation { steps, n_features: 1 }),
            }
        }
        let multiplier = of_kernel as f64 / n as f64;
        for dilation in &mut dilations {
            dilation.n_features = (dilation.n_features as f64 * multiplier) as usize;
        }
        let dealt: usize = dilations.iter().map(|dilation| dilation.n_features).sum();
        let n_dilations = dilations.len();
        (dealt..of_kernel).for_each(|i| dilations[(i - dealt) % n_dilations].n_features += 1);
        dilations
    }
}

/// The i-th of n powers of two whose exponents are spread evenly from 0 to `most`, as NumPy's `logspace` has it.
fn power_of_two(i: usize, n: usize, most: f64) -> f64 {
    let exponent = if i + 1 == n && n > 1 { most } else { i as f64 * (most / (n - 1).max(1) as f64) };
    2f64.powf(exponent)
}

/// Channels of each of so many combinations of dilation and kernel: how many is spread evenly in its logarithm.
fn draw_channels(n_combinations: usize, n_channels: usize, seed: u64) -> Vec<Vec<u32>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let most = ((n_channels.min(WEIGHTS) + 1) as f64).log2();
    let one = |_| {
        let drawn = f64::from(rng.next_u32()) / 4_294_967_296.0;
        // rounding may reach the upper end, which does not belong to the range
        let n = (2f64.powf(drawn * most) as usize).clamp(1, n_channels.min(WEIGHTS));
        let mut channels: Vec<u32> = (0..n_channels as u32).collect();
        for i in 0..n {
            let rest = (n_channels - i) as u64;
            channels.swap(i, i + ((u64::from(rng.next_u32()) * rest) >> 32) as usize);
        }
        channels.truncate(n);
        channels
    };
    (0..n_combinations).map(one).collect()
}

/// So many of some rows at most, and one at least, evenly.
fn some(rows: &[u32], n: usize) -> Vec<u32> {
    let n = n.clamp(1, rows.len());
    (0..n).map(|i| rows[i * rows.len() / n]).collect()
}

/// The share of the golden ratio's multiples that is behind the point: the quantile of the i-th bias, i from 1 on.
fn quantile(i: usize) -> f64 {
    (i as f64 * ((5f64.sqrt() + 1.0) / 2.0)) % 1.0
}

/// Biases, dilation after dilation, kernel after kernel: quantiles of the convolution of these rows.
fn biases(series: &Series, rows: &[u32], dilations: &[Dilation], channels: &[Vec<u32>]) -> Vec<f32> {
    let mut biases = Vec::new();
    let mut first = 1;
    for (dilation, channels) in dilations.iter().zip(channels.chunks(KERNELS)) {
        let dilate = |&row: &u32| Dilated::new(series, row as usize, dilation.steps);
        let dilated: Vec<Dilated> = rows.iter().map(dilate).collect();
        let of_kernel = |selection: &mut (Selection, Vec<f32>), kernel: usize| {
            let (selection, values) = selection;
            dispatch(Portion { dilated: &dilated, kernel, channels: &channels[kernel], values });
            let first = first + kernel * dilation.n_features;
            let quantiles: Vec<f64> = (first..first + dilation.n_features).map(quantile).collect();
            selection.quantiles(values, &quantiles)
        };
        let found: Vec<Vec<f32>> = if has_threads() {
            (0..KERNELS).into_par_iter().map_init(Default::default, of_kernel).collect()
        } else {
            let mut room = Default::default();
            (0..KERNELS).map(|kernel| of_kernel(&mut room, kernel)).collect()
        };
        biases.extend(found.into_iter().flatten());
        first += KERNELS * dilation.n_features;
    }
    biases
}

/// A fitted transform.
#[derive(Debug, Clone, PartialEq)]
struct Parameters {
    form: Form,
    dilations: Vec<Dilation>,
    /// Channels of each combination, dilation after dilation, kernel after kernel.
    channels: Vec<Vec<u32>>,
    /// Biases in the same order.
    biases: Vec<f32>,
}

impl Fitted for Parameters {
    fn n_features(&self) -> usize {
        self.biases.len()
    }

    fn transform(&self, series: &Series) -> Result<Matrix, Error> {
        self.form.check(series)?;
        let parts: Vec<usize> = self.dilations.iter().map(|dilation| KERNELS * dilation.n_features).collect();
        let channels: Vec<&[Vec<u32>]> = self.channels.chunks(KERNELS).collect();
        tabulate(series.n_series(), &parts, |place, numbers, rows| {
            let first = parts[..place].iter().sum();
            let biases = &self.biases[first..first + parts[place]];
            for (number, out) in numbers.zip(rows.chunks_exact_mut(parts[place])) {
                let dilated = Dilated::new(series, number, self.dilations[place].steps);
                dispatch(Convolve { dilated: &dilated, place, channels: channels[place], biases, out });
            }
        })
    }
}
