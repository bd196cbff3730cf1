//! The ridge classifier chooses and decides as scikit-learn was recorded to, with more rows than features and with fewer.

#[path = "support/generated.rs"]
mod generated;

use overhear_learn::learner::{Training, find};
use overhear_learn::{Matrix, Presort, Scaler};

/// Source: `recorded/record_fixed.py`, which names the versions.
#[test]
fn ridge_decides_as_scikit_learn() {
    let recorded: serde_json::Value =
        serde_json::from_str(include_str!("recorded/fixed.json")).expect("a committed file");
    for case in recorded["ridge"].as_array().expect("a list of cases") {
        let n_classes = case["n_classes"].as_u64().expect("a whole number") as usize;
        let data = generated::table(case["seed"].as_u64().expect("a whole number"), 60, n_classes, false);
        let mut columns: Vec<Vec<f64>> = (0..14).map(|j| data.x.column(j).to_vec()).collect();
        if case["wide"] == true {
            for i in 0..14 {
                for j in 0..i {
                    columns.push(columns[i].iter().zip(&columns[j]).map(|(a, b)| a * b).collect());
                }
            }
        }
        let x = Matrix::from_columns(&columns).expect("finite");
        let (train, test): (Vec<u32>, Vec<u32>) = (0..60).partition(|row| *row < 40);
        let (presort, scaler) = (Presort::new(&x), Scaler::fit(&x, &train));
        let training =
            Training { x: &x, y: &data.y, n_classes, rows: &train, scaler: &scaler, presort: &presort };
        let model = (find("ridge").expect("known").default)().fit(&training, 0).expect("rows");
        let (alpha, expected) = (model.to_json()["alpha"].as_f64().expect("a number"), &case["alpha"]);
        assert!((alpha / expected.as_f64().expect("a number") - 1.0).abs() < 1e-12, "{alpha} not {expected}");
        let decisions: Vec<f64> = case["decisions"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|v| v.as_f64().expect("a number"))
            .collect();
        let found = model.probabilities(&x, &test);
        for (row, found) in found.chunks(n_classes).enumerate() {
            // two classes have one decision d, which counts as −d and d
            let own: Vec<f64> = match n_classes {
                2 => vec![-decisions[row], decisions[row]],
                k => decisions[row * k..(row + 1) * k].to_vec(),
            };
            let sum: f64 = own.iter().map(|d| d.exp()).sum();
            for (p, d) in found.iter().zip(own) {
                assert!((p - d.exp() / sum).abs() < 1e-9, "row {row}: {p} not {}", d.exp() / sum);
            }
        }
    }
}
