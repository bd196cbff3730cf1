use super::*;
use crate::{Dataset, Error, Matrix};
use proptest::prelude::*;

fn data(y: &[u32], units: Option<&[u32]>, starts_ns: Option<&[i64]>) -> Dataset {
    Dataset {
        features: vec!["a".to_owned()],
        x: Matrix::from_columns(&[vec![0.0; y.len()]]).expect("finite"),
        y: y.to_vec(),
        classes: vec!["off".to_owned(), "on".to_owned()],
        units: units.map(<[u32]>::to_vec),
        starts_ns: starts_ns.map(<[i64]>::to_vec),
    }
}

/// Every row is tested once, and trained on wherever it is not tested.
fn is_partition(folds: &Folds) -> bool {
    let rising = |rows: &[u32]| rows.windows(2).all(|pair| pair[0] < pair[1]);
    let mut tested = vec![0; folds.n_rows()];
    for fold in folds.as_slice() {
        fold.test.iter().for_each(|&row| tested[row as usize] += 1);
        let mut all = [fold.train.clone(), fold.test.clone()].concat();
        all.sort_unstable();
        let whole = all == (0..folds.n_rows() as u32).collect::<Vec<_>>();
        if !whole || !rising(&fold.train) || !rising(&fold.test) {
            return false;
        }
    }
    tested.iter().all(|&times| times == 1)
}

#[test]
fn a_custom_column_says_where_each_row_is_tested() {
    let folds = Folds::from_column(&[7, 3, 7]).expect("two folds");
    assert_eq!(folds.as_slice()[0], Fold { train: vec![0, 2], test: vec![1] });
    assert_eq!(folds.as_slice()[1], Fold { train: vec![1], test: vec![0, 2] });
}

#[test]
fn k_fold_refuses_what_it_cannot_stratify() {
    let message = |y: &[u32], k| k_fold(&data(y, None, None), k, 0).expect_err("refused").to_string();
    assert_eq!(message(&[], 2), "there are no rows to learn from");
    assert_eq!(
        message(&[1, 1, 1], 2),
        "every row is of the class \"on\"; two classes or more are needed to learn from"
    );
    assert_eq!(
        message(&[0, 0, 0, 1, 1], 3),
        "the class \"on\" has 2 rows, fewer than the 3 folds; take fewer folds or record more of it"
    );
    assert_eq!(message(&[0, 1], 1), "1 folds cannot be cross-validated; take 2 or more");
}

#[test]
fn units_stay_whole_and_balanced() {
    let y = [0, 0, 1, 1, 0, 0, 1, 1];
    let units = [1, 1, 2, 2, 3, 3, 4, 4];
    let folds = by_unit(&data(&y, Some(&units), None), 2, 5).expect("four units");
    assert!(is_partition(&folds));
    for fold in folds.as_slice() {
        let mut classes: Vec<u32> = fold.test.iter().map(|&row| y[row as usize]).collect();
        classes.sort_unstable();
        assert_eq!(classes, [0, 0, 1, 1], "one unit of each class");
    }
    assert_eq!(leave_one_unit_out(&data(&y, Some(&units), None)).expect("four units").len(), 4);
}

#[test]
fn unit_splits_refuse_what_would_mislead() {
    let y = [0, 0, 1, 1];
    let error = by_unit(&data(&y, Some(&[1, 1, 2, 2]), None), 3, 0).expect_err("two units");
    assert!(matches!(error, Error::TooFewUnits { units: 2, folds: 3 }), "{error}");
    let error = leave_one_unit_out(&data(&y, Some(&[1, 1, 2, 2]), None)).expect_err("one unit a class");
    assert!(matches!(error, Error::ClassOnlyTested { fold: 0, .. }), "{error}");
    let error = by_unit(&data(&y, None, None), 2, 0).expect_err("no units");
    assert!(matches!(error, Error::NoUnits), "{error}");
}

#[test]
fn forward_never_trains_on_the_future() {
    let y = [0, 1, 0, 1, 0, 1];
    let starts = [50, 40, 30, 20, 10, 0];
    let folds = forward(&data(&y, None, Some(&starts)), 2).expect("six times");
    assert_eq!(folds.as_slice()[0], Fold { train: vec![4, 5], test: vec![2, 3] });
    assert_eq!(folds.as_slice()[1], Fold { train: vec![2, 3, 4, 5], test: vec![0, 1] });
    let error = forward(&data(&y, None, Some(&[1; 6])), 2).expect_err("one moment");
    assert!(matches!(error, Error::TooFewTimes { times: 1, blocks: 3 }), "{error}");
}

proptest! {
    #[test]
    fn k_fold_is_a_seeded_stratified_partition(
        y in proptest::collection::vec(0u32..2, 20..120), k in 2usize..6, seed in any::<u64>(),
    ) {
        let data = data(&y, None, None);
        prop_assume!(data.class_counts().iter().all(|&n| n >= k));
        let folds = k_fold(&data, k, seed).expect("enough rows");
        prop_assert!(is_partition(&folds));
        prop_assert_eq!(&folds, &k_fold(&data, k, seed).expect("the same"));
        for fold in folds.as_slice() {
            let ones = fold.test.iter().filter(|&&row| y[row as usize] == 1).count();
            prop_assert!(ones.abs_diff(data.class_counts()[1] / k) <= 1);
            prop_assert!(fold.test.len().abs_diff(y.len() / k) <= 1);
        }
    }

    #[test]
    fn by_unit_never_cuts_a_unit(
        units in proptest::collection::vec(0u32..12, 40..120), k in 2usize..5, seed in any::<u64>(),
    ) {
        let y: Vec<u32> = units.iter().enumerate().map(|(i, _)| i as u32 % 2).collect();
        if let Ok(folds) = by_unit(&data(&y, Some(&units), None), k, seed) {
            prop_assert!(is_partition(&folds));
            prop_assert_eq!(folds.len(), k);
            for fold in folds.as_slice() {
                let of = |rows: &[u32]| rows.iter().map(|&row| units[row as usize]).collect::<std::collections::BTreeSet<_>>();
                prop_assert!(of(&fold.train).is_disjoint(&of(&fold.test)));
            }
        }
    }
}
