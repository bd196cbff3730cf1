//! What every learner of the register promises, checked by walking the register.

#[path = "support/generated.rs"]
mod generated;

use overhear_learn::learner::{LEARNERS, LearnerEntry, Model, Split, Training};
use overhear_learn::{Dataset, Error, Matrix, ModelFile, Presort, Scaler};

fn fit_on(entry: &LearnerEntry, data: &Dataset, rows: &[u32], seed: u64) -> Result<Box<dyn Model>, Error> {
    let (presort, scaler) = (Presort::new(&data.x), Scaler::fit(&data.x, rows));
    let training = Training {
        x: &data.x,
        y: &data.y,
        n_classes: data.classes.len(),
        rows,
        scaler: &scaler,
        presort: &presort,
    };
    (entry.default)().fit(&training, seed)
}

fn fit(entry: &LearnerEntry, data: &Dataset, rows: &[u32]) -> Box<dyn Model> {
    fit_on(entry, data, rows, 7).unwrap_or_else(|error| panic!("{}: {error}", entry.name))
}

fn all(data: &Dataset) -> Vec<u32> {
    (0..data.n_rows() as u32).collect()
}

fn table(columns: &[Vec<f64>], y: Vec<u32>, n_classes: usize) -> Dataset {
    Dataset {
        features: (0..columns.len()).map(|j| format!("feature {j}")).collect(),
        x: Matrix::from_columns(columns).expect("finite"),
        y,
        classes: (0..n_classes).map(|class| format!("class {class}")).collect(),
        units: None,
        starts_ns: None,
    }
}

fn assert_probabilities(name: &str, probabilities: &[f64], n_rows: usize, n_classes: usize) {
    assert_eq!(probabilities.len(), n_rows * n_classes, "{name}");
    for row in probabilities.chunks(n_classes) {
        assert!(row.iter().all(|p| (0.0..=1.0).contains(p)), "{name}: {row:?}");
        assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{name}: {row:?}");
    }
}

#[test]
fn the_register_is_complete_and_in_order() {
    let names: Vec<&str> = LEARNERS.iter().map(|entry| entry.name).collect();
    let expected = [
        "majority",
        "one_threshold",
        "knn",
        "decision_tree",
        "adaboost",
        "random_forest",
        "gradient_boosting",
        "svm",
        "neural_network",
    ];
    assert_eq!(names, expected);
    for entry in LEARNERS {
        assert_eq!((entry.default)().name(), entry.name);
    }
    let error = overhear_learn::learner::find("forest").err().expect("no such learner").to_string();
    assert!(error.starts_with("no learner is called \"forest\"; there are: majority, "), "{error}");
}

#[test]
fn probabilities_sum_to_one_and_the_same_seed_gives_the_same_bits() {
    for (n_classes, pairs) in [(2, true), (3, false)] {
        let data = generated::table(5, 400, n_classes, pairs);
        let (train, test) = (all(&data)[..300].to_vec(), all(&data)[300..].to_vec());
        for entry in LEARNERS {
            let (one, two) = (fit(entry, &data, &train), fit(entry, &data, &train));
            let p = one.probabilities(&data.x, &test);
            assert_probabilities(entry.name, &p, test.len(), n_classes);
            assert_eq!(p, two.probabilities(&data.x, &test), "{}", entry.name);
            assert_eq!((one.n_features(), one.n_classes()), (14, n_classes), "{}", entry.name);
            assert!(one.probabilities(&data.x, &[]).is_empty(), "{}", entry.name);
            if let Some(gini) = one.gini_importance() {
                assert_eq!(gini.len(), 14, "{}", entry.name);
                assert!((gini.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{}: {gini:?}", entry.name);
            }
        }
    }
}

#[test]
fn what_one_feature_tells_is_learnt() {
    let cells: Vec<f64> = (0..120).map(|i| f64::from(i % 60)).collect();
    let y = cells.iter().map(|&v| u32::from(v >= 30.0)).collect();
    let data = table(&[cells, vec![1.0; 120]], y, 2);
    for entry in LEARNERS.iter().filter(|entry| entry.name != "majority") {
        let found = fit(entry, &data, &all(&data)).predict(&data.x, &all(&data));
        let hits = found.iter().zip(&data.y).filter(|(a, b)| a == b).count();
        // a network of a few rounds may be off near the border; trees may not
        assert!(hits >= 108, "{}: {hits} of 120", entry.name);
    }
}

#[test]
fn constant_columns_equal_rows_and_single_rows_do_no_harm() {
    let constant = table(&[vec![2.0; 12], vec![-1.0; 12]], (0..12).map(|i| i % 3).collect(), 3);
    let equal = table(
        &[vec![1.0, 1.0, 1.0, 1.0, 2.0, 2.0], vec![0.0, 0.0, 0.0, 0.0, 1.0, 1.0]],
        vec![0, 1, 0, 1, 1, 1],
        2,
    );
    for entry in LEARNERS {
        for data in [&constant, &equal] {
            let k = data.classes.len();
            for rows in [all(data), vec![0], vec![1], vec![0, 2], vec![1, 3]] {
                let p = fit(entry, data, &rows).probabilities(&data.x, &all(data));
                assert_probabilities(entry.name, &p, data.n_rows(), k);
            }
            let single = fit(entry, data, &[1]).predict(&data.x, &all(data));
            assert!(single.iter().all(|&class| class == 1), "{}: {single:?}", entry.name);
        }
        let error = fit_on(entry, &equal, &[], 7).err().expect("nothing to learn from");
        assert!(matches!(error, Error::NoRows), "{}: {error}", entry.name);
    }
}

#[test]
fn work_done_ahead_of_labels_changes_no_bit() {
    let data = generated::table(3, 300, 2, true);
    let (train, test): (Vec<u32>, Vec<u32>) = all(&data).into_iter().partition(|row| row % 3 != 0);
    let (presort, scaler) = (Presort::new(&data.x), Scaler::fit(&data.x, &train));
    let split = Split { x: &data.x, train: &train, test: &test, scaler: &scaler };
    let turned: Vec<u32> = data.y.iter().enumerate().map(|(i, y)| (y + i as u32 % 2) % 2).collect();
    let mut some = 0;
    for entry in LEARNERS {
        let learner = (entry.default)();
        let Some(ahead) = learner.ahead_of_labels(&split) else { continue };
        some += 1;
        for y in [&data.y, &turned] {
            let training =
                Training { x: &data.x, y, n_classes: 2, rows: &train, scaler: &scaler, presort: &presort };
            let model = learner.fit(&training, 7).expect("there are rows");
            assert_eq!(ahead.probabilities(y, 2), model.probabilities(&data.x, &test), "{}", entry.name);
        }
    }
    assert!(some > 0, "kNN at least");
}

#[test]
fn a_class_without_training_rows_is_no_harm() {
    let data = generated::table(8, 200, 3, false);
    let rows: Vec<u32> = all(&data).into_iter().filter(|&row| data.y[row as usize] != 1).collect();
    for entry in LEARNERS {
        let p = fit(entry, &data, &rows).probabilities(&data.x, &all(&data));
        assert_probabilities(entry.name, &p, 200, 3);
    }
}

fn file(entry: &LearnerEntry, data: &Dataset, rows: &[u32]) -> ModelFile {
    ModelFile {
        learner: entry.name.to_owned(),
        features: data.features.clone(),
        classes: data.classes.clone(),
        windowing: Some("t=15".to_owned()),
        observer: None,
        model: fit(entry, data, rows),
    }
}

#[test]
fn a_saved_model_predicts_the_same_bits_whatever_the_order_of_the_columns() {
    for n_classes in [2, 3] {
        let data = generated::table(6, 300, n_classes, false);
        let mut order: Vec<usize> = (0..14).rev().collect();
        order.insert(3, 5);
        let mut turned = data.clone();
        turned.features = order.iter().map(|&j| data.features[j].clone()).collect();
        turned.features[3] = "something else".to_owned();
        let columns: Vec<&[f64]> = order.iter().map(|&j| data.x.column(j)).collect();
        turned.x = Matrix::from_columns(&columns).expect("finite");
        for entry in LEARNERS {
            let saved = file(entry, &data, &all(&data)[..200]);
            let read = ModelFile::from_json(&saved.to_json()).expect(entry.name);
            assert_eq!(read.windowing.as_deref(), Some("t=15"));
            let expected = saved.model.probabilities(&data.x, &all(&data));
            assert_eq!(read.classify(&data, &all(&data)).expect("fits").1, expected, "{}", entry.name);
            assert_eq!(read.classify(&turned, &all(&data)).expect("fits").1, expected, "{}", entry.name);
            assert_eq!(read.to_json(), saved.to_json(), "{}", entry.name);
        }
    }
}

#[test]
fn a_model_of_another_version_or_for_other_features_is_refused() {
    let data = generated::table(6, 60, 2, false);
    let saved = file(overhear_learn::learner::find("majority").expect("known"), &data, &all(&data));
    let text = saved.to_json();
    let message = |text: &str| ModelFile::from_json(text).err().expect("refused").to_string();
    assert_eq!(
        message(&text.replace("model/1", "model/2")),
        "the model is \"overhear/model/2\"; this version reads \"overhear/model/1\": fit and save it again"
    );
    assert!(message("{}").starts_with("the model is \"\""));
    assert!(message("no JSON").starts_with("the model cannot be read"));
    let mut other = data.clone();
    other.features[2] = "x".to_owned();
    other.features[9] = "y".to_owned();
    let error = saved.classify(&other, &[0]).expect_err("two are missing").to_string();
    assert!(error.contains("n_udp, ipt_std;"), "{error}");
}

/// Changes one number or list at a time, anywhere in a model: it is refused, or predicts without a panic.
#[test]
fn a_damaged_model_never_panics() {
    let data = generated::table(6, 40, 2, false);
    for entry in LEARNERS {
        let text = file(entry, &data, &all(&data)).to_json();
        let whole: serde_json::Value = serde_json::from_str(&text).expect("just written");
        let mut places = Vec::new();
        walk(&whole["model"], "/model".to_owned(), &mut places);
        // a large model has the same few kinds of places over and over
        let step = (places.len() / 300).max(1);
        for place in places.iter().step_by(step) {
            for damage in [serde_json::json!(4_000_000_000u32), serde_json::json!(-1), serde_json::json!([])]
            {
                let mut broken = whole.clone();
                *broken.pointer_mut(place).expect("found by walking") = damage;
                if let Ok(read) = ModelFile::from_json(&broken.to_string()) {
                    read.classify(&data, &[0, 1]).expect("the features fit");
                }
            }
        }
    }
}

fn walk(value: &serde_json::Value, place: String, places: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => {
            map.iter().for_each(|(key, value)| walk(value, format!("{place}/{key}"), places));
        }
        serde_json::Value::Array(list) => {
            list.iter().enumerate().for_each(|(i, value)| walk(value, format!("{place}/{i}"), places));
        }
        _ => {}
    }
    places.push(place);
}

#[test]
fn threads_change_no_bit() {
    let data = generated::table(5, 2_000, 3, true);
    let rows = all(&data);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    for entry in LEARNERS {
        let free = fit(entry, &data, &rows);
        let alone = pool.install(|| fit(entry, &data, &rows));
        assert_eq!(free.to_json(), alone.to_json(), "{}", entry.name);
        let told = pool.install(|| free.probabilities(&data.x, &rows));
        assert_eq!(free.probabilities(&data.x, &rows), told, "{}", entry.name);
    }
}
