use super::*;
use crate::{Presort, Scaler};

#[test]
fn one_round_takes_newtons_step_by_hand() {
    // 40 rows, the upper 20 of class 1 but for 5: the only cut that leaves 20 rows on both sides
    let cells: Vec<f64> = (0..40).map(f64::from).collect();
    let y: Vec<u32> = (0..40).map(|i| u32::from(i >= 25)).collect();
    let x = Matrix::from_columns(&[cells]).expect("finite");
    let rows: Vec<u32> = (0..40).collect();
    let (presort, scaler) = (Presort::new(&x), Scaler::identity(1));
    let training = Training { x: &x, y: &y, n_classes: 2, rows: &rows, scaler: &scaler, presort: &presort };
    let model = GradientBoosting { n_rounds: 1, ..Default::default() }.fit(&training, 0).expect("rows");
    let saved = model.to_json();
    assert_eq!(saved["trees"][0]["cuts"][0]["threshold"], 19.5);
    // p = 15/40 everywhere; the left step −20p / (20p(1−p)), the right one (15 − 20p) / (20p(1−p))
    let p: f64 = 0.375;
    let start = (p / (1.0 - p)).ln();
    let steps = [-0.1 / (1.0 - p), 0.1 * (15.0 - 20.0 * p) / (20.0 * p * (1.0 - p))];
    let found = model.probabilities(&x, &[0, 39]);
    for (share, step) in [found[1], found[3]].into_iter().zip(steps) {
        let by_hand = 1.0 / (1.0 + (-start - step).exp());
        assert!((share - by_hand).abs() < 1e-5, "{share} {by_hand}");
    }
}

#[test]
fn too_few_rows_for_two_leaves_give_the_classes_shares() {
    let x = Matrix::from_columns(&[(0..39).map(f64::from).collect::<Vec<f64>>()]).expect("finite");
    let y: Vec<u32> = (0..39).map(|i| u32::from(i >= 26)).collect();
    let rows: Vec<u32> = (0..39).collect();
    let (presort, scaler) = (Presort::new(&x), Scaler::identity(1));
    let training = Training { x: &x, y: &y, n_classes: 2, rows: &rows, scaler: &scaler, presort: &presort };
    let model = GradientBoosting::default().fit(&training, 0).expect("rows");
    assert!((model.probabilities(&x, &[5])[1] - 1.0 / 3.0).abs() < 1e-9);
    assert_eq!(model.to_json()["trees"].as_array().map(Vec::len), Some(0));
}
