//! The Gaussian kernel exp(−γ·|a − b|²), sixteen points at a time.
//!
//! Coordinates are multiplied by √γ once, and differences are squared rather than lengths and a product
//! combined: in single precision the latter would lose the small distances of points far from the origin.

use crate::simd::{Block, Kernel, LANES, Simd, dispatch, exp};

/// Below this the exponential is nothing in single precision.
const LEAST: f32 = -87.0;
/// Points weighed against one pass over the support rows: with one at a time predicting takes 2.2 times as long.
const QUERIES: usize = 4;
/// Blocks whose single-precision sums are added up before they join a double-precision one.
const SUBTOTAL: usize = 64;
/// Coordinates beyond this are all equally far from anything else.
const FARTHEST: f64 = 1e15;

/// Points in blocks: for every sixteen points one block a feature. The last block is filled with zeros.
#[derive(Debug, Clone)]
pub(super) struct Points {
    n_points: usize,
    n_features: usize,
    blocks: Vec<Block>,
}

/// Scaled coordinates times √γ, in single precision.
pub(super) fn shrunk(scaled: &[f64], gamma: f64) -> Vec<f32> {
    let root = gamma.sqrt();
    scaled.iter().map(|v| (v * root).clamp(-FARTHEST, FARTHEST) as f32).collect()
}

impl Points {
    /// Lays rows (n_points × n_features) out in blocks.
    pub(super) fn new(rows: &[f32], n_points: usize, n_features: usize) -> Points {
        let mut blocks = vec![Block::ZERO; n_points.div_ceil(LANES) * n_features];
        for i in 0..n_points {
            for j in 0..n_features {
                blocks[i / LANES * n_features + j].0[i % LANES] = rows[i * n_features + j];
            }
        }
        Points { n_points, n_features, blocks }
    }

    /// How many blocks of sixteen points.
    pub(super) fn n_blocks(&self) -> usize {
        self.n_points.div_ceil(LANES)
    }

    /// Some of the points, in the order given, as rows.
    pub(super) fn rows(&self, which: impl Iterator<Item = usize>) -> Vec<f32> {
        let p = self.n_features;
        which.flat_map(|i| (0..p).map(move |j| self.blocks[i / LANES * p + j].0[i % LANES])).collect()
    }

    /// The kernel between one point and all: one row of the kernel matrix, in blocks.
    pub(super) fn row(&self, point: usize, out: &mut [Block]) {
        let query = self.rows(std::iter::once(point));
        dispatch(Row { points: self, query: &query, out });
    }

    /// Σ weight · kernel over all points, for every query and every set of weights
    /// (n_queries × n_sets); a set is one block of weights for each block of points.
    pub(super) fn sums(&self, weights: &[Vec<Block>], queries: &[f32], n_queries: usize) -> Vec<f64> {
        dispatch(Sums { points: self, weights, queries, n_queries })
    }
}

/// See [`Points::row`].
struct Row<'a> {
    points: &'a Points,
    query: &'a [f32],
    out: &'a mut [Block],
}

impl Kernel for Row<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let p = self.points.n_features;
        for (b, out) in self.out.iter_mut().enumerate() {
            let block = &self.points.blocks[b * p..(b + 1) * p];
            let mut sum = s.splat(0.0);
            for (x, &q) in block.iter().zip(self.query) {
                let d = s.sub(s.load(&x.0), s.splat(q));
                sum = s.fma(d, d, sum);
            }
            s.store(gaussian(s, sum), &mut out.0);
        }
    }
}

/// exp(−d) of squared distances.
#[inline(always)]
fn gaussian<S: Simd>(s: S, squared: S::V) -> S::V {
    let negative = s.sub(s.splat(0.0), squared);
    exp(s, s.max(negative, s.splat(LEAST)))
}

/// See [`Points::sums`].
struct Sums<'a> {
    points: &'a Points,
    weights: &'a [Vec<Block>],
    queries: &'a [f32],
    n_queries: usize,
}

impl Kernel for Sums<'_> {
    type Out = Vec<f64>;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Vec<f64> {
        let (p, n_sets) = (self.points.n_features, self.weights.len());
        let mut out = vec![0.0; self.n_queries * n_sets];
        let mut totals = vec![[Block::ZERO; QUERIES]; n_sets];
        for start in (0..self.n_queries).step_by(QUERIES) {
            // the last few queries are filled up with the very last one
            let query = |i: usize| {
                let i = (start + i).min(self.n_queries - 1);
                &self.queries[i * p..(i + 1) * p]
            };
            let queries: [&[f32]; QUERIES] = [query(0), query(1), query(2), query(3)];
            let n = QUERIES.min(self.n_queries - start);
            for first in (0..self.points.n_blocks()).step_by(SUBTOTAL) {
                for b in first..self.points.n_blocks().min(first + SUBTOTAL) {
                    self.add_block(s, b, queries, &mut totals);
                }
                for (set, totals) in totals.iter_mut().enumerate() {
                    for (i, total) in totals.iter_mut().enumerate().take(n) {
                        let sum: f64 = total.0.iter().map(|&v| f64::from(v)).sum();
                        out[(start + i) * n_sets + set] += sum;
                    }
                    *totals = [Block::ZERO; QUERIES];
                }
            }
        }
        out
    }
}

impl Sums<'_> {
    /// Adds one block of points to the running sums of every query.
    #[inline(always)]
    fn add_block<S: Simd>(
        &self,
        s: S,
        b: usize,
        queries: [&[f32]; QUERIES],
        totals: &mut [[Block; QUERIES]],
    ) {
        let p = self.points.n_features;
        let block = &self.points.blocks[b * p..(b + 1) * p];
        let mut sums = [s.splat(0.0); QUERIES];
        for (j, x) in block.iter().enumerate() {
            let x = s.load(&x.0);
            for i in 0..QUERIES {
                let d = s.sub(x, s.splat(queries[i][j]));
                sums[i] = s.fma(d, d, sums[i]);
            }
        }
        for sum in &mut sums {
            *sum = gaussian(s, *sum);
        }
        for (weights, totals) in self.weights.iter().zip(totals) {
            let weight = s.load(&weights[b].0);
            for i in 0..QUERIES {
                s.store(s.fma(weight, sums[i], s.load(&totals[i].0)), &mut totals[i].0);
            }
        }
    }
}
