//! Channels whose leakage is known in closed form, against what their samples say.

use super::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, Normal};

/// Mean of the trials and its standard error.
fn mean(trials: u64, trial: impl Fn(&mut ChaCha8Rng) -> f64) -> (f64, f64) {
    let values: Vec<f64> = (0..trials).map(|t| trial(&mut ChaCha8Rng::seed_from_u64(t))).collect();
    let mean = values.iter().sum::<f64>() / trials as f64;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (trials as f64 - 1.0);
    (mean, (variance / trials as f64).sqrt())
}

/// Counts (n_classes × n_answers) of a channel given by its rows of probabilities, classes drawn evenly.
fn sample(channel: &[Vec<f64>], n: usize, rng: &mut ChaCha8Rng) -> Vec<Vec<u64>> {
    let mut counts: Vec<Vec<u64>> = channel.iter().map(|row| vec![0; row.len()]).collect();
    for _ in 0..n {
        let class = rng.random_range(0..channel.len());
        let mut left: f64 = rng.random();
        let below = |p: &f64| {
            left -= p;
            left < 0.0
        };
        let answer = channel[class].iter().position(below).unwrap_or(channel[class].len() - 1);
        counts[class][answer] += 1;
    }
    counts
}

/// Σ p(x)·p(y|x)·log₂(p(y|x) / p(y)), classes even.
fn true_bits(channel: &[Vec<f64>]) -> f64 {
    let n = channel.len() as f64;
    let answer = |y: usize| channel.iter().map(|row| row[y]).sum::<f64>() / n;
    let of_row = |row: &Vec<f64>| {
        let terms = row.iter().enumerate().filter(|(_, p)| **p > 0.0);
        terms.map(|(y, p)| p / n * (p / answer(y)).log2()).sum::<f64>()
    };
    channel.iter().map(of_row).sum()
}

#[test]
fn mutual_information_of_discrete_channels_is_found() {
    let symmetric = |error: f64| vec![vec![1.0 - error, error], vec![error, 1.0 - error]];
    let three = vec![vec![0.7, 0.2, 0.1, 0.0], vec![0.1, 0.6, 0.1, 0.2], vec![0.25, 0.25, 0.25, 0.25]];
    for (name, channel) in [
        ("useless", symmetric(0.5)),
        ("error 0.2", symmetric(0.2)),
        ("error 0.02", symmetric(0.02)),
        ("3 × 4", three),
    ] {
        let truth = true_bits(&channel);
        let (found, error) = mean(2000, |rng| mutual_information_bits(&sample(&channel, 300, rng)));
        println!("{name}: {found:.5} ± {error:.5} bits, in truth {truth:.5}");
        // what Miller and Madow leave is of the order 1/n²
        assert!((found - truth).abs() < 3.0 * error + 5e-4, "{name}: {found} against {truth}");
    }
}

#[test]
fn bayes_risk_and_min_entropy_of_a_discrete_channel_are_found() {
    let channel = vec![vec![0.7, 0.2, 0.1], vec![0.1, 0.6, 0.3], vec![0.2, 0.2, 0.6]];
    // the best attacker answers the class of the column's largest entry: right (0.7 + 0.6 + 0.6) / 3
    let risk = 1.0 - 1.9 / 3.0;
    let errors = |rng: &mut ChaCha8Rng| -> Vec<f64> {
        let counts = sample(&channel, 600, rng);
        let error = |(c, row): (usize, &Vec<u64>)| 1.0 - row[c] as f64 / row.iter().sum::<u64>() as f64;
        counts.iter().enumerate().map(error).collect()
    };
    let (found, error) = mean(1000, |rng| beta(&errors(rng), None));
    println!("beta {found:.5} ± {error:.5}, in truth {:.5}", risk * 1.5);
    assert!((found - risk * 1.5).abs() < 3.0 * error);
    let truth = (3.0 * (1.0 - risk)).log2();
    let (found, error) = mean(1000, |rng| min_entropy_bits(&errors(rng), None));
    println!("min-entropy {found:.5} ± {error:.5} bits, in truth {truth:.5}");
    assert!((found - truth).abs() < 3.0 * error + 2e-3);
}

/// n draws from two unit normals `distance` apart: class and value.
fn gaussian(n: usize, distance: f64, rng: &mut ChaCha8Rng) -> Vec<(usize, f64)> {
    let normal = Normal::standard();
    let draw = |i: usize| {
        let u: f64 = rng.random::<f64>().clamp(1e-12, 1.0 - 1e-12);
        (i % 2, normal.inverse_cdf(u) + distance * (i % 2) as f64)
    };
    (0..n).map(draw).collect()
}

/// Share of `test` that the vote of the k nearest of `train` tells wrong.
fn neighbours_error(train: &[(usize, f64)], test: &[(usize, f64)], k: usize) -> f64 {
    let wrong = |&&(class, x): &&(usize, f64)| {
        let mut nearest: Vec<(f64, usize)> = train.iter().map(|(c, v)| ((v - x).abs(), *c)).collect();
        nearest.select_nth_unstable_by(k - 1, |a, b| a.0.total_cmp(&b.0));
        let ones = nearest[..k].iter().filter(|(_, c)| *c == 1).count();
        usize::from(2 * ones > k) != class
    };
    test.iter().filter(wrong).count() as f64 / test.len() as f64
}

#[test]
fn neighbours_bracket_the_bayes_risk_of_a_gaussian_channel() {
    let n = 1000;
    for distance in [0.5, 1.0, 2.0, 3.0] {
        let truth = Normal::standard().cdf(-distance / 2.0);
        let error = |k: usize| {
            let trial = |rng: &mut ChaCha8Rng| {
                neighbours_error(&gaussian(n, distance, rng), &gaussian(n, distance, rng), k)
            };
            mean(20, trial)
        };
        let ((one, one_error), (many, many_error)) = (error(1), error(bayes_risk_k(n)));
        let lower = bayes_risk_lower(one, 2);
        // slope of the bound: 1 / (2·√(1 − 2e)), at most this much of the error's own uncertainty
        let lower_error = one_error / (2.0 * (1.0 - 2.0 * one).max(0.01).sqrt());
        println!(
            "distance {distance}: {lower:.4} ≤ {truth:.4} ≤ {many:.4} ± {many_error:.4} (1-NN {one:.4})"
        );
        assert!(lower <= truth + 3.0 * lower_error, "distance {distance}: {lower} above {truth}");
        assert!(many >= truth - 3.0 * many_error, "distance {distance}: {many} below {truth}");
        assert!(many <= one + 3.0 * one_error, "more neighbours do better: {many}, {one}");
        assert!(many - truth < 0.06, "distance {distance}: {many} is no estimate of {truth}");
    }
}

#[test]
fn answers_hold_no_more_than_the_gaussian_channel_itself() {
    let distance = 1.0;
    let (normal, step) = (Normal::standard(), 1e-3);
    // numerically: ∫ p(x|0)·log₂(2·p(x|0) / (p(x|0) + p(x|1))), the same for class 1 by symmetry
    let density = |x: f64| (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt();
    let term = |i: i32| {
        let x = f64::from(i) * step;
        let (own, other) = (density(x), density(x - distance));
        own * (2.0 * own / (own + other)).log2() * step
    };
    let channel: f64 = (-9_000..9_000).map(term).sum();
    let error = normal.cdf(-distance / 2.0);
    let of_answers = true_bits(&[vec![1.0 - error, error], vec![error, 1.0 - error]]);
    let trial = |rng: &mut ChaCha8Rng| {
        let mut counts = vec![vec![0; 2]; 2];
        for (class, x) in gaussian(400, distance, rng) {
            counts[class][usize::from(x > distance / 2.0)] += 1;
        }
        mutual_information_bits(&counts)
    };
    let (found, error) = mean(1000, trial);
    println!("answers {found:.5} ± {error:.5} of {of_answers:.5} bits; the channel has {channel:.5}");
    assert!((found - of_answers).abs() < 3.0 * error + 5e-4);
    assert!(found + 3.0 * error < channel, "data processing");
}
