//! Every step against arithmetic that a reader can check: plain products, systems solved by elimination, and rows that
//! are left out one by one.

use super::band::reduce;
use super::leave_one_out::Prepared;
use super::panels::Panels;
use super::product::{Left, Part, View, add_product, dot};
use super::*;
use crate::Scaler;
use crate::simd::{Kernel, Simd, dispatch};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Numbers from −1 to 1.
fn numbers(n: usize, seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|_| f64::from(rng.next_u32()) / f64::from(1u32 << 31) - 1.0).collect()
}

/// a · b, both row after row.
fn plain(a: &[f64], b: &[f64], n_rows: usize, depth: usize, n_columns: usize) -> Vec<f64> {
    let mut out = vec![0.0; n_rows * n_columns];
    for i in 0..n_rows {
        for j in 0..n_columns {
            out[i * n_columns + j] = (0..depth).map(|k| a[i * depth + k] * b[k * n_columns + j]).sum();
        }
    }
    out
}

fn transposed(a: &[f64], n_rows: usize) -> Vec<f64> {
    let n_columns = a.len() / n_rows;
    (0..n_columns).flat_map(|j| (0..n_rows).map(move |i| a[i * n_columns + j])).collect()
}

fn assert_near(found: &[f64], expected: &[f64], within: f64) {
    assert_eq!(found.len(), expected.len());
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= within, "{i}: {found} not {expected}");
    }
}

#[test]
fn products_are_those_by_hand_whatever_the_shape_and_the_order_in_memory() {
    for (m, k, n) in [(1, 1, 1), (6, 3, 8), (7, 300, 9), (100, 17, 33), (13, 600, 1), (3, 0, 5)] {
        let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
        let expected: Vec<f64> = plain(&a, &b, m, k, n).iter().map(|v| 1.0 - 2.0 * v).collect();
        let (a_turned, b_turned) = (transposed(&a, m), transposed(&b, k.max(1)));
        let (a_there, b_there) = (View::rows(&a, m, k), View::rows(&b, k, n));
        let back = (View::rows(&a_turned, k, m).transposed(), View::rows(&b_turned, n, k).transposed());
        for (a, b) in [(a_there, b_there), (a_there, back.1), (back.0, b_there), back] {
            let mut found = vec![1.0; m * n];
            add_product(&mut found, n, -2.0, Left::Whole(a), b, Part::Whole);
            assert_near(&found, &expected, 1e-12);
        }
    }
}

#[test]
fn a_symmetric_factor_is_read_below_its_diagonal_alone() {
    let n = 101;
    let mut a = numbers(n * n, 3);
    let whole: Vec<f64> = (0..n * n).map(|at| a[(at / n).max(at % n) * n + (at / n).min(at % n)]).collect();
    (0..n).for_each(|i| a[i * n + i + 1..(i + 1) * n].fill(f64::NAN));
    let b = numbers(n * 3, 4);
    let mut found = vec![0.0; n * 3];
    let left = Left::Symmetric(View::rows(&a, n, n));
    add_product(&mut found, 3, 1.0, left, View::rows(&b, n, 3), Part::Whole);
    assert_near(&found, &plain(&whole, &b, n, n, 3), 1e-12);
}

#[test]
fn threads_change_no_bit_of_a_product() {
    let (m, k) = (400, 300);
    let a = numbers(m * k, 5);
    let view = View::rows(&a, m, k);
    let gram = || {
        let mut gram = vec![0.0; m * m];
        add_product(&mut gram, m, 1.0, Left::Whole(view), view.transposed(), Part::Lower);
        gram
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    assert_eq!(gram(), pool.install(gram));
}

/// Half the band's width, its width, one more and two more, and several times that.
const SIZES: [usize; 8] = [1, 2, 16, 32, 33, 34, 67, 150];

/// A symmetric matrix without negative eigenvalues, of rank n/2 or a little more.
fn gram(n: usize) -> Vec<f64> {
    let x = numbers(n * n.div_ceil(2), 6);
    plain(&x, &transposed(&x, n), n, n.div_ceil(2), n)
}

#[test]
fn a_band_in_its_basis_is_the_matrix() {
    for n in SIZES {
        let a = gram(n);
        let reduced = reduce(a.clone(), n);
        let q = reduced.basis.unwrap_or_else(|| (0..n * n).map(|at| f64::from(at / n == at % n)).collect());
        assert_near(&plain(&q, &transposed(&q, n), n, n, n), &identity(n), 1e-12);
        // (A + α)·Q·(B + α)⁻¹·Qᵀ·b = b
        let alpha = 0.5;
        let b = numbers(n, 7);
        let factor = reduced.band.factor(alpha);
        let solved = factor.solve(&plain(&transposed(&q, n), &b, n, n, 1));
        let x = plain(&q, &solved, n, n, 1);
        let shifted: Vec<f64> = a.iter().zip(identity(n)).map(|(a, i)| a + alpha * i).collect();
        assert_near(&plain(&shifted, &x, n, n, 1), &b, 1e-11);
        // and the forms of the rows of Q are the diagonal of (A + α)⁻¹
        let forms = Panels::new(View::rows(&q, n, n)).quadratic_forms(&factor);
        for (i, form) in forms.iter().enumerate() {
            let column: Vec<f64> = identity(n)[i * n..(i + 1) * n].to_vec();
            let solved = factor.solve(&plain(&transposed(&q, n), &column, n, n, 1));
            assert!((plain(&q, &solved, n, n, 1)[i] - form).abs() < 1e-12, "{n}: {i}");
        }
    }
}

fn identity(n: usize) -> Vec<f64> {
    (0..n * n).map(|at| if at / n == at % n { 1.0 } else { 0.0 }).collect()
}

/// Solves a·x = b by elimination.
fn eliminate(mut a: Vec<f64>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| a[i * n + k].abs().total_cmp(&a[j * n + k].abs())).expect("a row");
        (0..n).for_each(|j| a.swap(k * n + j, pivot * n + j));
        b.swap(k, pivot);
        for i in k + 1..n {
            let by = a[i * n + k] / a[k * n + k];
            (k..n).for_each(|j| a[i * n + j] -= by * a[k * n + j]);
            b[i] -= by * b[k];
        }
    }
    for k in (0..n).rev() {
        let rest: f64 = (k + 1..n).map(|j| a[k * n + j] * b[j]).sum();
        b[k] = (b[k] - rest) / a[k * n + k];
    }
    b
}

/// Weights and, last, the intercept of a ridge regression of some rows (each p), by the normal equations.
fn by_hand(rows: &[&[f64]], y: &[f64], alpha: f64) -> Vec<f64> {
    let p = rows[0].len();
    let row = |i: usize| rows[i].iter().copied().chain([1.0]).collect::<Vec<f64>>();
    let (mut a, mut b) = (vec![0.0; (p + 1) * (p + 1)], vec![0.0; p + 1]);
    #[allow(clippy::needless_range_loop)]
    for i in 0..rows.len() {
        let row = row(i);
        for j in 0..=p {
            (0..=p).for_each(|k| a[j * (p + 1) + k] += row[j] * row[k]);
            b[j] += row[j] * y[i];
        }
    }
    (0..p).for_each(|j| a[j * (p + 1) + j] += alpha);
    eliminate(a, b)
}

fn value(row: &[f64], line: &[f64]) -> f64 {
    row.iter().zip(line).map(|(x, w)| x * w).sum::<f64>() + line[row.len()]
}

/// More rows than features, and fewer; with and without a band to reduce to.
#[test]
fn the_penalty_is_the_one_whose_residuals_left_out_one_by_one_are_smallest() {
    let alphas = Ridge::default().alphas();
    assert_near(&[alphas[0], alphas[3], alphas[9]], &[0.001, 0.1, 1000.0], 1e-12);
    for (n, p, noise) in [(30, 3, 0.1), (30, 3, 3.0), (9, 25, 0.1), (60, 45, 0.1), (40, 60, 2.0), (8, 8, 1.0)]
    {
        let cells = numbers(n * p, 8);
        let rows: Vec<&[f64]> = cells.chunks_exact(p).collect();
        let error = numbers(2 * n, 9);
        let targets: Vec<Vec<f64>> =
            (0..2).map(|t| (0..n).map(|i| rows[i][t] + 0.7 + noise * error[2 * i + t]).collect()).collect();
        let left_out = |alpha: f64| -> f64 {
            let of = |i: usize, y: &Vec<f64>| {
                let others: Vec<&[f64]> = (0..n).filter(|&j| j != i).map(|j| rows[j]).collect();
                let y_others: Vec<f64> = (0..n).filter(|&j| j != i).map(|j| y[j]).collect();
                (y[i] - value(rows[i], &by_hand(&others, &y_others, alpha))).powi(2)
            };
            targets.iter().map(|y| (0..n).map(|i| of(i, y)).sum::<f64>()).sum()
        };
        let errors: Vec<f64> = alphas.iter().map(|&alpha| left_out(alpha)).collect();
        let best = (0..10).min_by(|&a, &b| errors[a].total_cmp(&errors[b])).expect("ten");
        let columns: Vec<Vec<f64>> = (0..p).map(|j| rows.iter().map(|row| row[j]).collect()).collect();
        let x = Matrix::from_columns(&columns).expect("finite");
        let all: Vec<u32> = (0..n as u32).collect();
        let scaler = Scaler::identity(p);
        let prepared = Prepared::new(&x, &all, &scaler, &alphas);
        let (alpha, lines) = prepared.fit(&targets);
        assert_eq!(alpha, alphas[best], "{n} rows, {p} features: {errors:?}");
        for (line, y) in lines.iter().zip(&targets) {
            let expected = by_hand(&rows, y, alpha);
            assert_near(&line.weights, &expected[..p], 1e-9);
            let at_zero =
                line.intercept - line.weights.iter().zip(&prepared.means).map(|(w, m)| w * m).sum::<f64>();
            assert!((at_zero - expected[p]).abs() < 1e-9);
        }
    }
}

#[test]
fn a_row_of_its_own_class_is_where_its_class_is_most_likely() {
    let mut shares = vec![0.0; 3];
    softmax(&[1.0, 2.0, 900.0], |place, p| shares[place] = p);
    assert_eq!(shares, [0.0, 0.0, 1.0]);
    softmax(&[-0.1, 0.1], |place, p| shares[place] = p);
    // the logistic function of 2·0.1
    assert!((shares[1] - 1.0 / (1.0 + (-0.2f64).exp())).abs() < 1e-15);
}

/// Values far beyond the penalty's digits, and beyond the numbers: no panic, and probabilities.
#[test]
fn columns_that_are_not_scaled_do_no_harm() {
    for size in [1e-200, 1e9, 1e200] {
        for n in [3usize, 12] {
            let column = |seed| -> Vec<f64> { numbers(n, seed).iter().map(|v| v * size).collect() };
            let x = Matrix::from_columns(&[column(1), column(2), column(1), column(3)]).expect("finite");
            let rows: Vec<u32> = (0..n as u32).collect();
            let y: Vec<u32> = rows.iter().map(|row| row % 3).collect();
            let (presort, scaler) = (crate::Presort::new(&x), Scaler::identity(4));
            let training =
                Training { x: &x, y: &y, n_classes: 3, rows: &rows, scaler: &scaler, presort: &presort };
            let model = Ridge::default().fit(&training, 0).expect("rows");
            for row in model.probabilities(&x, &rows).chunks(3) {
                assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{size}, {n} rows: {row:?}");
            }
        }
    }
}

#[test]
fn every_machine_gives_the_same_bits() {
    use crate::simd::Portable;
    let (n, p) = (45, 150);
    let (rows, vector) = (numbers(n * p, 10), numbers(p, 11));
    let gram = gram(n);
    let factor = reduce(gram, n).band.factor(0.1);
    let dots = [Portable.run(Dot { a: &rows[..p], b: &vector }), dispatch(Dot { a: &rows[..p], b: &vector })];
    assert_eq!(dots[0].to_bits(), dots[1].to_bits());
    let panels = Panels::new(View::rows(&rows[..n * n], n, n));
    assert!(panels.quadratic_forms(&factor).iter().all(|form| *form > 0.0));
}

struct Dot<'a> {
    a: &'a [f64],
    b: &'a [f64],
}

impl Kernel for Dot<'_> {
    type Out = f64;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> f64 {
        dot(s, self.a, self.b)
    }
}
