//! Random stratified folds over rows: the paper's protocol, optimistic by design.
//!
//! Source: paper §4.2 (10-fold cross-validation over windows). Neighbouring windows of one capture land
//! on both sides, so its scores never make a verdict.

use super::Folds;
use crate::{Dataset, Error};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Cuts rows into `k` shuffled folds with the same share of every class, give or take one row.
///
/// # Errors
/// [`Error::NoRows`]; [`Error::TooFewFolds`] for k below 2; [`Error::OneClass`];
/// [`Error::ClassTooSmall`] where a class that occurs has fewer than `k` rows.
pub fn k_fold(data: &Dataset, k: usize, seed: u64) -> Result<Folds, Error> {
    check_classes(data)?;
    if k < 2 {
        return Err(Error::TooFewFolds { folds: k });
    }
    let counts = data.class_counts();
    if let Some(class) = counts.iter().position(|&n| n > 0 && n < k) {
        let class_name = data.classes[class].clone();
        return Err(Error::ClassTooSmall { class: class_name, rows: counts[class], folds: k });
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut tested_in = vec![0; data.n_rows()];
    // dealing on where the class before stopped keeps the folds' sizes within one row of each other
    let mut dealt = 0;
    for class in 0..counts.len() as u32 {
        let mut rows: Vec<usize> = (0..data.n_rows()).filter(|&i| data.y[i] == class).collect();
        rows.shuffle(&mut rng);
        for row in rows {
            tested_in[row] = (dealt % k) as u32;
            dealt += 1;
        }
    }
    Folds::from_column(&tested_in)
}

/// At least one row and two classes that occur.
pub(super) fn check_classes(data: &Dataset) -> Result<(), Error> {
    let counts = data.class_counts();
    let mut present = (0..counts.len()).filter(|&class| counts[class] > 0);
    let Some(only) = present.next() else { return Err(Error::NoRows) };
    match present.next() {
        Some(_) => Ok(()),
        None => Err(Error::OneClass { class: data.classes[only].clone() }),
    }
}
