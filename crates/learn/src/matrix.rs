//! A dense table of finite numbers, kept column after column.
//!
//! Trees, scalers and importances walk columns; the learners that measure distances gather the rows
//! they need once. Values are `f64`: the scores are compared with scikit-learn's, which measures
//! distances in double precision.

use crate::Error;

/// A matrix (n_rows × n_columns) of finite `f64`, column-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    n_rows: usize,
    values: Vec<f64>,
    n_columns: usize,
}

impl Matrix {
    /// Builds a matrix of its columns; all have the same length and hold finite numbers.
    ///
    /// # Errors
    /// [`Error::Shape`] where lengths differ, [`Error::NotFinite`] where a value is NaN or infinite.
    pub fn from_columns<C: AsRef<[f64]>>(columns: &[C]) -> Result<Matrix, Error> {
        let n_rows = columns.first().map_or(0, |c| c.as_ref().len());
        let mut values = Vec::with_capacity(n_rows * columns.len());
        for (column, cells) in columns.iter().enumerate() {
            let cells = cells.as_ref();
            if cells.len() != n_rows {
                return Err(Error::Shape { column, found: cells.len(), expected: n_rows });
            }
            if let Some(row) = cells.iter().position(|v| !v.is_finite()) {
                return Err(Error::NotFinite { row, column, value: cells[row] });
            }
            values.extend_from_slice(cells);
        }
        Ok(Matrix { n_rows, values, n_columns: columns.len() })
    }

    /// A matrix of numbers that are known to be finite, column after column (n_columns × n_rows).
    pub(crate) fn of_finite(n_rows: usize, n_columns: usize, values: Vec<f64>) -> Matrix {
        debug_assert_eq!(n_rows * n_columns, values.len());
        Matrix { n_rows, values, n_columns }
    }

    /// How many rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// How many columns.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// One column (n_rows).
    ///
    /// # Panics
    /// When `column` is not below [`Matrix::n_columns`].
    pub fn column(&self, column: usize) -> &[f64] {
        assert!(column < self.n_columns, "column {column} of {}", self.n_columns);
        &self.values[column * self.n_rows..(column + 1) * self.n_rows]
    }

    /// One cell.
    ///
    /// # Panics
    /// When the cell lies outside the matrix.
    pub fn value(&self, row: usize, column: usize) -> f64 {
        self.column(column)[row]
    }
}
