//! Mean, deviation and Student's interval of a few numbers.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Mean and sample deviation (÷ (n − 1)); the deviation of one value is 0.
pub fn mean_and_std(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (mean, if values.len() > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 })
}

/// 95 % interval for the mean, Student's t; `None` with fewer than two values.
pub fn student(values: &[f64]) -> Option<(f64, f64)> {
    if values.len() < 2 {
        return None;
    }
    let n = values.len() as f64;
    let (mean, std) = mean_and_std(values);
    // at least one degree of freedom and unit scale: always a distribution
    let t = StudentsT::new(0.0, 1.0, n - 1.0).ok()?.inverse_cdf(0.975);
    let half = t * std / n.sqrt();
    Some((mean - half, mean + half))
}

/// 95 % interval for an accuracy from the folds' accuracies and the number of rows tested.
///
/// Student's over folds; where all folds agree (mostly at 100 %) that has no width, and it is Wilson's over
/// rows instead (Wilson, "Probable inference", 1927). Both are too short: folds share training rows, and
/// neighbouring rows are alike.
pub fn accuracy(folds: &[f64], n_rows: u64) -> (f64, f64) {
    let (mean, std) = mean_and_std(folds);
    match student(folds) {
        Some(interval) if std > 0.0 || n_rows == 0 => interval,
        _ => {
            let (n, z2) = (n_rows.max(1) as f64, 1.96f64 * 1.96);
            let middle = (mean + z2 / (2.0 * n)) / (1.0 + z2 / n);
            let spread = mean * (1.0 - mean) / n + z2 / (4.0 * n * n);
            let half = (z2 * spread.max(0.0)).sqrt() / (1.0 + z2 / n);
            (middle - half, middle + half)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_ten_values_uses_t_2_262() {
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        let (low, high) = student(&values).unwrap();
        // mean 5.5, s = 3.02765, half width 2.262157 · 3.02765 / √10
        assert!((high - low - 2.0 * 2.262_157 * 3.027_650 / 10f64.sqrt()).abs() < 1e-4, "{low} {high}");
        assert!((low + high - 11.0).abs() < 1e-12);
    }

    #[test]
    fn folds_that_agree_get_wilson_s_interval() {
        // 10 of 10 right: 1 / (1 + 1.96² / 10) = 0.722 to 1
        let (low, high) = accuracy(&[1.0, 1.0], 10);
        assert!((low - 0.7225).abs() < 1e-3 && (high - 1.0).abs() < 1e-12, "{low} {high}");
    }
}
