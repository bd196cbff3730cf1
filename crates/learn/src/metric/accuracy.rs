//! The share of rows classified correctly: the paper's score.

/// Share of rows whose prediction is the truth.
///
/// Range: 0 to 1. `None` without rows.
///
/// # Panics
/// When there is not one prediction for each truth.
pub fn accuracy(truth: &[u32], predicted: &[u32]) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one prediction for each truth");
    let hits = truth.iter().zip(predicted).filter(|(a, b)| a == b).count();
    (!truth.is_empty()).then(|| hits as f64 / truth.len() as f64)
}

#[cfg(test)]
mod tests {
    #[test]
    fn accuracy_is_a_share_and_undefined_without_rows() {
        assert_eq!(super::accuracy(&[0, 1, 1, 0], &[0, 1, 0, 0]), Some(0.75));
        assert_eq!(super::accuracy(&[], &[]), None);
    }
}
