//! Mean and population deviation from exact integer sums.

/// Σx / n; `None` over nothing.
#[inline(always)]
pub(super) fn mean(n: u64, sum: u64) -> Option<f64> {
    if n == 0 { None } else { Some(sum as f64 / n as f64) }
}

/// √(n·Σx² − (Σx)²) / n, the difference taken in integers; `None` over nothing.
#[inline(always)]
pub(super) fn std(n: u64, sum: u64, squares: u128) -> Option<f64> {
    match n {
        0 => None,
        1 => Some(0.0),
        _ => Some(n_times_squares_less(n, squares, sum).sqrt() / n as f64),
    }
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

    #[test]
    fn moments_of_two_and_four_are_three_and_one() {
        assert_eq!(mean(2, 6), Some(3.0));
        assert_eq!(std(2, 6, 20), Some(1.0));
    }

    #[test]
    fn nothing_has_no_mean_and_one_value_no_spread() {
        assert_eq!(mean(0, 0), None);
        assert_eq!(std(0, 0, 0), None);
        assert_eq!(std(1, 7, 49), Some(0.0));
    }

    #[test]
    fn gaps_of_days_do_not_overflow() {
        // 1000 gaps of 0 and 1000 of a = 2⁶² / 1000 ns: the deviation is a / 2
        let a = (1u64 << 62) / 1000;
        let squares = 1000 * u128::from(a) * u128::from(a);
        let found = std(2000, 1000 * a, squares).unwrap();
        assert!((found / (a as f64 / 2.0) - 1.0).abs() < 1e-14, "{found}");
        assert_eq!(
            wide(2000, squares, u128::from(1000 * a).pow(2)),
            (2000 * squares - u128::from(1000 * a).pow(2)) as f64
        );
    }
}
