//! Windows that a defender makes of recorded ones.

use crate::Error;
use crate::assemble::Joined;
use crate::experiment::audit::Table;
use overhear_learn::{Dataset, Matrix};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// A row like another lies up to this share of the way from it towards a third one of the same round.
///
/// Nothing that is sent again arrives as it did before. Source: the interpolation of SMOTE (Chawla et al., JAIR 16, 2002), kept short; sums over
/// columns stay sums.
const JITTER: f64 = 0.2;

/// A row of numbers made of measured ones: `of`, and `by` of the way `toward` another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Made {
    of: u32,
    toward: u32,
    by: f64,
}

impl Made {
    /// A row as it was measured.
    pub fn measured(row: u32) -> Made {
        Made { of: row, toward: row, by: 0.0 }
    }

    /// A row like one of a round, given all rows of the round.
    pub fn like(row: u32, round: &[u32], rng: &mut ChaCha8Rng) -> Made {
        let toward = round[rng.random_range(0..round.len())];
        Made { of: row, toward, by: JITTER * rng.random::<f64>() }
    }

    fn value(self, column: &[f64]) -> f64 {
        let (of, toward) = (column[self.of as usize], column[self.toward as usize]);
        let between = of * (1.0 - self.by) + toward * self.by;
        // rounding leaves neither what was measured nor what is the same in both
        between.clamp(of.min(toward), of.max(toward))
    }
}

/// Blocks of made rows as one table: each block has a row for every row of the measured table, with its label and round.
///
/// # Errors
/// [`Error::Learn`] where the numbers make no table.
pub fn table(from: &Table, blocks: &[Vec<Made>]) -> Result<Table, Error> {
    let columns: Vec<Vec<f64>> = (0..from.data.x.n_columns())
        .map(|j| blocks.iter().flatten().map(|row| row.value(from.data.x.column(j))).collect())
        .collect();
    let data = Dataset {
        features: from.data.features.clone(),
        x: Matrix::from_columns(&columns)?,
        y: from.data.y.repeat(blocks.len()),
        classes: from.data.classes.clone(),
        units: None,
        starts_ns: None,
    };
    let (round, stretch) = (from.round.repeat(blocks.len()), from.stretch.repeat(blocks.len()));
    Ok(Table::new(from.windowing, Joined { data, round, stretch }, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn a_row_like_another_stays_between_two_rows_of_its_round() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let column = [3.0, -0.0, 10.0, 1e308, -1e308];
        (0..5).for_each(|row| assert_eq!(Made::measured(row).value(&column), column[row as usize]));
        for _ in 0..100 {
            let value = Made::like(0, &[0, 2], &mut rng).value(&column);
            assert!((3.0..3.0 + JITTER * 7.0 + 1e-9).contains(&value), "{value}");
            assert_eq!(Made::like(0, &[0, 1], &mut rng).value(&[0.1, 0.1]), 0.1);
            assert!(Made::like(3, &[3, 4], &mut rng).value(&column).is_finite());
        }
    }
}
