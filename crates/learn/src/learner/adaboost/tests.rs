use super::*;
use crate::{Presort, Scaler};
use proptest::prelude::*;

/// Calls back with a training set of all rows but the first.
fn with_training<R>(columns: &[Vec<f64>], y: &[u32], use_it: impl FnOnce(&Training<'_>) -> R) -> R {
    let x = Matrix::from_columns(columns).expect("finite");
    let rows: Vec<u32> = (1..y.len() as u32).collect();
    let (presort, scaler) = (Presort::new(&x), Scaler::identity(columns.len()));
    let n_classes = *y.iter().max().expect("rows") as usize + 1;
    use_it(&Training { x: &x, y, n_classes, rows: &rows, scaler: &scaler, presort: &presort })
}

#[test]
fn a_perfect_stump_ends_the_rounds() {
    with_training(&[vec![0.0, 1.0, 2.0, 3.0, 4.0]], &[0, 0, 0, 1, 1], |training| {
        let saved = AdaBoost::default().fit(training, 0).expect("rows").to_json();
        assert_eq!(saved["stumps"].as_array().map(Vec::len), Some(1));
        assert_eq!(saved["stumps"][0][0]["threshold"], 2.5);
    });
}

#[test]
fn the_second_round_weighs_what_the_first_got_wrong() {
    // the first cut, at 2.5, is wrong about the last of six rows: error 1/6, weight ln 5, so that this row
    // weighs as much as the other five
    let columns = [vec![9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]];
    with_training(&columns, &[0, 0, 0, 1, 1, 1, 0], |training| {
        let mut workshop = Workshop::new(training);
        let (stump, error) = workshop.best_stump();
        assert_eq!((stump.threshold, stump.below, stump.above), (2.5, 0, 1));
        assert!((error - 1.0 / 6.0).abs() < 1e-12, "{error}");
        workshop.reweight(&stump, (1.0 - error) / error);
        let (stump, error) = workshop.best_stump();
        assert_eq!((stump.threshold, stump.below, stump.above), (5.5, 1, 0));
        assert!((error - 0.2).abs() < 1e-12, "{error}");
    });
}

proptest! {
    #[test]
    fn bins_find_the_cut_that_trying_all_finds(
        cells in proptest::collection::vec((0u32..4000, 0u32..5, 0u32..3), 300..900),
        n_classes in 2u32..4,
    ) {
        let columns = [
            cells.iter().map(|c| f64::from(c.0)).collect::<Vec<f64>>(),
            cells.iter().map(|c| f64::from(c.1)).collect(),
        ];
        let y: Vec<u32> = cells.iter().map(|c| (c.0 / 900 + c.2) % n_classes).collect();
        with_training(&columns, &y, |training| {
            let mut workshop = Workshop::new(training);
            for _ in 0..4 {
                let (stump, _) = workshop.best_stump();
                let exact = workshop.best_by_trying();
                prop_assert!((stump.gain - exact).abs() < 1e-12, "{} {}", stump.gain, exact);
                workshop.reweight(&stump, 2.5);
            }
            Ok(())
        })?;
    }
}
