//! Accuracy of the learners that cut, against what scikit-learn and LightGBM recorded on the same folds.
//!
//! `recorded/record.py` wrote the numbers and names the versions.

#[path = "support/generated.rs"]
mod generated;

use overhear_learn::{Folds, Options, Presort, cross_validate, learner};
use std::time::Duration;

/// Mean accuracy over the folds and `n_seeds` seeds, ours and the recorded one.
fn compare(table: &str, ours: &str, theirs: &str, n_seeds: u64) -> (f64, f64) {
    let recorded: serde_json::Value =
        serde_json::from_str(include_str!("recorded/sklearn.json")).expect("a committed file");
    let entry = &recorded["tables"][table];
    let whole = |key: &str| entry[key].as_u64().expect("a whole number");
    let (n_rows, n_classes) = (whole("n_rows") as usize, whole("n_classes") as usize);
    let data = generated::table(whole("seed"), n_rows, n_classes, table == "two_classes");
    let folds = Folds::from_column(&generated::folds(99, n_rows, 5)).expect("five folds");
    let presort = Presort::new(&data.x);
    let learner = (learner::find(ours).expect("known").default)();
    let score = |seed| {
        let options = Options {
            seed,
            scale: false,
            importances: false,
            clock: &|| Duration::ZERO,
            max_training_rows: None,
        };
        cross_validate(&data, &presort, &*learner, &folds, &options).expect("fits").mean_accuracy()
    };
    let mean = (0..n_seeds).map(score).sum::<f64>() / n_seeds as f64;
    let list = entry["learners"][theirs]["fold_accuracy"].as_array().expect("a list");
    let recorded = list.iter().map(|v| v.as_f64().expect("a number")).sum::<f64>() / list.len() as f64;
    println!("{table} {ours}: {mean:.5}, recorded {recorded:.5}");
    (mean, recorded)
}

fn assert_within(points: f64, ours: &str, theirs: &str, n_seeds: u64) {
    for table in ["two_classes", "three_classes"] {
        let (mean, recorded) = compare(table, ours, theirs, n_seeds);
        let gap = 100.0 * (mean - recorded).abs();
        assert!(gap <= points, "{table} {ours}: {mean:.5} against {recorded:.5}");
    }
}

#[test]
fn decision_tree_is_within_a_fifth_of_a_point() {
    assert_within(0.2, "decision_tree", "decision_tree", 5);
}

#[test]
fn adaboost_is_within_a_tenth_of_a_point() {
    assert_within(0.1, "adaboost", "adaboost", 1);
}

#[test]
fn random_forest_is_within_a_third_of_a_point() {
    assert_within(0.3, "random_forest", "random_forest", 3);
}

#[test]
fn extra_trees_are_within_a_third_of_a_point() {
    assert_within(0.3, "extra_trees", "extra_trees", 3);
}

// LightGBM's own mean moves by half a point and more on these tables when its bins are 200 or 300 in place
// of 255, so no closer agreement can be asked of other bins
#[test]
fn gradient_boosting_is_within_half_a_point() {
    assert_within(0.5, "gradient_boosting", "lightgbm", 1);
}
