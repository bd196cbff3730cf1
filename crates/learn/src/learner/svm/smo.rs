//! The dual of the support vector machine, solved two variables at a time.
//!
//! Written in the score eₜ = −yₜ·∂f/∂αₜ, which starts at yₜ: a step of length t along (i, j) adds yᵢt to αᵢ,
//! takes yⱼt from αⱼ and t·(Kᵢ − Kⱼ) from all scores, whatever the labels.
//!
//! Source: R.-E. Fan, P.-H. Chen, C.-J. Lin, "Working set selection using second order information for
//! training support vector machines", 2005 (WSS 2); shrinking and tolerance as in libsvm, C.-C. Chang and
//! C.-J. Lin, "LIBSVM: a library for support vector machines", 2011, §4 and §5.

#![expect(clippy::needless_range_loop, reason = "lanes and tiles are several arrays side by side")]

use super::cache::Cache;
use super::kernel::Points;
use crate::simd::{Block, Kernel, LANES, Simd, dispatch};

/// Largest violation of the optimality conditions that is let be: libsvm's and scikit-learn's.
const TOLERANCE: f64 = 1e-3;
/// Stands in for a curvature of zero: libsvm's.
const LEAST_CURVATURE: f32 = 1e-12;
/// Steps between two looks at which points may be left out: libsvm's.
const SHRINK_EVERY: usize = 1000;

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
pub(super) fn solve(problem: &Problem<'_>, cache_bytes: usize) -> Solution {
    let n = problem.is_first.len();
    let mut state = State::new(problem, cache_bytes);
    let mut ends = state.ends();
    let (mut until_shrink, mut near_the_end) = (SHRINK_EVERY.min(n), false);
    for _ in 0..(100 * n).max(10_000_000) {
        until_shrink -= 1;
        if until_shrink == 0 {
            until_shrink = SHRINK_EVERY.min(n);
            if !near_the_end && ends.top.value - ends.bottom <= 10.0 * TOLERANCE {
                near_the_end = true;
                ends = state.bring_back();
            }
            ends = state.shrink(ends);
        }
        if ends.top.value - ends.bottom < TOLERANCE {
            if state.is_whole() {
                break;
            }
            ends = state.bring_back();
            if ends.top.value - ends.bottom < TOLERANCE {
                break;
            }
            until_shrink = 1;
        }
        ends = state.step(ends);
    }
    state.bring_back();
    state.solution()
}

/// The points in play, a lane each; the last block's empty lanes may go neither up nor down.
struct State<'a> {
    problem: &'a Problem<'a>,
    points: Points,
    cache: Cache,
    /// Which point of the problem each lane is.
    origin: Vec<u32>,
    score: Vec<[f64; LANES]>,
    /// 0 where a step up is allowed, else −∞.
    up: Vec<Block>,
    /// 0 where a step down is allowed, else ∞.
    down: Vec<Block>,
    /// Weights of all points of the problem, without sign.
    alpha: Vec<f64>,
    /// Scores of all points of the problem; right for those out of play only after [`State::bring_back`].
    all_scores: Vec<f64>,
}

impl<'a> State<'a> {
    fn new(problem: &'a Problem<'a>, cache_bytes: usize) -> State<'a> {
        let n = problem.is_first.len();
        let points = Points::new(problem.rows, n, problem.n_features);
        let cache = Cache::new(n, points.n_blocks(), cache_bytes);
        let mut state = State {
            problem,
            points,
            cache,
            origin: (0..n as u32).collect(),
            score: Vec::new(),
            up: Vec::new(),
            down: Vec::new(),
            alpha: vec![0.0; n],
            all_scores: problem.is_first.iter().map(|&first| if first { 1.0 } else { -1.0 }).collect(),
        };
        state.fill_lanes();
        state
    }

    fn is_whole(&self) -> bool {
        self.origin.len() == self.alpha.len()
    }

    /// Lays scores and bounds out for the points in play.
    fn fill_lanes(&mut self) {
        let n_blocks = self.points.n_blocks();
        self.score = vec![[0.0; LANES]; n_blocks];
        self.up = vec![Block([f32::NEG_INFINITY; LANES]); n_blocks];
        self.down = vec![Block([f32::INFINITY; LANES]); n_blocks];
        for lane in 0..self.origin.len() {
            self.score[lane / LANES][lane % LANES] = self.all_scores[self.origin[lane] as usize];
            self.set_bounds(lane);
        }
    }

    /// Room of a point to move up or down, in the direction of its class.
    fn room(&self, lane: usize) -> (f64, f64) {
        let at = self.origin[lane] as usize;
        let (alpha, c) = (self.alpha[at], self.problem.c);
        if self.problem.is_first[at] { (c - alpha, alpha) } else { (alpha, c - alpha) }
    }

    fn set_bounds(&mut self, lane: usize) {
        let (up, down) = self.room(lane);
        self.up[lane / LANES].0[lane % LANES] = if up > 0.0 { 0.0 } else { f32::NEG_INFINITY };
        self.down[lane / LANES].0[lane % LANES] = if down > 0.0 { 0.0 } else { f32::INFINITY };
    }

    fn ends(&mut self) -> Ends {
        let (score, up, down) = (&mut self.score[..], &self.up[..], &self.down[..]);
        let zero = vec![Block::ZERO; score.len()];
        dispatch(Move { score, up, down, ki: &zero, kj: &zero, step: 0.0 })
    }

    /// One step of the steepest pair; the ends after it.
    fn step(&mut self, ends: Ends) -> Ends {
        let i = ends.top.at;
        let slot_i = self.cache.slot(&self.points, i, None);
        let ki = self.cache.row(slot_i);
        let pair = Partner { score: &self.score, down: &self.down, ki, top: ends.top.value };
        let Some(j) = dispatch(pair) else { return Ends { bottom: ends.top.value, ..ends } };
        let curvature = (2.0 - 2.0 * ki[j / LANES].0[j % LANES]).max(LEAST_CURVATURE);
        let ((up, _), (_, down)) = (self.room(i), self.room(j));
        let wanted = (ends.top.value - self.score[j / LANES][j % LANES]) / f64::from(curvature);
        let step = wanted.min(up).min(down);
        self.move_weight(i, step, step >= up, true);
        self.move_weight(j, step, step >= down, false);
        let slot_j = self.cache.slot(&self.points, j, Some(slot_i));
        let (ki, kj) = (self.cache.row(slot_i), self.cache.row(slot_j));
        dispatch(Move { score: &mut self.score, up: &self.up, down: &self.down, ki, kj, step })
    }

    /// Moves one weight; onto its bound exactly where the step uses up all room.
    fn move_weight(&mut self, lane: usize, step: f64, to_bound: bool, is_up: bool) {
        let at = self.origin[lane] as usize;
        let grows = self.problem.is_first[at] == is_up;
        self.alpha[at] = match (to_bound, grows) {
            (true, true) => self.problem.c,
            (true, false) => 0.0,
            (false, true) => self.alpha[at] + step,
            (false, false) => self.alpha[at] - step,
        };
        self.set_bounds(lane);
    }

    /// Leaves out points at a bound that their score holds them to; few are not worth the rows thrown away.
    fn shrink(&mut self, ends: Ends) -> Ends {
        let keep: Vec<usize> = (0..self.origin.len())
            .filter(|&lane| {
                let (up, down) = self.room(lane);
                let score = self.score[lane / LANES][lane % LANES];
                (up > 0.0 || score <= ends.top.value) && (down > 0.0 || score >= ends.bottom)
            })
            .collect();
        if keep.len() * 20 > self.origin.len() * 17 {
            return ends;
        }
        self.save_scores();
        let rows = self.points.rows(keep.iter().copied());
        self.origin = keep.iter().map(|&lane| self.origin[lane]).collect();
        self.play(&rows)
    }

    /// Puts all points back in play, with their scores computed anew.
    fn bring_back(&mut self) -> Ends {
        if self.is_whole() {
            return self.ends();
        }
        self.save_scores();
        let p = self.problem.n_features;
        let row = |at: usize| &self.problem.rows[at * p..(at + 1) * p];
        let support: Vec<usize> = (0..self.alpha.len()).filter(|&at| self.alpha[at] > 0.0).collect();
        let rows: Vec<f32> = support.iter().flat_map(|&at| row(at)).copied().collect();
        let mut weights = vec![Block::ZERO; support.len().div_ceil(LANES)];
        for (lane, &at) in support.iter().enumerate() {
            weights[lane / LANES].0[lane % LANES] = (self.alpha[at] * self.sign(at)) as f32;
        }
        let mut is_out = vec![true; self.alpha.len()];
        self.origin.iter().for_each(|&at| is_out[at as usize] = false);
        let out: Vec<usize> = (0..self.alpha.len()).filter(|&at| is_out[at]).collect();
        let queries: Vec<f32> = out.iter().flat_map(|&at| row(at)).copied().collect();
        let sums = Points::new(&rows, support.len(), p).sums(&[weights], &queries, out.len());
        for (&at, sum) in out.iter().zip(sums) {
            self.all_scores[at] = self.sign(at) - sum;
        }
        self.origin = (0..self.alpha.len() as u32).collect();
        self.play(self.problem.rows)
    }

    /// Starts over with the points of `origin`, whose rows are given.
    fn play(&mut self, rows: &[f32]) -> Ends {
        self.points = Points::new(rows, self.origin.len(), self.problem.n_features);
        self.cache.clear(self.points.len(), self.points.n_blocks());
        self.fill_lanes();
        self.ends()
    }

    fn save_scores(&mut self) {
        for (lane, &at) in self.origin.iter().enumerate() {
            self.all_scores[at as usize] = self.score[lane / LANES][lane % LANES];
        }
    }

    fn sign(&self, at: usize) -> f64 {
        if self.problem.is_first[at] { 1.0 } else { -1.0 }
    }

    /// Signed weights, bias and decisions; all points are in play.
    fn solution(mut self) -> Solution {
        self.save_scores();
        let ends = self.ends();
        let c = self.problem.c;
        let free: Vec<f64> = (0..self.alpha.len())
            .filter(|&at| self.alpha[at] > 0.0 && self.alpha[at] < c)
            .map(|at| self.all_scores[at])
            .collect();
        let middle = (ends.top.value + ends.bottom) / 2.0;
        let bias = if free.is_empty() { middle } else { free.iter().sum::<f64>() / free.len() as f64 };
        let all = 0..self.alpha.len();
        Solution {
            weights: all.clone().map(|at| self.alpha[at] * self.sign(at)).collect(),
            bias,
            decisions: all.map(|at| self.sign(at) - self.all_scores[at] + bias).collect(),
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
