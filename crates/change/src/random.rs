//! Seeded randomness: one ChaCha8 stream for each change of a round.

use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One independent stream of random numbers.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// The stream of a seed for `label` in a round; `place`: which of several of that label. Equal arguments give equal
    /// streams.
    pub fn stream(seed: u64, label: &str, round: u64, place: u64) -> Random {
        // FNV-1a: only has to keep labels apart, ChaCha does the rest.
        let label = label.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut key = [0; 32];
        for (part, word) in key.chunks_exact_mut(8).zip([seed, label, round, place]) {
            part.copy_from_slice(&word.to_le_bytes());
        }
        Random(ChaCha8Rng::from_seed(key))
    }

    /// A stream of its own for what wants to keep one, drawn from this one.
    #[cfg(feature = "maybenot")]
    pub fn fork(&mut self) -> Random {
        Random(ChaCha8Rng::from_rng(&mut self.0))
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        self.0.random()
    }

    /// True with probability `p`; certain outside of [0, 1].
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Uniform over 0, 1, … below `end`; 0 where that is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0.random_range(0..end.max(1))
    }

    /// Exponential with the given mean: the wait for the next of events that come by chance alone.
    pub fn wait(&mut self, mean: f64) -> f64 {
        -(1.0 - self.unit()).ln() * mean
    }

    /// Rayleigh with the given scale: how far a point lies whose two coordinates are normal.
    pub fn rayleigh(&mut self, scale: f64) -> f64 {
        scale * (-2.0 * (1.0 - self.unit()).ln()).sqrt()
    }

    /// Standard normal. Source: Box and Muller, Annals of Mathematical Statistics 1958.
    pub fn normal(&mut self) -> f64 {
        let (radius, turn) = (self.rayleigh(1.0), self.unit());
        radius * (std::f64::consts::TAU * turn).cos()
    }

    /// A value rounded up or down so that its mean is kept; never below 0, at most `u32::MAX`.
    pub fn rounded(&mut self, value: f64) -> u32 {
        let value = value.max(0.0);
        (value as u32).saturating_add(u32::from(self.chance(value.fract())))
    }
}

impl RngCore for Random {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}
