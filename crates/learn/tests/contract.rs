//! What every learner of the register promises, checked by walking the register.

#[path = "support/generated.rs"]
mod generated;

use overhear_learn::learner::setting::{Range, Value};
use overhear_learn::learner::{Configured, LEARNERS, Learner, LearnerEntry, Model, Split, Training};
use overhear_learn::model_file::TrainedOn;
use overhear_learn::{Dataset, Error, Matrix, ModelFile, Presort, Scaler};

fn fit_on(entry: &LearnerEntry, data: &Dataset, rows: &[u32], seed: u64) -> Result<Box<dyn Model>, Error> {
    fit_learner(&*(entry.default)(), data, rows, seed)
}

fn fit_learner(
    learner: &dyn Learner,
    data: &Dataset,
    rows: &[u32],
    seed: u64,
) -> Result<Box<dyn Model>, Error> {
    let (presort, scaler) = (Presort::new(&data.x), Scaler::fit(&data.x, rows));
    let training = Training {
        x: &data.x,
        y: &data.y,
        n_classes: data.classes.len(),
        rows,
        scaler: &scaler,
        presort: &presort,
    };
    learner.fit(&training, seed)
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
        "extra_trees",
    ];
    // permanent names in their permanent order; others may follow
    assert_eq!(names[..expected.len()], expected);
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
    let split = Split::of_one(&data.x, &train, &test, &scaler);
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

/// Rows of another table are classified as they would be if they stood in the training table.
#[test]
fn a_test_table_of_its_own_changes_no_bit() {
    let data = generated::table(4, 240, 3, false);
    let train: Vec<u32> = all(&data).into_iter().filter(|row| row % 2 == 0 && *row < 200).collect();
    let scaler = Scaler::fit(&data.x, &train);
    // the test table: other values, among them such as no training row has
    let changed = |j: usize| -> Vec<f64> {
        data.x.column(j)[100..230].iter().enumerate().map(|(i, v)| v * 1.25 + (i % 7) as f64 - 3.0).collect()
    };
    let columns: Vec<Vec<f64>> = (0..14).map(changed).collect();
    let test_x = Matrix::from_columns(&columns).expect("finite");
    let both: Vec<Vec<f64>> = (0..14).map(|j| [data.x.column(j), &columns[j][..]].concat()).collect();
    let both = Matrix::from_columns(&both).expect("finite");
    let y_both: Vec<u32> = data.y.iter().copied().chain(vec![0; 130]).collect();
    let test: Vec<u32> = (0..130).rev().step_by(3).collect();
    let in_both: Vec<u32> = test.iter().map(|row| row + 240).collect();
    let (presort, presort_both) = (Presort::new(&data.x), Presort::new(&both));
    for entry in LEARNERS {
        let learner = (entry.default)();
        let own = Training {
            x: &data.x,
            y: &data.y,
            n_classes: 3,
            rows: &train,
            scaler: &scaler,
            presort: &presort,
        };
        let one = Training {
            x: &both,
            y: &y_both,
            n_classes: 3,
            rows: &train,
            scaler: &scaler,
            presort: &presort_both,
        };
        let expected = learner.fit(&one, 7).expect("rows").probabilities(&both, &in_both);
        assert_eq!(
            learner.fit(&own, 7).expect("rows").probabilities(&test_x, &test),
            expected,
            "{}",
            entry.name
        );
        let split = Split { train_x: &data.x, train: &train, test_x: &test_x, test: &test, scaler: &scaler };
        if let Some(ahead) = learner.ahead_of_labels(&split) {
            assert_eq!(ahead.probabilities(&data.y, 3), expected, "{}", entry.name);
        }
    }
}

/// The smallest and the largest value of a range, and where there is one the word, as text.
fn ends(range: Range) -> Vec<String> {
    match range {
        Range::Whole(least, most) => vec![least.to_string(), most.to_string()],
        Range::Number(least, most) => vec![least.to_string(), most.to_string()],
        Range::NumberOr(word, least, most) => vec![word.to_owned(), least.to_string(), most.to_string()],
        Range::OneOf(words) => words.iter().map(|word| (*word).to_owned()).collect(),
        Range::Layers { layers, units } => vec!["1".to_owned(), vec![units.to_string(); layers].join("x")],
    }
}

fn set(entry: &LearnerEntry, setting: &str, value: &str) -> Result<Configured, Error> {
    Configured::new(entry.name, &[(setting.to_owned(), value.to_owned())])
}

#[test]
fn every_setting_of_every_learner_can_be_set_from_end_to_end() {
    let data = generated::table(5, 60, 3, false);
    let (train, test) = (all(&data)[..40].to_vec(), all(&data)[40..].to_vec());
    for entry in LEARNERS {
        let by_default = fit(entry, &data, &train).to_json();
        let bare = Configured::from(entry);
        assert_eq!(bare.name(), entry.name);
        let model = fit_learner(&*bare.learner(), &data, &train, 7).expect("rows");
        assert_eq!(model.to_json(), by_default, "{}: the list's defaults are the default", entry.name);
        for setting in entry.settings {
            assert!(!setting.about.is_empty(), "{}:{}", entry.name, setting.name);
            let written = set(entry, setting.name, setting.default).expect("the default is within the range");
            assert_eq!(written.name(), format!("{}:{}={}", entry.name, setting.name, setting.default));
            let model = fit_learner(&*written.learner(), &data, &train, 7).expect("rows");
            assert_eq!(model.to_json(), by_default, "{}:{}", entry.name, setting.name);
            for end in ends(setting.range) {
                let name = format!("{}:{}={end}", entry.name, setting.name);
                let configured = set(entry, setting.name, &end).unwrap_or_else(|e| panic!("{name}: {e}"));
                let again = Configured::new(entry.name, &configured.settings()).expect("its own settings");
                assert_eq!((configured.name(), configured.learner().name()), (again.name(), entry.name));
                let model = fit_learner(&*configured.learner(), &data, &train, 7).expect("rows");
                assert_probabilities(&name, &model.probabilities(&data.x, &test), test.len(), 3);
                let saved = (entry.load)(model.to_json()).unwrap_or_else(|e| panic!("{name}: {e}"));
                assert_eq!(
                    saved.probabilities(&data.x, &test),
                    model.probabilities(&data.x, &test),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn every_setting_refuses_what_lies_outside_its_range() {
    for entry in LEARNERS {
        for setting in entry.settings {
            let beyond: Vec<String> = match setting.range {
                Range::Whole(least, most) => {
                    vec![(least - 1).to_string(), (most + 1).to_string(), "2.5".to_owned()]
                }
                Range::Number(least, most) | Range::NumberOr(_, least, most) => {
                    vec![(least - 1e-3).to_string(), (most * 1.01).to_string(), "inf".to_owned()]
                }
                Range::OneOf(words) => words.iter().map(|word| word.to_uppercase()).collect(),
                Range::Layers { layers, units } => {
                    vec![vec!["1"; layers + 1].join("x"), (units + 1).to_string(), "20x".to_owned()]
                }
            };
            for value in beyond.iter().map(String::as_str).chain(["", " 1", "nan", "+1x", "many"]) {
                let refused = set(entry, setting.name, value).expect_err(value).to_string();
                let expected = format!("{}:{}={value}: {}", entry.name, setting.name, setting.name);
                assert!(refused.starts_with(&expected), "{refused}");
                assert!(refused.ends_with(&setting.range.to_string()), "{refused}");
            }
        }
        let unknown = set(entry, "depth", "3").expect_err("no learner has it").to_string();
        assert!(unknown.contains("has no setting \"depth\"; its settings: "), "{unknown}");
        assert!(entry.settings.iter().all(|setting| unknown.contains(setting.name)), "{unknown}");
    }
}

#[test]
fn a_setting_changes_what_it_says_and_its_name_has_one_form() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let boosting = [pair("rate", "0.20"), pair("rounds", "007")];
    let configured = Configured::new("gradient_boosting", &boosting).expect("known");
    assert_eq!(configured.name(), "gradient_boosting:rounds=7,rate=0.2");
    let twice = Configured::new("knn", &[pair("k", "7"), pair("k", "7")]).expect_err("twice").to_string();
    assert_eq!(twice, "knn: the setting k is given twice");
    let refused = Configured::new("knn", &[pair("k", "0")]).expect_err("none votes").to_string();
    assert_eq!(refused, "knn:k=0: k (neighbours that vote) is a whole number from 1 to 100000");
    let none = Configured::new("majority", &[pair("k", "7")]).expect_err("nothing to set").to_string();
    assert_eq!(none, "majority has no setting \"k\"; its settings: none");
    assert_eq!(Range::Layers { layers: 2, units: 9 }.parse("3x4"), Some(Value::Layers(vec![3, 4])));
    // one neighbour: every training row gets its own class; all neighbours: every row alike
    let data = generated::table(5, 60, 2, false);
    let probabilities = |k: &str| {
        let learner = Configured::new("knn", &[pair("k", k)]).expect("known").learner();
        fit_learner(&*learner, &data, &all(&data), 7).expect("rows").probabilities(&data.x, &all(&data))
    };
    assert!(probabilities("1").iter().all(|p| *p == 0.0 || *p == 1.0));
    assert!(probabilities("60").chunks(2).all(|row| row == &probabilities("60")[..2]));
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
        settings: vec![("k".to_owned(), "7".to_owned())],
        trained_on: TrainedOn { generated: Some(true), n_captures: Some(2), ..TrainedOn::of(data) },
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
            assert_eq!(read.trained_on, saved.trained_on);
            assert_eq!(read.configured(), format!("{}:k=7", entry.name));
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

#[test]
fn a_model_of_an_earlier_version_reads_without_what_it_did_not_save() {
    let data = generated::table(6, 60, 2, false);
    let saved = file(overhear_learn::learner::find("knn").expect("known"), &data, &all(&data));
    let mut old: serde_json::Value = serde_json::from_str(&saved.to_json()).expect("just written");
    for later in ["settings", "trained_on"] {
        old.as_object_mut().expect("an object").remove(later).expect("it is written");
    }
    let read = ModelFile::from_json(&old.to_string()).expect("earlier files read");
    assert_eq!((read.configured().as_str(), read.trained_on.clone()), ("knn", TrainedOn::default()));
    assert_eq!(read.outside(&data).expect("fits"), None);
    for partial in
        [serde_json::json!({}), serde_json::json!({ "generated": true }), serde_json::json!({ "ranges": [] })]
    {
        old["trained_on"] = partial;
        assert_eq!(ModelFile::from_json(&old.to_string()).expect("read").outside(&data).expect("fits"), None);
    }
    old["trained_on"] = serde_json::json!({ "ranges": [[0.0, 1.0]] });
    let short = ModelFile::from_json(&old.to_string()).err().expect("refused").to_string();
    assert_eq!(short, "the model is damaged: it has another number of features than ranges of them");
    old["trained_on"] = serde_json::json!({ "ranges": vec![[1.0, 0.0]; 14] });
    assert!(ModelFile::from_json(&old.to_string()).is_err());
}

#[test]
fn rows_outside_the_training_range_are_counted_by_feature() {
    let data = table(&[vec![1.0, 2.0, 3.0], vec![5.0, 5.0, 5.0]], vec![0, 1, 0], 2);
    let saved = file(overhear_learn::learner::find("majority").expect("known"), &data, &all(&data));
    assert_eq!(saved.trained_on.ranges, [(1.0, 3.0), (5.0, 5.0)]);
    let inside = saved.outside(&data).expect("fits").expect("known");
    assert_eq!((inside.rows, inside.features.len()), (0, 0));
    let other = table(&[vec![0.9, 2.0, 3.1, 3.0], vec![5.0, 5.0, 4.0, 5.0]], vec![0; 4], 2);
    let found = saved.outside(&other).expect("fits").expect("known");
    assert_eq!(
        (found.rows, found.features),
        (2, vec![("feature 0".to_owned(), 2), ("feature 1".to_owned(), 1)])
    );
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
