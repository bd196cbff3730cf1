//! Convolutions of one series at one dilation.
//!
//! Sums are in single precision and in aeon's order: with six weights −1 and three weights 2, a convolution is the sum
//! of all nine values times −1 and of three of them times 3.

use super::super::Series;
use super::{KERNELS, WEIGHTS};
use crate::simd::{Kernel, LANES, Simd};

/// The three places of each kernel that weigh 2, in the order of their smallest, then the next.
const THREE: [[usize; 3]; KERNELS] = {
    let mut all = [[0; 3]; KERNELS];
    let (mut n, mut a) = (0, 0);
    while a < WEIGHTS {
        let mut b = a + 1;
        while b < WEIGHTS {
            let mut c = b + 1;
            while c < WEIGHTS {
                all[n] = [a, b, c];
                n += 1;
                c += 1;
            }
            b += 1;
        }
        a += 1;
    }
    all
};

/// One series, ready to be convolved with every kernel at one dilation.
pub(super) struct Dilated {
    n_steps: usize,
    /// The steps, filled up to whole vectors.
    width: usize,
    steps: usize,
    /// Of each channel, the sum of all nine values times −1 (n_channels × width).
    sums: Vec<f32>,
    /// Of each channel, the values times 3, with as many zeros at each side as a kernel reaches beyond
    /// (n_channels × (width + 8 · steps)).
    triples: Vec<f32>,
}

impl Dilated {
    pub(super) fn new(series: &Series, number: usize, steps: usize) -> Dilated {
        let n_steps = series.n_steps();
        let width = n_steps.next_multiple_of(LANES);
        let n_channels = series.n_channels();
        let reach = WEIGHTS / 2 * steps;
        let padded = width + 2 * reach;
        let mut dilated = Dilated {
            n_steps,
            width,
            steps,
            sums: vec![0.0; n_channels * width],
            triples: vec![0.0; n_channels * padded],
        };
        for (channel, values) in series.one(number).chunks_exact(n_steps).enumerate() {
            let triples = &mut dilated.triples[channel * padded..(channel + 1) * padded];
            let sums = &mut dilated.sums[channel * width..][..n_steps];
            let single: Vec<f32> = values.iter().map(|&v| v as f32).collect();
            triples[reach..reach + n_steps].iter_mut().zip(&single).for_each(|(to, v)| *to = 3.0 * v);
            sums.iter_mut().zip(&single).for_each(|(sum, v)| *sum = -v);
            for place in (0..WEIGHTS).filter(|&place| place != WEIGHTS / 2) {
                let (later, earlier) = (place * steps, reach);
                // the value that stands place · steps behind the kernel's first
                let (from, to) = match later >= earlier {
                    true => (&single[(later - earlier).min(n_steps)..], &mut sums[..]),
                    false => (&single[..], &mut sums[(earlier - later).min(n_steps)..]),
                };
                to.iter_mut().zip(from).for_each(|(sum, v)| *sum -= v);
            }
        }
        dilated
    }

    /// The convolution with a kernel, summed over channels; beyond the last step it means nothing (width).
    #[inline(always)]
    fn convolve<S: Simd>(&self, s: S, kernel: usize, channels: &[u32], to: &mut [f32]) {
        let padded = self.width + (WEIGHTS - 1) * self.steps;
        let (to, _) = to[..self.width].as_chunks_mut::<LANES>();
        for (i, &channel) in channels.iter().enumerate() {
            let channel = channel as usize;
            let (sums, _) = self.sums[channel * self.width..][..self.width].as_chunks::<LANES>();
            let triples = &self.triples[channel * padded..][..padded];
            let of_place = |place: usize| triples[place * self.steps..][..self.width].as_chunks::<LANES>().0;
            let [a, b, c] = THREE[kernel].map(of_place);
            for ((((to, sums), a), b), c) in to.iter_mut().zip(sums).zip(a).zip(b).zip(c) {
                let mut v = s.load(sums);
                v = s.add(v, s.load(a));
                v = s.add(v, s.load(b));
                v = s.add(v, s.load(c));
                if i > 0 {
                    v = s.add(s.load(to), v);
                }
                s.store(v, to);
            }
        }
    }
}

/// One kernel's convolution of several series, one after another (n_series × n_steps).
pub(super) struct Portion<'a> {
    pub(super) dilated: &'a [Dilated],
    pub(super) kernel: usize,
    pub(super) channels: &'a [u32],
    pub(super) values: &'a mut Vec<f32>,
}

impl Kernel for Portion<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Some(Dilated { n_steps, width, .. }) = self.dilated.first() else { return };
        self.values.resize(self.dilated.len() * n_steps + width - n_steps, 0.0);
        for (i, dilated) in self.dilated.iter().enumerate() {
            // what is beyond the last step is written over by the next series
            dilated.convolve(s, self.kernel, self.channels, &mut self.values[i * n_steps..]);
        }
        self.values.truncate(self.dilated.len() * n_steps);
    }
}

/// The features of one series at one dilation.
pub(super) struct Convolve<'a> {
    pub(super) dilated: &'a Dilated,
    /// The dilation's place among all.
    pub(super) place: usize,
    /// Channels of each kernel.
    pub(super) channels: &'a [Vec<u32>],
    /// Each kernel's biases (84 × n_features).
    pub(super) biases: &'a [f32],
    pub(super) out: &'a mut [f64],
}

/// Biases that are compared with at a time.
const AT_ONCE: usize = 4;

impl Kernel for Convolve<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Convolve { dilated, place, channels, biases, out } = self;
        let n_features = biases.len() / KERNELS;
        let reach = WEIGHTS / 2 * dilated.steps;
        let mut values = vec![0.0; dilated.width];
        // looked up instead of divided
        let shares = |n: usize| -> Vec<f64> { (0..=n).map(|k| k as f64 / n as f64).collect() };
        let shares = [shares(dilated.n_steps), shares(dilated.n_steps - 2 * reach)];
        for (kernel, (biases, out)) in
            biases.chunks_exact(n_features).zip(out.chunks_exact_mut(n_features)).enumerate()
        {
            dilated.convolve(s, kernel, &channels[kernel], &mut values);
            // every other kernel sees only where it does not reach beyond the series
            let is_whole = (place + kernel).is_multiple_of(2);
            let seen = if is_whole { 0..dilated.n_steps } else { reach..dilated.n_steps - reach };
            values[..seen.start].fill(f32::NEG_INFINITY);
            values[seen.end..].fill(f32::NEG_INFINITY);
            let (values, _) = values[seen.start / LANES * LANES..].as_chunks::<LANES>();
            let values = &values[..seen.end.div_ceil(LANES) - seen.start / LANES];
            let shares = &shares[usize::from(!is_whole)];
            for (biases, out) in biases.chunks(AT_ONCE).zip(out.chunks_mut(AT_ONCE)) {
                let counts = match *biases {
                    [a, b, c, d] => count(s, values, [a, b, c, d]),
                    // what is missing is the last one again
                    [a, b, c] => count(s, values, [a, b, c, c]),
                    [a, b] => count(s, values, [a, b]),
                    _ => count(s, values, [biases[0]]),
                };
                out.iter_mut().zip(counts).for_each(|(out, count)| *out = shares[count as usize]);
            }
        }
    }
}

/// How many of some values are above each of four biases or fewer.
#[inline(always)]
fn count<S: Simd, const N: usize>(s: S, values: &[[f32; LANES]], biases: [f32; N]) -> [u32; AT_ONCE] {
    let biases = biases.map(|bias| s.splat(bias));
    let mut counts = [s.no_counts(); AT_ONCE];
    for values in values {
        let values = s.load(values);
        for i in 0..N {
            counts[i] = s.count_above(counts[i], values, biases[i]);
        }
    }
    s.sum_counts(counts)
}
