//! Every column sorted once, for all folds and all learners that cut columns.

use crate::Matrix;

/// For each column, its rows in rising order of value, and each row's place among the column's
/// different values (its *code*).
///
/// Sorting is the larger part of fitting a tree exactly; a training set is a subset of the matrix's
/// rows, and its order is the whole matrix's order with the other rows left out. Codes say no more than
/// the order does: cuts are placed between values that occur among the training rows.
#[derive(Debug, Clone)]
pub struct Presort {
    n_rows: usize,
    orders: Vec<u32>,
    codes: Vec<u32>,
    values: Vec<Vec<f64>>,
}

impl Presort {
    /// Sorts every column of the matrix; equal values keep the order of their rows.
    ///
    /// # Panics
    /// When the matrix has 2³¹ rows or more.
    pub fn new(x: &Matrix) -> Presort {
        let n_rows = x.n_rows();
        assert!(i32::try_from(n_rows).is_ok(), "{n_rows} rows are more than a row number holds");
        let n_columns = x.n_columns();
        let mut sorted = Presort {
            n_rows,
            orders: Vec::with_capacity(n_rows * n_columns),
            codes: vec![0; n_rows * n_columns],
            values: Vec::with_capacity(n_columns),
        };
        for j in 0..n_columns {
            sorted.add(x.column(j), j);
        }
        sorted
    }

    fn add(&mut self, column: &[f64], j: usize) {
        let start = self.orders.len();
        self.orders.extend(0..self.n_rows as u32);
        let order = &mut self.orders[start..];
        // + 0.0 makes one zero of the two, which compare equal but sort apart
        order.sort_by(|&a, &b| (column[a as usize] + 0.0).total_cmp(&(column[b as usize] + 0.0)));
        let codes = &mut self.codes[j * self.n_rows..(j + 1) * self.n_rows];
        let mut values: Vec<f64> = Vec::new();
        for &row in order.iter() {
            let value = column[row as usize] + 0.0;
            if values.last() != Some(&value) {
                values.push(value);
            }
            codes[row as usize] = values.len() as u32 - 1;
        }
        self.values.push(values);
    }

    /// How many columns.
    pub fn n_columns(&self) -> usize {
        self.values.len()
    }

    /// The rows of one column in rising order of value (n_rows).
    pub fn order(&self, column: usize) -> &[u32] {
        &self.orders[column * self.n_rows..(column + 1) * self.n_rows]
    }

    /// Each row's index into [`Presort::values`] of the column (n_rows).
    pub fn codes(&self, column: usize) -> &[u32] {
        &self.codes[column * self.n_rows..(column + 1) * self.n_rows]
    }

    /// The different values of one column, rising.
    pub fn values(&self, column: usize) -> &[f64] {
        &self.values[column]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_places_among_the_different_values() {
        let x = Matrix::from_columns(&[[3.0, -0.0, 3.0, 0.0, -7.5]]).expect("finite");
        let sorted = Presort::new(&x);
        assert_eq!(sorted.order(0), [4, 1, 3, 0, 2]);
        assert_eq!(sorted.values(0), [-7.5, 0.0, 3.0]);
        assert_eq!(sorted.codes(0), [2, 1, 2, 1, 0]);
    }
}
