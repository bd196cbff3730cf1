//! Machines a reader can work out by hand, the kernel against plain arithmetic, damaged models.

use super::kernel::Points;
use super::probability::{Sigmoid, couple};
use super::smo::{Problem, solve};
use super::{Svm, load};
use crate::learner::{Learner, Model, Training};
use crate::simd::{Block, LANES};
use crate::{Matrix, Presort, Scaler};

/// A number in [0, 1) for each counter.
fn noise(i: usize) -> f64 {
    let z = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((z ^ (z >> 27)) >> 11) as f64 * (-53f64).exp2()
}

/// Fits the machine to all rows of some columns.
fn fit(columns: &[Vec<f64>], y: &[u32], n_classes: usize) -> (Matrix, Box<dyn Model>) {
    let x = Matrix::from_columns(columns).expect("finite numbers");
    let rows: Vec<u32> = (0..x.n_rows() as u32).collect();
    let (scaler, presort) = (Scaler::fit(&x, &rows), Presort::new(&x));
    let training = Training { x: &x, y, n_classes, rows: &rows, scaler: &scaler, presort: &presort };
    let model = Svm::default().fit(&training, 0).expect("there are rows");
    (x, model)
}

#[test]
fn kernel_row_is_the_exponential_of_minus_the_squared_distance() {
    let rows: Vec<f32> = (0..37 * 3).map(|i| 3.0 * noise(i) as f32).collect();
    let points = Points::new(&rows, 37, 3);
    let mut found = vec![Block::ZERO; points.n_blocks()];
    points.row(5, &mut found);
    for i in 0..37 {
        let squared: f64 = (0..3).map(|j| f64::from(rows[i * 3 + j] - rows[15 + j]).powi(2)).sum();
        let expected = (-squared).exp();
        assert!((f64::from(found[i / LANES].0[i % LANES]) - expected).abs() < 1e-6, "point {i}");
    }
    assert_eq!(found[0].0[5], 1.0);
}

#[test]
fn two_points_far_apart_support_with_weight_one() {
    // the dual is α₁ + α₂ − α²(1 − k): with k near 0 the maximum is at α = 1, the bound
    let problem = Problem { rows: &[0.0, 9.0], n_features: 1, is_first: &[true, false], c: 1.0 };
    let solution = solve(&problem);
    assert_eq!(solution.weights, [1.0, -1.0]);
    assert!(solution.bias.abs() < 1e-6);
    assert!(solution.decisions[0] > 0.99 && solution.decisions[1] < -0.99);
}

#[test]
fn a_loose_bound_leaves_both_points_on_the_margin() {
    // α = 1 / (1 − k), k = e⁻¹, where the decision values are ±1
    let problem = Problem { rows: &[0.0, 1.0], n_features: 1, is_first: &[true, false], c: 100.0 };
    let solution = solve(&problem);
    let expected = 1.0 / (1.0 - (-1.0f64).exp());
    assert!((solution.weights[0] - expected).abs() < 1e-5, "{}", solution.weights[0]);
    assert!((solution.decisions[0] - 1.0).abs() < 1e-3);
}

#[test]
fn the_solution_meets_the_optimality_conditions() {
    let n = 1500;
    let rows: Vec<f32> = (0..2 * n).map(|i| 2.0 * noise(i) as f32).collect();
    let is_first: Vec<bool> = (0..n).map(|i| rows[2 * i] + 0.8 * noise(9 * n + i) as f32 > 1.4).collect();
    let problem = Problem { rows: &rows, n_features: 2, is_first: &is_first, c: 1.0 };
    let solution = solve(&problem);
    assert!(solution.weights.iter().sum::<f64>().abs() < 1e-9);
    for (i, &weight) in solution.weights.iter().enumerate() {
        let sign = if is_first[i] { 1.0 } else { -1.0 };
        let (alpha, margin) = (weight * sign, solution.decisions[i] * sign);
        assert!((0.0..=1.0).contains(&alpha));
        assert!(alpha > 0.0 || margin > 1.0 - 2e-3, "{i}: left out inside the margin, {margin}");
        assert!(alpha < 1.0 || margin < 1.0 + 2e-3, "{i}: at the bound outside of the margin, {margin}");
    }
}

#[test]
fn four_corners_are_told_apart() {
    let columns = [vec![0.0, 0.0, 1.0, 1.0], vec![0.0, 1.0, 0.0, 1.0]];
    let (x, model) = fit(&columns, &[0, 1, 1, 0], 2);
    assert_eq!(model.predict(&x, &[0, 1, 2, 3]), [0, 1, 1, 0]);
}

#[test]
fn a_class_without_rows_gets_no_vote_and_no_probability() {
    let line: Vec<f64> = (0..30).map(|i| f64::from(i / 10) * 5.0 + f64::from(i % 10) * 0.1).collect();
    let y: Vec<u32> = (0..30).map(|i| [0, 2, 3][i / 10]).collect();
    let (x, model) = fit(&[line], &y, 5);
    let rows: Vec<u32> = (0..30).collect();
    assert_eq!(model.predict(&x, &rows), y);
    for (p, &class) in model.probabilities(&x, &rows).chunks_exact(5).zip(&y) {
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(p[1] == 0.0 && p[4] == 0.0 && p[class as usize] > 0.5, "{p:?}");
    }
}

#[test]
fn one_class_or_one_row_or_equal_rows_are_no_reason_to_fail() {
    let (x, model) = fit(&[vec![3.0]], &[1], 3);
    assert_eq!((model.predict(&x, &[0]), model.probabilities(&x, &[0])), (vec![1], vec![0.0, 1.0, 0.0]));
    let (x, model) = fit(&[vec![2.0; 40], vec![1.0; 40]], &[0, 1].repeat(20), 2);
    let p = model.probabilities(&x, &[0, 1]);
    assert!((p[0] - 0.5).abs() < 1e-6 && p[..2] == p[2..], "{p:?}");
}

#[test]
fn sigmoid_is_steep_for_certain_and_flat_for_useless_decisions() {
    let labels: Vec<bool> = (0..200).map(|i| i % 2 == 0).collect();
    let certain: Vec<f64> = labels.iter().map(|&first| if first { 1.0 } else { -1.0 }).collect();
    assert!(Sigmoid::fit(&certain, &labels).of(1.0) > 0.98);
    let useless: Vec<f64> = (0..200).map(|i| noise(i) - 0.5).collect();
    assert!((Sigmoid::fit(&useless, &labels).of(0.5) - 0.5).abs() < 0.2);
}

#[test]
fn consistent_pairs_couple_to_the_probabilities_they_come_from() {
    let p = [0.5, 0.3, 0.2];
    let coupled = couple(3, |i, j| p[i] / (p[i] + p[j]));
    for (found, expected) in coupled.iter().zip(p) {
        assert!((found - expected).abs() < 0.01, "{coupled:?}");
    }
}

#[test]
fn saved_and_read_back_it_gives_the_same_bits() {
    let columns: Vec<Vec<f64>> = (0..3).map(|j| (0..90).map(|i| noise(90 * j + i)).collect()).collect();
    let y: Vec<u32> = (0..90).map(|i| (3.0 * columns[0][i]) as u32).collect();
    let (x, model) = fit(&columns, &y, 3);
    let text = model.to_json().to_string();
    let again = load(serde_json::from_str(&text).expect("what was just written")).expect("whole");
    let rows: Vec<u32> = (0..90).collect();
    assert_eq!(again.probabilities(&x, &rows), model.probabilities(&x, &rows));
    assert_eq!(again.predict(&x, &rows), model.predict(&x, &rows));
}

#[test]
fn damaged_models_are_refused() {
    let sigmoid = serde_json::json!({ "slope": -1.0, "offset": 0.0 });
    let whole = serde_json::json!({
        "n_classes": 2, "scaler": { "means": [0.0], "deviations": [1.0] }, "gamma": 1.0, "classes": [0, 1],
        "support": [0.5, 1.5], "n_support": 2,
        "pairs": [{ "weights": [1.0, -1.0], "bias": 0.0, "sigmoid": sigmoid }],
    });
    assert!(load(whole.clone()).is_ok());
    for (key, value) in [
        ("n_classes", serde_json::json!(1)),
        ("n_classes", serde_json::json!(1_000_000_000_000_u64)),
        ("classes", serde_json::json!([1, 0])),
        ("classes", serde_json::json!([])),
        ("gamma", serde_json::json!(-1.0)),
        ("support", serde_json::json!([0.5])),
        ("support", serde_json::json!([0.5, 1e300])),
        ("n_support", serde_json::json!(3)),
        ("pairs", serde_json::json!([])),
        ("pairs", serde_json::json!([{ "weights": [1.0], "bias": 0.0, "sigmoid": sigmoid }])),
    ] {
        let mut damaged = whole.clone();
        damaged[key] = value.clone();
        assert!(load(damaged).is_err(), "{key}: {value}");
    }
}
