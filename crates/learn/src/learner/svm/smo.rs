//! The dual of the support vector machine, solved two variables at a time.
//!
//! Written in the score eₜ = −yₜ·∂f/∂αₜ, which starts at yₜ: a step of length t along (i, j) adds yᵢt to αᵢ,
//! takes yⱼt from αⱼ and t·(Kᵢ − Kⱼ) from all scores, whatever the labels.
//!
//! Source: R.-E. Fan, P.-H. Chen, C.-J. Lin, "Working set selection using second order information for
//! training support vector machines", 2005 (WSS 2); tolerance as in libsvm, C.-C. Chang and C.-J. Lin,
//! "LIBSVM: a library for support vector machines", 2011, §4. Nothing is left out of the search on the
//! way, and no row of the kernel is kept, as libsvm does both (§5, §4.2): shrinking took 1.05 to 1.2 times as long
//! on 20,000 to 60,000 rows, and a cache of 100 MB 1.05 to 3 times on 1,000 to 20,000.

#![expect(clippy::needless_range_loop, reason = "lanes and tiles are several arrays side by side")]

use super::kernel::Points;
use crate::simd::{Block, Kernel, LANES, Simd, dispatch};

/// Largest violation of the optimality conditions that is let be: libsvm's and scikit-learn's.
const TOLERANCE: f64 = 1e-3;
/// Stands in for a curvature of zero: libsvm's.
const LEAST_CURVATURE: f32 = 1e-12;

/// Two classes of points.
pub(super) struct Problem<'a> {
    /// Rows times √γ (n_points × n_features).
    pub(super) rows: &'a [f32],
    pub(super) n_features: usize,
    /// Whether each point is of the first class (n_points).
    pub(super) is_first: &'a [bool],
    /// Upper bound of every weight.
    pub(super) c: f64,
}

/// The maximum of the dual.
pub(super) struct Solution {
    /// Weight of each point, times +1 for the first class and −1 for the second (n_points).
    pub(super) weights: Vec<f64>,
    /// Added to the weighted sum of kernels.
    pub(super) bias: f64,
    /// The decision value of each point (n_points).
    pub(super) decisions: Vec<f64>,
}

/// A score and where it is.
#[derive(Debug, Clone, Copy)]
struct Best {
    value: f64,
    at: usize,
}

/// Largest score among the points that may go up, least among those that may go down.
#[derive(Debug, Clone, Copy)]
struct Ends {
    top: Best,
    bottom: f64,
}

/// Solves the problem.
pub(super) fn solve(problem: &Problem<'_>) -> Solution {
    let n = problem.is_first.len();
    let mut state = State::new(problem);
    let mut ends = state.ends();
    for _ in 0..(100 * n).max(10_000_000) {
        if ends.top.value - ends.bottom < TOLERANCE {
            break;
        }
        ends = state.step(ends);
    }
    state.solution(ends)
}

/// The points, a lane each; the last block's empty lanes may go neither up nor down.
struct State<'a> {
    problem: &'a Problem<'a>,
    points: Points,
    /// Kernel rows of the pair that moves.
    rows: [Vec<Block>; 2],
    score: Vec<[f64; LANES]>,
    /// 0 where a step up is allowed, else −∞.
    up: Vec<Block>,
    /// 0 where a step down is allowed, else ∞.
    down: Vec<Block>,
    /// Weights without sign (n_points).
    alpha: Vec<f64>,
}

impl<'a> State<'a> {
    fn new(problem: &'a Problem<'a>) -> State<'a> {
        let n = problem.is_first.len();
        let points = Points::new(problem.rows, n, problem.n_features);
        let n_blocks = points.n_blocks();
        let mut state = State {
            problem,
            rows: [vec![Block::ZERO; n_blocks], vec![Block::ZERO; n_blocks]],
            points,
            score: vec![[0.0; LANES]; n_blocks],
            up: vec![Block([f32::NEG_INFINITY; LANES]); n_blocks],
            down: vec![Block([f32::INFINITY; LANES]); n_blocks],
            alpha: vec![0.0; n],
        };
        for at in 0..n {
            state.score[at / LANES][at % LANES] = state.sign(at);
            state.set_bounds(at);
        }
        state
    }

    /// Room of a point to move up or down, in the direction of its class.
    fn room(&self, at: usize) -> (f64, f64) {
        let (alpha, c) = (self.alpha[at], self.problem.c);
        if self.problem.is_first[at] { (c - alpha, alpha) } else { (alpha, c - alpha) }
    }

    fn set_bounds(&mut self, at: usize) {
        let (up, down) = self.room(at);
        self.up[at / LANES].0[at % LANES] = if up > 0.0 { 0.0 } else { f32::NEG_INFINITY };
        self.down[at / LANES].0[at % LANES] = if down > 0.0 { 0.0 } else { f32::INFINITY };
    }

    /// The ends before the first step: of length 0 along rows that are still zeros.
    fn ends(&mut self) -> Ends {
        let ([ki, kj], score) = (&self.rows, &mut self.score);
        dispatch(Move { score, up: &self.up, down: &self.down, ki, kj, step: 0.0 })
    }

    /// One step of the steepest pair; the ends after it.
    fn step(&mut self, ends: Ends) -> Ends {
        let i = ends.top.at;
        let [ki, kj] = &mut self.rows;
        self.points.row(i, ki);
        let pair = Partner { score: &self.score, down: &self.down, ki, top: ends.top.value };
        let Some(j) = dispatch(pair) else { return Ends { bottom: ends.top.value, ..ends } };
        self.points.row(j, kj);
        let curvature = (2.0 - 2.0 * ki[j / LANES].0[j % LANES]).max(LEAST_CURVATURE);
        let ((up, _), (_, down)) = (self.room(i), self.room(j));
        let wanted = (ends.top.value - self.score[j / LANES][j % LANES]) / f64::from(curvature);
        let step = wanted.min(up).min(down);
        self.move_weight(i, step, step >= up, true);
        self.move_weight(j, step, step >= down, false);
        let [ki, kj] = &self.rows;
        dispatch(Move { score: &mut self.score, up: &self.up, down: &self.down, ki, kj, step })
    }

    /// Moves one weight; onto its bound exactly where the step uses up all room.
    fn move_weight(&mut self, at: usize, step: f64, to_bound: bool, is_up: bool) {
        let grows = self.problem.is_first[at] == is_up;
        self.alpha[at] = match (to_bound, grows) {
            (true, true) => self.problem.c,
            (true, false) => 0.0,
            (false, true) => self.alpha[at] + step,
            (false, false) => self.alpha[at] - step,
        };
        self.set_bounds(at);
    }

    fn sign(&self, at: usize) -> f64 {
        if self.problem.is_first[at] { 1.0 } else { -1.0 }
    }

    /// Signed weights, bias and decisions.
    fn solution(self, ends: Ends) -> Solution {
        let (n, c) = (self.alpha.len(), self.problem.c);
        let score = |at: usize| self.score[at / LANES][at % LANES];
        let free: Vec<f64> =
            (0..n).filter(|&at| self.alpha[at] > 0.0 && self.alpha[at] < c).map(score).collect();
        let middle = (ends.top.value + ends.bottom) / 2.0;
        let bias = if free.is_empty() { middle } else { free.iter().sum::<f64>() / free.len() as f64 };
        Solution {
            weights: (0..n).map(|at| self.alpha[at] * self.sign(at)).collect(),
            bias,
            decisions: (0..n).map(|at| self.sign(at) - score(at) + bias).collect(),
        }
    }
}

/// Takes a step's share from every score, and finds the new ends on the way.
struct Move<'a> {
    score: &'a mut [[f64; LANES]],
    up: &'a [Block],
    down: &'a [Block],
    ki: &'a [Block],
    kj: &'a [Block],
    step: f64,
}

impl Kernel for Move<'_> {
    type Out = Ends;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> Ends {
        let mut top = [f64::NEG_INFINITY; LANES];
        let mut bottom = [f64::INFINITY; LANES];
        let mut at = [0u64; LANES];
        let bounds = self.up.iter().zip(self.down);
        let rows = self.ki.iter().zip(self.kj);
        for (b, ((score, (up, down)), (ki, kj))) in self.score.iter_mut().zip(bounds).zip(rows).enumerate() {
            for l in 0..LANES {
                score[l] -= self.step * f64::from(ki.0[l] - kj.0[l]);
                let (high, low) = (score[l] + f64::from(up.0[l]), score[l] + f64::from(down.0[l]));
                at[l] = if high > top[l] { b as u64 } else { at[l] };
                top[l] = if high > top[l] { high } else { top[l] };
                bottom[l] = if low < bottom[l] { low } else { bottom[l] };
            }
        }
        let place = |l: usize| at[l] as usize * LANES + l;
        let mut best = Best { value: top[0], at: place(0) };
        for l in 1..LANES {
            if top[l] > best.value || top[l] == best.value && place(l) < best.at {
                best = Best { value: top[l], at: place(l) };
            }
        }
        Ends { top: best, bottom: bottom.into_iter().fold(f64::INFINITY, f64::min) }
    }
}

/// The point that gains most together with the top one, by the second-order model.
struct Partner<'a> {
    score: &'a [[f64; LANES]],
    down: &'a [Block],
    ki: &'a [Block],
    top: f64,
}

impl Kernel for Partner<'_> {
    type Out = Option<usize>;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> Option<usize> {
        let mut best = [0.0f32; LANES];
        let mut at = [0u32; LANES];
        for (b, ((score, down), ki)) in self.score.iter().zip(self.down).zip(self.ki).enumerate() {
            for l in 0..LANES {
                let gap = (self.top - score[l]) as f32 - down.0[l];
                let gap = if gap > 0.0 { gap } else { 0.0 };
                let curvature = 2.0 - 2.0 * ki.0[l];
                let curvature = if curvature > LEAST_CURVATURE { curvature } else { LEAST_CURVATURE };
                let gain = gap * gap / curvature;
                at[l] = if gain > best[l] { b as u32 } else { at[l] };
                best[l] = if gain > best[l] { gain } else { best[l] };
            }
        }
        let mut found: Option<(f32, usize)> = None;
        for l in 0..LANES {
            let place = at[l] as usize * LANES + l;
            let better = |(gain, other)| best[l] > gain || best[l] == gain && place < other;
            if best[l] > 0.0 && found.is_none_or(better) {
                found = Some((best[l], place));
            }
        }
        found.map(|(_, place)| place)
    }
}
