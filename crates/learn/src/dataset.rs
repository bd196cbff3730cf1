//! A matrix with its labels: what learners are fitted on and scored against.

use crate::Matrix;

/// A labelled table: features (n_rows × n_features), one class a row, and where known the unit and
/// the time a row belongs to.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Names of the columns of `x`, in order.
    pub features: Vec<String>,
    /// The numbers (n_rows × n_features).
    pub x: Matrix,
    /// The class of each row, an index into `classes` (n_rows).
    pub y: Vec<u32>,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// The unit each row belongs to: rows sharing one are never split (n_rows).
    pub units: Option<Vec<u32>>,
    /// When each row starts, in nanoseconds (n_rows); what `forward` splits by.
    pub starts_ns: Option<Vec<i64>>,
}

impl Dataset {
    /// How many rows.
    pub fn n_rows(&self) -> usize {
        self.x.n_rows()
    }

    /// How many rows each class has (n_classes).
    pub fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes.len()];
        for &class in &self.y {
            counts[class as usize] += 1;
        }
        counts
    }
}
