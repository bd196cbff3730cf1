//! Seeded randomness: one ChaCha8 stream for each purpose, and the few distributions the sources draw from.

use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One independent stream of random numbers.
pub(super) struct Random(ChaCha8Rng);

impl Random {
    /// The stream of `seed` for a purpose (`label`) and an index within it; equal arguments give equal streams.
    pub fn stream(seed: u64, label: &str, index: u64) -> Random {
        // FNV-1a: only has to keep labels apart, ChaCha does the rest.
        let label = label.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&label.to_le_bytes());
        key[16..24].copy_from_slice(&index.to_le_bytes());
        Random(ChaCha8Rng::from_seed(key))
    }

    /// Uniform over all 32-bit numbers.
    pub fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Uniform in [low, high).
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.random::<f64>()
    }

    /// Uniform over low, low + 1, … high.
    pub fn whole(&mut self, low: u32, high: u32) -> u32 {
        self.0.random_range(low..=high.max(low))
    }

    /// True with probability `p`; certain outside of [0, 1].
    pub fn chance(&mut self, p: f64) -> bool {
        self.0.random::<f64>() < p
    }

    /// Standard normal (Box–Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.0.random::<f64>()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.0.random::<f64>()).cos()
    }

    /// Log-normal with mean 1; `sigma` is the deviation of its logarithm.
    pub fn around_one(&mut self, sigma: f64) -> f64 {
        (sigma * self.normal() - sigma * sigma / 2.0).exp()
    }

    /// Erlang: the sum of `shape` exponential waits, with the given mean.
    pub fn erlang(&mut self, shape: u32, mean: f64) -> f64 {
        let product: f64 = (0..shape).map(|_| 1.0 - self.0.random::<f64>()).product();
        -product.ln() * mean / f64::from(shape)
    }

    /// `value` rounded up or down so that its mean is kept; never below 0.
    pub fn rounded(&mut self, value: f64) -> u32 {
        let value = value.max(0.0);
        value as u32 + u32::from(self.chance(value.fract()))
    }

    /// Overwrites `bytes`.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ_by_label_and_index() {
        let draw = |label, index| Random::stream(1, label, index).bits();
        assert_eq!(draw("day", 0), draw("day", 0));
        assert_ne!(draw("day", 0), draw("day", 1));
        assert_ne!(draw("day", 0), draw("round", 0));
    }

    #[test]
    fn distributions_keep_their_means() {
        let mut random = Random::stream(1, "test", 0);
        let mean = |draws: Vec<f64>| draws.iter().sum::<f64>() / draws.len() as f64;
        let count = 40_000;
        assert!((mean((0..count).map(|_| random.normal()).collect())).abs() < 0.02);
        assert!((mean((0..count).map(|_| random.around_one(0.5)).collect()) - 1.0).abs() < 0.02);
        assert!((mean((0..count).map(|_| random.erlang(3, 7.0)).collect()) - 7.0).abs() < 0.1);
        assert!((mean((0..count).map(|_| f64::from(random.rounded(2.3))).collect()) - 2.3).abs() < 0.02);
    }
}
