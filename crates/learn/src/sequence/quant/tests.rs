//! Against aeon in double precision; see `tests/recorded/record_fixed.py`.

use super::super::recorded::{assert_equal, by_row, cases, numbers, series, whole};
use super::*;

#[test]
fn features_are_aeons() {
    for case in cases("quant") {
        let series = series(&case);
        let found = Quant::default().fit(&series, &[0], 0).expect("rows").transform(&series).expect("finite");
        let what = format!("{} steps", whole(&case, "steps"));
        assert_equal(&what, &by_row(&found), &numbers(&case["features"]));
    }
}

#[test]
fn intervals_are_those_by_hand() {
    // ten values: all; halves, and halves shifted by 3; quarters of 2, 3, 2, 3, and shifted by 2; eighths of 1 or 2
    let bounds = |scale: &Scale| scale.intervals.iter().map(|i| (i.start, i.end)).collect::<Vec<_>>();
    let scales = scales(10, 6, 4);
    let all: Vec<Vec<(usize, usize)>> = scales.iter().map(bounds).collect();
    assert_eq!(all[0], [(0, 10)]);
    assert_eq!(all[1], [(0, 5), (5, 10)]);
    assert_eq!(all[2], [(3, 8)]);
    assert_eq!(all[3], [(0, 2), (2, 5), (5, 7), (7, 10)]);
    assert_eq!(all[4], [(2, 4), (4, 7), (7, 9)]);
    assert_eq!(all[5].len(), 8);
    assert_eq!(all.len(), 6);
}

#[test]
fn quantiles_are_those_by_hand() {
    let of = |values: &[f64]| {
        let interval = Interval::new(0, values.len(), 4);
        let mut out = vec![0.0; interval.quantiles.len()];
        interval.write(values, &mut out);
        out
    };
    assert_eq!(of(&[3.0]), [3.0]);
    assert_eq!(of(&[1.0, 2.0]), [1.5]);
    assert_eq!(of(&[1.0, 2.0, 10.0]), [2.0]);
    // two quantiles: the smallest, and the largest less the mean
    assert_eq!(of(&[1.0, 2.0, 3.0, 4.0, 10.0]), [1.0, 6.0]);
}
