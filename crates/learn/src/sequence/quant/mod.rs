//! QUANT: quantiles of the values of a series within intervals, at several scales.
//!
//! Source: A. Dempster, D. F. Schmidt, G. I. Webb, "QUANT: a minimalist interval method for time series
//! classification", 2024, and aeon's `QUANTTransformer`: of the series, its smoothed first difference, its second
//! difference and the size of its Fourier transform; then extremely randomised trees on a tenth of the features, by
//! entropy. Nothing is fitted: a series' features depend on the series alone.

use super::{Fitted, Form, Series, Transform, TransformEntry, check_training, tabulate};
use crate::{Error, Matrix};
use fourier::Fourier;
use representation::{FORMS, Representations};

mod fourier;
mod representation;

#[cfg(test)]
mod tests;

/// Settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quant {
    /// Scales: at the i-th, from 0 on, there are 2ⁱ intervals; at least 1.
    pub depth: usize,
    /// An interval of m values has 1 + ⌊(m − 1) / divisor⌋ quantiles; at least 1.
    pub divisor: usize,
}

impl Default for Quant {
    fn default() -> Quant {
        Quant { depth: 6, divisor: 4 }
    }
}

/// Its place in the register.
pub const ENTRY: TransformEntry = TransformEntry {
    name: "quant",
    label: "QUANT",
    about: "quantiles within intervals, then extremely randomised trees",
    default: || Box::new(Quant::default()),
    followed_by: ("extra_trees", &[("features", "0.1"), ("criterion", "entropy")]),
    scale: false,
};

impl Transform for Quant {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn fit(&self, series: &Series, rows: &[u32], _seed: u64) -> Result<Box<dyn Fitted>, Error> {
        // the second difference has two steps less, and one value is an interval
        check_training(ENTRY.name, series, rows, 3)?;
        let n_steps = series.n_steps();
        let scales = |length: usize| scales(length, self.depth.max(1), self.divisor.max(1));
        let plans = [n_steps, n_steps - 1, n_steps - 2, n_steps / 2 + 1].map(scales);
        let of_channel = plans.iter().flatten().map(|scale| scale.n_features).sum();
        Ok(Box::new(Plan { form: Form::of(series), plans, of_channel, fourier: Fourier::new(n_steps) }))
    }
}

/// Intervals that do not overlap, one scale's or those shifted by half.
#[derive(Debug, Clone, PartialEq)]
struct Scale {
    intervals: Vec<Interval>,
    /// The interval of each value, or the number of intervals for a value in none.
    interval_of: Vec<u16>,
    n_features: usize,
}

/// Some neighbouring values, and which of them in order are looked at.
#[derive(Debug, Clone, PartialEq)]
struct Interval {
    start: usize,
    end: usize,
    quantiles: Vec<Quantile>,
}

/// A quantile between two values.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Quantile {
    /// Ranks of the two, which may be the same.
    below: u32,
    above: u32,
    /// How far it lies from the lower to the upper one.
    share: f64,
}

impl Interval {
    fn new(start: usize, end: usize, divisor: usize) -> Interval {
        let last = end - start - 1;
        let n = 1 + last / divisor;
        let place = |i: usize| {
            // a single quantile is the median
            let (i, steps) = if n == 1 { (1, 2) } else { (i, n - 1) };
            let (below, rest) = (i * last / steps, i * last % steps);
            let above = below + usize::from(rest > 0);
            Quantile { below: below as u32, above: above as u32, share: rest as f64 / steps as f64 }
        };
        Interval { start, end, quantiles: (0..n).map(place).collect() }
    }

    /// The quantiles of the interval's values, sorted; every other one less their mean.
    fn write(&self, sorted: &[f64], out: &mut [f64]) {
        for (quantile, out) in self.quantiles.iter().zip(out.iter_mut()) {
            let (below, above) = (sorted[quantile.below as usize], sorted[quantile.above as usize]);
            *out = below + (above - below) * quantile.share;
        }
        if self.quantiles.len() > 1 {
            let (fours, rest) = sorted.as_chunks::<4>();
            let add = |sums: [f64; 4], four: &[f64; 4]| std::array::from_fn(|i| sums[i] + four[i]);
            let [a, b, c, d] = fours.iter().fold([0.0; 4], add);
            let mean = ((a + b) + (c + d) + rest.iter().sum::<f64>()) / sorted.len() as f64;
            out.iter_mut().skip(1).step_by(2).for_each(|v| *v -= mean);
        }
    }
}

/// The scales of so many values, each followed by its shifted intervals where it has any.
fn scales(length: usize, depth: usize, divisor: usize) -> Vec<Scale> {
    let mut scales = Vec::new();
    for level in 0..depth.min(length.ilog2() as usize + 1) {
        let n = 1 << level;
        let bound = |i: usize| i * length / n;
        let interval =
            |shift: usize| move |i: usize| Interval::new(bound(i) + shift, bound(i + 1) + shift, divisor);
        scales.push(Scale::new((0..n).map(interval(0)).collect(), length));
        let mut lengths: Vec<usize> = (0..n).map(|i| bound(i + 1) - bound(i)).collect();
        lengths.sort_unstable();
        if n > 1 && lengths[(n - 1) / 2] > 1 {
            scales.push(Scale::new((0..n - 1).map(interval(length.div_ceil(2 * n))).collect(), length));
        }
    }
    scales
}

impl Scale {
    fn new(intervals: Vec<Interval>, length: usize) -> Scale {
        let mut interval_of = vec![intervals.len() as u16; length];
        for (number, interval) in (0..).zip(&intervals) {
            interval_of[interval.start..interval.end].fill(number);
        }
        let n_features = intervals.iter().map(|interval| interval.quantiles.len()).sum();
        Scale { intervals, interval_of, n_features }
    }

    /// The features of values, given as (value, place) in rising order of value.
    fn write(&self, sorted: &[(f64, u32)], room: &mut Room, mut out: &mut [f64]) {
        // either way every interval's values are sorted afterwards, since they are taken in their order
        if self.intervals.len() <= FEW {
            self.pick(sorted, room)
        } else {
            self.deal(sorted, room)
        }
        for interval in &self.intervals {
            let (own, rest) = std::mem::take(&mut out).split_at_mut(interval.quantiles.len());
            interval.write(&room.dealt[interval.start..interval.end], own);
            out = rest;
        }
    }

    /// Picks each interval's values out of all.
    fn pick(&self, sorted: &[(f64, u32)], room: &mut Room) {
        for interval in &self.intervals {
            let own = interval.start as u32..interval.end as u32;
            let mut next = interval.start;
            for &(value, place) in sorted {
                // written over by the next where it is another interval's: no branch is guessed wrong
                room.dealt[next] = value;
                next += usize::from(own.contains(&place));
            }
        }
    }

    /// Deals the values to their intervals.
    fn deal(&self, sorted: &[(f64, u32)], room: &mut Room) {
        let n = self.intervals.len();
        let next = &mut room.next[..n + 1];
        next.iter_mut().zip(&self.intervals).for_each(|(next, interval)| *next = interval.start as u32);
        // those in no interval are all written behind the others
        next[n] = self.interval_of.len() as u32;
        for &(value, place) in sorted {
            let interval = usize::from(self.interval_of[place as usize]);
            let next = &mut next[interval];
            room.dealt[*next as usize] = value;
            *next += u32::from(interval < n);
        }
    }
}

/// Up to so many intervals it is faster to look through all values for each.
const FEW: usize = 3;

/// Room that one series after another uses.
struct Room {
    /// Where each interval's next value goes.
    next: Vec<u32>,
    /// Values, dealt to their intervals (n_steps + 1).
    dealt: Vec<f64>,
    sorted: Vec<(f64, u32)>,
}

/// The intervals of series of one form.
struct Plan {
    form: Form,
    /// Of each representation.
    plans: [Vec<Scale>; FORMS],
    /// Features of one channel.
    of_channel: usize,
    fourier: Fourier,
}

impl Fitted for Plan {
    fn n_features(&self) -> usize {
        self.of_channel * self.form.n_channels
    }

    fn transform(&self, series: &Series) -> Result<Matrix, Error> {
        self.form.check(series)?;
        let n = self.form.n_steps;
        tabulate(series.n_series(), &vec![self.of_channel; self.form.n_channels], |channel, numbers, rows| {
            let mut room =
                Room { next: vec![0; n + 2], dealt: vec![0.0; n + 1], sorted: Vec::with_capacity(n) };
            let mut representations = Representations::new(n);
            for (number, mut out) in numbers.zip(rows.chunks_exact_mut(self.of_channel)) {
                let values = &series.one(number)[channel * n..(channel + 1) * n];
                for (values, scales) in representations.of(values, &self.fourier).zip(&self.plans) {
                    sort(values, &mut room.sorted);
                    let sorted = std::mem::take(&mut room.sorted);
                    for scale in scales {
                        let (own, rest) = std::mem::take(&mut out).split_at_mut(scale.n_features);
                        scale.write(&sorted, &mut room, own);
                        out = rest;
                    }
                    room.sorted = sorted;
                }
            }
        })
    }
}

/// Values with their places, rising.
fn sort(values: &[f64], sorted: &mut Vec<(f64, u32)>) {
    sorted.clear();
    sorted.extend(values.iter().copied().zip(0..));
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
}
