//! A model file, straight from the fuzzer: what is read must also classify.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overhear_learn::{Dataset, Matrix, ModelFile};

/// Numbers that a table may hold.
const VALUES: [f64; 6] = [0.0, 1.0, -1.0, 1e-300, f64::MAX, f64::MIN];

fuzz_target!(|text: &str| {
    let Ok(file) = ModelFile::from_json(text) else { return };
    let columns: Vec<Vec<f64>> = (0..file.features.len())
        .map(|j| (0..VALUES.len()).map(|row| VALUES[(row * (j + 1)) % VALUES.len()]).collect())
        .collect();
    let Ok(x) = Matrix::from_columns(&columns) else { return };
    let rows: Vec<u32> = (0..x.n_rows() as u32).collect();
    let data = Dataset {
        features: file.features.clone(),
        y: vec![0; x.n_rows()],
        x,
        classes: Vec::new(),
        units: None,
        starts_ns: None,
    };
    let (classes, probabilities) = file.classify(&data, &rows).expect("the table has its features");
    assert_eq!(classes.len(), rows.len());
    assert_eq!(probabilities.len(), rows.len() * file.classes.len());
    assert!(classes.iter().all(|&class| (class as usize) < file.classes.len()));
    // what is written of it can be read again
    let again = ModelFile::from_json(&file.to_json()).expect("it was read before");
    assert_eq!(again.classify(&data, &rows).expect("it has the same features").0, classes);
});
