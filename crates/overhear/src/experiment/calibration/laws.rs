//! Laws of traffic under which the best possible attacker is known: what an audit finds of what is there.
//!
//! Each law moves one thing that a round's windows may give away, by a dose at which the attacker who knows the law, and so the
//! likelihood ratio, classifies a given share of rounds correctly. What the audit's attackers reach is held against that.

use super::draw::round_at;
use super::result::{LawCell, Share};
use super::{Bench, draw};
use crate::Error;
use crate::engine::Engine;
use crate::experiment::audit::result::{Answer, Finding};
use crate::experiment::audit::view::Horizon;
use crate::experiment::audit::{self, gather_table};
use crate::experiment::interval::mean_and_std;
use crate::table::Labelled;
use overhear_learn::{Dataset, Matrix};
use overhear_synth::Condition;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson, StandardNormal};
use std::time::Duration;

/// Pairs of a campaign.
const PAIRS: u32 = 24;
/// Windows of a round: ten minutes of t=15.
const WINDOWS: usize = 40;
const WINDOW_NS: i64 = 15_000_000_000;
/// Features of a window; a law moves the first, the first two or all.
const FEATURES: usize = 6;
/// Deviation of a round's own level, in laws that have one.
const LEVEL: f64 = 0.5;
/// Deviation of a home's level over the rounds of a pair.
const HOME: f64 = 3.0;
/// What the best possible attacker classifies correctly.
const BEST: f64 = 0.9;
/// Rounds of each condition by which his accuracy is measured.
const TRIALS: u32 = 2_000;

/// What differs between the two conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Law {
    /// One feature's mean.
    Mean,
    /// All means, a little.
    AllMeans,
    /// One feature's variance.
    Variance,
    /// Whether two features go together or against each other.
    Together,
    /// One window of a round lies off.
    Rare,
    /// How much a window is like the one before.
    Autocorrelation,
    /// Every second window is higher, the others lower.
    Alternation,
    /// One feature's mean, where rounds have levels of their own.
    Level,
    /// One feature's mean, where the two rounds of a pair share a level of their home's.
    WithinPair,
    /// How many windows there are.
    Volume,
}

impl Law {
    pub(super) const ALL: [Law; 10] = [
        Law::Mean,
        Law::AllMeans,
        Law::Variance,
        Law::Together,
        Law::Rare,
        Law::Autocorrelation,
        Law::Alternation,
        Law::Level,
        Law::WithinPair,
        Law::Volume,
    ];

    fn name(self) -> &'static str {
        match self {
            Law::Mean => "one feature's mean",
            Law::AllMeans => "all means a little",
            Law::Variance => "one feature's variance",
            Law::Together => "two features together",
            Law::Rare => "one rare window a round",
            Law::Autocorrelation => "autocorrelation",
            Law::Alternation => "alternation of windows",
            Law::Level => "level of the round",
            Law::WithinPair => "difference within the pair",
            Law::Volume => "number of windows",
        }
    }

    /// Doses between which the one looked for lies.
    fn doses(self) -> (f64, f64) {
        match self {
            Law::Together | Law::Autocorrelation => (0.0, 0.95),
            Law::Rare => (0.0, 12.0),
            _ => (0.0, 3.0),
        }
    }

    /// Windows of a round (n × [`FEATURES`]) with this dose of what the law moves, which is 0 under the first condition. `home`: the
    /// level of its pair.
    fn round(self, dose: f64, is_second: bool, home: f64, rng: &mut ChaCha8Rng) -> Vec<[f64; FEATURES]> {
        let n = match self {
            Law::Volume => {
                let mean = WINDOWS as f64 * if is_second { 1.0 + dose } else { 1.0 };
                // a round without a window is one that was not recorded
                Poisson::new(mean).map_or(WINDOWS, |law| law.sample(rng) as usize).max(1)
            }
            _ => WINDOWS,
        };
        let mut windows: Vec<[f64; FEATURES]> =
            (0..n).map(|_| std::array::from_fn(|_| rng.sample(StandardNormal))).collect();
        let level = match self {
            Law::Level => LEVEL * rng.sample::<f64, _>(StandardNormal),
            Law::WithinPair => HOME * home,
            _ => 0.0,
        };
        windows.iter_mut().for_each(|window| window[0] += level);
        let second = if is_second { 1.0 } else { 0.0 };
        match self {
            Law::Mean | Law::Level | Law::WithinPair => {
                windows.iter_mut().for_each(|window| window[0] += dose * second);
            }
            Law::AllMeans => {
                windows.iter_mut().flatten().for_each(|value| *value += dose * second);
            }
            Law::Variance => windows.iter_mut().for_each(|window| window[0] *= (dose * second).exp()),
            Law::Together => {
                let r = if is_second { -dose } else { dose };
                for window in &mut windows {
                    window[1] = r * window[0] + (1.0 - r * r).sqrt() * window[1];
                }
            }
            Law::Rare => {
                let at = rng.random_range(0..n);
                windows[at][0] += dose * second;
            }
            Law::Autocorrelation => {
                let r = dose * second;
                for t in 1..n {
                    windows[t][0] = r * windows[t - 1][0] + (1.0 - r * r).sqrt() * windows[t][0];
                }
            }
            Law::Alternation => {
                let first: f64 = if rng.random() { 1.0 } else { -1.0 };
                for (t, window) in windows.iter_mut().enumerate() {
                    window[0] += dose * second * first * if t % 2 == 0 { 1.0 } else { -1.0 };
                }
            }
            Law::Volume => {}
        }
        windows
    }

    /// Log of the likelihood of a round's windows under the second condition over that under the first.
    fn log_ratio(self, dose: f64, windows: &[[f64; FEATURES]]) -> f64 {
        let n = windows.len() as f64;
        let first = || windows.iter().map(|window| window[0]);
        match self {
            Law::Mean => dose * first().sum::<f64>() - n * dose * dose / 2.0,
            Law::AllMeans => {
                let sum: f64 = windows.iter().flatten().sum();
                dose * sum - n * FEATURES as f64 * dose * dose / 2.0
            }
            Law::Variance => first().map(|x| -dose - x * x * ((-2.0 * dose).exp() - 1.0) / 2.0).sum(),
            Law::Together => {
                let products: f64 = windows.iter().map(|window| window[0] * window[1]).sum();
                -2.0 * dose * products / (1.0 - dose * dose)
            }
            Law::Rare => (first().map(|x| (dose * x - dose * dose / 2.0).exp()).sum::<f64>() / n).ln(),
            Law::Autocorrelation => windows
                .windows(2)
                .map(|two| {
                    let (x, next, free) = (two[0][0], two[1][0], 1.0 - dose * dose);
                    next * next / 2.0 - (next - dose * x).powi(2) / (2.0 * free) - free.ln() / 2.0
                })
                .sum(),
            Law::Alternation => {
                let sum: f64 = first().enumerate().map(|(t, x)| if t % 2 == 0 { x } else { -x }).sum();
                // ln cosh without overflow
                let c = (dose * sum).abs();
                c + (1.0 + (-2.0 * c).exp()).ln() - std::f64::consts::LN_2 - n * dose * dose / 2.0
            }
            Law::Level => {
                let spread = 1.0 + n * LEVEL * LEVEL;
                (dose * first().sum::<f64>() - n * dose * dose / 2.0) / spread
            }
            // of a pair, whose level cancels: see `best`
            Law::WithinPair => first().sum::<f64>() / n,
            Law::Volume => n * dose.ln_1p() - WINDOWS as f64 * dose,
        }
    }

    /// Share of rounds that the best possible attacker classifies correctly; of a pair's difference one who sees both rounds.
    fn best(self, dose: f64) -> f64 {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut right = 0;
        for _ in 0..TRIALS {
            let home = rng.sample(StandardNormal);
            let [first, second] = [false, true].map(|is_second| {
                let windows = self.round(dose, is_second, home, &mut rng);
                self.log_ratio(dose, &windows)
            });
            right += match self {
                Law::WithinPair => 2 * u32::from(second > first),
                _ => u32::from(first < 0.0) + u32::from(second > 0.0),
            };
        }
        f64::from(right) / f64::from(2 * TRIALS)
    }

    /// The dose at which the best possible attacker reaches so much, by bisection.
    fn dose(self, best: f64) -> f64 {
        let (mut low, mut high) = self.doses();
        for _ in 0..20 {
            let middle = (low + high) / 2.0;
            if self.best(middle) < best { low = middle } else { high = middle }
        }
        (low + high) / 2.0
    }

    /// Pairs in an order drawn by a coin, over three days.
    fn campaign(self, dose: f64, rng: &mut ChaCha8Rng) -> Result<Labelled, Error> {
        let settings = draw::settings(PAIRS, 1);
        let mut columns = vec![Vec::new(); FEATURES];
        let (mut y, mut units, mut starts_ns) = (Vec::new(), Vec::new(), Vec::new());
        for pair in 0..PAIRS {
            let home = rng.sample(StandardNormal);
            let mut order = [false, true];
            order.shuffle(rng);
            for (place, is_second) in (0..).zip(order) {
                let offset_ns = i64::from(pair / 8) * 86_400_000_000_000
                    + i64::from(pair % 8) * 3_600_000_000_000
                    + place * 1_200_000_000_000;
                let start_ns = round_at(&settings, pair, Condition::MicOn, offset_ns).start_ns;
                let windows = self.round(dose, is_second, home, rng);
                // however many windows there are, they fill the round
                let step_ns = WINDOW_NS * WINDOWS as i64 / windows.len() as i64;
                for (t, window) in (0..).zip(windows) {
                    columns.iter_mut().zip(window).for_each(|(column, value)| column.push(value));
                    y.push(u32::from(is_second));
                    units.push(pair + 1);
                    starts_ns.push(start_ns + t * step_ns);
                }
            }
        }
        let data = Dataset {
            features: (1..=FEATURES).map(|j| format!("feature {j}")).collect(),
            x: Matrix::from_columns(&columns)?,
            y,
            classes: vec!["first".to_owned(), "second".to_owned()],
            units: Some(units),
            starts_ns: Some(starts_ns),
        };
        Ok(Labelled { data, folds: None, warnings: Vec::new() })
    }
}

impl Bench<'_> {
    /// What the audit finds where the best possible attacker classifies nine rounds of ten correctly.
    pub(super) fn law(&self, law: Law) -> Result<LawCell, Error> {
        let dose = law.dose(BEST);
        let campaigns = (self.settings.campaigns / 8).max(1);
        let findings: Vec<Finding> = self.each(&format!("law: {}", law.name()), campaigns, |rng, seed| {
            let gathered = gather_table(&law.campaign(dose, rng)?, "drawn")?;
            let settings = self.audit(seed, self.settings.permutations)?;
            let mut result = audit::run(&gathered, &settings, &|| Duration::ZERO, &Engine::silent())?;
            result.findings.pop().ok_or(Error::NothingLeft { caveats: Vec::new(), condition: None })
        })?;
        let share = |answer: Answer| {
            let n = findings.iter().filter(|finding| finding.answer == answer).count();
            Share::of(n, findings.len(), None)
        };
        let at_round = |finding: &Finding| {
            finding.horizons.iter().find(|h| h.horizon == Horizon::Round).map(|h| h.balanced_accuracy.value)
        };
        let reached: Vec<f64> = findings.iter().filter_map(at_round).collect();
        Ok(LawCell {
            law: law.name().to_owned(),
            dose,
            best: law.best(dose),
            pairs: PAIRS,
            campaigns: findings.len(),
            reached: mean_and_std(&reached).0,
            leaks: share(Answer::Leak),
            no_leaks: share(Answer::NoLeak),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_possible_attacker_reaches_what_was_asked() {
        for law in Law::ALL {
            let dose = law.dose(BEST);
            assert!((law.best(dose) - BEST).abs() < 0.01, "{law:?}: {dose} gives {}", law.best(dose));
        }
    }

    /// Of a shift δ of one mean over n windows the likelihood ratio is right with Φ(δ√n / 2).
    #[test]
    fn the_dose_of_a_mean_is_that_of_the_formula() {
        let quantile = 1.281_551_6; // Φ⁻¹(0.9)
        let expected = 2.0 * quantile / (WINDOWS as f64).sqrt();
        assert!((Law::Mean.dose(BEST) - expected).abs() < 0.03);
    }
}
