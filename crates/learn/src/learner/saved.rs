//! What a saved model's parts must hold before it may predict: a damaged file never panics us.

use crate::Scaler;

/// More classes than any campaign has conditions; a damaged count must not claim all memory.
pub(super) const MOST_CLASSES: usize = 1 << 16;

/// Whether all numbers are finite.
pub(super) fn are_finite(numbers: &[f64]) -> bool {
    numbers.iter().all(|v| v.is_finite())
}

/// Whether all numbers are finite.
pub(super) fn are_finite_singles(numbers: &[f32]) -> bool {
    numbers.iter().all(|v| v.is_finite())
}

/// Whether the scaler has a mean and a positive deviation for each of its columns.
pub(super) fn is_scaler(scaler: &Scaler) -> bool {
    scaler.means.len() == scaler.deviations.len()
        && are_finite(&scaler.means)
        && scaler.deviations.iter().all(|d| d.is_finite() && *d > 0.0)
}

/// Whether there is a class or more, not too many, and every one of the list is among them.
pub(super) fn are_classes(classes: &[u32], n_classes: usize) -> bool {
    (1..=MOST_CLASSES).contains(&n_classes) && classes.iter().all(|&class| (class as usize) < n_classes)
}

/// Whether there is a number or more, each from 0 to 1, and they sum to 1.
pub(super) fn are_probabilities(shares: &[f64]) -> bool {
    !shares.is_empty()
        && shares.iter().all(|share| (0.0..=1.0).contains(share))
        && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-9
}
