//! One random cut for each column of a node: uniform between the smallest and the largest of the node's values.
//!
//! Source: Geurts, Ernst, Wehenkel, "Extremely randomized trees" (2006), as scikit-learn's splitter `random` has
//! it: values are compared in single precision, and columns constant in a node are passed over.

use super::grow::{Cutter, Examined, Found, grow_by};
use super::{Impurity, Tree};
use crate::learner::Training;
use crate::simd::{Block, Kernel, LANES, Simd, dispatch};
use rand::RngCore;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;

/// The training rows' values in single precision, column after column (n_features × n_samples).
pub(crate) struct Cells {
    values: Vec<f32>,
    n_samples: usize,
    n_features: usize,
}

impl Cells {
    /// Values beyond the range of single precision become its ends.
    pub(crate) fn of(training: &Training<'_>) -> Cells {
        let (n_samples, n_features) = (training.rows.len(), training.x.n_columns());
        let mut values = Vec::with_capacity(n_samples * n_features);
        for j in 0..n_features {
            let column = training.x.column(j);
            values.extend(training.rows.iter().map(|&row| single(column[row as usize])));
        }
        Cells { values, n_samples, n_features }
    }

    fn column(&self, feature: usize) -> &[f32] {
        &self.values[feature * self.n_samples..(feature + 1) * self.n_samples]
    }
}

/// The nearest single, the largest one for what lies beyond.
fn single(value: f64) -> f32 {
    (value as f32).clamp(f32::MIN, f32::MAX)
}

/// The largest double that rounds to `threshold` or less: what compares in single precision with the threshold as "at
/// most" compares in double precision with this.
fn double(threshold: f32) -> f64 {
    let next = threshold.next_up();
    let middle = f64::from(threshold) / 2.0 + f64::from(next) / 2.0;
    if middle as f32 == threshold { middle } else { middle.next_down() }
}

/// A cut between two values, the lower one included: one of 2³² equally likely places.
fn between(least: f32, most: f32, draw: u32) -> f32 {
    let (low, high) = (f64::from(least), f64::from(most));
    let threshold = (low + (high - low) * (f64::from(draw) / PLACES)) as f32;
    if threshold >= most { least } else { threshold }
}

/// Places of a cut.
const PLACES: f64 = 4_294_967_296.0;

/// What to grow a tree of random cuts on.
#[derive(Clone, Copy)]
pub(crate) struct RandomGrowth<'a> {
    /// The training rows' values.
    pub(crate) cells: &'a Cells,
    /// Each sample's class (n_samples).
    pub(crate) classes: &'a [u16],
    /// How many classes there are.
    pub(crate) n_classes: usize,
    /// How many features, drawn anew, each node may cut.
    pub(crate) max_features: usize,
    /// What decides between a node's cuts.
    pub(crate) impurity: &'a Impurity,
}

/// Grows a tree of random cuts until leaves are pure or nothing is left to cut; of a node's cuts the best is taken, of
/// equally good ones the first drawn.
pub(crate) fn grow_at_random(growth: RandomGrowth<'_>, rng: &mut ChaCha8Rng) -> Tree {
    dispatch(Grow { growth, rng })
}

struct Grow<'a> {
    growth: RandomGrowth<'a>,
    rng: &'a mut ChaCha8Rng,
}

impl Kernel for Grow<'_> {
    type Out = Tree;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Tree {
        let tree = Tree::new(self.growth.cells.n_features, self.growth.n_classes);
        grow_by(RandomCuts::new(simd, self.growth), tree, self.growth.max_features, self.rng)
    }
}

/// The best cut of a node so far.
#[derive(Clone, Copy)]
struct Cut {
    purity: f64,
    feature: usize,
    threshold: f32,
}

struct RandomCuts<'a, S> {
    simd: S,
    growth: RandomGrowth<'a>,
    /// All samples, node by node: place among all (32 bits) and class.
    entries: Vec<u64>,
    spare: Vec<u64>,
    node: Node,
    /// The node's values in the column examined.
    values: Vec<Block>,
    /// What the cut examined leaves on the left, and what the best one does.
    left: Side,
    best_left: Side,
    best: Option<Cut>,
}

/// A node's samples, sixteen to a block; the last block is filled up with the first sample again, which changes
/// neither the smallest nor the largest value.
struct Node {
    n_samples: usize,
    n_words: usize,
    /// The samples' places among all.
    samples: Vec<[u32; LANES]>,
    /// For each class but the last, one after another, a bit for each sample: whether it is of this class.
    is_of: Vec<u64>,
    /// How many samples there are of each class (n_classes).
    counts: Vec<u32>,
}

/// The left side of a cut.
#[derive(Clone)]
struct Side {
    /// A bit for each sample of the node, 64 to a word: whether it is on this side.
    bits: Vec<u64>,
    /// How many samples of each class are on this side (n_classes).
    counts: Vec<u32>,
}

/// A sample's place among all.
fn sample(entry: u64) -> u32 {
    entry as u32
}

fn class(entry: u64) -> u16 {
    (entry >> 32) as u16
}

/// How many bits are set.
#[inline(always)]
fn ones(words: impl Iterator<Item = u64>) -> u32 {
    words.map(u64::count_ones).sum()
}

impl Node {
    /// Takes in some samples, of which there is one or more.
    #[inline(always)]
    fn fill(&mut self, entries: &[u64]) {
        self.n_samples = entries.len();
        self.n_words = entries.len().div_ceil(64);
        self.samples.resize(entries.len().div_ceil(LANES), [0; LANES]);
        let (whole, rest) = entries.as_chunks::<LANES>();
        self.samples.iter_mut().zip(whole).for_each(|(samples, block)| *samples = block.map(sample));
        if let Some(last) = self.samples.get_mut(whole.len()) {
            *last = [sample(entries[0]); LANES];
            last.iter_mut().zip(rest).for_each(|(last, &entry)| *last = sample(entry));
        }
        let n_classes = self.counts.len() as u16;
        let mut others = entries.len() as u32;
        self.is_of.resize(self.n_words * usize::from(n_classes - 1), 0);
        for (of, words) in (0..n_classes - 1).zip(self.is_of.chunks_exact_mut(self.n_words)) {
            for (word, chunk) in words.iter_mut().zip(entries.chunks(64)) {
                let bit = |word: u64, &entry: &u64| word >> 1 | u64::from(class(entry) == of) << 63;
                *word = chunk.iter().fold(0, bit) >> (64 - chunk.len());
            }
            let count = ones(words.iter().copied());
            self.counts[usize::from(of)] = count;
            others -= count;
        }
        self.counts[usize::from(n_classes - 1)] = others;
    }
}

impl<'a, S: Simd> RandomCuts<'a, S> {
    fn new(simd: S, growth: RandomGrowth<'a>) -> Self {
        let n = growth.classes.len();
        let counts = vec![0; growth.n_classes];
        let side = Side { bits: vec![0; n.div_ceil(64)], counts: counts.clone() };
        RandomCuts {
            simd,
            growth,
            entries: (0..).zip(growth.classes).map(|(i, &class)| i | u64::from(class) << 32).collect(),
            spare: vec![0; n],
            node: Node { n_samples: 0, n_words: 0, samples: Vec::new(), is_of: Vec::new(), counts },
            values: vec![Block::ZERO; n.div_ceil(LANES)],
            left: side.clone(),
            best_left: side,
            best: None,
        }
    }

    /// Reads the node's values in a column; returns the smallest and the largest.
    #[inline(always)]
    fn gather(&mut self, feature: usize) -> (f32, f32) {
        let (s, column) = (self.simd, self.growth.cells.column(feature));
        let (mut least, mut most) = (s.splat(f32::INFINITY), s.splat(f32::NEG_INFINITY));
        for (values, samples) in self.values.iter_mut().zip(&self.node.samples) {
            values.0 = std::array::from_fn(|lane| column[samples[lane] as usize]);
            let v = s.load(&values.0);
            (least, most) = (s.min(v, least), s.max(v, most));
        }
        let (mut low, mut high) = ([0.0; LANES], [0.0; LANES]);
        s.store(least, &mut low);
        s.store(most, &mut high);
        (fold(low, |a, b| if a < b { a } else { b }), fold(high, |a, b| if a > b { a } else { b }))
    }

    /// Cuts the values that were gathered; returns how pure both sides are together.
    #[inline(always)]
    fn cut(&mut self, threshold: f32) -> f64 {
        let (s, node, left) = (self.simd, &self.node, &mut self.left);
        let t = s.splat(threshold);
        let values = &self.values[..node.samples.len()];
        for (word, blocks) in left.bits.iter_mut().zip(values.chunks(64 / LANES)) {
            let sides = blocks.iter().map(|block| u64::from(s.at_most(s.load(&block.0), t)));
            *word = sides.zip(0..).fold(0, |word, (bits, i)| word | bits << (i * LANES));
        }
        let bits = &mut left.bits[..node.n_words];
        bits[node.n_words - 1] &= u64::MAX >> (64 * node.n_words - node.n_samples);
        let mut others = ones(bits.iter().copied());
        let (last, counts) = left.counts.split_last_mut().expect("there is a class");
        for (count, is_of) in counts.iter_mut().zip(node.is_of.chunks_exact(node.n_words)) {
            *count = ones(is_of.iter().zip(&*bits).map(|(is_of, side)| is_of & side));
            others -= *count;
        }
        *last = others;
        self.growth.impurity.purity_of_sides(&node.counts, &left.counts)
    }
}

/// Moves the entries whose bit is set to the front, all keeping their order; returns how many.
#[inline(always)]
fn part(bits: &[u64], entries: &mut [u64], spare: &mut [u64]) -> usize {
    let spare = &mut spare[..entries.len()];
    let (mut at, mut n_left, mut n_right) = (0, 0, 0);
    for &word in &bits[..entries.len().div_ceil(64)] {
        let mut word = word;
        let end = entries.len().min(at + 64);
        while at < end {
            let entry = entries[at];
            // both are written, one is kept, and no branch is guessed wrong
            entries[n_left] = entry;
            spare[n_right] = entry;
            let left = (word & 1) as usize;
            n_left += left;
            n_right += 1 - left;
            word >>= 1;
            at += 1;
        }
    }
    entries[n_left..].copy_from_slice(&spare[..n_right]);
    n_left
}

/// One number of sixteen.
#[inline(always)]
fn fold(mut lanes: [f32; LANES], of_two: impl Fn(f32, f32) -> f32) -> f32 {
    for half in [8, 4, 2, 1] {
        for lane in 0..half {
            lanes[lane] = of_two(lanes[lane], lanes[lane + half]);
        }
    }
    lanes[0]
}

impl<S: Simd> Cutter for RandomCuts<'_, S> {
    fn n_samples(&self) -> usize {
        self.entries.len()
    }

    #[inline(always)]
    fn enter(&mut self, node: &Range<usize>) {
        self.node.fill(&self.entries[node.clone()]);
        self.best = None;
    }

    #[inline(always)]
    fn is_pure(&self) -> bool {
        only(self.node.counts.iter().copied()).is_some()
    }

    fn shares(&self) -> Vec<f64> {
        let n = self.node.n_samples as f64;
        self.node.counts.iter().map(|&count| f64::from(count) / n).collect()
    }

    #[inline(always)]
    fn examine(&mut self, _node: &Range<usize>, feature: usize, rng: &mut ChaCha8Rng) -> Examined {
        let (least, most) = self.gather(feature);
        if least == most {
            return Examined::Constant;
        }
        let threshold = between(least, most, rng.next_u32());
        let purity = self.cut(threshold);
        if self.best.is_none_or(|best| purity > best.purity) {
            self.best = Some(Cut { purity, feature, threshold });
            std::mem::swap(&mut self.left, &mut self.best_left);
            if purity >= self.growth.impurity.most(self.node.n_samples) {
                return Examined::Perfect;
            }
        }
        Examined::Varies
    }

    #[inline(always)]
    fn best(&self) -> Option<Found> {
        let before = || self.growth.impurity.purity(&self.node.counts);
        self.best.map(|Cut { purity, feature, threshold }| Found {
            feature,
            threshold: double(threshold),
            // rounding may take a useless cut below nothing
            gain: (purity - before()).max(0.0),
        })
    }

    #[inline(always)]
    fn part(&mut self, node: &Range<usize>) -> usize {
        node.start + part(&self.best_left.bits, &mut self.entries[node.clone()], &mut self.spare)
    }

    #[inline(always)]
    fn pure_sides(&self) -> [Option<u16>; 2] {
        let (all, left) = (&self.node.counts, &self.best_left.counts);
        [only(left.iter().copied()), only(all.iter().zip(left).map(|(all, left)| all - left))]
    }
}

/// The only class that has samples, where there is but one, of the classes' numbers of samples.
#[inline(always)]
fn only(counts: impl Iterator<Item = u32>) -> Option<u16> {
    let (mut present, mut last) = (0, 0);
    for (class, count) in (0..).zip(counts) {
        if count > 0 {
            (present, last) = (present + 1, class);
        }
    }
    (present == 1).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_parts_doubles_as_it_parts_their_singles() {
        for threshold in [1.0f32, 1.0f32.next_up(), -3.75, 0.0, 1e-45, 16_777_216.0, f32::MIN] {
            let cut = double(threshold);
            assert!(single(cut) <= threshold && single(cut.next_up()) > threshold, "{threshold}: {cut}");
        }
    }

    #[test]
    fn a_cut_lies_between_the_ends_and_never_at_the_upper_one() {
        for (least, most) in [(0.0, 1.0), (f32::MIN, f32::MAX), (1.0, 1.0f32.next_up()), (-1e-45, 1e-45)] {
            for draw in [0, 1, 1 << 31, u32::MAX] {
                let cut = between(least, most, draw);
                assert!(least <= cut && cut < most, "{least} to {most}: {cut}");
            }
        }
        assert_eq!([between(2.0, 4.0, 0), between(2.0, 4.0, 1 << 31)], [2.0, 3.0]);
    }
}
