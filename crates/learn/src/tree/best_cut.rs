//! The best cut of a node: every place between two codes of a column is tried.
//!
//! A column of few codes is counted by code; of a column of many, every node has its stretch of samples in
//! order, split in two with the node.

use super::grow::{Cutter, Examined, Found, grow_by, part};
use super::tally::{Many, Tally, Two, sample};
use super::{Codes, Column, Tree};
use rand_chacha::ChaCha8Rng;
use std::hint::select_unpredictable;
use std::ops::Range;

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

/// Grows a tree of best cuts by Gini impurity until leaves are pure or nothing is left to cut.
///
/// Of equally good cuts the first examined wins; the order of the features is drawn for each node.
pub(crate) fn grow(growth: Growth<'_>, rng: &mut ChaCha8Rng) -> Tree {
    let tree = Tree::new(growth.columns.len(), growth.n_classes);
    let max_features = growth.max_features;
    if growth.n_classes == 2 {
        grow_by(BestCuts::<Two>::new(growth), tree, max_features, rng)
    } else {
        grow_by(BestCuts::<Many>::new(growth), tree, max_features, rng)
    }
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

struct BestCuts<'a, T> {
    columns: &'a [Column],
    tally: T,
    entries: Vec<u64>,
    /// For each column kept in order, its samples, node by node; empty for the others.
    sorted: Vec<Vec<u64>>,
    /// The side each sample goes to, where columns are kept in order.
    goes_left: Vec<u8>,
    classes: &'a [u16],
    spare: Vec<u64>,
    codes: CodesOfNode,
    best: Cut,
}

impl<'a, T: Tally> BestCuts<'a, T> {
    fn new(growth: Growth<'a>) -> Self {
        let Growth { columns, classes, times, n_classes, .. } = growth;
        let counted = columns.iter().filter(|c| !matches!(c.codes, Codes::Sorted(_)));
        let n_codes = counted.map(Column::n_codes).max().unwrap_or(0).max(256);
        let samples = (0..).zip(times).zip(classes).filter(|((_, times), _)| **times > 0);
        let entries: Vec<u64> = samples.map(|((i, &times), &class)| T::entry(i, times, class)).collect();
        let sorted: Vec<Vec<u64>> = columns
            .iter()
            .map(|c| if let Codes::Sorted(words) = &c.codes { words.clone() } else { Vec::new() })
            .collect();
        let any_sorted = sorted.iter().any(|words| !words.is_empty());
        BestCuts {
            columns,
            tally: T::new(n_classes, n_codes),
            spare: vec![0; entries.len()],
            goes_left: vec![0; if any_sorted { times.len() } else { 0 }],
            classes,
            sorted,
            entries,
            codes: CodesOfNode { touched: vec![0; n_codes.div_ceil(64)], present: vec![0; n_codes] },
            best: Cut::NONE,
        }
    }
}

impl<T: Tally> Cutter for BestCuts<'_, T> {
    fn n_samples(&self) -> usize {
        self.entries.len()
    }

    fn enter(&mut self, node: &Range<usize>) {
        self.tally.enter(&self.entries[node.clone()]);
        self.best = Cut::NONE;
    }

    fn is_pure(&self) -> bool {
        self.tally.is_pure()
    }

    fn shares(&self) -> Vec<f64> {
        self.tally.shares()
    }

    fn examine(&mut self, node: &Range<usize>, feature: usize, _rng: &mut ChaCha8Rng) -> Examined {
        let entries = &self.entries[node.clone()];
        let n_codes = self.columns[feature].n_codes();
        let (tally, best) = (&mut self.tally, &mut self.best);
        let found = match &self.columns[feature].codes {
            Codes::Bytes(codes) => self.codes.count(tally, entries, codes, n_codes, best),
            Codes::Words(codes) => self.codes.count(tally, entries, codes, n_codes, best),
            Codes::Sorted(_) => walk(tally, &self.sorted[feature][node.clone()], self.classes, best),
        };
        let Some(improved) = found else { return Examined::Constant };
        if improved {
            best.feature = feature;
            if tally.is_perfect(best.score) {
                return Examined::Perfect;
            }
        }
        Examined::Varies
    }

    fn best(&self) -> Option<Found> {
        let Cut { score, feature, below, above } = self.best;
        (!self.best.is_none()).then(|| Found {
            feature,
            threshold: self.columns[feature].threshold(below, above),
            gain: self.tally.gain(score),
        })
    }

    fn part(&mut self, node: &Range<usize>) -> usize {
        let Cut { feature, below, .. } = self.best;
        let entries = &mut self.entries[node.clone()];
        if self.goes_left.is_empty() {
            let n_left = match &self.columns[feature].codes {
                Codes::Bytes(codes) => {
                    part(entries, &mut self.spare, |e| usize::from(codes[sample(e)]) <= below)
                }
                Codes::Words(codes) => {
                    part(entries, &mut self.spare, |e| usize::from(codes[sample(e)]) <= below)
                }
                Codes::Sorted(_) => unreachable!("columns kept in order come with sides"),
            };
            return node.start + n_left;
        }
        let side = &mut self.goes_left;
        match &self.columns[feature].codes {
            Codes::Bytes(codes) => mark(entries, codes, below, side),
            Codes::Words(codes) => mark(entries, codes, below, side),
            Codes::Sorted(_) => {
                for &word in &self.sorted[feature][node.clone()] {
                    side[sorted_sample(word)] = u8::from((word >> 32) as usize <= below);
                }
            }
        }
        let n_left = part(entries, &mut self.spare, |e| side[sample(e)] != 0);
        for words in self.sorted.iter_mut().filter(|words| !words.is_empty()) {
            part(&mut words[node.clone()], &mut self.spare, |word| side[sorted_sample(word)] != 0);
        }
        node.start + n_left
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
