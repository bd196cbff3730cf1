//! Channels whose leakage is known in closed form.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use statrs::distribution::{ContinuousCDF, Normal};

/// What one number tells of the condition; conditions are equally likely.
pub enum Channel {
    /// Two normal distributions of deviation 1, so far apart.
    Gaussian(f64),
    /// Probability of each symbol under each condition (n_conditions × n_symbols).
    Discrete(Vec<Vec<f64>>),
}

impl Channel {
    /// Every condition classified correctly but for this share, which falls evenly on the others.
    pub fn symmetric(n: usize, error: f64) -> Channel {
        let row =
            |x: usize| (0..n).map(|y| if x == y { 1.0 - error } else { error / (n - 1) as f64 }).collect();
        Channel::Discrete((0..n).map(row).collect())
    }

    /// In words.
    pub fn name(&self) -> String {
        match self {
            Channel::Gaussian(distance) => format!("Gaussian, {distance} sd apart"),
            Channel::Discrete(rows) => {
                format!(
                    "{} conditions, {} symbols, error {:.1}",
                    rows.len(),
                    rows[0].len(),
                    self.bayes_risk()
                )
            }
        }
    }

    /// How many conditions.
    pub fn n_conditions(&self) -> usize {
        match self {
            Channel::Gaussian(_) => 2,
            Channel::Discrete(rows) => rows.len(),
        }
    }

    /// One number under a condition.
    pub fn draw(&self, condition: usize, rng: &mut ChaCha8Rng) -> f64 {
        match self {
            Channel::Gaussian(distance) => distance * condition as f64 + rng.sample::<f64, _>(StandardNormal),
            Channel::Discrete(rows) => {
                let mut left: f64 = rng.random();
                let row = &rows[condition];
                let symbol = row.iter().position(|p| {
                    left -= p;
                    left < 0.0
                });
                symbol.unwrap_or(row.len() - 1) as f64
            }
        }
    }

    /// Error of the best attacker who sees one number. Gaussian: Φ(−d/2).
    pub fn bayes_risk(&self) -> f64 {
        match self {
            Channel::Gaussian(distance) => Normal::standard().cdf(-distance / 2.0),
            Channel::Discrete(rows) => {
                let best = |y: usize| rows.iter().map(|row| row[y]).fold(0.0, f64::max);
                1.0 - (0..rows[0].len()).map(best).sum::<f64>() / rows.len() as f64
            }
        }
    }

    /// Bits that one number holds of the condition. Gaussian: 1 − ∫ φ(x)·log₂(1 + e^(d·x − d²/2)) dx, by the
    /// trapezium rule, which is exact for such functions to rounding.
    pub fn mutual_information_bits(&self) -> f64 {
        match self {
            Channel::Gaussian(d) => {
                let step = 1e-3;
                let term = |i: i32| {
                    let x = f64::from(i) * step;
                    (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt() * (d * x - d * d / 2.0).exp().ln_1p()
                };
                1.0 - (-12_000..=12_000).map(term).sum::<f64>() * step / std::f64::consts::LN_2
            }
            Channel::Discrete(rows) => {
                let n = rows.len() as f64;
                let answer = |y: usize| rows.iter().map(|row| row[y]).sum::<f64>() / n;
                let terms = |row: &Vec<f64>| {
                    let some = row.iter().enumerate().filter(|(_, p)| **p > 0.0);
                    some.map(|(y, p)| p / n * (p / answer(y)).log2()).sum::<f64>()
                };
                rows.iter().map(terms).sum()
            }
        }
    }

    /// The truth behind a leakage measure of the audit, by its permanent name.
    pub fn truth(&self, measure: &str) -> Option<f64> {
        let guess = 1.0 - 1.0 / self.n_conditions() as f64;
        match measure {
            "beta" => Some(self.bayes_risk() / guess),
            "min_entropy" => Some(((1.0 - self.bayes_risk()) / (1.0 - guess)).log2()),
            "mutual_information" => Some(self.mutual_information_bits()),
            "bayes_risk_lower" | "bayes_risk_upper" => Some(self.bayes_risk()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entropy(p: f64) -> f64 {
        -p * p.log2() - (1.0 - p) * (1.0 - p).log2()
    }

    #[test]
    fn a_symmetric_channel_holds_one_bit_less_the_entropy_of_its_error() {
        let channel = Channel::symmetric(2, 0.1);
        assert!((channel.mutual_information_bits() - (1.0 - entropy(0.1))).abs() < 1e-12);
        assert!((channel.bayes_risk() - 0.1).abs() < 1e-12);
        assert!((channel.truth("min_entropy").unwrap() - 1.8f64.log2()).abs() < 1e-12);
        assert!((Channel::symmetric(3, 0.4).truth("beta").unwrap() - 0.6).abs() < 1e-12);
    }

    #[test]
    fn normals_far_apart_hold_one_bit_and_equal_ones_none() {
        assert!(Channel::Gaussian(0.0).mutual_information_bits().abs() < 1e-9);
        assert!((Channel::Gaussian(12.0).mutual_information_bits() - 1.0).abs() < 1e-6);
        // a signal of amplitude 1 in noise of 1, two equally likely signs: 0.486 bits (Cover and Thomas, ch. 9)
        assert!((Channel::Gaussian(2.0).mutual_information_bits() - 0.486).abs() < 1e-3);
    }

    #[test]
    fn symbols_come_as_often_as_they_should() {
        use rand::SeedableRng;
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let channel = Channel::symmetric(3, 0.4);
        let n = 20_000;
        let right = (0..n).filter(|_| channel.draw(1, &mut rng) == 1.0).count();
        assert!((right as f64 / f64::from(n) - 0.6).abs() < 0.01);
    }
}
