//! Bits about the class in what the attacker answers.

/// Mutual information of truth and answer from their counts (n_classes × n_answers), Miller–Madow corrected.
///
/// Î + (m_X + m_Y − m_XY − 1) / (2N·ln 2), Î from the shares and m the occupied rows, columns and cells.
/// Unit: bits. May be negative. Where rows depend on each other, subtract its mean under permutation and cut
/// at 0. By data processing at most what the traffic itself holds. 0 without counts.
/// Source: METHOD §4; Miller, "Note on the bias of information estimates", 1955.
pub fn mutual_information_bits(confusion: &[Vec<u64>]) -> f64 {
    let rows: Vec<u64> = confusion.iter().map(|row| row.iter().sum()).collect();
    let width = confusion.iter().map(Vec::len).max().unwrap_or(0);
    let columns: Vec<u64> = (0..width).map(|c| confusion.iter().filter_map(|row| row.get(c)).sum()).collect();
    let total: u64 = rows.iter().sum();
    if total == 0 {
        return 0.0;
    }
    let n = total as f64;
    let mut plug_in = 0.0;
    for (row, &of_row) in confusion.iter().zip(&rows) {
        for (&count, &of_column) in row.iter().zip(&columns).filter(|(count, _)| **count > 0) {
            plug_in += count as f64 / n * (count as f64 * n / (of_row as f64 * of_column as f64)).log2();
        }
    }
    let occupied = |counts: &[u64]| counts.iter().filter(|&&count| count > 0).count() as f64;
    let cells: f64 = confusion.iter().map(|row| occupied(row)).sum();
    plug_in + (occupied(&rows) + occupied(&columns) - cells - 1.0) / (2.0 * n * std::f64::consts::LN_2)
}

#[cfg(test)]
mod tests {
    use super::mutual_information_bits;

    #[test]
    fn bits_by_hand() {
        // one bit, plus (2 + 2 − 2 − 1) / (2·100·ln 2)
        let correction = 1.0 / (200.0 * std::f64::consts::LN_2);
        let perfect = mutual_information_bits(&[vec![50, 0], vec![0, 50]]);
        assert!((perfect - 1.0 - correction).abs() < 1e-12);
        // independent: nothing, and the correction of a full table takes away
        let nothing = mutual_information_bits(&[vec![25, 25], vec![25, 25]]);
        assert!((nothing + correction).abs() < 1e-12);
        // the same answer always: m_X + m_Y − m_XY − 1 = 0
        assert_eq!(mutual_information_bits(&[vec![50, 0], vec![50, 0]]), 0.0);
        assert_eq!(mutual_information_bits(&[vec![0, 0], vec![0, 0]]), 0.0);
    }
}
