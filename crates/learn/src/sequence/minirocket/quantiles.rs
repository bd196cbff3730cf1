//! A few quantiles of many numbers, without sorting them.

use crate::simd::{Kernel, Simd, dispatch};

/// Numbers share a bucket that have the same sign, exponent and first three places: their first twelve bits.
const BUCKETS: usize = 1 << BITS;
const BITS: u32 = 12;

/// Room for a selection, used again for the next.
#[derive(Default)]
pub(super) struct Selection {
    /// The bucket of each number.
    buckets: Vec<u16>,
    /// Numbers of the buckets that are looked into with their buckets, as they come, and a place more.
    kept: Vec<(f32, u16)>,
    /// The same, one bucket after another.
    dealt: Vec<f32>,
}

/// The buckets of numbers, in their order.
struct Buckets<'a> {
    values: &'a [f32],
    buckets: &'a mut Vec<u16>,
}

impl Kernel for Buckets<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) {
        self.buckets.resize(self.values.len(), 0);
        for (bucket, v) in self.buckets.iter_mut().zip(self.values) {
            let bits = v.to_bits();
            // turned so that its order is that of the numbers: all bits of negative ones, the sign of others
            let turn = (bits as i32 >> 31) as u32 | 1 << 31;
            *bucket = ((bits ^ turn) >> (32 - BITS)) as u16;
        }
    }
}

impl Selection {
    /// The quantiles (each from 0 to below 1) of some numbers, of which there is one or more: between the two nearest of
    /// the numbers in order, in proportion, as NumPy's `quantile` has it; rounded to single precision at the end.
    pub(super) fn quantiles(&mut self, values: &[f32], quantiles: &[f64]) -> Vec<f32> {
        let last = values.len() - 1;
        let place = |quantile: &f64| {
            let place = quantile * last as f64;
            (place as usize, place % 1.0)
        };
        let mut ranks: Vec<usize> =
            quantiles.iter().map(place).flat_map(|(rank, _)| [rank, last.min(rank + 1)]).collect();
        ranks.sort_unstable();
        ranks.dedup();
        let found = self.ranked(values, &ranks);
        // the list of ranks holds both neighbours of every quantile
        let at = |rank: usize| f64::from(found[ranks.partition_point(|&other| other < rank)]);
        let between = |(rank, share): (usize, f64)| {
            let (below, above) = (at(rank), at(last.min(rank + 1)));
            let step = above - below;
            (if share < 0.5 { below + step * share } else { above - step * (1.0 - share) }) as f32
        };
        quantiles.iter().map(place).map(between).collect()
    }

    /// The numbers of some ranks, rising, from 0 for the smallest number.
    fn ranked(&mut self, values: &[f32], ranks: &[usize]) -> Vec<f32> {
        dispatch(Buckets { values, buckets: &mut self.buckets });
        let mut counts = [0u32; BUCKETS];
        self.buckets.iter().for_each(|&bucket| counts[usize::from(bucket) % BUCKETS] += 1);
        // the buckets that are looked into: where each one's numbers begin among those kept, and which ranks it has
        let (mut is_kept, mut place_of) = ([0u8; BUCKETS], [0u32; BUCKETS]);
        let mut looked_into = Vec::new();
        let (mut before, mut kept, mut next) = (0, 0, 0);
        for (bucket, &n) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
            let n = n as usize;
            let own = ranks[next..].iter().take_while(|&&rank| rank < before + n).count();
            if own > 0 {
                (is_kept[bucket], place_of[bucket]) = (1, kept as u32);
                looked_into.push((kept..kept + n, before, next..next + own));
                next += own;
                kept += n;
            }
            before += n;
        }
        self.kept.resize(kept + 1, (0.0, 0));
        self.dealt.resize(kept, 0.0);
        let mut at = 0;
        for (&v, &bucket) in values.iter().zip(&self.buckets) {
            // written over by the next where it is not kept: no branch is guessed wrong
            self.kept[at] = (v, bucket);
            at += usize::from(is_kept[usize::from(bucket) % BUCKETS]);
        }
        for &(v, bucket) in &self.kept[..kept] {
            let place = &mut place_of[usize::from(bucket) % BUCKETS];
            self.dealt[*place as usize] = v;
            *place += 1;
        }
        let mut found = Vec::with_capacity(ranks.len());
        for (stretch, before, own) in looked_into {
            let mut numbers = &mut self.dealt[stretch];
            let mut first = before;
            for &rank in &ranks[own] {
                let (_, &mut number, above) = numbers.select_nth_unstable_by(rank - first, f32::total_cmp);
                found.push(number);
                (numbers, first) = (above, rank + 1);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_sorted_numbers() {
        let mut numbers: Vec<f32> = (0..5000u32)
            .map(|i| ((i * 7919 % 5003) as f32 - 2000.0) * 1.5f32.powi((i % 40) as i32 - 20))
            .collect();
        numbers.extend([0.0; 3000]);
        numbers.extend([-0.0, f32::MIN_POSITIVE, -1e-40, f32::MAX, f32::MIN]);
        for n in [1, 2, 3, 100, 7000, numbers.len()] {
            let mut sorted = numbers[..n].to_vec();
            sorted.sort_unstable_by(f32::total_cmp);
            let quantiles: Vec<f64> = (1..60).map(super::super::quantile).chain([0.0, 0.25, 0.5]).collect();
            let expected: Vec<f32> = quantiles
                .iter()
                .map(|q| {
                    let place = q * (n - 1) as f64;
                    let (a, b) = (place.floor() as usize, place.ceil() as usize);
                    let (a, b) = (f64::from(sorted[a]), f64::from(sorted[b]));
                    (a + (b - a) * place.fract()) as f32
                })
                .collect();
            let found = Selection::default().quantiles(&numbers[..n], &quantiles);
            for (found, expected) in found.iter().zip(&expected) {
                assert!(
                    (found - expected).abs() <= 2.0 * f32::EPSILON * expected.abs(),
                    "{n}: {found} {expected}"
                );
            }
        }
    }
}
