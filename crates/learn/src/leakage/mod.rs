//! How much leaks, in the theory's words: Bayes risk, min-entropy, mutual information, posterior.
//!
//! Errors here are per class and out of fold (n_classes); priors are equal unless given. Each figure says
//! which side of the truth it bounds: an attacker's error is at least the Bayes risk, so what is computed
//! from it is at most what leaks to the best attacker. Source: METHOD §4; Smith, "On the foundations of
//! quantitative information flow", 2009.

mod bayes_risk;
mod min_entropy;
mod mutual_information;
mod posterior;

pub use bayes_risk::{bayes_risk_k, bayes_risk_lower, beta};
pub use min_entropy::min_entropy_bits;
pub use mutual_information::mutual_information_bits;
pub use posterior::ppv;

/// Risk R of the attacker and G of the best guess without looking: Σ π_c · error_c and 1 − max π.
///
/// # Panics
/// When there is no class, or not one prior for each.
fn risks(error_by_class: &[f64], priors: Option<&[f64]>) -> (f64, f64) {
    assert!(!error_by_class.is_empty(), "the errors of one class or more");
    let equal = vec![1.0 / error_by_class.len() as f64; error_by_class.len()];
    let priors = priors.unwrap_or(&equal);
    assert_eq!(priors.len(), error_by_class.len(), "one prior for each class");
    let risk = priors.iter().zip(error_by_class).map(|(prior, error)| prior * error).sum();
    (risk, 1.0 - priors.iter().copied().fold(0.0, f64::max))
}

#[cfg(test)]
mod tests;
