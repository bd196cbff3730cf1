//! Every column sorted once, for all folds and all learners that cut columns.

use crate::Matrix;

/// For each column, its rows in rising order of value.
///
/// Sorting is the larger part of fitting a tree exactly; a training set is a subset of the matrix's
/// rows, and its order is the whole matrix's order with the other rows left out.
#[derive(Debug, Clone)]
pub struct Presort {
    n_rows: usize,
    orders: Vec<u32>,
}

impl Presort {
    /// Sorts every column of the matrix; equal values keep the order of their rows.
    ///
    /// # Panics
    /// When the matrix has 2³² rows or more.
    pub fn new(x: &Matrix) -> Presort {
        let n_rows = x.n_rows();
        assert!(u32::try_from(n_rows).is_ok(), "{n_rows} rows are more than a row number holds");
        let mut orders = Vec::with_capacity(n_rows * x.n_columns());
        for j in 0..x.n_columns() {
            let column = x.column(j);
            let start = orders.len();
            orders.extend(0..n_rows as u32);
            orders[start..].sort_by(|&a, &b| column[a as usize].total_cmp(&column[b as usize]));
        }
        Presort { n_rows, orders }
    }

    /// The rows of one column in rising order of value (n_rows).
    pub fn order(&self, column: usize) -> &[u32] {
        &self.orders[column * self.n_rows..(column + 1) * self.n_rows]
    }
}
