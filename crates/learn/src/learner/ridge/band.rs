//! A symmetric matrix turned into a band about its diagonal, and that band solved for many shifts.
//!
//! A = Q·B·Qᵀ with Q orthogonal and B zero but for [`WIDTH`] places on either side of the diagonal costs as much as
//! the first step of an eigen-decomposition, in products of matrices alone. It is enough: (A + α)⁻¹ = Q·(B + α)⁻¹·Qᵀ,
//! and B + α is solved in no time for any α.
//!
//! Source: C. H. Bischof, B. Lang, X. Sun, "A framework for symmetric band reduction", 2000; reflections in blocks
//! I − V·T·Vᵀ as in R. Schreiber, C. Van Loan, "A storage-efficient WY representation", 1989.

use super::product::{Left, Part, View, add_product, dot};
use crate::simd::{Kernel, Simd, WIDE_LANES, dispatch};

/// Places of the band on one side of the diagonal, a multiple of 4: with fewer, the matrix is read more often, with
/// more, the band takes longer to solve.
const WIDTH: usize = 48;

/// The lower half of a symmetric band.
#[derive(Debug, Clone)]
pub(super) struct Band {
    pub(super) n: usize,
    /// Places left of the diagonal, a multiple of 4.
    pub(super) width: usize,
    /// Row after row, from `width` places left of the diagonal up to it; zeros where that is left of the matrix
    /// (n × (width + 1)).
    rows: Vec<f64>,
}

/// A symmetric matrix as basis · band · basisᵀ.
pub(super) struct Reduced {
    pub(super) band: Band,
    /// An orthogonal matrix, row after row (n × n); `None` where the matrix is its own band.
    pub(super) basis: Option<Vec<f64>>,
}

/// Reduces a symmetric matrix, row after row (n × n), of which what lies above the diagonal is not read.
pub(super) fn reduce(mut a: Vec<f64>, n: usize) -> Reduced {
    let mut blocks = Vec::new();
    let mut done = 0;
    // one row below the band has nothing left to remove
    while done + WIDTH + 1 < n {
        blocks.push(remove_below_band(&mut a, n, done));
        done += WIDTH;
    }
    let width = WIDTH.min(n.saturating_sub(1).next_multiple_of(4));
    let mut rows = vec![0.0; n * (width + 1)];
    for (i, row) in rows.chunks_exact_mut(width + 1).enumerate() {
        let first = i.saturating_sub(width);
        row[width - (i - first)..].copy_from_slice(&a[i * n + first..=i * n + i]);
    }
    let basis = (!blocks.is_empty()).then(|| accumulate(&blocks, n, a));
    Reduced { band: Band { n, width, rows }, basis }
}

/// Reflections of the rows from `start` on: I − V·T·Vᵀ.
struct Reflections {
    start: usize,
    /// V (n_rows × n).
    v: Vec<f64>,
    n_rows: usize,
    /// How many reflections.
    n: usize,
    /// T, upper triangular (n × n).
    t: Vec<f64>,
}

/// Makes zeros of what lies below the band in the next [`WIDTH`] columns, and reflects the rest of the matrix.
fn remove_below_band(a: &mut [f64], n: usize, column: usize) -> Reflections {
    let start = column + WIDTH;
    let n_rows = n - start;
    // columns one after another (WIDTH × n_rows)
    let mut panel = vec![0.0; WIDTH * n_rows];
    for (i, row) in a[start * n..].chunks_exact(n).enumerate() {
        panel[i..].iter_mut().step_by(n_rows).zip(&row[column..start]).for_each(|(to, cell)| *to = *cell);
    }
    let reflections = dispatch(Triangulate { panel: &mut panel, n_rows, start });
    for (j, cells) in (column..).zip(panel.chunks_exact(n_rows)) {
        for (i, &cell) in (start..).zip(cells) {
            a[i * n + j] = cell;
        }
    }
    reflect(&mut a[start * n + start..], n, &reflections);
    reflections
}

/// Turns a panel into an upper triangle.
struct Triangulate<'a> {
    /// Columns one after another, zeros below the diagonal afterwards.
    panel: &'a mut [f64],
    n_rows: usize,
    start: usize,
}

impl Kernel for Triangulate<'_> {
    type Out = Reflections;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Reflections {
        let Triangulate { panel, n_rows, start } = self;
        // a single row has nothing below it
        let n = WIDTH.min(n_rows - 1);
        let mut vectors = Vec::with_capacity(n * n_rows);
        let mut factors = Vec::with_capacity(n);
        for j in 0..n {
            let (own, others) = panel[j * n_rows..].split_at_mut(n_rows);
            let below = dot(s, &own[j + 1..], &own[j + 1..]);
            let mut v = vec![0.0; n_rows];
            let mut factor = 0.0;
            if below > 0.0 {
                let length = (own[j] * own[j] + below).sqrt().copysign(own[j]);
                v[j] = 1.0;
                let scale = 1.0 / (own[j] + length);
                v[j + 1..].iter_mut().zip(&own[j + 1..]).for_each(|(v, a)| *v = a * scale);
                factor = 1.0 + own[j] / length;
                own[j] = -length;
            }
            own[j + 1..].fill(0.0);
            for other in others.chunks_exact_mut(n_rows) {
                let moved = -factor * dot(s, &v[j..], &other[j..]);
                add_scaled(s, moved, &v[j..], &mut other[j..]);
            }
            vectors.extend(v);
            factors.push(factor);
        }
        let t = triangle(s, &vectors, &factors, n_rows);
        let mut v = vec![0.0; n_rows * n];
        for (j, vector) in vectors.chunks_exact(n_rows).enumerate() {
            v[j..].iter_mut().step_by(n).zip(vector).for_each(|(to, cell)| *to = *cell);
        }
        Reflections { start, v, n_rows, n, t }
    }
}

/// Adds `factor · from`.
#[inline(always)]
fn add_scaled<S: Simd>(s: S, factor: f64, from: &[f64], to: &mut [f64]) {
    let ((from, from_rest), (to, to_rest)) =
        (from.as_chunks::<WIDE_LANES>(), to.as_chunks_mut::<WIDE_LANES>());
    let f = s.splat_wide(factor);
    for (from, to) in from.iter().zip(to) {
        s.store_wide(s.fma_wide(f, s.load_wide(from), s.load_wide(to)), to);
    }
    from_rest.iter().zip(to_rest).for_each(|(from, to)| *to += factor * from);
}

/// T of the reflections I − factor·v·vᵀ, one after another.
#[inline(always)]
fn triangle<S: Simd>(s: S, vectors: &[f64], factors: &[f64], n_rows: usize) -> Vec<f64> {
    let n = factors.len();
    let v = |j: usize| &vectors[j * n_rows..(j + 1) * n_rows];
    let mut t = vec![0.0; n * n];
    let mut with = vec![0.0; n];
    for j in 0..n {
        // a loop, not an iterator: what is not inlined is compiled for the plainest machine
        #[allow(clippy::needless_range_loop)]
        for i in 0..j {
            with[i] = dot(s, &v(i)[j..], &v(j)[j..]);
        }
        for i in 0..j {
            let sum: f64 = (i..j).map(|k| t[i * n + k] * with[k]).sum();
            t[i * n + j] = -factors[j] * sum;
        }
        t[j * n + j] = factors[j];
    }
    t
}

/// a ← Qᵀ·a·Q for Q = I − V·T·Vᵀ, where rows of the symmetric `a` stand `width` apart.
fn reflect(a: &mut [f64], width: usize, by: &Reflections) {
    let Reflections { v, t, n_rows, n, .. } = by;
    let (m, n) = (*n_rows, *n);
    let (v, t) = (View::rows(v, m, n), View::rows(t, n, n));
    // Y = a·V·T, S = Tᵀ·Vᵀ·Y, X = Y − ½·V·S; then a − X·Vᵀ − V·Xᵀ
    let whole = View { values: a, n_rows: m, n_columns: m, row: width, column: 1 };
    let av = product(Left::Symmetric(whole), v);
    let mut x = product(Left::Whole(View::rows(&av, m, n)), t);
    let vy = product(Left::Whole(v.transposed()), View::rows(&x, m, n));
    let tvy = product(Left::Whole(t.transposed()), View::rows(&vy, n, n));
    add_product(&mut x, n, -0.5, Left::Whole(v), View::rows(&tvy, n, n), Part::Whole);
    let side_by_side = |a: &[f64], b: &[f64]| -> Vec<f64> {
        let mut both = Vec::with_capacity(2 * m * n);
        a.chunks_exact(n).zip(b.chunks_exact(n)).for_each(|(a, b)| {
            both.extend_from_slice(a);
            both.extend_from_slice(b);
        });
        both
    };
    let (xv, vx) = (side_by_side(&x, v.values), side_by_side(v.values, &x));
    let left = Left::Whole(View::rows(&xv, m, 2 * n));
    add_product(a, width, -1.0, left, View::rows(&vx, m, 2 * n).transposed(), Part::Lower);
}

/// left · right, row after row.
fn product(left: Left<'_>, right: View<'_>) -> Vec<f64> {
    let (Left::Whole(View { n_rows, .. }) | Left::Symmetric(View { n_rows, .. })) = left;
    let mut to = vec![0.0; n_rows * right.n_columns];
    add_product(&mut to, right.n_columns, 1.0, left, right, Part::Whole);
    to
}

/// All reflections in one orthogonal matrix (n × n); `room` is overwritten with it.
fn accumulate(blocks: &[Reflections], n: usize, room: Vec<f64>) -> Vec<f64> {
    let mut q = room;
    q.fill(0.0);
    q.iter_mut().step_by(n + 1).for_each(|v| *v = 1.0);
    for Reflections { start, v, n_rows, n: k, t } in blocks.iter().rev() {
        let (m, k) = (*n_rows, *k);
        let (v, t) = (View::rows(v, m, k), View::rows(t, k, k));
        let part = &mut q[start * n + start..];
        let view = View { values: part, n_rows: m, n_columns: m, row: n, column: 1 };
        let vq = product(Left::Whole(v.transposed()), view);
        let tvq = product(Left::Whole(t), View::rows(&vq, k, m));
        add_product(part, n, -1.0, Left::Whole(v), View::rows(&tvq, k, m), Part::Whole);
    }
    q
}

/// L of a band plus a shift: band + shift·I = L·Lᵀ.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    n: usize,
    pub(super) width: usize,
    /// Row after row, the `width` places left of the diagonal; zeros left of the matrix (n × width).
    pub(super) rows: Vec<f64>,
    /// One over the diagonal (n).
    pub(super) inverse: Vec<f64>,
}

impl Band {
    /// Factors the band plus a shift above 0, which makes it positive definite where the matrix was not negative.
    ///
    /// Where rounding leaves less than nothing, because the matrix is larger than the shift by 16 digits, the least
    /// that can be told from nothing stands in its place.
    pub(super) fn factor(&self, shift: f64) -> Factor {
        let Band { n, width, .. } = *self;
        let diagonal = self.rows.iter().skip(width).step_by(width + 1);
        let least = diagonal.fold(shift, |most, &d| most.max(d)) * f64::EPSILON;
        let mut factor = Factor { n, width, rows: vec![0.0; n * width], inverse: Vec::with_capacity(n) };
        for (i, band) in self.rows.chunks_exact(width + 1).enumerate() {
            let (done, own) = factor.rows.split_at_mut(i * width);
            let own = &mut own[..width];
            for at in width.saturating_sub(i)..width {
                // place `at` of row i is column i − width + at, whose own row begins `width − at` places to the left
                let column = i + at - width;
                let other = &done[column * width..(column + 1) * width];
                let sum: f64 = own[..at].iter().zip(&other[width - at..]).map(|(a, b)| a * b).sum();
                own[at] = (band[at] - sum) * factor.inverse[column];
            }
            let rest = band[width] + shift - own.iter().map(|v| v * v).sum::<f64>();
            factor.inverse.push(1.0 / rest.max(least).sqrt());
        }
        factor
    }
}

impl Factor {
    /// Solves (band + shift·I)·x = b (n).
    pub(super) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let Factor { n, width, ref rows, ref inverse } = *self;
        let mut x = b.to_vec();
        let row = |i: usize| &rows[(i + 1) * width - i.min(width)..(i + 1) * width];
        for i in 0..n {
            let first = i.saturating_sub(width);
            let sum: f64 = row(i).iter().zip(&x[first..i]).map(|(l, x)| l * x).sum();
            x[i] = (x[i] - sum) * inverse[i];
        }
        for i in (0..n).rev() {
            let first = i.saturating_sub(width);
            x[i] *= inverse[i];
            let own = x[i];
            row(i).iter().zip(&mut x[first..i]).for_each(|(l, x)| *x -= l * own);
        }
        x
    }
}
