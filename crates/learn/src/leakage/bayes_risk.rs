//! The error that no attacker can go below, bounded from both sides.
//!
//! Source: Cherubin, Chatzikokolakis and Palamidessi, "F-BLEAU: fast black-box leakage estimation", 2019;
//! Cover and Hart, "Nearest neighbor pattern classification", 1967.

use super::risks;

/// R / G: the attacker's risk as a share of guessing's. 1 is no leak, 0 is certainty.
///
/// Range: 0 to 1. An upper bound: a better attacker has a smaller one. Priors are equal where not given;
/// where one class has all of the prior nothing can be learned, and it is 1.
///
/// # Panics
/// When there is no class, or not one prior for each.
pub fn beta(error_by_class: &[f64], priors: Option<&[f64]>) -> f64 {
    let (risk, guessing) = risks(error_by_class, priors);
    if guessing > 0.0 { (risk / guessing).clamp(0.0, 1.0) } else { 1.0 }
}

/// Lower bound of the Bayes risk for so many equally likely classes, from the error of 1-NN.
///
/// ((L − 1)/L)(1 − √(1 − L·e/(L − 1))), e cut at (L − 1)/L. It holds for the error that 1-NN tends to with
/// more and more rows; 0 with fewer than two classes. Range: 0 to (L − 1)/L, at most e.
pub fn bayes_risk_lower(one_nn_error: f64, n_classes: usize) -> f64 {
    if n_classes < 2 {
        return 0.0;
    }
    let guessing = (n_classes - 1) as f64 / n_classes as f64;
    let error = one_nn_error.clamp(0.0, guessing);
    // cut at 0: at the full error rounding may leave a hair below it
    guessing * (1.0 - (1.0 - error / guessing).max(0.0).sqrt())
}

/// Neighbours to ask for an estimate of the Bayes risk from `n` training rows: the next odd number that is
/// at least ln n, rounded up. It grows without bound yet ever slower than n, as universal consistency asks.
pub fn bayes_risk_k(n: usize) -> usize {
    ((n.max(1) as f64).ln().ceil() as usize) | 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beta_is_the_share_of_the_guessing_risk() {
        assert_eq!(beta(&[0.25, 0.25], None), 0.5);
        assert_eq!(beta(&[0.5, 0.7], None), 1.0, "worse than guessing is guessing");
        assert!((beta(&[0.1, 0.4], Some(&[0.8, 0.2])) - 0.8).abs() < 1e-12, "(0.08 + 0.08) / 0.2");
        assert_eq!(beta(&[0.0, 0.0, 0.0], None), 0.0);
        assert_eq!(beta(&[0.3, 0.3], Some(&[1.0, 0.0])), 1.0, "nothing is left to learn");
    }

    #[test]
    fn the_nearest_neighbour_bounds_by_hand() {
        // two classes: (1 − √(1 − 2e)) / 2
        assert!((bayes_risk_lower(0.32, 2) - 0.2).abs() < 1e-12);
        assert_eq!(
            (bayes_risk_lower(0.0, 2), bayes_risk_lower(0.5, 2), bayes_risk_lower(0.9, 2)),
            (0.0, 0.5, 0.5)
        );
        assert!((bayes_risk_lower(2.0 / 3.0, 3) - 2.0 / 3.0).abs() < 1e-7);
        assert_eq!(bayes_risk_lower(0.3, 1), 0.0);
    }

    #[test]
    fn neighbours_are_odd_and_grow_with_the_logarithm() {
        let k: Vec<usize> = [0, 1, 2, 10, 50, 100, 1000, 100_000].map(bayes_risk_k).into();
        assert_eq!(k, [1, 1, 1, 3, 5, 5, 7, 13]);
    }
}
