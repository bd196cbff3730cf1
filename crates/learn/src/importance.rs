//! How much a model's score rests on each feature, measured on rows it has not seen.
//!
//! Source: Breiman 2001, "Random forests", section 10. Gini gain, its elder sister, is [`Model::gini_importance`].

use crate::learner::Model;
use crate::{Dataset, Matrix, metric};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Loss of accuracy when one feature's values are shuffled among the given rows (n_features).
///
/// Mean of `repeats` shuffles. Unit: accuracy, from −1 to 1; about 0 for a feature without use, and for
/// each of two features that say the same. `None` without rows or without repeats.
///
/// # Panics
/// When the dataset has other features than the model was fitted on, or a row lies outside it.
pub fn permutation(
    model: &dyn Model,
    data: &Dataset,
    rows: &[u32],
    seed: u64,
    repeats: usize,
) -> Option<Vec<f64>> {
    let truth: Vec<u32> = rows.iter().map(|&row| data.y[row as usize]).collect();
    let cells = |j: usize| rows.iter().map(|&row| data.x.column(j)[row as usize]).collect::<Vec<f64>>();
    let mut columns: Vec<Vec<f64>> = (0..data.x.n_columns()).map(cells).collect();
    let all: Vec<u32> = (0..rows.len() as u32).collect();
    let score = |columns: &[Vec<f64>]| {
        let x = Matrix::from_columns(columns).expect("cells of a matrix, in columns of one length");
        metric::accuracy(&truth, &model.predict(&x, &all))
    };
    let whole = score(&columns)?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut losses = Vec::with_capacity(columns.len());
    for j in 0..columns.len() {
        let kept = columns[j].clone();
        let mut loss = 0.0;
        for _ in 0..repeats {
            columns[j].shuffle(&mut rng);
            loss += whole - score(&columns)?;
        }
        losses.push(loss / repeats as f64);
        columns[j] = kept;
    }
    (repeats > 0).then_some(losses)
}
