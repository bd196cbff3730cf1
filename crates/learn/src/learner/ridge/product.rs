//! Products of large matrices of doubles: panels are packed for the caches, a tile of results is held in registers.
//!
//! A result adds up over stretches of [`DEPTH`], each in rising order, whatever the machine, the tile and the number
//! of threads, so every run computes the same bits.
//!
//! Source: K. Goto, R. A. van de Geijn, "Anatomy of high-performance matrix multiplication", 2008.

use crate::learner::has_threads;
use crate::simd::{Kernel, Simd, WIDE_LANES, WideBlock, dispatch};
use rayon::prelude::*;

/// Columns of the left factor that are packed at a time.
const DEPTH: usize = 256;
/// Rows of the left factor that are packed at a time: a multiple of the tiles' rows; with their depth they fit the
/// second cache.
const ROWS: usize = 96;
/// Multiplications below which threads are not worth starting.
const FEW: usize = 1 << 23;

/// A matrix in a list of numbers, which starts at the first one.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) values: &'a [f64],
    pub(super) n_rows: usize,
    pub(super) n_columns: usize,
    /// From one row to the next.
    pub(super) row: usize,
    /// From one column to the next.
    pub(super) column: usize,
}

impl<'a> View<'a> {
    /// Numbers that stand row after row (n_rows × n_columns).
    pub(super) fn rows(values: &'a [f64], n_rows: usize, n_columns: usize) -> View<'a> {
        View { values, n_rows, n_columns, row: n_columns, column: 1 }
    }

    /// Rows become columns.
    pub(super) fn transposed(self) -> View<'a> {
        let View { values, n_rows, n_columns, row, column } = self;
        View { values, n_rows: n_columns, n_columns: n_rows, row: column, column: row }
    }

    #[inline(always)]
    fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.row + column * self.column]
    }
}

/// The left factor.
#[derive(Debug, Clone, Copy)]
pub(super) enum Left<'a> {
    Whole(View<'a>),
    /// A symmetric matrix of which what lies above the diagonal is not read.
    Symmetric(View<'a>),
}

/// Which results are worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    /// Those on and below the diagonal, and some above.
    Lower,
}

/// Adds `factor · left · right` to a matrix whose rows stand `width` apart.
pub(super) fn add_product(
    to: &mut [f64],
    width: usize,
    factor: f64,
    left: Left<'_>,
    right: View<'_>,
    part: Part,
) {
    let (Left::Whole(View { n_rows, .. }) | Left::Symmetric(View { n_rows, .. })) = left;
    let (depth, n_columns) = (right.n_rows, right.n_columns);
    if n_rows == 0 || n_columns == 0 {
        return;
    }
    let mut packed = Vec::new();
    // the last row may end before the next one would begin
    let to = &mut to[..(n_rows - 1) * width + n_columns];
    for start in (0..depth).step_by(DEPTH) {
        let depth = DEPTH.min(depth - start);
        pack_right(&right, start, depth, &mut packed);
        let rows = |(block, to): (usize, &mut [f64])| {
            let first_row = block * ROWS;
            let n_rows = ROWS.min(n_rows - first_row);
            let right = &packed;
            dispatch(Rows {
                to,
                width,
                factor,
                left,
                first_row,
                n_rows,
                start,
                depth,
                right,
                n_columns,
                part,
            });
        };
        if has_threads() && n_rows * n_columns * depth > FEW {
            to.par_chunks_mut(ROWS * width).enumerate().for_each(rows);
        } else {
            to.chunks_mut(ROWS * width).enumerate().for_each(rows);
        }
    }
}

/// Eight columns after eight columns, each row's eight together (⌈n_columns / 8⌉ × depth blocks); zeros at the end.
fn pack_right(right: &View<'_>, start: usize, depth: usize, packed: &mut Vec<WideBlock>) {
    packed.clear();
    packed.resize(right.n_columns.div_ceil(WIDE_LANES) * depth, WideBlock::ZERO);
    // a few rows at a time, so that neither side's pages are many
    for from in (0..depth).step_by(WIDE_LANES) {
        let rows = from..depth.min(from + WIDE_LANES);
        for (panel, first) in packed.chunks_exact_mut(depth).zip((0..).step_by(WIDE_LANES)) {
            let n = WIDE_LANES.min(right.n_columns - first);
            for (k, block) in rows.clone().zip(&mut panel[rows.clone()]) {
                if right.column == 1 && n == WIDE_LANES {
                    let at = (start + k) * right.row + first;
                    block.0.copy_from_slice(&right.values[at..at + WIDE_LANES]);
                } else {
                    (0..n).for_each(|lane| block.0[lane] = right.at(start + k, first + lane));
                }
            }
        }
    }
}

/// Some rows of the result, over some depth.
struct Rows<'a> {
    to: &'a mut [f64],
    width: usize,
    factor: f64,
    left: Left<'a>,
    first_row: usize,
    n_rows: usize,
    start: usize,
    depth: usize,
    right: &'a [WideBlock],
    n_columns: usize,
    part: Part,
}

impl Kernel for Rows<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        if S::HAS_MANY_REGISTERS { self.in_tiles::<S, 12>(s) } else { self.in_tiles::<S, 6>(s) }
    }
}

impl Rows<'_> {
    /// Tiles of M rows × 8 columns.
    #[inline(always)]
    fn in_tiles<S: Simd, const M: usize>(mut self, s: S) {
        let packed = self.pack_left::<M>();
        let (first, depth) = (self.first_row, self.depth);
        for (block, right) in self.right.chunks_exact(depth).enumerate() {
            let column = block * WIDE_LANES;
            for (tile, left) in packed.chunks_exact(depth).enumerate() {
                let row = tile * M;
                if self.part == Part::Lower && first + row + M <= column {
                    continue;
                }
                for m in 0..M.min(self.n_rows - row) {
                    s.prefetch(&self.to[(row + m) * self.width + column]);
                }
                let mut sums = [s.splat_wide(0.0); M];
                for (left, right) in left.iter().zip(right) {
                    let right = s.load_wide(&right.0);
                    for m in 0..M {
                        sums[m] = s.fma_wide(s.splat_wide(left[m]), right, sums[m]);
                    }
                }
                self.add(s, row, column, &sums);
            }
        }
    }

    /// M rows after M rows, each column's M together (⌈n_rows / M⌉ × depth), times the factor; zeros at the end.
    #[inline(always)]
    fn pack_left<const M: usize>(&self) -> Vec<[f64; M]> {
        let mut packed = vec![[0.0; M]; self.n_rows.div_ceil(M) * self.depth];
        let rows = self.first_row..self.first_row + self.n_rows;
        if let Left::Whole(view) = self.left
            && view.row == 1
        {
            for k in 0..self.depth {
                let column = &view.values[(self.start + k) * view.column..][rows.clone()];
                let to = packed[k..].iter_mut().step_by(self.depth);
                for (to, from) in to.zip(column.chunks(M)) {
                    to.iter_mut().zip(from).for_each(|(to, v)| *to = self.factor * v);
                }
            }
            return packed;
        }
        for (tile, to) in packed.chunks_exact_mut(self.depth).enumerate() {
            for (lane, row) in rows.clone().skip(tile * M).take(M).enumerate() {
                self.pack_row(row, to.iter_mut().map(|to| &mut to[lane]));
            }
        }
        packed
    }

    /// One row's stretch of the left factor, times the factor.
    #[inline(always)]
    fn pack_row<'t>(&self, row: usize, mut to: impl Iterator<Item = &'t mut f64>) {
        let mut pack = |n: usize, first: usize, stride: usize, values: &[f64]| {
            if n == 0 {
                return;
            }
            let from = &values[first..=first + (n - 1) * stride];
            match stride {
                1 => from.iter().zip(to.by_ref()).for_each(|(v, to)| *to = self.factor * v),
                _ => from.iter().step_by(stride).zip(to.by_ref()).for_each(|(v, to)| *to = self.factor * v),
            }
        };
        match self.left {
            Left::Whole(View { values, row: down, column: right, .. }) => {
                pack(self.depth, row * down + self.start * right, right, values);
            }
            Left::Symmetric(View { values, row: down, .. }) => {
                // to the left of the diagonal as it stands, from there on down the column
                let (start, end) = (self.start, self.start + self.depth);
                let middle = row.clamp(start, end);
                pack(middle - start, row * down + start, 1, values);
                pack(end - middle, middle * down + row, down, values);
            }
        }
    }

    /// Adds a tile to the result.
    #[inline(always)]
    fn add<S: Simd, const M: usize>(&mut self, s: S, row: usize, column: usize, sums: &[S::W; M]) {
        let n_columns = WIDE_LANES.min(self.n_columns - column);
        #[allow(clippy::needless_range_loop)]
        for m in 0..M.min(self.n_rows - row) {
            let to = &mut self.to[(row + m) * self.width + column..][..n_columns];
            if let Ok(to) = <&mut [f64; WIDE_LANES]>::try_from(&mut *to) {
                s.store_wide(s.add_wide(s.load_wide(to), sums[m]), to);
            } else {
                let mut sum = [0.0; WIDE_LANES];
                s.store_wide(sums[m], &mut sum);
                to.iter_mut().zip(sum).for_each(|(to, sum)| *to += sum);
            }
        }
    }
}

/// Σ a_i·b_i of two lists of one length.
#[inline(always)]
pub(super) fn dot<S: Simd>(s: S, a: &[f64], b: &[f64]) -> f64 {
    const AT_ONCE: usize = 4;
    let mut sums = [s.splat_wide(0.0); AT_ONCE];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<WIDE_LANES>(), b.as_chunks::<WIDE_LANES>());
    let (mut a, mut b) = (a.chunks_exact(AT_ONCE), b.chunks_exact(AT_ONCE));
    for (a, b) in a.by_ref().zip(b.by_ref()) {
        for i in 0..AT_ONCE {
            sums[i] = s.fma_wide(s.load_wide(&a[i]), s.load_wide(&b[i]), sums[i]);
        }
    }
    for (a, b) in a.remainder().iter().zip(b.remainder()) {
        sums[0] = s.fma_wide(s.load_wide(a), s.load_wide(b), sums[0]);
    }
    let mut lanes = [0.0; WIDE_LANES];
    let both = s.add_wide(s.add_wide(sums[0], sums[1]), s.add_wide(sums[2], sums[3]));
    s.store_wide(both, &mut lanes);
    lanes.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Portable;

    #[test]
    fn every_machine_gives_the_portable_bits() {
        let (n_rows, depth, n_columns) = (29, 40, 21);
        let numbers = |n: usize| (0..n).map(|i| (i * 7919 % 1009) as f64 / 97.0 - 5.0).collect::<Vec<f64>>();
        let (a, b) = (numbers(n_rows * depth), numbers(depth * n_columns));
        let mut packed = Vec::new();
        pack_right(&View::rows(&b, depth, n_columns), 0, depth, &mut packed);
        let product = |portable: bool| {
            let mut to = vec![0.1; n_rows * n_columns];
            let rows = Rows {
                to: &mut to,
                width: n_columns,
                factor: -0.3,
                left: Left::Whole(View::rows(&a, n_rows, depth)),
                first_row: 0,
                n_rows,
                start: 0,
                depth,
                right: &packed,
                n_columns,
                part: Part::Whole,
            };
            if portable {
                Portable.run(rows)
            } else {
                dispatch(rows)
            }
            to
        };
        assert_eq!(product(true), product(false));
    }
}
