//! Rows of a matrix eight abreast: what is done with every row is done with eight at a time.

use super::band::Factor;
use super::product::View;
use crate::simd::{Kernel, Simd, WIDE_LANES, WideBlock, dispatch};

/// A matrix (n_rows × n_columns) in panels of eight rows, zeros below the last row.
pub(super) struct Panels {
    n_rows: usize,
    n_columns: usize,
    /// Panel after panel, each column by column (⌈n_rows / 8⌉ × n_columns).
    blocks: Vec<WideBlock>,
}

impl Panels {
    pub(super) fn new(from: View<'_>) -> Panels {
        let View { n_rows, n_columns, values, row, column } = from;
        let mut blocks = vec![WideBlock::ZERO; n_rows.div_ceil(WIDE_LANES) * n_columns];
        if n_columns > 0 {
            for (panel, first) in blocks.chunks_exact_mut(n_columns).zip((0..).step_by(WIDE_LANES)) {
                for lane in 0..WIDE_LANES.min(n_rows - first) {
                    let cells = values[(first + lane) * row..].iter().step_by(column);
                    panel.iter_mut().zip(cells).for_each(|(block, &cell)| block.0[lane] = cell);
                }
            }
        }
        Panels { n_rows, n_columns, blocks }
    }

    /// Each row times each of the vectors (each n_columns): one list for each vector (each n_rows).
    pub(super) fn times(&self, vectors: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut out = vec![vec![0.0; self.n_rows]; vectors.len()];
        if self.n_columns > 0 {
            dispatch(Times { panels: self, vectors, out: &mut out });
        }
        out
    }

    /// Σ over the rows of the row times its number of `by` (n_rows): a number for each column (n_columns).
    pub(super) fn sum_of_rows(&self, by: &[f64]) -> Vec<f64> {
        let mut sums = vec![WideBlock::ZERO; self.n_columns];
        if self.n_columns > 0 {
            dispatch(SumOfRows { panels: self, by, sums: &mut sums });
        }
        sums.iter().map(|sum| sum.0.iter().sum()).collect()
    }

    /// z·(band + shift)⁻¹·z of each row z (n_rows).
    pub(super) fn quadratic_forms(&self, factor: &Factor) -> Vec<f64> {
        let mut out = vec![0.0; self.n_rows];
        if self.n_columns > 0 {
            dispatch(QuadraticForms { panels: self, factor, out: &mut out });
        }
        out
    }
}

struct Times<'a> {
    panels: &'a Panels,
    vectors: &'a [Vec<f64>],
    out: &'a mut [Vec<f64>],
}

impl Kernel for Times<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        for (vectors, out) in self.vectors.chunks(4).zip(self.out.chunks_mut(4)) {
            match vectors.len() {
                4 => times::<S, 4>(s, self.panels, vectors, out),
                3 => times::<S, 3>(s, self.panels, vectors, out),
                2 => times::<S, 2>(s, self.panels, vectors, out),
                _ => times::<S, 1>(s, self.panels, vectors, out),
            }
        }
    }
}

/// [`Panels::times`] of N vectors.
#[inline(always)]
fn times<S: Simd, const N: usize>(s: S, panels: &Panels, vectors: &[Vec<f64>], out: &mut [Vec<f64>]) {
    let vectors: [&[f64]; N] = std::array::from_fn(|v| &vectors[v][..panels.n_columns]);
    for (panel, first) in panels.blocks.chunks_exact(panels.n_columns).zip((0..).step_by(WIDE_LANES)) {
        let mut sums = [s.splat_wide(0.0); N];
        for (j, block) in panel.iter().enumerate() {
            let block = s.load_wide(&block.0);
            for v in 0..N {
                sums[v] = s.fma_wide(s.splat_wide(vectors[v][j]), block, sums[v]);
            }
        }
        for v in 0..N {
            write(s, sums[v], &mut out[v][first..]);
        }
    }
}

/// Writes the lanes that there is room for.
#[inline(always)]
fn write<S: Simd>(s: S, lanes: S::W, to: &mut [f64]) {
    let mut numbers = [0.0; WIDE_LANES];
    s.store_wide(lanes, &mut numbers);
    to.iter_mut().zip(numbers).for_each(|(to, number)| *to = number);
}

struct SumOfRows<'a> {
    panels: &'a Panels,
    by: &'a [f64],
    sums: &'a mut [WideBlock],
}

impl Kernel for SumOfRows<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let panels = self.panels.blocks.chunks_exact(self.panels.n_columns);
        for (panel, by) in panels.zip(self.by.chunks(WIDE_LANES)) {
            let mut lanes = [0.0; WIDE_LANES];
            lanes[..by.len()].copy_from_slice(by);
            let by = s.load_wide(&lanes);
            for (block, sum) in panel.iter().zip(self.sums.iter_mut()) {
                s.store_wide(s.fma_wide(s.load_wide(&block.0), by, s.load_wide(&sum.0)), &mut sum.0);
            }
        }
    }
}

struct QuadraticForms<'a> {
    panels: &'a Panels,
    factor: &'a Factor,
    out: &'a mut [f64],
}

impl Kernel for QuadraticForms<'_> {
    type Out = ();

    /// With L·Lᵀ the band and y = L⁻¹·z the form is y·y.
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        const AT_ONCE: usize = 4;
        let Factor { width, rows, inverse, .. } = self.factor;
        let n = self.panels.n_columns;
        // as many zeros as the band is wide before the first number
        let mut solved = vec![WideBlock::ZERO; width + n];
        for (panel, out) in self.panels.blocks.chunks_exact(n).zip(self.out.chunks_mut(WIDE_LANES)) {
            let mut form = s.splat_wide(0.0);
            for (j, block) in panel.iter().enumerate() {
                let row = rows[j * width..(j + 1) * width].as_chunks::<AT_ONCE>().0;
                let before = solved[j..j + width].as_chunks::<AT_ONCE>().0;
                let mut sums = [s.splat_wide(0.0); AT_ONCE];
                for (row, before) in row.iter().zip(before) {
                    for i in 0..AT_ONCE {
                        sums[i] = s.fma_wide(s.splat_wide(row[i]), s.load_wide(&before[i].0), sums[i]);
                    }
                }
                let sum = s.add_wide(s.add_wide(sums[0], sums[1]), s.add_wide(sums[2], sums[3]));
                let rest = s.fma_wide(sum, s.splat_wide(-1.0), s.load_wide(&block.0));
                let y = s.mul_wide(rest, s.splat_wide(inverse[j]));
                s.store_wide(y, &mut solved[width + j].0);
                form = s.fma_wide(y, y, form);
            }
            write(s, form, out);
        }
    }
}
