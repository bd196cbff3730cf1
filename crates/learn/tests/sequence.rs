//! What every transform of series promises, checked by walking the register.

use overhear_learn::learner::Training;
use overhear_learn::sequence::{Fitted, Series, TRANSFORMS, TransformEntry, find};
use overhear_learn::{Error, Matrix, Presort, Scaler};

/// Packets out and in, bytes out and in, with silence between; the second half of the series has more coming in.
fn series(n: usize, n_steps: usize) -> Series {
    let values = (0..n * 4 * n_steps).map(|i| {
        let (series, channel, step) = (i / (4 * n_steps), i / n_steps % 4, i % n_steps);
        let noise = (i * 7919 + i / 13 * 104_729) % 17;
        let more = if series >= n / 2 && channel % 2 == 1 && step % 5 == 0 { 20 } else { 0 };
        if noise < 6 { 0.0 } else { (noise + more) as f64 * if channel > 1 { 90.0 } else { 1.0 } }
    });
    Series::new(4, n_steps, values.collect()).expect("whole series")
}

fn fit(entry: &TransformEntry, series: &Series, rows: &[u32], seed: u64) -> Box<dyn Fitted> {
    (entry.default)().fit(series, rows, seed).unwrap_or_else(|error| panic!("{}: {error}", entry.name))
}

fn some(series: &Series, numbers: &[usize]) -> Series {
    let values = numbers.iter().flat_map(|&number| series.one(number)).copied().collect();
    Series::new(series.n_channels(), series.n_steps(), values).expect("whole series")
}

#[test]
fn the_register_names_its_members_and_their_learners() {
    let names: Vec<&str> = TRANSFORMS.iter().map(|entry| entry.name).collect();
    assert_eq!(names, ["cumul", "minirocket", "quant"]);
    let learners: Vec<String> = TRANSFORMS.iter().map(|entry| entry.learner().name()).collect();
    assert_eq!(learners, ["svm", "ridge", "extra_trees:features=0.1,criterion=entropy"]);
    for entry in TRANSFORMS {
        assert_eq!((entry.default)().name(), entry.name);
    }
    let error = find("rocket").err().expect("none").to_string();
    assert_eq!(error, "no transform of series is called \"rocket\"; there are: cumul, minirocket, quant");
}

#[test]
fn a_series_features_depend_on_it_and_the_training_rows_alone() {
    let all = series(40, 30);
    let rows = [3, 4, 9, 17, 22, 39];
    for entry in TRANSFORMS {
        let fitted = fit(entry, &all, &rows, 7);
        let whole = fitted.transform(&all).expect("finite");
        assert_eq!((whole.n_rows(), whole.n_columns()), (40, fitted.n_features()), "{}", entry.name);
        let picked = [5usize, 39, 0];
        let part = fitted.transform(&some(&all, &picked)).expect("finite");
        // fitted to a table of the training rows alone
        let training = some(&all, &rows.map(|row| row as usize));
        let alone = fit(entry, &training, &[0, 1, 2, 3, 4, 5], 7).transform(&all).expect("finite");
        for j in 0..whole.n_columns() {
            for (i, &row) in picked.iter().enumerate() {
                assert_eq!(part.value(i, j), whole.value(row, j), "{}, feature {j}", entry.name);
            }
            assert_eq!(alone.column(j), whole.column(j), "{}, feature {j}", entry.name);
        }
    }
}

#[test]
fn threads_and_the_same_seed_change_no_bit() {
    let all = series(50, 45);
    let rows: Vec<u32> = (0..30).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    for entry in TRANSFORMS {
        let made = || fit(entry, &all, &rows, 3).transform(&all).expect("finite");
        assert_eq!(made(), pool.install(made), "{}", entry.name);
    }
}

#[test]
fn what_differs_between_series_is_learnt() {
    let all = series(60, 40);
    let y: Vec<u32> = (0..60).map(|i| u32::from(i >= 30)).collect();
    let (train, test): (Vec<u32>, Vec<u32>) = (0..60).partition(|row| row % 3 != 0);
    for entry in TRANSFORMS {
        let x: Matrix = fit(entry, &all, &train, 1).transform(&all).expect("finite");
        let scaler = if entry.scale { Scaler::fit(&x, &train) } else { Scaler::identity(x.n_columns()) };
        let presort = Presort::new(&x);
        let training =
            Training { x: &x, y: &y, n_classes: 2, rows: &train, scaler: &scaler, presort: &presort };
        let model = entry.learner().learner().fit(&training, 1).expect("rows");
        let told = model.predict(&x, &test);
        let right = told.iter().zip(&test).filter(|&(&told, &row)| told == y[row as usize]).count();
        assert!(right >= 18, "{}: {right} of {}", entry.name, test.len());
    }
}

#[test]
fn hostile_series_do_no_harm() {
    for entry in TRANSFORMS {
        for value in [0.0, 5.0, 1e9] {
            let constant = Series::new(4, 20, vec![value; 3 * 80]).expect("whole series");
            let x = fit(entry, &constant, &[0], 1).transform(&constant).expect("finite");
            assert_eq!(x.n_rows(), 3, "{}", entry.name);
        }
        let none = Series::new(4, 20, Vec::new()).expect("no series are whole");
        let rows = series(2, 20);
        assert_eq!(fit(entry, &rows, &[0, 1], 1).transform(&none).expect("finite").n_rows(), 0);
        let error = (entry.default)().fit(&rows, &[], 1).err().expect("nothing to fit to");
        assert!(matches!(error, Error::NoRows), "{}: {error}", entry.name);
        let longer =
            fit(entry, &rows, &[0], 1).transform(&series(2, 21)).expect_err("another form").to_string();
        let expected =
            "series of 4 channels and 21 steps cannot be transformed as those of 4 channels and 20 steps";
        assert!(longer.starts_with(expected), "{longer}");
        for n_steps in 1..30 {
            let short = series(3, n_steps);
            match (entry.default)().fit(&short, &[0, 1], 1) {
                Ok(fitted) => assert_eq!(fitted.transform(&short).expect("finite").n_rows(), 3),
                Err(error) => {
                    assert!(matches!(error, Error::SeriesTooShort { .. }), "{}: {error}", entry.name)
                }
            }
        }
    }
}

#[test]
fn numbers_that_are_no_series_are_refused() {
    let refused = |channels, steps, values: Vec<f64>| {
        Series::new(channels, steps, values).expect_err("refused").to_string()
    };
    assert_eq!(
        refused(2, 3, vec![0.0; 7]),
        "7 numbers are no whole number of series of 2 channels and 3 steps"
    );
    assert!(refused(0, 3, Vec::new()).starts_with("0 numbers"));
    let mut values = vec![0.0; 12];
    values[10] = f64::NAN;
    assert_eq!(refused(2, 3, values), "series 1, channel 1, step 1: NaN is not a finite number");
    let sizes = Series::new(2, 20, vec![0.0; 40]).expect("whole series");
    let error = (find("cumul").expect("known").default)().fit(&sizes, &[0], 1).err().expect("two channels");
    assert_eq!(
        error.to_string(),
        "cumul needs series of 1 channel (sizes) or 4 (packets out and in, bytes out and in), and these have 2 channels"
    );
}
