//! Growing a tree to pure leaves.
//!
//! A node's samples are one stretch of a list. A column of few codes is counted by code; of a column of
//! many, every node has its stretch of samples in order, split in two with the node.

use super::tally::{Many, Tally, Two, sample};
use super::{Codes, Column, Tree};
use rand::RngCore;
use rand_chacha::ChaCha8Rng;
use std::hint::select_unpredictable;

/// What to grow a tree on.
pub(crate) struct Growth<'a> {
    /// The coded columns (n_features).
    pub(crate) columns: &'a [Column],
    /// Each sample's class (n_samples).
    pub(crate) classes: &'a [u16],
    /// How often each sample counts (n_samples); where a column is kept in order, always once.
    pub(crate) times: &'a [u16],
    /// How many classes there are.
    pub(crate) n_classes: usize,
    /// How many features, drawn anew, each node may cut.
    pub(crate) max_features: usize,
}

/// Grows a tree until leaves are pure or nothing is left to cut.
///
/// Of equally good cuts the first examined wins; the order of the features is drawn for each node.
pub(crate) fn grow(growth: Growth<'_>, rng: &mut ChaCha8Rng) -> Tree {
    if growth.n_classes == 2 { Grower::<Two>::grow(growth, rng) } else { Grower::<Many>::grow(growth, rng) }
}

/// The best cut of a node so far.
#[derive(Clone, Copy)]
struct Cut {
    score: f64,
    feature: usize,
    /// The largest code that goes left.
    below: usize,
    /// The smallest code that goes right.
    above: usize,
}

impl Cut {
    const NONE: Cut = Cut { score: f64::NEG_INFINITY, feature: usize::MAX, below: 0, above: 0 };

    fn is_none(&self) -> bool {
        self.feature == usize::MAX
    }
}

/// The order in which features are examined, and which of them are known to be constant.
struct Lottery<'a> {
    rng: &'a mut ChaCha8Rng,
    features: Vec<u32>,
    max_features: usize,
}

impl Lottery<'_> {
    /// Draws features, `max_features` and then on until one is not constant, and lets `examine` look for a
    /// cut in each. `examine` says whether the column varies in the node; known constants are not examined.
    ///
    /// Returns the features now known to be constant (the first 64 are remembered); to examine them again in
    /// every node below takes 1.1 times as long.
    fn examine(&mut self, mut constant: u64, mut examine: impl FnMut(usize) -> Examined) -> u64 {
        let n = self.features.len();
        let mut any_varies = false;
        for drawn in 0..n {
            if drawn >= self.max_features && any_varies {
                break;
            }
            let rest = (n - drawn) as u64;
            let pick = drawn + ((u64::from(self.rng.next_u32()) * rest) >> 32) as usize;
            self.features.swap(drawn, pick);
            let feature = self.features[drawn] as usize;
            let bit = if feature < 64 { 1u64 << feature } else { 0 };
            if constant & bit != 0 {
                continue;
            }
            match examine(feature) {
                Examined::Constant => constant |= bit,
                Examined::Varies => any_varies = true,
                Examined::Perfect => break,
            }
        }
        constant
    }
}

/// What examining a column found.
enum Examined {
    Constant,
    Varies,
    /// No other cut can be better.
    Perfect,
}

/// A node that is yet to be cut.
#[derive(Clone, Copy)]
struct Pending {
    node: u32,
    start: usize,
    end: usize,
    constant: u64,
}

struct Grower<'a, T> {
    columns: &'a [Column],
    tally: T,
    tree: Tree,
    entries: Vec<u64>,
    /// For each column kept in order, its samples, node by node; empty for the others.
    sorted: Vec<Vec<u64>>,
    /// The side each sample goes to, where columns are kept in order.
    goes_left: Vec<u8>,
    classes: &'a [u16],
    spare: Vec<u64>,
    codes: CodesOfNode,
}

impl<'a, T: Tally> Grower<'a, T> {
    fn grow(growth: Growth<'a>, rng: &mut ChaCha8Rng) -> Tree {
        let Growth { columns, classes, times, n_classes, max_features } = growth;
        let counted = columns.iter().filter(|c| !matches!(c.codes, Codes::Sorted(_)));
        let n_codes = counted.map(Column::n_codes).max().unwrap_or(0).max(256);
        let samples = (0..).zip(times).zip(classes).filter(|((_, times), _)| **times > 0);
        let entries: Vec<u64> = samples.map(|((i, &times), &class)| T::entry(i, times, class)).collect();
        let sorted: Vec<Vec<u64>> = columns
            .iter()
            .map(|c| if let Codes::Sorted(words) = &c.codes { words.clone() } else { Vec::new() })
            .collect();
        let any_sorted = sorted.iter().any(|words| !words.is_empty());
        let mut grower = Grower {
            columns,
            tally: T::new(n_classes, n_codes),
            tree: Tree::new(columns.len(), n_classes),
            spare: vec![0; entries.len()],
            goes_left: vec![0; if any_sorted { times.len() } else { 0 }],
            classes,
            sorted,
            entries,
            codes: CodesOfNode { touched: vec![0; n_codes.div_ceil(64)], present: vec![0; n_codes] },
        };
        let features = (0..columns.len() as u32).collect();
        let mut lottery = Lottery { rng, features, max_features };
        let end = grower.entries.len();
        let mut pending = vec![Pending { node: 0, start: 0, end, constant: 0 }];
        while let Some(next) = pending.pop() {
            grower.split(next, &mut lottery, &mut pending);
        }
        grower.tree
    }

    /// Cuts one node, or makes it a leaf.
    fn split(&mut self, at: Pending, lottery: &mut Lottery<'_>, pending: &mut Vec<Pending>) {
        self.tally.enter(&self.entries[at.start..at.end]);
        let mut best = Cut::NONE;
        let mut constant = at.constant;
        if !self.tally.is_pure() {
            constant = lottery.examine(constant, |feature| self.examine(&at, feature, &mut best));
        }
        if best.is_none() {
            return self.tree.set_leaf(at.node, &self.tally.shares());
        }
        let threshold = self.columns[best.feature].threshold(best.below, best.above);
        let gain = self.tally.gain(best.score);
        let child = self.tree.set_cut(at.node, best.feature, threshold, gain);
        let middle = self.part(&at, &best);
        pending.push(Pending { node: child + 1, start: middle, constant, ..at });
        pending.push(Pending { node: child, end: middle, constant, ..at });
    }

    /// Looks for a better cut in one column.
    fn examine(&mut self, at: &Pending, feature: usize, best: &mut Cut) -> Examined {
        let entries = &self.entries[at.start..at.end];
        let n_codes = self.columns[feature].n_codes();
        let tally = &mut self.tally;
        let found = match &self.columns[feature].codes {
            Codes::Bytes(codes) => self.codes.count(tally, entries, codes, n_codes, best),
            Codes::Words(codes) => self.codes.count(tally, entries, codes, n_codes, best),
            Codes::Sorted(_) => {
                let words = &self.sorted[feature][at.start..at.end];
                walk(tally, words, self.classes, best)
            }
        };
        let Some(improved) = found else { return Examined::Constant };
        if improved {
            best.feature = feature;
            if self.tally.is_perfect(best.score) {
                return Examined::Perfect;
            }
        }
        Examined::Varies
    }

    /// Parts the node's samples by a cut; returns where the right side starts.
    fn part(&mut self, at: &Pending, cut: &Cut) -> usize {
        let span = at.start..at.end;
        let entries = &mut self.entries[span.clone()];
        let below = cut.below;
        if self.goes_left.is_empty() {
            let n_left = match &self.columns[cut.feature].codes {
                Codes::Bytes(codes) => {
                    part(entries, &mut self.spare, |e| usize::from(codes[sample(e)]) <= below)
                }
                Codes::Words(codes) => {
                    part(entries, &mut self.spare, |e| usize::from(codes[sample(e)]) <= below)
                }
                Codes::Sorted(_) => unreachable!("columns kept in order come with sides"),
            };
            return at.start + n_left;
        }
        let side = &mut self.goes_left;
        match &self.columns[cut.feature].codes {
            Codes::Bytes(codes) => mark(entries, codes, below, side),
            Codes::Words(codes) => mark(entries, codes, below, side),
            Codes::Sorted(_) => {
                for &word in &self.sorted[cut.feature][span.clone()] {
                    side[sorted_sample(word)] = u8::from((word >> 32) as usize <= below);
                }
            }
        }
        let n_left = part(entries, &mut self.spare, |e| side[sample(e)] != 0);
        for words in self.sorted.iter_mut().filter(|words| !words.is_empty()) {
            part(&mut words[span.clone()], &mut self.spare, |word| side[sorted_sample(word)] != 0);
        }
        at.start + n_left
    }
}

/// The sample of a word of [`Codes::Sorted`].
fn sorted_sample(word: u64) -> usize {
    (word as u32 >> 1) as usize
}

fn mark<C: Copy + Into<usize>>(entries: &[u64], codes: &[C], below: usize, side: &mut [u8]) {
    for &e in entries {
        side[sample(e)] = u8::from(codes[sample(e)].into() <= below);
    }
}

/// Moves the words that go left to the front, both sides keeping their order; returns how many go left.
fn part(words: &mut [u64], spare: &mut [u64], goes_left: impl Fn(u64) -> bool) -> usize {
    let spare = &mut spare[..words.len()];
    let (mut n_left, mut n_right) = (0, 0);
    for i in 0..words.len() {
        let word = words[i];
        let left = goes_left(word);
        // both are written, one is kept, and no branch is guessed wrong: a forest is grown 1.1 times as fast
        words[n_left] = word;
        spare[n_right] = word;
        n_left += usize::from(left);
        n_right += usize::from(!left);
    }
    words[n_left..].copy_from_slice(&spare[..n_right]);
    n_left
}

/// Which codes of a column a node has, found anew for each column.
struct CodesOfNode {
    /// A bit set of them.
    touched: Vec<u64>,
    /// Those the cut has passed, rising.
    present: Vec<u16>,
}

impl CodesOfNode {
    /// Counts a node's samples by code and looks for a better cut.
    ///
    /// `None` where all have one code; else whether `best` was improved (its feature is the caller's to set).
    fn count<T: Tally, C: Copy + Into<usize>>(
        &mut self,
        tally: &mut T,
        entries: &[u64],
        codes: &[C],
        n_codes: usize,
        best: &mut Cut,
    ) -> Option<bool> {
        let present = &mut self.present;
        if entries.len() >= n_codes {
            tally.count(entries, codes, |_| ());
            return scan(tally, 0..n_codes, present, best);
        }
        let words = &mut self.touched[..n_codes.div_ceil(64)];
        tally.count(entries, codes, |code| words[code / 64] |= 1 << (code % 64));
        scan(tally, Touched { words, at: 0 }, present, best)
    }
}

/// Takes out the codes marked in a bit set, rising. Looking at all codes instead takes 1.3 times as long.
struct Touched<'a> {
    words: &'a mut [u64],
    at: usize,
}

impl Iterator for Touched<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        loop {
            let word = self.words.get_mut(self.at)?;
            if *word != 0 {
                let bit = word.trailing_zeros() as usize;
                *word &= *word - 1;
                return Some(self.at * 64 + bit);
            }
            self.at += 1;
        }
    }
}

/// Moves a cut over the counted codes; see [`CodesOfNode::count`] for what is returned.
///
/// Nothing is branched on, as nothing here can be guessed: a forest is grown 1.07 times as fast.
#[inline]
fn scan<T: Tally>(
    tally: &mut T,
    codes: impl Iterator<Item = usize>,
    present: &mut [u16],
    best: &mut Cut,
) -> Option<bool> {
    let mut left = tally.begin();
    let (mut n, mut at, mut most) = (0, usize::MAX, best.score);
    for code in codes {
        // a vacant code is written over by the next, and repeats the score before it
        present[n] = code as u16;
        let vacant = tally.is_vacant(code);
        tally.pass(&mut left, code);
        let score = tally.score(&left);
        let better = score > most;
        most = select_unpredictable(better, score, most);
        at = select_unpredictable(better, n, at);
        n += usize::from(!vacant);
    }
    let improved = at < n;
    if improved {
        let (below, above) = (usize::from(present[at]), usize::from(present[at + 1]));
        *best = Cut { score: most, below, above, ..*best };
    }
    (n > 1).then_some(improved)
}

/// Moves a cut over samples in order; see [`CodesOfNode::count`] for what is returned.
fn walk<T: Tally>(tally: &mut T, words: &[u64], classes: &[u16], best: &mut Cut) -> Option<bool> {
    let code = |word: u64| (word >> 32) as usize;
    let (first, last) = (code(*words.first()?), code(*words.last()?));
    if first == last {
        return None;
    }
    let mut left = tally.begin();
    let mut previous = first;
    let (mut found, mut improved) = (*best, false);
    for &word in words {
        let code = code(word);
        if code != previous {
            let score = tally.score(&left);
            if score > found.score {
                found = Cut { score, below: previous, above: code, ..found };
                improved = true;
            }
            previous = code;
        }
        tally.pass_one(&mut left, classes[sorted_sample(word)]);
    }
    *best = found;
    Some(improved)
}
