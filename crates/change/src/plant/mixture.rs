//! Another law of lengths with the same mean and deviation: nothing of it shows in the first two moments.

use super::Entry;
use super::altering::{Alter, Altering, lengths_of};
use crate::random::Random;
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction;

pub(super) const ENTRY: Entry = Entry {
    name: "mixture",
    about: "a share X of packets as long as one of two lengths; mean and deviation stay",
    unit: "share of packets",
    range: (0.0, 1.0),
    is_whole: false,
    reference: None,
    build: |dose, random| {
        Box::new(Altering { alter: Mixture { share: dose, seen: [Moments::default(); 2] }, random })
    },
};

/// Redraws lengths from a law of two points that has mean and deviation of the lengths seen so far in that direction.
struct Mixture {
    share: f64,
    seen: [Moments; 2],
}

impl Alter for Mixture {
    fn alter(&mut self, packet: &Event, direction: Direction, random: &mut Random) -> Option<Event> {
        let seen = &mut self.seen[usize::from(direction == Direction::In)];
        seen.add(packet.length_bytes);
        if !random.chance(self.share) {
            return None;
        }
        let (least, most) = lengths_of(packet)?;
        let TwoPoints { low, high, low_share } = TwoPoints::with(*seen, (least.into(), most.into()))?;
        let length = if random.chance(low_share) { low } else { high };
        Some(packet.with_length(random.rounded(length)))
    }
}

/// Count, sum and sum of squares.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    n: u64,
    sum: u128,
    squares: u128,
}

impl Moments {
    fn add(&mut self, length_bytes: u32) {
        self.n += 1;
        self.sum += u128::from(length_bytes);
        self.squares += u128::from(length_bytes).pow(2);
    }

    /// Mean and variance of the population; of nothing 0.
    fn mean_and_variance(self) -> (f64, f64) {
        let n = self.n.max(1) as f64;
        let mean = self.sum as f64 / n;
        (mean, (self.squares as f64 / n - mean * mean).max(0.0))
    }
}

/// A law of two values.
#[derive(Debug, PartialEq)]
struct TwoPoints {
    low: f64,
    high: f64,
    /// Probability of `low`.
    low_share: f64,
}

impl TwoPoints {
    /// The law of this mean and variance with equal weights, one deviation to either side; where an end of the range is
    /// nearer, one value is that end and the weights make up for it. `None` where no law in the range has this variance:
    /// it is at most (mean − least)(most − mean).
    /// Source: Bhatia, Davis, A better bound on the variance, Amer. Math. Monthly 107, 2000.
    fn with(moments: Moments, (least, most): (f64, f64)) -> Option<TwoPoints> {
        let (mean, variance) = moments.mean_and_variance();
        let (below, above) = (mean - least, most - mean);
        let deviation = variance.sqrt();
        if below < 0.0 || above < 0.0 || variance > below * above {
            return None;
        }
        let TwoPoints { low, high, low_share } = if deviation <= below.min(above) {
            TwoPoints { low: mean - deviation, high: mean + deviation, low_share: 0.5 }
        } else if below < above {
            let low_share = variance / (variance + below * below);
            TwoPoints { low: least, high: mean + variance / below, low_share }
        } else {
            let low_share = above * above / (variance + above * above);
            TwoPoints { low: mean - variance / above, high: most, low_share }
        };
        // but for rounding they are within
        Some(TwoPoints { low: low.max(least), high: high.min(most), low_share })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(lengths: &[u32]) -> Moments {
        let mut moments = Moments::default();
        lengths.iter().for_each(|length| moments.add(*length));
        moments
    }

    #[test]
    fn the_two_values_have_mean_and_variance_asked_for() {
        let cases: [&[u32]; 4] = [&[500, 700], &[60, 60, 60, 1000], &[1500, 1500, 1400, 60], &[60, 60, 1500]];
        for lengths in cases {
            let (mean, variance) = moments(lengths).mean_and_variance();
            let law = TwoPoints::with(moments(lengths), (60.0, 1514.0)).unwrap();
            let TwoPoints { low, high, low_share: p } = law;
            assert!((60.0..=1514.0).contains(&low) && (60.0..=1514.0).contains(&high), "{law:?}");
            assert!((p * low + (1.0 - p) * high - mean).abs() < 1e-6);
            let found = p * (low - mean).powi(2) + (1.0 - p) * (high - mean).powi(2);
            assert!((found - variance).abs() < 1e-6 * variance.max(1.0), "{law:?}");
        }
        let halves = TwoPoints { low: 500.0, high: 700.0, low_share: 0.5 };
        assert_eq!(TwoPoints::with(moments(&[500, 700]), (60.0, 1514.0)), Some(halves));
    }

    #[test]
    fn what_no_two_lengths_can_be_is_left_alone() {
        assert_eq!(TwoPoints::with(moments(&[54, 54]), (60.0, 1514.0)), None);
        assert_eq!(TwoPoints::with(moments(&[54, 1514]), (60.0, 1514.0)), None);
        assert_eq!(TwoPoints::with(moments(&[u32::MAX]), (60.0, 1514.0)), None);
    }
}
