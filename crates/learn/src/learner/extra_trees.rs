//! Two hundred trees of random cuts on all rows; probabilities are averaged.
//!
//! Source: Geurts, Ernst, Wehenkel, "Extremely randomized trees", 2006; scikit-learn's `ExtraTreesClassifier` with
//! 200 trees and else its defaults (no bootstrap, √p features, Gini, no limit on depth). With a tenth of the
//! features and entropy it is what QUANT is followed by; see [`crate::sequence`].

use super::forest::{Forest, load};
use super::setting::{Range, Setting, Values};
use super::{Drawn, Learner, LearnerEntry, Marker, Model, Training};
use crate::Error;
pub use crate::tree::Criterion;
use crate::tree::{Cells, Impurity, RandomGrowth, grow_at_random};

/// Settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExtraTrees {
    /// How many trees.
    pub n_trees: usize,
    /// Share of the features that each node may cut, above 0 and at most 1, rounded down to one feature or more;
    /// `None` takes √p features.
    pub features: Option<f64>,
    /// What decides between a node's cuts.
    pub criterion: Criterion,
}

/// What can be set.
const SETTINGS: &[Setting] = &[
    Setting { name: "trees", about: "how many trees", default: "200", range: Range::Whole(1, 10_000) },
    Setting {
        name: "features",
        about: "share of the features that each cut chooses among; sqrt is √p of p features",
        default: "sqrt",
        range: Range::NumberOr("sqrt", 0.001, 1.0),
    },
    Setting {
        name: "criterion",
        about: "what decides between cuts",
        default: GINI,
        range: Range::OneOf(&[GINI, "entropy"]),
    },
];

const GINI: &str = "gini";

/// The learner of some settings.
fn build(values: &Values) -> Box<dyn Learner> {
    Box::new(ExtraTrees {
        n_trees: values.whole("trees"),
        features: values.number_unless_word("features"),
        criterion: if values.word("criterion") == GINI { Criterion::Gini } else { Criterion::Entropy },
    })
}

impl Default for ExtraTrees {
    fn default() -> Self {
        ExtraTrees { n_trees: 200, features: None, criterion: Criterion::Gini }
    }
}

/// Its place in the register.
pub const ENTRY: LearnerEntry = LearnerEntry {
    name: "extra_trees",
    label: "Extra trees",
    short: "ET",
    about: "200 trees of random cuts, each the best of a few features'",
    is_baseline: false,
    drawn: Drawn { light: "#7b4f2a", dark: "#c9a077", marker: Marker::Pentagon },
    cost: 100,
    max_training_rows: None,
    default: || Box::<ExtraTrees>::default(),
    settings: SETTINGS,
    build,
    load,
};

impl Learner for ExtraTrees {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn fit(&self, training: &Training<'_>, seed: u64) -> Result<Box<dyn Model>, Error> {
        if training.rows.is_empty() {
            return Err(Error::NoRows);
        }
        let p = training.x.n_columns();
        let max_features = self.features.map_or(p.isqrt(), |share| (share * p as f64) as usize).max(1);
        let (cells, classes) = (Cells::of(training), training.classes());
        let impurity = Impurity::new(self.criterion, classes.len());
        let growth = RandomGrowth {
            cells: &cells,
            classes: &classes,
            n_classes: training.n_classes,
            max_features,
            impurity: &impurity,
        };
        Ok(Box::new(Forest::grow(self.n_trees, seed, |rng| grow_at_random(growth, rng))?))
    }
}
