//! How much likelier one guess becomes by listening.

use super::risks;

/// Min-entropy leakage log₂((1 − R) / (1 − G)), with R = Σ π_c · error_c and G = 1 − max π.
///
/// Unit: bits. Range: 0 to log₂ of the classes; log₂(2·BA) for two classes of equal priors. A lower bound:
/// a better attacker has more. Priors are equal where not given. Source: Smith 2009.
///
/// # Panics
/// When there is no class, or not one prior for each.
pub fn min_entropy_bits(error_by_class: &[f64], priors: Option<&[f64]>) -> f64 {
    let (risk, guessing) = risks(error_by_class, priors);
    // never less than guessing: an attacker may always ignore what is heard
    ((1.0 - risk) / (1.0 - guessing)).max(1.0).log2()
}

#[cfg(test)]
mod tests {
    use super::min_entropy_bits;

    #[test]
    fn bits_by_hand() {
        assert_eq!(min_entropy_bits(&[0.0, 0.0], None), 1.0);
        assert!((min_entropy_bits(&[0.2, 0.3], None) - 1.5f64.log2()).abs() < 1e-12, "log₂(2·BA)");
        assert_eq!(min_entropy_bits(&[1.0, 1.0], None), 0.0);
        assert!((min_entropy_bits(&[0.0; 8], None) - 3.0).abs() < 1e-12);
        assert_eq!(min_entropy_bits(&[0.1, 0.4], Some(&[0.9, 0.1])), 0.0, "always the first is as good");
    }
}
