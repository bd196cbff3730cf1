//! Growing a tree to pure leaves, whatever its cuts are.
//!
//! A node's samples are one stretch of a list, which a cut parts in two. How cuts are found is a [`Cutter`]'s.

use super::Tree;
use rand::RngCore;
use rand_chacha::ChaCha8Rng;
use std::ops::Range;
use std::rc::Rc;

/// Finds the cuts of one tree, node after node, and parts the nodes' samples by them.
pub(super) trait Cutter {
    /// How many samples the root has.
    fn n_samples(&self) -> usize;

    /// Takes in the samples of a node; no cut of it is known yet.
    fn enter(&mut self, node: &Range<usize>);

    /// Whether the node holds one class alone.
    fn is_pure(&self) -> bool;

    /// Class shares of the node (n_classes).
    fn shares(&self) -> Vec<f64>;

    /// Looks for a better cut of the node in one column.
    fn examine(&mut self, node: &Range<usize>, feature: usize, rng: &mut ChaCha8Rng) -> Examined;

    /// The best cut that was found in the node.
    fn best(&self) -> Option<Found>;

    /// Parts the node's samples by the best cut; returns where the right side starts.
    fn part(&mut self, node: &Range<usize>) -> usize;

    /// The one class of the best cut's left and right side, where it is known that there is but one.
    fn pure_sides(&self) -> [Option<u16>; 2] {
        [None; 2]
    }
}

/// What examining a column found.
pub(super) enum Examined {
    Constant,
    Varies,
    /// No other cut can be better.
    Perfect,
}

/// A node's cut.
pub(super) struct Found {
    pub(super) feature: usize,
    /// Rows whose value is at most this go left.
    pub(super) threshold: f64,
    /// The node's impurity less its children's, times its rows.
    pub(super) gain: f64,
}

/// Grows a tree until leaves are pure or nothing is left to cut; each node may cut `max_features` features, drawn anew.
#[inline(always)]
pub(super) fn grow_by<C: Cutter>(
    mut cutter: C,
    mut tree: Tree,
    max_features: usize,
    rng: &mut ChaCha8Rng,
) -> Tree {
    let n_features = tree.n_features();
    let mut lottery = Lottery { rng, features: (0..n_features as u32).collect(), max_features };
    let root = Pending { node: 0, span: 0..cutter.n_samples(), constant: Constants::none(n_features) };
    let mut pending = vec![root];
    while let Some(Pending { node, span, mut constant }) = pending.pop() {
        cutter.enter(&span);
        if !cutter.is_pure() {
            lottery.examine(&mut constant, |feature, rng| cutter.examine(&span, feature, rng));
        }
        let Some(Found { feature, threshold, gain }) = cutter.best() else {
            tree.set_leaf(node, &cutter.shares());
            continue;
        };
        let child = tree.set_cut(node, feature, threshold, gain);
        let middle = cutter.part(&span);
        let [left, right] = cutter.pure_sides();
        match right {
            Some(class) => tree.set_pure_leaf(child + 1, class),
            None => {
                pending.push(Pending { node: child + 1, span: middle..span.end, constant: constant.clone() })
            }
        }
        match left {
            Some(class) => tree.set_pure_leaf(child, class),
            None => pending.push(Pending { node: child, span: span.start..middle, constant }),
        }
    }
    tree
}

/// A node that is yet to be cut.
struct Pending {
    node: u32,
    span: Range<usize>,
    constant: Constants,
}

/// Features known to be constant in a node, and so in every node below it.
#[derive(Clone)]
enum Constants {
    /// A bit each, where there are no more than 64 features.
    Few(u64),
    /// Shared by nodes that know the same.
    Many(Rc<[u64]>),
}

impl Constants {
    fn none(n_features: usize) -> Constants {
        if n_features <= 64 {
            Constants::Few(0)
        } else {
            Constants::Many(vec![0; n_features.div_ceil(64)].into())
        }
    }

    fn has(&self, feature: usize) -> bool {
        let word = match self {
            Constants::Few(bits) => *bits,
            Constants::Many(words) => words[feature / 64],
        };
        word >> (feature % 64) & 1 == 1
    }

    fn insert(&mut self, feature: usize) {
        let word = match self {
            Constants::Few(bits) => bits,
            Constants::Many(words) => &mut Rc::make_mut(words)[feature / 64],
        };
        *word |= 1 << (feature % 64);
    }
}

/// The order in which features are examined.
struct Lottery<'a> {
    rng: &'a mut ChaCha8Rng,
    features: Vec<u32>,
    max_features: usize,
}

impl Lottery<'_> {
    /// Draws features, `max_features` and then on until one is not constant, and lets `examine` look for a
    /// cut in each. Known constants count as drawn and are not examined, as in scikit-learn; those found now
    /// become known: to examine them again in every node below takes 1.1 times as long.
    #[inline(always)]
    fn examine(
        &mut self,
        constant: &mut Constants,
        mut examine: impl FnMut(usize, &mut ChaCha8Rng) -> Examined,
    ) {
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
            if constant.has(feature) {
                continue;
            }
            match examine(feature, self.rng) {
                Examined::Constant => constant.insert(feature),
                Examined::Varies => any_varies = true,
                Examined::Perfect => break,
            }
        }
    }
}

/// Moves the words that go left to the front, both sides keeping their order; returns how many go left.
pub(super) fn part<W: Copy>(words: &mut [W], spare: &mut [W], mut goes_left: impl FnMut(W) -> bool) -> usize {
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
