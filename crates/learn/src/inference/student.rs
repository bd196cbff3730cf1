//! Student's t, for intervals from few units.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The value below which Student's t with so many degrees of freedom lies with this probability.
///
/// `probability`: above 0 and below 1; `degrees`: above 0. `student_quantile(0.975, 23.0)` is 2.069.
///
/// # Panics
/// When an argument is out of its range.
pub fn student_quantile(probability: f64, degrees: f64) -> f64 {
    assert!(probability > 0.0 && probability < 1.0, "a probability between 0 and 1, not {probability}");
    // fails for degrees that are NaN or not above 0, which is the documented panic
    let t = StudentsT::new(0.0, 1.0, degrees).expect("degrees of freedom above 0");
    t.inverse_cdf(probability)
}

#[cfg(test)]
mod tests {
    use super::student_quantile;

    #[test]
    fn quantiles_are_those_of_the_printed_tables() {
        // NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2
        for (degrees, expected) in [(1.0, 12.706), (2.0, 4.303), (5.0, 2.571), (23.0, 2.069), (100.0, 1.984)]
        {
            assert!((student_quantile(0.975, degrees) - expected).abs() < 5e-4, "{degrees} degrees");
            assert!((student_quantile(0.025, degrees) + expected).abs() < 5e-4, "{degrees} degrees");
        }
        assert!(student_quantile(0.5, 7.0).abs() < 1e-9);
    }
}
