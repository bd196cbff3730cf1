//! Means and population deviations of a window from its exact integer sums.

use crate::window::Sums;

/// The quantities that have a mean and a deviation, as places in [`Moments`].
pub(super) const TCP_WINDOW: usize = 0;
pub(super) const GAP: usize = 1;
pub(super) const LENGTH: usize = 2;
pub(super) const TTL: usize = 3;

const NS: f64 = 1e9;

/// What formulas work with: a window's sums, and the moments of all four quantities, found side by side so
/// that divisions and roots become vectors.
pub(super) struct Moments<'a> {
    pub(super) sums: &'a Sums,
    /// Σx / n; NaN over nothing.
    pub(super) mean: [f64; 4],
    /// √(n·Σx² − (Σx)²) / n, the difference taken in integers; NaN over nothing.
    pub(super) std: [f64; 4],
    /// Last timestamp minus first.
    pub(super) duration_s: f64,
}

impl Moments<'_> {
    #[inline(always)]
    pub(super) fn of(sums: &Sums) -> Moments<'_> {
        let t = &sums.totals;
        let n = [t.n_tcp_windows, t.n_packets.saturating_sub(1), t.n_packets, t.n_headers];
        let sum = [t.tcp_window, sums.span_ns, t.length, t.ttl];
        let squares =
            [t.tcp_window_squares.into(), t.gap_squares, t.length_squares, u128::from(t.ttl_squares)];
        let spread: [f64; 4] = std::array::from_fn(|i| n_times_squares_less(n[i], squares[i], sum[i]));
        let n = n.map(|n| n as f64);
        // 0 / 0 is NaN: what has no values has no moments
        let mut mean: [f64; 4] = std::array::from_fn(|i| sum[i] as f64 / n[i]);
        let mut std: [f64; 4] = std::array::from_fn(|i| spread[i].sqrt() / n[i]);
        let seconds = [mean[GAP], std[GAP], sums.span_ns as f64].map(|ns| ns / NS);
        (mean[GAP], std[GAP]) = (seconds[0], seconds[1]);
        Moments { sums, mean, std, duration_s: seconds[2] }
    }
}

/// Σx / n; NaN over nothing.
pub(super) fn mean(n: u64, sum: u64) -> f64 {
    sum as f64 / n as f64
}

/// √(n·Σx² − (Σx)²) / n, the difference taken in integers; NaN over nothing.
pub(super) fn std(n: u64, squares: u128, sum: u64) -> f64 {
    n_times_squares_less(n, squares, sum).sqrt() / n as f64
}

/// n·Σx² − (Σx)², rounded once. It is never negative (Cauchy and Schwarz).
#[inline(always)]
fn n_times_squares_less(n: u64, squares: u128, sum: u64) -> f64 {
    let sum_squared = u128::from(sum) * u128::from(sum);
    match u64::try_from(squares) {
        // nearly always: the product fits
        Ok(squares) => to_f64(u128::from(n) * u128::from(squares) - sum_squared),
        Err(_) => wide(n, squares, sum_squared),
    }
}

/// The same where n·Σx² may need 192 bits: gaps of days in nanoseconds, squared.
#[cold]
fn wide(n: u64, squares: u128, sum_squared: u128) -> f64 {
    let low = u128::from(n) * (squares & u128::from(u64::MAX));
    let high = u128::from(n) * (squares >> 64) + (low >> 64);
    // (high · 2⁶⁴ + low's lower half) − (Σx)², limb by limb
    let low = low & u128::from(u64::MAX);
    let (sum_high, sum_low) = (sum_squared >> 64, sum_squared & u128::from(u64::MAX));
    let (low, borrow) = if low >= sum_low { (low - sum_low, 0) } else { ((1 << 64) + low - sum_low, 1) };
    let high = high - sum_high - borrow;
    high as f64 * 2f64.powi(64) + low as f64
}

/// A conversion that takes the quick way for what fits 64 bits.
#[inline(always)]
fn to_f64(x: u128) -> f64 {
    match u64::try_from(x) {
        Ok(x) => x as f64,
        Err(_) => x as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::Totals;

    /// The moments of lengths with these sums.
    fn of_lengths(n_packets: u64, length: u64, length_squares: u128) -> (f64, f64) {
        let totals = Totals { n_packets, length, length_squares, ..Totals::default() };
        let sums = Sums { totals, ..Sums::default() };
        let moments = Moments::of(&sums);
        (moments.mean[LENGTH], moments.std[LENGTH])
    }

    #[test]
    fn moments_of_two_and_four_are_three_and_one() {
        assert_eq!(of_lengths(2, 6, 20), (3.0, 1.0));
    }

    #[test]
    fn nothing_has_no_moments_and_one_value_no_spread() {
        let (mean, std) = of_lengths(0, 0, 0);
        assert!(mean.is_nan() && std.is_nan());
        assert_eq!(of_lengths(1, 7, 49), (7.0, 0.0));
    }

    #[test]
    fn gaps_of_days_do_not_overflow() {
        // 1000 gaps of 0 and 1000 of a = 2⁶² / 1000 ns: the deviation is a / 2
        let a = (1u64 << 62) / 1000;
        let squares = 1000 * u128::from(a) * u128::from(a);
        let found = n_times_squares_less(2000, squares, 1000 * a).sqrt() / 2000.0;
        assert!((found / (a as f64 / 2.0) - 1.0).abs() < 1e-14, "{found}");
        assert_eq!(
            wide(2000, squares, u128::from(1000 * a).pow(2)),
            (2000 * squares - u128::from(1000 * a).pow(2)) as f64
        );
    }
}
