//! Two audits beside each other: did balanced accuracy rise?

use super::result::{self, Estimate};

/// How much balanced accuracy rose from one campaign to another at the same horizon, with its 95 % interval.
///
/// The two intervals' half-widths are joined as those of independent estimates; where both campaigns have the same
/// number of units, recorded by the same schedule, what their losses have in common unit by unit is taken off.
pub fn rise(before: &result::Horizon, after: &result::Horizon) -> Estimate {
    let (old, new) = (before.balanced_accuracy, after.balanced_accuracy);
    let half = |e: Estimate| f64::max(e.high - e.value, e.value - e.low);
    let independent = half(old).powi(2) + half(new).powi(2);
    let shared = shared_variance(&before.unit_losses, &after.unit_losses);
    // 4 ≈ the square of Student's t; never shorter than either interval alone would allow if all were shared
    let paired =
        (independent - 2.0 * 4.0 * shared).max((half(old) - half(new)).powi(2)).max(0.25 * independent);
    let (value, half) = (new.value - old.value, paired.sqrt());
    Estimate { value, low: value - half, high: value + half }
}

/// Covariance of the mean losses of paired units; 0 where units are not paired, or it is negative.
fn shared_variance(a: &[f64], b: &[f64]) -> f64 {
    if a.len() != b.len() || a.len() < 2 {
        return 0.0;
    }
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let product: f64 = a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum();
    (product / (n - 1.0) / n).max(0.0)
}
