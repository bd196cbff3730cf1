use super::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Standard normal, by Box and Muller.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

#[test]
fn overconfident_sums_are_scaled_back() {
    // true log-odds are s/10 + 0.5; class weights balance the classes, hence 0 at the middle
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let scores: Vec<f64> =
        (0..4000).map(|i| 10.0 * (f64::from(i % 2) * 2.0 - 1.0 + normal(&mut rng))).collect();
    let positive: Vec<bool> = (0..4000).map(|i| i % 2 == 1).collect();
    let platt = Platt::fit(&scores, &positive);
    // two normals 2 deviations apart: log-odds 2·(s/10)
    assert!((platt.a - 0.2).abs() < 0.02, "{platt:?}");
    assert!(platt.b.abs() < 0.15, "{platt:?}");
}

#[test]
fn classes_weigh_the_same_however_many_rows_they_have() {
    let scores = [-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, 0.0, 2.0];
    let positive = [false, false, false, false, false, false, false, false, true, true];
    let platt = Platt::fit(&scores, &positive);
    assert!((platt.probability(0.5) - 0.5).abs() < 1e-3, "midway between the means: {platt:?}");
}

#[test]
fn separable_rows_stay_finite_and_below_certainty() {
    for n in [2, 10, 48] {
        for unit in [1e-9, 1.0, 1e9] {
            let scores: Vec<f64> = (0..n).map(|i| unit * if i % 2 == 0 { -1.0 } else { 1.0 }).collect();
            let positive: Vec<bool> = (0..n).map(|i| i % 2 == 1).collect();
            let platt = Platt::fit(&scores, &positive);
            assert!(platt.a.is_finite() && platt.a > 0.0 && platt.b.is_finite());
            let p = platt.probability(unit);
            assert!(p > 0.6 && p < 1.0 - 0.2 / f64::from(n), "{n} rows: {p}");
            assert!((platt.probability(-unit) - (1.0 - p)).abs() < 1e-9);
        }
    }
}

#[test]
fn what_tells_nothing_gives_even_odds() {
    let even = Platt { a: 0.0, b: 0.0 };
    assert_eq!(Platt::fit(&[], &[]), even);
    assert_eq!(Platt::fit(&[1.0, 2.0], &[true, true]), even, "one class");
    assert_eq!(Platt::fit(&[1.0, 1.0], &[true, false]), even, "the same score");
    assert_eq!(Platt::fit(&[1.0, 0.0], &[false, true]), even, "the wrong way round");
    assert_eq!(Platt::fit(&[f64::NAN, f64::INFINITY], &[false, true]), even, "no number");
    assert_eq!(even.probability(f64::INFINITY), 0.5);
}

#[test]
fn extreme_scores_do_not_break_the_fit() {
    let scores = [-1e300, 1e300, -1.0, 1.0, f64::NEG_INFINITY, f64::MAX];
    let platt = Platt::fit(&scores, &[false, true, false, true, false, true]);
    assert!(platt.a.is_finite() && platt.b.is_finite());
    let p = platt.probability(f64::MAX);
    assert!((0.0..=1.0).contains(&p), "{p}");
}

#[test]
fn three_classes_get_probabilities_that_hold() {
    // log-likelihoods of unit normals at 0, 2 and 4, counted five times over
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let classes: Vec<u32> = (0..6000).map(|i| i % 3).collect();
    let ll: Vec<f64> = classes
        .iter()
        .flat_map(|&class| {
            let x = 2.0 * f64::from(class) + normal(&mut rng);
            [0.0, 2.0, 4.0].map(|mean| -5.0 * (x - mean).powi(2) / 2.0)
        })
        .collect();
    let fitted = Temperature::fit(&ll, &classes, 3);
    assert!((fitted.scale - 0.2).abs() < 0.01, "{fitted:?}");
    assert!(fitted.bias.iter().all(|b| b.abs() < 0.15), "{fitted:?}");
    let mut p = Vec::new();
    fitted.probabilities(&ll[..3], &mut p);
    assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    fitted.probabilities(&[0.0, f64::NEG_INFINITY, 0.0], &mut p);
    assert_eq!(p[1], 0.0);
}

#[test]
fn one_class_of_three_without_rows_is_no_trouble() {
    let fitted = Temperature::fit(&[0.0, -1.0, -5.0, -1.0, 0.0, -5.0], &[0, 1], 3);
    assert!(fitted.scale.is_finite() && fitted.bias.iter().all(|b| b.is_finite()));
    assert_eq!(Temperature::fit(&[], &[], 3), Temperature { scale: 0.0, bias: vec![0.0; 3] });
}
