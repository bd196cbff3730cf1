//! Forward in time: train on the past, test on what follows.

use super::by_unit::trained_on;
use super::k_fold::check_classes;
use super::{Fold, Folds};
use crate::{Dataset, Error};

/// Cuts time into `k` + 1 blocks of about equal row counts; fold i trains on blocks 0 to i, tests on i + 1.
///
/// Rows that start at the same moment stay in one block, so training rows are always older than test rows.
///
/// # Errors
/// [`Error::NoRows`]; [`Error::OneClass`]; [`Error::NoTimes`] where the table names no times;
/// [`Error::TooFewFolds`] for k of 0; [`Error::TooFewTimes`] where there are fewer different times than
/// blocks; [`Error::ClassOnlyTested`] where a class comes later than the first block.
pub fn forward(data: &Dataset, k: usize) -> Result<Folds, Error> {
    check_classes(data)?;
    let starts = data.starts_ns.as_ref().ok_or(Error::NoTimes)?;
    if k == 0 {
        return Err(Error::TooFewFolds { folds: 0 });
    }
    let mut times = starts.clone();
    times.sort_unstable();
    let n = times.len();
    let different = 1 + times.windows(2).filter(|pair| pair[0] < pair[1]).count();
    let mut borders: Vec<i64> = (1..=k).map(|i| times[i * n / (k + 1)]).collect();
    borders.dedup();
    if borders.len() < k || borders[0] == times[0] {
        return Err(Error::TooFewTimes { times: different, blocks: k + 1 });
    }
    let rows_in = |from: i64, to: Option<i64>| -> Vec<u32> {
        let inside = |start: i64| start >= from && to.is_none_or(|to| start < to);
        (0..n).filter(|&row| inside(starts[row])).map(|row| row as u32).collect()
    };
    let fold = |i: usize| Fold {
        train: rows_in(i64::MIN, Some(borders[i])),
        test: rows_in(borders[i], borders.get(i + 1).copied()),
    };
    trained_on(data, Folds { n_rows: n, folds: (0..k).map(fold).collect() })
}
