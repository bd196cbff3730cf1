//! What an alarm is worth where the thing itself is rare.

/// Positive predictive value: the share of alarms that are true, TPR·π / (TPR·π + FPR·(1 − π)).
///
/// Arguments and result are probabilities, 0 to 1; `base_rate` is π. `None` where there is never an alarm.
pub fn ppv(tpr: f64, fpr: f64, base_rate: f64) -> Option<f64> {
    let (hits, false_alarms) = (tpr * base_rate, fpr * (1.0 - base_rate));
    (hits + false_alarms > 0.0).then(|| hits / (hits + false_alarms))
}

#[cfg(test)]
mod tests {
    use super::ppv;

    #[test]
    fn rare_events_make_alarms_false() {
        assert_eq!(ppv(0.9, 0.1, 0.5), Some(0.9));
        let rare = ppv(0.9, 0.1, 0.02).expect("alarms");
        assert!((rare - 0.018 / 0.116).abs() < 1e-12);
        assert_eq!(ppv(0.0, 0.0, 0.5), None);
        assert_eq!(ppv(0.8, 0.0, 0.02), Some(1.0));
    }
}
