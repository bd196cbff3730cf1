//! Which class was taken for which.

use serde::{Deserialize, Serialize};

/// Counts of rows by true class and predicted class (n_classes × n_classes).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    counts: Vec<Vec<u64>>,
}

impl Confusion {
    /// Counts the rows of each (truth, prediction).
    ///
    /// # Panics
    /// When there is not one prediction for each truth, or a class is not below `n_classes`.
    pub fn new(n_classes: usize, truth: &[u32], predicted: &[u32]) -> Confusion {
        assert_eq!(truth.len(), predicted.len(), "one prediction for each truth");
        let mut counts = vec![vec![0; n_classes]; n_classes];
        for (&truth, &predicted) in truth.iter().zip(predicted) {
            counts[truth as usize][predicted as usize] += 1;
        }
        Confusion { counts }
    }

    /// Rows of class `truth` that were taken for `predicted`.
    ///
    /// # Panics
    /// When a class is out of range.
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        self.counts[truth][predicted]
    }

    /// How many classes.
    pub fn n_classes(&self) -> usize {
        self.counts.len()
    }

    /// All rows.
    pub fn total(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// Adds the counts of another matrix over the same classes.
    ///
    /// # Panics
    /// When the other has another number of classes.
    pub fn add(&mut self, other: &Confusion) {
        assert_eq!(self.n_classes(), other.n_classes(), "classes of two confusion matrices");
        for (own, more) in self.counts.iter_mut().flatten().zip(other.counts.iter().flatten()) {
            *own += more;
        }
    }

    /// Share of rows on the diagonal; `None` without rows.
    pub fn accuracy(&self) -> Option<f64> {
        let hits: u64 = (0..self.n_classes()).map(|class| self.counts[class][class]).sum();
        (self.total() > 0).then(|| hits as f64 / self.total() as f64)
    }

    /// Share of each class classified correctly (n_classes); `None` for a class without rows.
    pub fn recalls(&self) -> Vec<Option<f64>> {
        let recall = |(class, row): (usize, &Vec<u64>)| {
            let rows: u64 = row.iter().sum();
            (rows > 0).then(|| row[class] as f64 / rows as f64)
        };
        self.counts.iter().enumerate().map(recall).collect()
    }

    /// Mean of the classes' recalls, over the classes that have rows; `None` without rows.
    ///
    /// Range: 0 to 1; guessing gives 1 / classes, however unequal the classes are.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        let recalls: Vec<f64> = self.recalls().into_iter().flatten().collect();
        (!recalls.is_empty()).then(|| recalls.iter().sum::<f64>() / recalls.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_recalls_and_scores_by_hand() {
        let mut m = Confusion::new(2, &[0, 0, 0, 0, 1, 1], &[0, 0, 0, 1, 1, 0]);
        assert_eq!([m.count(0, 0), m.count(0, 1), m.count(1, 0), m.count(1, 1)], [3, 1, 1, 1]);
        assert_eq!(m.recalls(), [Some(0.75), Some(0.5)]);
        assert_eq!(m.balanced_accuracy(), Some(0.625));
        assert_eq!(m.accuracy(), Some(4.0 / 6.0));
        m.add(&m.clone());
        assert_eq!(m.total(), 12);
    }

    #[test]
    fn classes_without_rows_are_left_out() {
        let m = Confusion::new(3, &[0, 0, 1], &[0, 2, 1]);
        assert_eq!(m.recalls(), [Some(0.5), Some(1.0), None]);
        assert_eq!(m.balanced_accuracy(), Some(0.75));
        let empty = Confusion::new(2, &[], &[]);
        assert_eq!((empty.accuracy(), empty.balanced_accuracy()), (None, None));
    }
}
