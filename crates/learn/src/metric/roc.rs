//! Area under the ROC curve: how well scores put one class above the other.

/// Area under the ROC curve of scores for the positive class (n_rows each); ties count one half.
///
/// Range: 0 to 1, 0.5 for guessing. `None` where either class lacks rows.
/// Source: the Mann–Whitney statistic, Hanley and McNeil 1982.
///
/// # Panics
/// When there is not one score for each row.
pub fn auc(positive: &[bool], scores: &[f64]) -> Option<f64> {
    assert_eq!(positive.len(), scores.len(), "one score for each row");
    let n_positive = positive.iter().filter(|&&p| p).count();
    let n_negative = positive.len() - n_positive;
    if n_positive == 0 || n_negative == 0 {
        return None;
    }
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    // twice the count of (positive, negative) pairs in the right order, so that a tie is a whole number
    let (mut doubled, mut negatives_below, mut start) = (0u128, 0u128, 0);
    while start < order.len() {
        let tied = order[start..].iter().take_while(|&&i| scores[i] == scores[order[start]]).count();
        // a NaN equals nothing, itself included: it stands alone
        let group = &order[start..start + tied.max(1)];
        let p = group.iter().filter(|&&i| positive[i]).count() as u128;
        let n = group.len() as u128 - p;
        doubled += p * (2 * negatives_below + n);
        negatives_below += n;
        start += group.len();
    }
    Some(doubled as f64 / (2.0 * n_positive as f64 * n_negative as f64))
}

/// Mean over the classes of the area for "this class against the rest", from probabilities
/// (n_rows × n_classes); with two classes the area of the second.
///
/// `None` where any class, or its rest, lacks rows.
///
/// # Panics
/// When the probabilities are not (n_rows × n_classes).
pub fn macro_auc(truth: &[u32], probabilities: &[f64], n_classes: usize) -> Option<f64> {
    assert_eq!(probabilities.len(), truth.len() * n_classes, "n_rows × n_classes probabilities");
    let area = |class: usize| {
        let positive: Vec<bool> = truth.iter().map(|&y| y as usize == class).collect();
        let scores: Vec<f64> = probabilities.iter().skip(class).step_by(n_classes).copied().collect();
        auc(&positive, &scores)
    };
    match n_classes {
        0 | 1 => None,
        2 => area(1),
        _ => {
            let areas = (0..n_classes).map(area).collect::<Option<Vec<f64>>>()?;
            Some(areas.iter().sum::<f64>() / n_classes as f64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn area_counts_pairs_and_halves_ties() {
        let y = [false, false, true, true];
        assert_eq!(auc(&y, &[0.1, 0.4, 0.35, 0.8]), Some(0.75)); // scikit-learn's documented example
        assert_eq!(auc(&y, &[0.5; 4]), Some(0.5));
        assert_eq!(auc(&y, &[0.1, 0.2, 0.3, 0.4]), Some(1.0));
        assert_eq!(auc(&[true, true], &[0.1, 0.2]), None);
        assert_eq!(auc(&[], &[]), None);
    }

    #[test]
    fn more_classes_are_averaged_one_against_the_rest() {
        let p = [0.8, 0.1, 0.1, 0.2, 0.6, 0.2, 0.1, 0.2, 0.7];
        assert_eq!(macro_auc(&[0, 1, 2], &p, 3), Some(1.0));
        assert_eq!(macro_auc(&[0, 1, 1], &p, 3), None);
    }

    proptest! {
        #[test]
        fn area_is_the_share_of_ordered_pairs(rows in proptest::collection::vec((any::<bool>(), 0u8..6), 2..40)) {
            let positive: Vec<bool> = rows.iter().map(|r| r.0).collect();
            let scores: Vec<f64> = rows.iter().map(|r| f64::from(r.1)).collect();
            let (mut won, mut pairs) = (0.0, 0.0);
            for a in rows.iter().filter(|r| r.0) {
                for b in rows.iter().filter(|r| !r.0) {
                    pairs += 1.0;
                    won += if a.1 > b.1 { 1.0 } else if a.1 == b.1 { 0.5 } else { 0.0 };
                }
            }
            match auc(&positive, &scores) {
                None => prop_assert_eq!(pairs, 0.0),
                Some(area) => prop_assert!((area - won / pairs).abs() < 1e-12),
            }
        }
    }
}
