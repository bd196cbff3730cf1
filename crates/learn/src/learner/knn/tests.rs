//! Neighbours a reader can find by hand, and the tree against a plain search.

use super::search::{Nearest, Search, plain};
use super::tree::Tree;
use crate::simd::{Portable, Simd, dispatch};

/// Splitmix64; a double in [0, 1).
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 * (-53f64).exp2()
}

/// Rows with much in common: a third of the cells on a coarse grid, a third of the rows repeated.
fn rows(seed: u64, n_rows: usize, p: usize) -> Vec<f64> {
    let mut state = seed;
    let mut out: Vec<f64> = Vec::new();
    for i in 0..n_rows {
        if i > 3 && uniform(&mut state) < 0.3 {
            let from = (uniform(&mut state) * i as f64) as usize;
            out.extend_from_within(from * p..(from + 1) * p);
            continue;
        }
        for _ in 0..p {
            let u = uniform(&mut state) - 0.5;
            out.push(if uniform(&mut state) < 0.3 { (4.0 * u).round() } else { 1.0 / (u + 0.51) });
        }
    }
    out
}

fn through<S: Simd>(s: S, rows: &[f64], tree: &Tree, queries: &[f64], k: usize) -> Vec<Vec<u32>> {
    let mut out = vec![Vec::new(); queries.len() / tree.n_features];
    s.run(Search { tree, rows, queries, k, each: |i, nearest: &Nearest| out[i] = nearest.rows().collect() });
    out
}

#[test]
fn tree_finds_what_a_plain_search_finds() {
    for (seed, n_rows, p) in [
        (1, 1, 1),
        (2, 7, 3),
        (3, 33, 2),
        (4, 1000, 1),
        (5, 3000, 5),
        (6, 3000, 14),
        (7, 900, 16),
        (8, 900, 37),
    ] {
        let training = rows(seed, n_rows, p);
        let mut queries = rows(seed + 100, 60, p);
        queries.extend_from_slice(&training[..p * n_rows.min(60)]);
        let k = n_rows.min(5);
        let tree = Tree::build(&training, p).expect("numbers of usual size");
        let expected: Vec<Vec<u32>> =
            queries.chunks_exact(p).map(|q| plain(&training, n_rows, q, k).rows().collect()).collect();
        assert_eq!(through(Portable, &training, &tree, &queries, k), expected, "portable, {n_rows} × {p}");
        let mut found = vec![Vec::new(); expected.len()];
        let each = |i: usize, nearest: &Nearest| found[i] = nearest.rows().collect();
        dispatch(Search { tree: &tree, rows: &training, queries: &queries, k, each });
        assert_eq!(found, expected, "{n_rows} × {p}");
    }
}

#[test]
fn far_from_the_origin_rounding_hides_no_neighbour() {
    // single precision tells apart steps of 1 at ten million, not of 0.01
    let training: Vec<f64> = (0..500).map(|i| 1e7 + 0.01 * f64::from(i)).collect();
    let queries: Vec<f64> = (0..500).map(|i| 1e7 + 0.01 * f64::from(i) + 0.004).collect();
    let tree = Tree::build(&training, 1).expect("numbers of usual size");
    let expected: Vec<Vec<u32>> =
        queries.iter().map(|q| plain(&training, 500, &[*q], 5).rows().collect()).collect();
    assert_eq!(through(Portable, &training, &tree, &queries, 5), expected);
}

#[test]
fn of_equal_rows_the_lower_is_nearer() {
    let training = vec![2.5; 3 * 200];
    let tree = Tree::build(&training, 3).expect("numbers of usual size");
    assert_eq!(through(Portable, &training, &tree, &[2.5, 2.5, 9.0], 5), [[0, 1, 2, 3, 4]]);
}

#[test]
fn numbers_too_large_for_single_precision_get_no_tree() {
    assert!(Tree::build(&[1.0, 1e200], 1).is_none());
}

mod of_the_learner {
    use super::super::{Knn, load};
    use crate::learner::{Learner, Training};
    use crate::{Matrix, Presort, Scaler};

    /// Fits k neighbours to a line of numbers and asks for the probabilities of the same line.
    fn probabilities(k: usize, line: &[f64], y: &[u32], rows: &[u32], n_classes: usize) -> Vec<f64> {
        let x = Matrix::from_columns(&[line]).expect("finite numbers");
        let (scaler, presort) = (Scaler::identity(1), Presort::new(&x));
        let training = Training { x: &x, y, n_classes, rows, scaler: &scaler, presort: &presort };
        let model = Knn { k }.fit(&training, 0).expect("there are rows");
        let all: Vec<u32> = (0..line.len() as u32).collect();
        let found = model.probabilities(&x, &all);
        let again = load(model.to_json()).expect("as it was saved");
        assert_eq!(again.probabilities(&x, &all), found);
        found
    }

    #[test]
    fn votes_over_k_are_the_probabilities() {
        let found = probabilities(3, &[0.0, 1.0, 2.0, 10.0, 11.0], &[0, 0, 1, 1, 1], &[0, 1, 2, 3, 4], 2);
        let two_of_three = 2.0 / 3.0;
        assert_eq!(found[..2], [two_of_three, 1.0 / 3.0]);
        assert_eq!(found[6..], [0.0, 1.0, 0.0, 1.0]);
    }

    #[test]
    fn fewer_rows_than_k_all_vote() {
        assert_eq!(probabilities(5, &[0.0, 4.0, 9.0], &[0, 2, 0], &[0, 1], 3), [0.5, 0.0, 0.5].repeat(3));
        assert_eq!(probabilities(5, &[7.0], &[1], &[0], 2), [0.0, 1.0]);
    }

    #[test]
    fn numbers_beyond_single_precision_are_searched_plainly() {
        let found = probabilities(1, &[-1e100, 1e100, 9e99, -2.0], &[0, 1, 1, 0], &[0, 1, 2, 3], 2);
        assert_eq!(found, [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
    }

    #[test]
    fn table_without_columns_takes_the_first_rows() {
        let x = Matrix::from_columns::<Vec<f64>>(&[]).expect("no columns");
        let scaler = Scaler::identity(0);
        // no cell holds a row number either, so there is nothing to ask for
        let saved = serde_json::json!({
            "k": 1, "n_classes": 2, "scaler": scaler, "rows": [], "classes": [1, 0],
        });
        assert_eq!(load(saved).expect("whole").probabilities(&x, &[]), Vec::<f64>::new());
    }

    #[test]
    fn damaged_models_are_refused() {
        let whole = serde_json::json!({
            "k": 5, "n_classes": 2, "scaler": { "means": [0.0], "deviations": [1.0] },
            "rows": [1.0, 2.0], "classes": [0, 1],
        });
        assert!(load(whole.clone()).is_ok());
        for (key, value) in [
            ("k", serde_json::json!(0)),
            ("n_classes", serde_json::json!(1)),
            ("n_classes", serde_json::json!(1_000_000_000_000_u64)),
            ("scaler", serde_json::json!({ "means": [0.0], "deviations": [0.0] })),
            ("scaler", serde_json::json!({ "means": [0.0], "deviations": [] })),
            ("rows", serde_json::json!([1.0])),
            ("rows", serde_json::json!([1.0, null])),
            ("classes", serde_json::json!([])),
            ("classes", serde_json::json!([0, 7])),
        ] {
            let mut damaged = whole.clone();
            damaged[key] = value.clone();
            assert!(load(damaged).is_err(), "{key}: {value}");
        }
    }
}
