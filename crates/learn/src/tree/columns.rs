//! Columns as trees see them: small whole numbers in place of values.

use crate::learner::Training;

/// Up to so many different values a column is counted by value; above, its samples are kept in order. A
/// decision tree takes 1.1 times as long where only columns of bytes are counted.
const MOST_COUNTED: usize = 4096;

/// Each training sample's code in one column, in the training rows' order.
pub(crate) enum Codes {
    /// At most 256 codes (n_samples).
    Bytes(Vec<u8>),
    /// At most [`MOST_COUNTED`] codes (n_samples).
    Words(Vec<u16>),
    /// Too many codes to count by: samples in rising order of code, as code (32 bits), sample (31) and
    /// the class's lowest bit.
    Sorted(Vec<u64>),
}

/// One coded column: what a cut between two codes means in values.
pub(crate) struct Column {
    pub(crate) codes: Codes,
    /// Smallest value of each code.
    pub(super) low: Vec<f64>,
    /// Largest value of each code.
    pub(super) high: Vec<f64>,
}

impl Column {
    /// The cut between two codes: midway between their nearest values.
    pub(super) fn threshold(&self, below: usize, above: usize) -> f64 {
        midway(self.high[below], self.low[above])
    }

    pub(super) fn n_codes(&self) -> usize {
        self.low.len()
    }
}

/// The middle of two rising values; the lower one where rounding leaves no middle below the upper.
pub(crate) fn midway(below: f64, above: f64) -> f64 {
    let middle = below / 2.0 + above / 2.0;
    if (below..above).contains(&middle) { middle } else { below }
}

/// Codes in the smallest form that holds them.
fn counted(n_codes: usize, codes: impl Iterator<Item = u16>) -> Codes {
    if n_codes <= 256 {
        return Codes::Bytes(codes.map(|code| code as u8).collect());
    }
    Codes::Words(codes.collect())
}

/// A word of [`Codes::Sorted`].
fn sorted_word(code: u32, sample: u32, class: u32) -> u64 {
    u64::from(code) << 32 | u64::from(sample << 1 | class & 1)
}

/// Columns in which every different value has its own code, for exact cuts (n_features).
pub(crate) fn exact_columns(training: &Training<'_>) -> Vec<Column> {
    let Training { presort, rows, y, .. } = training;
    let mut sample_of = Vec::new();
    let column = |j: usize| {
        let (codes, values) = (presort.codes(j), presort.values(j));
        let codes = if values.len() <= MOST_COUNTED {
            counted(values.len(), rows.iter().map(|&row| codes[row as usize] as u16))
        } else {
            if sample_of.is_empty() {
                sample_of = vec![u32::MAX; y.len()];
                rows.iter().zip(0..).for_each(|(&row, sample)| sample_of[row as usize] = sample);
            }
            let mut sorted = Vec::with_capacity(rows.len());
            for &row in presort.order(j) {
                let (sample, row) = (sample_of[row as usize], row as usize);
                if sample != u32::MAX {
                    sorted.push(sorted_word(codes[row], sample, y[row]));
                }
            }
            Codes::Sorted(sorted)
        };
        Column { codes, low: values.to_vec(), high: values.to_vec() }
    };
    (0..training.x.n_columns()).map(column).collect()
}

/// Columns cut into at most 256 codes of about equally many training rows (n_features).
///
/// Values that occur often get a code of their own; a column of up to 256 different values is exact.
pub(crate) fn quantile_columns(training: &Training<'_>) -> Vec<Column> {
    let Training { presort, rows, .. } = training;
    let column = |j: usize| {
        let (codes, values) = (presort.codes(j), presort.values(j));
        let mut counts = vec![0u32; values.len()];
        rows.iter().for_each(|&row| counts[codes[row as usize] as usize] += 1);
        let bins = quantiles(&counts, 256);
        let (mut low, mut high) = (Vec::new(), Vec::new());
        for (code, &bin) in bins.iter().enumerate() {
            if counts[code] == 0 {
                continue;
            }
            if low.len() == usize::from(bin) {
                low.push(values[code]);
                high.push(values[code]);
            }
            high[usize::from(bin)] = values[code];
        }
        let code = |row: u32| bins[codes[row as usize] as usize];
        Column { codes: counted(low.len(), rows.iter().map(|&row| code(row))), low, high }
    };
    (0..training.x.n_columns()).map(column).collect()
}

/// The bin of each value, from how often each occurs: rising from 0, at most `most` of them, none empty.
///
/// Values that do not occur share the bin of the value before them, or the first.
pub(crate) fn quantiles(counts: &[u32], most: usize) -> Vec<u16> {
    debug_assert!((1..=1 << 16).contains(&most));
    let present = counts.iter().filter(|&&count| count > 0).count();
    let mut bins = Vec::with_capacity(counts.len());
    let (mut bin, mut filled) = (0usize, 0u64);
    let mut rows_left: u64 = counts.iter().map(|&count| u64::from(count)).sum();
    let mut bins_left = most as u64;
    for &count in counts {
        let count = u64::from(count);
        // a bin closes when it has its share of the rows not yet dealt, or would be further off with this value
        let share = (rows_left + filled) as f64 / bins_left as f64;
        let full = filled as f64 >= share || (filled + count) as f64 - share > share - filled as f64;
        if count > 0 && filled > 0 && bins_left > 1 && (present <= most || full) {
            bin += 1;
            bins_left -= 1;
            filled = 0;
        }
        filled += count;
        rows_left -= count;
        bins.push(bin as u16);
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_lies_midway_or_at_the_lower_value() {
        assert_eq!(midway(1.0, 2.0), 1.5);
        assert_eq!(midway(1.0, 1.0 + f64::EPSILON), 1.0);
        assert_eq!(midway(-f64::MAX, f64::MAX), 0.0);
    }

    #[test]
    fn few_values_keep_their_own_bins_and_many_share_equally() {
        assert_eq!(quantiles(&[5, 0, 1, 9], 256), [0, 0, 1, 2]);
        assert_eq!(quantiles(&[1; 8], 4), [0, 0, 1, 1, 2, 2, 3, 3]);
        assert_eq!(quantiles(&[1, 90, 1, 1, 1, 1], 3), [0, 1, 2, 2, 2, 2]);
        assert_eq!(quantiles(&[0, 0, 3, 4], 2), [0, 0, 0, 1]);
    }
}
