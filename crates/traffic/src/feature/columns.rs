//! Windows as columns of features, in buffers that are used again.

use super::{FEATURES, FeatureSet, N_FEATURES, detailed, doubles};
use crate::window::Window;

/// Windows of one windowing, as columns: index, stretch, start, and every feature of a set.
#[derive(Debug, Clone)]
pub struct Columns {
    index: Vec<u64>,
    stretch: Vec<u32>,
    start_ns: Vec<i64>,
    set: FeatureSet,
    /// By place in the register; empty for features that are not of the set. NaN stands for "undefined" in here, as a
    /// double costs half of what an option does.
    features: Vec<Vec<f64>>,
}

impl Default for Columns {
    /// The paper's features.
    fn default() -> Columns {
        Columns::of(FeatureSet::PAPER)
    }
}

impl Columns {
    /// No window yet, of these features.
    pub fn of(set: FeatureSet) -> Columns {
        let features = vec![Vec::new(); N_FEATURES];
        Columns { index: Vec::new(), stretch: Vec::new(), start_ns: Vec::new(), set, features }
    }

    /// Which features.
    pub fn set(&self) -> FeatureSet {
        self.set
    }

    /// Adds a window.
    pub fn push(&mut self, window: &Window<'_>) {
        self.index.push(window.index);
        self.stretch.push(window.stretch);
        self.start_ns.push(window.start_ns);
        if self.set.has_paper() {
            for (column, value) in self.features.iter_mut().zip(doubles(&window.sums)) {
                column.push(value);
            }
        }
        for &place in self.set.beyond_paper() {
            self.features[place].push(detailed(place, window));
        }
    }

    /// Forgets the windows and keeps the room for as many.
    pub fn clear(&mut self) {
        self.index.clear();
        self.stretch.clear();
        self.start_ns.clear();
        self.features.iter_mut().for_each(Vec::clear);
    }

    /// How many windows.
    pub fn n_windows(&self) -> usize {
        self.index.len()
    }

    /// Index of each window (n_windows).
    pub fn index(&self) -> &[u64] {
        &self.index
    }

    /// Stretch of each window (n_windows).
    pub fn stretch(&self) -> &[u32] {
        &self.stretch
    }

    /// Start of each window, ns since 1970 (n_windows).
    pub fn start_ns(&self) -> &[i64] {
        &self.start_ns
    }

    /// One feature of every window, NaN where it is undefined (n_windows).
    ///
    /// # Panics
    /// When `feature` is no place in [`FEATURES`].
    pub fn values(&self, feature: usize) -> &[f64] {
        &self.features[feature]
    }

    /// One feature of every window, `None` where it is undefined (n_windows).
    ///
    /// # Panics
    /// When `feature` is no place in [`FEATURES`].
    pub fn feature(&self, feature: usize) -> impl ExactSizeIterator<Item = Option<f64>> {
        assert!(feature < FEATURES.len(), "feature {feature} of {N_FEATURES}");
        self.features[feature].iter().map(|&value| if value.is_nan() { None } else { Some(value) })
    }

    /// One feature of every window as a learner is given it: an undefined value becomes 0.
    ///
    /// # Panics
    /// When `feature` is no place in [`FEATURES`].
    pub fn learned(&self, feature: usize) -> impl ExactSizeIterator<Item = f64> {
        self.feature(feature).map(|value| value.unwrap_or(0.0))
    }
}
