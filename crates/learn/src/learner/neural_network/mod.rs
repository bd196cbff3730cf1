//! Neural network: two hidden layers of 200 and 100 units, ReLU, softmax, five rounds of Adam.
//!
//! Source: paper §4.2 (two hidden layers); everything it leaves open as scikit-learn's `MLPClassifier` has
//! it: rate 0.001, L2 penalty 0.0001, Glorot's uniform start, rows shuffled in every round. Single
//! precision; the same seed gives the same bits on every machine.

use super::saved::{MOST_CLASSES, are_finite_singles, is_scaler};
use super::setting::{Range, Setting, Values};
use super::{Drawn, Learner, LearnerEntry, Marker, Model, Training};
use crate::simd::dispatch;
use crate::{Error, Matrix, Scaler};
use serde::{Deserialize, Serialize};
use train::{Ask, Fit, n_outputs};

mod product;
mod train;

#[cfg(test)]
mod tests;

/// Scaled values beyond this say no more than this; single precision stays far from its end.
const LARGEST: f64 = 1e12;
/// Weights beyond this are damage: Adam moves one by about the rate a step.
const LARGEST_WEIGHT: f32 = 1e6;

/// Settings of the network; a batch is 64 rows.
#[derive(Debug, Clone, PartialEq)]
pub struct NeuralNetwork {
    /// Units of each hidden layer, each at least 1.
    pub hidden: Vec<usize>,
    /// Rounds through all training rows.
    pub epochs: usize,
    /// Adam's learning rate, above 0.
    pub rate: f64,
    /// L2 penalty of a weight, for all rows of a batch together.
    pub alpha: f64,
}

/// What can be set.
const SETTINGS: &[Setting] = &[
    Setting {
        name: "hidden",
        about: "units of each hidden layer",
        default: "200x100",
        range: Range::Layers { layers: 3, units: 1024 },
    },
    Setting {
        name: "epochs",
        about: "rounds through all training rows",
        default: "5",
        range: Range::Whole(1, 1_000),
    },
    Setting {
        name: "rate",
        about: "Adam's learning rate",
        default: "0.001",
        range: Range::Number(1e-6, 0.1),
    },
    Setting {
        name: "alpha",
        about: "L2 penalty of a weight",
        default: "0.0001",
        range: Range::Number(0.0, 1.0),
    },
];

/// The learner of some settings.
fn build(values: &Values) -> Box<dyn Learner> {
    Box::new(NeuralNetwork {
        hidden: values.layers("hidden"),
        epochs: values.whole("epochs"),
        rate: values.number("rate"),
        alpha: values.number("alpha"),
    })
}

impl Default for NeuralNetwork {
    fn default() -> NeuralNetwork {
        NeuralNetwork { hidden: vec![200, 100], epochs: 5, rate: 1e-3, alpha: 1e-4 }
    }
}

/// Its place in the register.
pub const ENTRY: LearnerEntry = LearnerEntry {
    name: "neural_network",
    label: "Neural network",
    short: "NN",
    about: "neural network, hidden layers of 200 and 100",
    is_baseline: false,
    drawn: Drawn { light: "#1b1f24", dark: "#e6e8ea", marker: Marker::Hexagon },
    cost: 60,
    max_training_rows: None,
    default: || Box::new(NeuralNetwork::default()),
    settings: SETTINGS,
    build,
    load,
};

impl Learner for NeuralNetwork {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn fit(&self, training: &Training<'_>, seed: u64) -> Result<Box<dyn Model>, Error> {
        if training.rows.is_empty() {
            return Err(Error::NoRows);
        }
        let classes: Vec<u32> = training.rows.iter().map(|&row| training.y[row as usize]).collect();
        let layers = dispatch(Fit {
            settings: self,
            rows: &singles(training.scaler, training.x, training.rows),
            n_features: training.x.n_columns(),
            classes: &classes,
            n_classes: training.n_classes,
            seed,
        });
        Ok(Box::new(Network { n_classes: training.n_classes, scaler: training.scaler.clone(), layers }))
    }
}

/// Scaled rows in single precision (rows.len() × n_features).
fn singles(scaler: &Scaler, x: &Matrix, rows: &[u32]) -> Vec<f32> {
    scaler.gather(x, rows).iter().map(|v| v.clamp(-LARGEST, LARGEST) as f32).collect()
}

/// One layer's weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Layer {
    n_inputs: usize,
    n_outputs: usize,
    /// (n_outputs × n_inputs)
    weights: Vec<f32>,
    /// (n_outputs)
    biases: Vec<f32>,
}

/// A model: the scaler and the layers, one or more.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Network {
    n_classes: usize,
    scaler: Scaler,
    layers: Vec<Layer>,
}

/// Reads a saved model.
///
/// # Errors
/// [`Error::ModelJson`] and [`Error::ModelDamaged`] where it is not what `to_json` wrote.
fn load(json: serde_json::Value) -> Result<Box<dyn Model>, Error> {
    let network: Network = serde_json::from_value(json)?;
    match network.damage() {
        Some(what) => Err(Error::ModelDamaged { what }),
        None => Ok(Box::new(network)),
    }
}

impl Layer {
    /// Whether its numbers are as many as it says, and usable.
    fn is_whole(&self) -> bool {
        let usable = |v: &f32| v.abs() <= LARGEST_WEIGHT;
        self.n_inputs.checked_mul(self.n_outputs) == Some(self.weights.len())
            && self.biases.len() == self.n_outputs
            && self.n_outputs > 0
            && are_finite_singles(&self.weights)
            && self.weights.iter().chain(&self.biases).all(usable)
    }
}

impl Network {
    /// What is wrong with it, if anything.
    fn damage(&self) -> Option<&'static str> {
        let fit = |pair: &[Layer]| pair[0].n_outputs == pair[1].n_inputs;
        if !is_scaler(&self.scaler) {
            return Some("the scaler of neural_network");
        }
        let last = self.layers.last().map(|layer| layer.n_outputs);
        if self.n_classes > MOST_CLASSES || last != Some(n_outputs(self.n_classes)) {
            return Some("the layers of neural_network");
        }
        if self.layers[0].n_inputs != self.scaler.means.len() || !self.layers.windows(2).all(fit) {
            return Some("a layer's inputs of neural_network");
        }
        if !self.layers.iter().all(Layer::is_whole) {
            return Some("a layer's weights of neural_network");
        }
        None
    }
}

impl Model for Network {
    fn n_features(&self) -> usize {
        self.scaler.means.len()
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn probabilities(&self, x: &Matrix, rows: &[u32]) -> Vec<f64> {
        let values = singles(&self.scaler, x, rows);
        let n_rows = rows.len();
        dispatch(Ask { layers: &self.layers, n_classes: self.n_classes, rows: &values, n_rows })
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("numbers and lists become JSON")
    }
}
