//! CUMUL: how bytes in and out add up, at a hundred places of all bytes.
//!
//! Source: A. Panchenko and others, "Website fingerprinting at internet scale", 2016, §IV: four totals and the signed
//! cumulative sizes at 100 equidistant places of the absolute ones, then a support vector machine with a Gaussian
//! kernel on features scaled to [−1, 1]. The places and the interpolation between sizes are those of the authors'
//! program, whose first place, the first size itself, is left out; it interpolates with NumPy's `interp`.

use super::{Fitted, Form, Series, Transform, TransformEntry, check_training, tabulate};
use crate::{Error, Matrix};

/// Places at which the cumulative sizes are taken.
const PLACES: usize = 100;

/// Features: packets in and out, bytes in and out, and the cumulative bytes.
const FEATURES: usize = 4 + PLACES;

/// Settings: none.
///
/// Series have one channel or four. One channel holds sizes of packets in bytes, above 0 where they come in, below
/// where they go out, and zeros where there is none (so that series of few packets are as long as the others). Four
/// channels hold packets out, packets in, bytes out and bytes in of one bin after another; a bin's bytes then count as
/// one step of bytes in less bytes out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cumul;

/// Its place in the register.
pub const ENTRY: TransformEntry = TransformEntry {
    name: "cumul",
    label: "CUMUL",
    about: "how bytes in and out add up, then a support vector machine",
    default: || Box::new(Cumul),
    followed_by: ("svm", &[]),
    scale: false,
};

impl Transform for Cumul {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn fit(&self, series: &Series, rows: &[u32], _seed: u64) -> Result<Box<dyn Fitted>, Error> {
        check_training(ENTRY.name, series, rows, 1)?;
        let n_channels = series.n_channels();
        if n_channels != 1 && n_channels != 4 {
            let expected = "1 channel (sizes) or 4 (packets out and in, bytes out and in)";
            return Err(Error::SeriesChannels { transform: ENTRY.name, found: n_channels, expected });
        }
        let (mut least, mut most) = (vec![f64::INFINITY; FEATURES], vec![f64::NEG_INFINITY; FEATURES]);
        let mut row = vec![0.0; FEATURES];
        for &number in rows {
            features(series, number as usize, &mut row);
            for (j, &v) in row.iter().enumerate() {
                (least[j], most[j]) = (least[j].min(v), most[j].max(v));
            }
        }
        // a feature that does not vary keeps its scale, as in scikit-learn's `MinMaxScaler`
        let scale = |(least, most): (&f64, f64)| if most > *least { 2.0 / (most - least) } else { 2.0 };
        let scales = least.iter().zip(most).map(scale).collect();
        Ok(Box::new(Scaled { form: Form::of(series), least, scales }))
    }
}

/// What brings the training rows' features to [−1, 1].
struct Scaled {
    form: Form,
    least: Vec<f64>,
    scales: Vec<f64>,
}

impl Fitted for Scaled {
    fn n_features(&self) -> usize {
        FEATURES
    }

    fn transform(&self, series: &Series) -> Result<Matrix, Error> {
        self.form.check(series)?;
        tabulate(series.n_series(), &[FEATURES], |_, numbers, rows| {
            for (number, row) in numbers.zip(rows.chunks_exact_mut(FEATURES)) {
                features(series, number, row);
                for (j, v) in row.iter_mut().enumerate() {
                    *v = (*v - self.least[j]) * self.scales[j] - 1.0;
                }
            }
        })
    }
}

/// Totals and cumulative bytes of one series, unscaled.
fn features(series: &Series, number: usize, out: &mut [f64]) {
    let one = series.one(number);
    let mut totals = [0.0; 4];
    let mut sums = Cumulative::default();
    if series.n_channels() == 1 {
        for &size in one.iter().filter(|size| **size != 0.0) {
            let is_out = usize::from(size < 0.0);
            totals[is_out] += 1.0;
            totals[2 + is_out] += size.abs();
            sums.add(size, size.abs());
        }
    } else {
        let n = series.n_steps();
        let channel = |i: usize| &one[i * n..(i + 1) * n];
        for (i, total) in [1, 0, 3, 2].into_iter().zip(&mut totals) {
            *total = channel(i).iter().sum();
        }
        for (out, inward) in channel(2).iter().zip(channel(3)) {
            sums.add(inward - out, inward + out);
        }
    }
    out[..4].copy_from_slice(&totals);
    sums.at_places(&mut out[4..]);
}

/// Bytes so far, step by step: all of them, and those in less those out.
#[derive(Default)]
struct Cumulative {
    all: Vec<f64>,
    signed: Vec<f64>,
}

impl Cumulative {
    /// Adds a step, unless it has no bytes.
    fn add(&mut self, signed: f64, all: f64) {
        if all > 0.0 {
            self.all.push(self.all.last().unwrap_or(&0.0) + all);
            self.signed.push(self.signed.last().unwrap_or(&0.0) + signed);
        }
    }

    /// The signed bytes at equidistant places of all bytes, from behind the first step's to the end; zeros where there
    /// are no steps.
    fn at_places(&self, out: &mut [f64]) {
        let (Some(&first), Some(&last)) = (self.all.first(), self.all.last()) else { return out.fill(0.0) };
        let step = (last - first) / out.len() as f64;
        let n = out.len();
        let mut at = 0;
        for (place, out) in (1..).zip(out) {
            let x = if place == n { last } else { first + step * place as f64 };
            while at + 1 < self.all.len() && self.all[at + 1] <= x {
                at += 1;
            }
            *out = self.signed[at];
            if let (Some(next), Some(signed)) = (self.all.get(at + 1), self.signed.get(at + 1)) {
                *out += (signed - self.signed[at]) / (next - self.all[at]) * (x - self.all[at]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorded::{assert_equal, by_row, cases, numbers, series};
    use super::*;

    /// What NumPy and scikit-learn make of the same; all series but the last are trained on.
    #[test]
    fn features_are_those_recorded() {
        for case in cases("cumul") {
            let mut series = series(&case);
            if series.n_channels() == 1 {
                series.values.iter_mut().filter(|v| **v > 4.0).for_each(|v| *v *= -3.0);
            }
            let rows: Vec<u32> = (0..series.n_series() as u32 - 1).collect();
            let found = Cumul.fit(&series, &rows, 0).expect("rows").transform(&series).expect("finite");
            assert_equal("cumul", &by_row(&found), &numbers(&case["features"]));
        }
    }

    #[test]
    fn sizes_add_up_to_totals_and_a_curve() {
        // 100 in, 300 out, 200 in: all bytes 100, 400, 600, signed 100, −200, 0
        let series = Series::new(1, 5, vec![100.0, 0.0, -300.0, 200.0, 0.0]).expect("finite");
        let mut row = [0.0; FEATURES];
        features(&series, 0, &mut row);
        assert_eq!(row[..4], [2.0, 1.0, 300.0, 300.0]);
        // places lie 5 bytes apart from 105 on: 60 of them up to 400, the rest up to 600
        assert_eq!([row[4], row[4 + 59], row[4 + 79], row[4 + 99]], [95.0, -200.0, -100.0, 0.0]);
    }

    #[test]
    fn bins_are_steps_and_silence_is_none() {
        // packets out, packets in, bytes out, bytes in
        let bins = vec![1.0, 0.0, 2.0, 0.0, 0.0, 1.0, 100.0, 0.0, 300.0, 0.0, 0.0, 500.0];
        let series = Series::new(4, 3, bins).expect("finite");
        let mut row = [0.0; FEATURES];
        features(&series, 0, &mut row);
        assert_eq!(row[..4], [1.0, 3.0, 500.0, 400.0]);
        // all bytes 100 and 900, signed −100 and 100
        assert_eq!([row[4], row[4 + 99]], [-98.0, 100.0]);
        let silent = Series::new(4, 3, vec![0.0; 12]).expect("finite");
        features(&silent, 0, &mut row);
        assert_eq!(row, [0.0; FEATURES]);
    }

    #[test]
    fn training_rows_reach_from_minus_one_to_one() {
        let sizes = vec![100.0, -50.0, 10.0, -20.0, 1000.0, -1000.0];
        let series = Series::new(1, 2, sizes).expect("finite");
        let x = Cumul.fit(&series, &[0, 1], 0).expect("rows").transform(&series).expect("finite");
        // bytes in: 100, 10 and, beyond the training rows, 1000; packets in are 1 in both
        assert_eq!(x.column(2), [1.0, -1.0, 21.0]);
        assert_eq!(x.column(0), [-1.0; 3]);
    }
}
