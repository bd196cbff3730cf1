//! A learner of one's own, scored beside one of the register: `cargo run --example own_learner`
//!
//! Nearest mean: each class is the mean of its training rows, and the nearer the mean, the more probable the class.

use overhear::learn::learner::{Configured, Learner, Model, Training};
use overhear::learn::{Dataset, Error, Matrix, Options, Presort, Scaler, cross_validate, split};
use std::time::Duration;

struct NearestMean;

struct Means {
    means: Vec<Vec<f64>>,
    scaler: Scaler,
}

impl Learner for NearestMean {
    fn name(&self) -> &'static str {
        "nearest_mean"
    }

    fn fit(&self, training: &Training<'_>, _seed: u64) -> Result<Box<dyn Model>, Error> {
        let n_features = training.x.n_columns();
        let mut means = vec![vec![0.0; n_features]; training.n_classes];
        for (class, count) in training.class_counts().into_iter().enumerate() {
            for &row in training.rows.iter().filter(|&&row| training.y[row as usize] as usize == class) {
                let scaled = scaled(training.scaler, training.x, row);
                means[class].iter_mut().zip(scaled).for_each(|(mean, value)| *mean += value / count as f64);
            }
        }
        Ok(Box::new(Means { means, scaler: training.scaler.clone() }))
    }
}

impl Model for Means {
    fn n_features(&self) -> usize {
        self.means[0].len()
    }

    fn n_classes(&self) -> usize {
        self.means.len()
    }

    fn probabilities(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        let of_row = |&row: &u32| {
            let own = scaled(&self.scaler, x, row);
            let distance = |mean: &Vec<f64>| own.iter().zip(mean).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
            let weights: Vec<f64> = self.means.iter().map(|mean| (-distance(mean) / 2.0).exp()).collect();
            let sum: f64 = weights.iter().sum::<f64>().max(f64::MIN_POSITIVE);
            weights.into_iter().map(|weight| weight / sum).collect::<Vec<f64>>()
        };
        rows.iter().flat_map(of_row).collect()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "means": self.means })
    }
}

fn scaled(scaler: &Scaler, x: &Matrix, row: u32) -> Vec<f64> {
    scaler.gather(x, &[row])
}

fn main() -> Result<(), Error> {
    // two classes whose columns overlap
    let cell = |row: u32, column: u32| f64::from((row * 37 + column * 11) % 53) + f64::from(row % 2) * 12.0;
    let columns: Vec<Vec<f64>> =
        (0..3).map(|column| (0..200).map(|row| cell(row, column)).collect()).collect();
    let data = Dataset {
        features: ["a", "b", "c"].map(str::to_owned).to_vec(),
        x: Matrix::from_columns(&columns)?,
        y: (0..200).map(|row| row % 2).collect(),
        classes: vec!["even".to_owned(), "odd".to_owned()],
        units: None,
        starts_ns: None,
    };
    let (folds, presort) = (split::k_fold(&data, 5, 1)?, Presort::new(&data.x));
    let options = Options {
        seed: 1,
        scale: true,
        importances: false,
        clock: &|| Duration::ZERO,
        max_training_rows: None,
    };
    let knn = Configured::new("knn", &[])?.learner();
    for learner in [&NearestMean as &dyn Learner, &*knn] {
        let found = cross_validate(&data, &presort, learner, &folds, &options)?;
        println!("{:14} {:.3}", learner.name(), found.mean_accuracy());
    }
    Ok(())
}
