//! Ways to cut a table into training and test rows.
//!
//! Every way promises: no row is trained and tested on in the same fold; the same seed gives the same
//! folds; what cannot be done is an error that says what to change. `k_fold` cuts between neighbouring
//! windows, as the paper did, and is called optimistic for it; a verdict takes `by_unit`.

mod by_unit;
mod forward;
mod k_fold;

pub use by_unit::{by_unit, leave_one_unit_out};
pub use forward::forward;
pub use k_fold::k_fold;

use crate::Error;

/// One fold: what to train on and what to test on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Training rows, rising, each once.
    pub train: Vec<u32>,
    /// Test rows, rising, each once; none of them in `train`.
    pub test: Vec<u32>,
}

/// The folds of one cross-validation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folds {
    n_rows: usize,
    folds: Vec<Fold>,
}

impl Folds {
    /// Folds of a custom column: the fold in which each row is tested (n_rows), from 0 on.
    ///
    /// Every other row is trained on. Rows of a fold number that occurs nowhere make no fold.
    ///
    /// # Errors
    /// [`Error::NoRows`] without rows, [`Error::TooFewFolds`] where all rows are of one fold.
    pub fn from_column(tested_in: &[u32]) -> Result<Folds, Error> {
        if tested_in.is_empty() {
            return Err(Error::NoRows);
        }
        let mut numbers = tested_in.to_vec();
        numbers.sort_unstable();
        numbers.dedup();
        if numbers.len() < 2 {
            return Err(Error::TooFewFolds { folds: numbers.len() });
        }
        let fold = |number: &u32| {
            let side = |test: bool| {
                let rows = tested_in.iter().enumerate().filter(|(_, f)| (*f == number) == test);
                rows.map(|(row, _)| row as u32).collect()
            };
            Fold { train: side(false), test: side(true) }
        };
        Ok(Folds { n_rows: tested_in.len(), folds: numbers.iter().map(fold).collect() })
    }

    /// How many rows the table has that was cut.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The folds, in order.
    pub fn as_slice(&self) -> &[Fold] {
        &self.folds
    }

    /// How many folds there are; never 0.
    #[expect(clippy::len_without_is_empty, reason = "there is always a fold")]
    pub fn len(&self) -> usize {
        self.folds.len()
    }
}

#[cfg(test)]
mod tests;
