//! Products and gradients against plain arithmetic, small networks by hand, damaged models.

use super::product::{Activate, Left, product, transpose};
use super::train::Fit;
use super::{NeuralNetwork, load};
use crate::learner::{Learner, Model, Training};
use crate::simd::{Block, Kernel, LANES, Portable, Simd, as_numbers, dispatch};
use crate::{Matrix, Presort, Scaler};

/// A number in [−1, 1) for each counter.
fn noise(i: usize) -> f32 {
    let z = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (2.0 * ((z ^ (z >> 27)) >> 11) as f64 * (-53f64).exp2() - 1.0) as f32
}

fn blocks(n: usize, first: usize) -> Vec<Block> {
    (0..n).map(|b| Block(std::array::from_fn(|i| noise(first + b * LANES + i)))).collect()
}

/// A product of 7 × 9 and 9 × (6 blocks), written with a bias.
struct SomeProduct;

impl Kernel for SomeProduct {
    type Out = Vec<Block>;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Vec<Block> {
        let (left, right, bias) = (blocks(7, 0), blocks(9 * 6, 1000), blocks(1, 5000));
        let left = Left { values: as_numbers(&left), row: 16, column: 1, n_rows: 7, depth: 9 };
        let mut out = vec![Block::ZERO; 7 * 6];
        let mut finish = Activate { bias: &bias[0].0, is_hidden: false, width: 6, out: &mut out };
        product(s, left, &right, 6, &mut finish);
        out
    }
}

#[test]
fn product_is_the_sum_over_the_inner_side() {
    let out = dispatch(SomeProduct);
    let (left, right, bias) = (blocks(7, 0), blocks(9 * 6, 1000), blocks(1, 5000));
    for row in 0..7 {
        for column in 0..6 * LANES {
            let term = |k: usize| {
                f64::from(left[row].0[k]) * f64::from(right[k * 6 + column / LANES].0[column % LANES])
            };
            let expected = (0..9).map(term).sum::<f64>() + f64::from(bias[0].0[row]);
            let found = f64::from(out[row * 6 + column / LANES].0[column % LANES]);
            assert!((found - expected).abs() < 1e-5, "row {row}, column {column}");
        }
    }
    assert_eq!(Portable.run(SomeProduct), out);
}

#[test]
fn transposed_twice_is_as_it_was() {
    let from = blocks(21 * 4, 0);
    let (mut turned, mut back) = (vec![Block::ZERO; 64 * 2], vec![Block::ZERO; 32 * 4]);
    transpose(&from, 21, 4, &mut turned);
    assert_eq!(turned[5 * 2 + 1].0[4], from[20 * 4].0[5]);
    transpose(&turned, 64, 2, &mut back);
    assert_eq!(back[..21 * 4], from);
    assert!(back[21 * 4..].iter().all(|block| *block == Block::ZERO));
}

/// 100 rows of 3 numbers, and the class that their sign gives.
fn rows() -> (Vec<f32>, Vec<u32>) {
    let rows: Vec<f32> = (0..300).map(noise).collect();
    let classes = rows.chunks_exact(3).map(|row| u32::from(row[0] + 0.5 * row[1] > 0.0)).collect();
    (rows, classes)
}

#[test]
fn every_machine_learns_the_same_bits() {
    let (rows, classes) = rows();
    let settings = NeuralNetwork { hidden: vec![18, 7], epochs: 3, ..NeuralNetwork::default() };
    let fit =
        || Fit { settings: &settings, rows: &rows, n_features: 3, classes: &classes, n_classes: 3, seed: 5 };
    let expected = Portable.run(fit());
    assert!(dispatch(fit()) == expected);
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = crate::simd::Avx2::detect() {
        assert!(simd.run(fit()) == expected);
    }
}

#[test]
fn the_first_step_goes_against_the_gradient_of_the_loss() {
    // Adam's first step moves every weight by the rate against its gradient's sign; the gradient is
    // measured here by moving one weight and looking at the loss
    let (rows, classes) = rows();
    let (rows, classes) = (&rows[..192], &classes[..64]);
    let settings = |epochs| NeuralNetwork { hidden: vec![6, 4], epochs, rate: 1e-3, alpha: 0.0 };
    let fit = |epochs| {
        let settings = settings(epochs);
        dispatch(Fit { settings: &settings, rows, n_features: 3, classes, n_classes: 2, seed: 9 })
    };
    let (start, moved) = (fit(0), fit(1));
    let loss = |layers: &[super::Layer]| -> f64 {
        let p = dispatch(super::Ask { layers, n_classes: 2, rows, n_rows: 64 });
        p.chunks_exact(2).zip(classes).map(|(p, &class)| -p[class as usize].ln()).sum::<f64>() / 64.0
    };
    let mut checked = 0;
    for l in 0..3 {
        for w in 0..start[l].weights.len() {
            let mut nudged = start.clone();
            nudged[l].weights[w] += 4e-3;
            let above = loss(&nudged);
            nudged[l].weights[w] -= 8e-3;
            let gradient = (above - loss(&nudged)) / 8e-3;
            if gradient.abs() > 2e-3 {
                let step = f64::from(moved[l].weights[w] - start[l].weights[w]);
                assert!(
                    (step + 1e-3 * gradient.signum()).abs() < 1e-5,
                    "layer {l}, weight {w}: {step}, {gradient}"
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 30, "{checked} weights with a gradient");
}

/// Fits the default network to all rows of some columns.
fn fit(columns: &[Vec<f64>], y: &[u32], n_classes: usize, seed: u64) -> (Matrix, Box<dyn Model>) {
    let x = Matrix::from_columns(columns).expect("finite numbers");
    let rows: Vec<u32> = (0..x.n_rows() as u32).collect();
    let (scaler, presort) = (Scaler::fit(&x, &rows), Presort::new(&x));
    let training = Training { x: &x, y, n_classes, rows: &rows, scaler: &scaler, presort: &presort };
    let network = NeuralNetwork { epochs: 40, ..NeuralNetwork::default() };
    let model = network.fit(&training, seed).expect("there are rows");
    (x, model)
}

#[test]
fn four_corners_are_told_apart_and_the_seed_decides_the_bits() {
    let corner = |i: usize, bit: usize| f64::from(((i % 4) >> bit & 1) as u8);
    let columns = [0, 1].map(|bit| (0..200).map(|i| corner(i, bit)).collect::<Vec<f64>>());
    let y: Vec<u32> = (0..200).map(|i| [0, 1, 1, 0][i % 4]).collect();
    let (x, model) = fit(&columns, &y, 3, 1);
    let rows: Vec<u32> = (0..200).collect();
    assert_eq!(model.predict(&x, &rows), y);
    let found = model.probabilities(&x, &rows);
    assert!(found.chunks_exact(3).all(|p| (p.iter().sum::<f64>() - 1.0).abs() < 1e-12));
    assert_eq!(fit(&columns, &y, 3, 1).1.probabilities(&x, &rows), found);
    assert_ne!(fit(&columns, &y, 3, 2).1.probabilities(&x, &rows), found);
    let text = model.to_json().to_string();
    let again = load(serde_json::from_str(&text).expect("what was just written")).expect("whole");
    assert_eq!(again.probabilities(&x, &rows), found);
}

#[test]
fn one_row_constant_columns_and_huge_numbers_are_no_reason_to_fail() {
    let (x, model) = fit(&[vec![5.0]], &[1], 2, 0);
    assert!(model.probabilities(&x, &[0])[1] > 0.5);
    let far = Matrix::from_columns(&[vec![1e300, -1e300]]).expect("finite numbers");
    assert!(model.probabilities(&far, &[0, 1]).iter().all(|p| (0.0..=1.0).contains(p)));
}

#[test]
fn damaged_models_are_refused() {
    let layer = |n_inputs: usize, weights: &[f64]| serde_json::json!({ "n_inputs": n_inputs, "n_outputs": 3, "weights": weights, "biases": [0.0, 0.0, 0.0] });
    let whole = serde_json::json!({
        "n_classes": 3, "scaler": { "means": [0.0], "deviations": [1.0] },
        "layers": [layer(1, &[1.0, 2.0, 3.0])],
    });
    assert!(load(whole.clone()).is_ok());
    for (key, value) in [
        ("scaler", serde_json::json!({ "means": [], "deviations": [] })),
        ("scaler", serde_json::json!({ "means": [0.0], "deviations": [-1.0] })),
        ("n_classes", serde_json::json!(2)),
        ("layers", serde_json::json!([])),
        ("layers", serde_json::json!([layer(1, &[1.0])])),
        ("layers", serde_json::json!([layer(1, &[1.0, 2.0, 1e30])])),
        ("layers", serde_json::json!([layer(1, &[1.0, 2.0, 3.0]), layer(1, &[1.0, 2.0, 3.0])])),
        ("layers", serde_json::json!([{ "n_inputs": 1, "n_outputs": 0, "weights": [], "biases": [] }])),
    ] {
        let mut damaged = whole.clone();
        damaged[key] = value.clone();
        assert!(load(damaged).is_err(), "{key}: {value}");
    }
}
