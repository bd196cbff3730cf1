//! Products of small matrices, a tile of results held in registers, and what is done to a tile before it
//! is written: bias and ReLU, ReLU's gate, Adam's step.
//!
//! A result adds up over k in rising order whatever the tile, so every machine computes the same bits.

#![expect(clippy::needless_range_loop, reason = "lanes and tiles are several arrays side by side")]

use crate::simd::{Block, LANES, Simd};

/// Rows of a tile: divides both hidden layers. With one row training takes 1.5 times as long.
const ROWS: usize = 5;
/// Blocks of a tile where there are registers enough for 5 × 4 sums: 1.3 times as fast as one block.
const BLOCKS: usize = 4;

/// The left factor (n_rows × depth), a number at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left<'a> {
    pub(super) values: &'a [f32],
    /// From one row to the next.
    pub(super) row: usize,
    /// From one column to the next.
    pub(super) column: usize,
    pub(super) n_rows: usize,
    pub(super) depth: usize,
}

/// What becomes of sixteen results of the product.
pub(super) trait Finish {
    /// Takes the results of a row's block.
    fn finish<S: Simd>(&mut self, s: S, row: usize, block: usize, sum: S::V);
}

/// `left · right`, where the right factor is (depth × width blocks), handed to `finish` block by block.
#[inline(always)]
pub(super) fn product<S: Simd, F: Finish>(
    s: S,
    left: Left<'_>,
    right: &[Block],
    width: usize,
    finish: &mut F,
) {
    let mut block = 0;
    if S::HAS_MANY_REGISTERS {
        while block + BLOCKS <= width {
            panel::<S, F, BLOCKS>(s, left, right, width, block, finish);
            block += BLOCKS;
        }
    }
    while block < width {
        panel::<S, F, 1>(s, left, right, width, block, finish);
        block += 1;
    }
}

/// All rows of some blocks.
#[inline(always)]
fn panel<S: Simd, F: Finish, const N: usize>(
    s: S,
    left: Left<'_>,
    right: &[Block],
    width: usize,
    block: usize,
    finish: &mut F,
) {
    let mut row = 0;
    while row + ROWS <= left.n_rows {
        tile::<S, F, ROWS, N>(s, left, right, width, [row, block], finish);
        row += ROWS;
    }
    while row < left.n_rows {
        tile::<S, F, 1, N>(s, left, right, width, [row, block], finish);
        row += 1;
    }
}

/// A tile of M rows × N blocks.
#[inline(always)]
fn tile<S: Simd, F: Finish, const M: usize, const N: usize>(
    s: S,
    left: Left<'_>,
    right: &[Block],
    width: usize,
    [row, block]: [usize; 2],
    finish: &mut F,
) {
    let mut sums = [[s.splat(0.0); N]; M];
    for k in 0..left.depth {
        let from = &right[k * width + block..k * width + block + N];
        let mut b = [s.splat(0.0); N];
        for n in 0..N {
            b[n] = s.load(&from[n].0);
        }
        for m in 0..M {
            let a = s.splat(left.values[(row + m) * left.row + k * left.column]);
            for n in 0..N {
                sums[m][n] = s.fma(a, b[n], sums[m][n]);
            }
        }
    }
    for m in 0..M {
        for n in 0..N {
            finish.finish(s, row + m, block + n, sums[m][n]);
        }
    }
}

/// Adds a bias to each row, then writes it; negatives become 0 where it says so.
pub(super) struct Activate<'a> {
    pub(super) bias: &'a [f32],
    pub(super) is_hidden: bool,
    pub(super) width: usize,
    pub(super) out: &'a mut [Block],
}

impl Finish for Activate<'_> {
    #[inline(always)]
    fn finish<S: Simd>(&mut self, s: S, row: usize, block: usize, sum: S::V) {
        let mut v = s.add(sum, s.splat(self.bias[row]));
        if self.is_hidden {
            v = s.max(v, s.splat(0.0));
        }
        s.store(v, &mut self.out[row * self.width + block].0);
    }
}

/// Writes what flows back through a ReLU: nothing where its output was 0.
pub(super) struct Gate<'a> {
    pub(super) output: &'a [Block],
    pub(super) width: usize,
    pub(super) out: &'a mut [Block],
}

impl Finish for Gate<'_> {
    #[inline(always)]
    fn finish<S: Simd>(&mut self, s: S, row: usize, block: usize, sum: S::V) {
        let at = row * self.width + block;
        s.store(s.gate(s.load(&self.output[at].0), sum), &mut self.out[at].0);
    }
}

/// Numbers of one of Adam's steps.
///
/// Source: D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", 2015; ε stands outside of
/// the bias correction, as in scikit-learn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Adam {
    /// The learning rate, corrected for the moments' start at 0.
    pub(super) rate: f32,
    /// What a weight adds to its own gradient.
    pub(super) decay: f32,
}

/// Numbers to learn, with their moments; rows of `width` blocks.
#[derive(Debug, Clone)]
pub(super) struct Learned {
    pub(super) values: Vec<Block>,
    first: Vec<Block>,
    second: Vec<Block>,
}

impl Learned {
    pub(super) fn new(values: Vec<Block>) -> Learned {
        let zeros = vec![Block::ZERO; values.len()];
        Learned { values, first: zeros.clone(), second: zeros }
    }

    /// Moves sixteen numbers against their gradient.
    #[inline(always)]
    pub(super) fn step<S: Simd>(&mut self, s: S, at: usize, gradient: S::V, adam: Adam) {
        let (value, first, second) = (&mut self.values[at].0, &mut self.first[at].0, &mut self.second[at].0);
        let w = s.load(value);
        let g = s.fma(s.splat(adam.decay), w, gradient);
        let m = s.fma(s.splat(0.9), s.load(first), s.mul(s.splat(1.0 - 0.9), g));
        let v = s.fma(s.splat(0.999), s.load(second), s.mul(s.splat(1.0 - 0.999), s.mul(g, g)));
        let change = s.div(s.mul(s.splat(adam.rate), m), s.add(s.sqrt(v), s.splat(1e-8)));
        s.store(m, first);
        s.store(v, second);
        s.store(s.sub(w, change), value);
    }
}

/// Takes the product for a gradient and makes Adam's step with it.
pub(super) struct Descend<'a> {
    pub(super) learned: &'a mut Learned,
    pub(super) width: usize,
    pub(super) adam: Adam,
}

impl Finish for Descend<'_> {
    #[inline(always)]
    fn finish<S: Simd>(&mut self, s: S, row: usize, block: usize, sum: S::V) {
        self.learned.step(s, row * self.width + block, sum, self.adam);
    }
}

/// Turns rows of blocks (n_rows × width) into columns: (16·width × ⌈n_rows / 16⌉ blocks), zeros at the end.
#[inline(always)]
pub(super) fn transpose(from: &[Block], n_rows: usize, width: usize, to: &mut [Block]) {
    let to_width = n_rows.div_ceil(LANES);
    for first in (0..n_rows).step_by(LANES) {
        let n = LANES.min(n_rows - first);
        for block in 0..width {
            let mut turned = [[0.0f32; LANES]; LANES];
            for (r, row) in
                from[first * width..(first + n) * width].iter().skip(block).step_by(width).enumerate()
            {
                for c in 0..LANES {
                    turned[c][r] = row.0[c];
                }
            }
            for (c, row) in turned.iter().enumerate() {
                to[(block * LANES + c) * to_width + first / LANES].0 = *row;
            }
        }
    }
}
