//! The network's way forward and back, for 64 rows at a time.
//!
//! Activations stand unit by unit, (units × 64 rows): with 64 rows every product is four blocks wide, and
//! the weights are read in their own order both forward and back.

#![expect(clippy::needless_range_loop, reason = "lanes and tiles are several arrays side by side")]

use super::product::{Activate, Adam, Descend, Gate, Learned, Left, product, transpose};
use super::{Layer, NeuralNetwork};
use crate::simd::{Block, Kernel, LANES, Simd, as_numbers, exp};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Blocks of a batch.
const WIDTH: usize = 4;
/// Rows of a batch.
pub(super) const BATCH: usize = WIDTH * LANES;

/// Rows to learn from, scaled.
pub(super) struct Fit<'a> {
    pub(super) settings: &'a NeuralNetwork,
    /// (n_rows × n_features)
    pub(super) rows: &'a [f32],
    pub(super) n_features: usize,
    /// (n_rows)
    pub(super) classes: &'a [u32],
    pub(super) n_classes: usize,
    pub(super) seed: u64,
}

/// Units of the last layer: a class each; of two classes one unit tells, the other's stays at 0, as in
/// scikit-learn (with two units Adam would move their difference twice as fast).
pub(super) fn n_outputs(n_classes: usize) -> usize {
    if n_classes == 2 { 1 } else { n_classes }
}

/// Where a class stands among the last layer's outputs: of two, the first is the one that stays at 0.
fn place(class: usize, n_classes: usize) -> usize {
    if n_classes == 2 { 1 - class } else { class }
}

/// A number below n, evenly.
fn below(random: &mut ChaCha8Rng, n: usize) -> usize {
    ((u128::from(random.next_u64()) * n as u128) >> 64) as usize
}

impl Kernel for Fit<'_> {
    type Out = Vec<Layer>;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Vec<Layer> {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let mut sizes = vec![self.n_features];
        sizes.extend(self.settings.hidden.iter().copied().chain([n_outputs(self.n_classes)]));
        let neurons = sizes.windows(2).map(|w| Neurons::random(w[0], w[1], &mut random)).collect();
        let mut network = Network::new(neurons, self.n_classes);
        let mut order: Vec<u32> = (0..self.classes.len() as u32).collect();
        let (mut power_1, mut power_2) = (1.0f64, 1.0f64);
        for _ in 0..self.settings.epochs {
            for i in (1..order.len()).rev() {
                order.swap(i, below(&mut random, i + 1));
            }
            for batch in order.chunks(BATCH) {
                power_1 *= 0.9;
                power_2 *= 0.999;
                let rate = self.settings.rate * (1.0 - power_2).sqrt() / (1.0 - power_1);
                let decay = self.settings.alpha / batch.len() as f64;
                network.gather(self.rows, batch);
                network.forward(s);
                network.blame(s, self.classes, batch);
                network.backward(s, Adam { rate: rate as f32, decay: decay as f32 });
            }
        }
        network.neurons.iter().map(Neurons::to_layer).collect()
    }
}

/// Class probabilities of rows (n_rows × n_classes).
pub(super) struct Ask<'a> {
    pub(super) layers: &'a [Layer],
    pub(super) n_classes: usize,
    pub(super) rows: &'a [f32],
    pub(super) n_rows: usize,
}

impl Kernel for Ask<'_> {
    type Out = Vec<f64>;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Vec<f64> {
        let mut network = Network::new(self.layers.iter().map(Neurons::from_layer).collect(), self.n_classes);
        let all: Vec<u32> = (0..self.n_rows as u32).collect();
        let mut out = Vec::new();
        for batch in all.chunks(BATCH) {
            network.gather(self.rows, batch);
            network.forward(s);
            network.raise(s);
            let last = network.values.len() - 1;
            for i in 0..batch.len() {
                let number = |class| {
                    let at = place(class, self.n_classes) * WIDTH + i / LANES;
                    f64::from(network.values[last][at].0[i % LANES])
                };
                let total: f64 = (0..self.n_classes).map(number).sum();
                out.extend((0..self.n_classes).map(|class| number(class) / total));
            }
        }
        out
    }
}

/// One layer while it learns.
struct Neurons {
    n_inputs: usize,
    n_outputs: usize,
    /// (n_outputs × ⌈n_inputs / 16⌉ blocks), zeros at the end of a row.
    weights: Learned,
    /// (⌈n_outputs / 16⌉ blocks)
    biases: Learned,
}

impl Neurons {
    /// Weights and biases evenly from ±√(6 / (inputs + outputs)).
    ///
    /// Source: X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    /// networks", 2010; as scikit-learn does for ReLU.
    fn random(n_inputs: usize, n_outputs: usize, random: &mut ChaCha8Rng) -> Neurons {
        let bound = (6.0 / (n_inputs + n_outputs) as f64).sqrt();
        let mut draw = |n: usize| -> Vec<f32> {
            let unit = |random: &mut ChaCha8Rng| (random.next_u64() >> 11) as f64 * (-53f64).exp2();
            (0..n).map(|_| (bound * (2.0 * unit(random) - 1.0)) as f32).collect()
        };
        let weights = draw(n_inputs * n_outputs);
        Neurons::from_layer(&Layer { n_inputs, n_outputs, weights, biases: draw(n_outputs) })
    }

    fn from_layer(layer: &Layer) -> Neurons {
        let in_blocks = |row: &[f32]| -> Vec<Block> {
            let block = |c: &[f32]| Block(std::array::from_fn(|i| c.get(i).copied().unwrap_or(0.0)));
            row.chunks(LANES).map(block).collect()
        };
        let row = |o: usize| in_blocks(&layer.weights[o * layer.n_inputs..(o + 1) * layer.n_inputs]);
        Neurons {
            n_inputs: layer.n_inputs,
            n_outputs: layer.n_outputs,
            weights: Learned::new((0..layer.n_outputs).flat_map(row).collect()),
            biases: Learned::new(in_blocks(&layer.biases)),
        }
    }

    fn to_layer(&self) -> Layer {
        let width = self.width();
        let weights = as_numbers(&self.weights.values);
        let row = |o: usize| weights[o * width * LANES..][..self.n_inputs].iter().copied();
        Layer {
            n_inputs: self.n_inputs,
            n_outputs: self.n_outputs,
            weights: (0..self.n_outputs).flat_map(row).collect(),
            biases: as_numbers(&self.biases.values)[..self.n_outputs].to_vec(),
        }
    }

    /// Blocks of a row of weights.
    fn width(&self) -> usize {
        self.n_inputs.div_ceil(LANES)
    }
}

/// All layers, and what flows through them.
struct Network {
    neurons: Vec<Neurons>,
    n_classes: usize,
    /// Inputs of the first layer (whole blocks of units), outputs of every layer (units × 64).
    values: Vec<Vec<Block>>,
    /// Inputs of every layer turned (64 × units, whole blocks).
    turned: Vec<Vec<Block>>,
    /// What each layer's outputs add to the loss, before its ReLU (units × 64).
    blame: Vec<Vec<Block>>,
}

impl Network {
    fn new(neurons: Vec<Neurons>, n_classes: usize) -> Network {
        let zeros = |n: usize| vec![Block::ZERO; n];
        let mut values = vec![zeros(neurons.first().map_or(0, |n| n.width() * LANES) * WIDTH)];
        values.extend(neurons.iter().map(|n| zeros(n.n_outputs * WIDTH)));
        values.last_mut().into_iter().for_each(|last| last.resize(n_classes * WIDTH, Block::ZERO));
        let turned = neurons.iter().map(|n| zeros(BATCH * n.width())).collect();
        let mut blame: Vec<Vec<Block>> = neurons.iter().map(|n| zeros(n.n_outputs * WIDTH)).collect();
        blame.last_mut().into_iter().for_each(|last| last.resize(n_classes * WIDTH, Block::ZERO));
        Network { neurons, n_classes, values, turned, blame }
    }

    /// Lays a batch out, both ways; rows that it lacks are zeros.
    #[inline(always)]
    fn gather(&mut self, rows: &[f32], batch: &[u32]) {
        let (p, width) = (self.neurons[0].n_inputs, self.neurons[0].width());
        let turned = &mut self.turned[0];
        for (i, &row) in batch.iter().enumerate() {
            let values = rows[row as usize * p..(row as usize + 1) * p].chunks(LANES);
            for (block, values) in turned[i * width..(i + 1) * width].iter_mut().zip(values) {
                block.0[..values.len()].copy_from_slice(values);
            }
        }
        turned[batch.len() * width..].fill(Block::ZERO);
        transpose(turned, BATCH, width, &mut self.values[0]);
    }

    #[inline(always)]
    fn forward<S: Simd>(&mut self, s: S) {
        let n_layers = self.neurons.len();
        for (l, neurons) in self.neurons.iter().enumerate() {
            let (inputs, outputs) = self.values.split_at_mut(l + 1);
            let left = Left {
                values: as_numbers(&neurons.weights.values),
                row: neurons.width() * LANES,
                column: 1,
                n_rows: neurons.n_outputs,
                depth: neurons.n_inputs,
            };
            let bias = as_numbers(&neurons.biases.values);
            let is_hidden = l + 1 < n_layers;
            let mut finish = Activate { bias, is_hidden, width: WIDTH, out: &mut outputs[0] };
            product(s, left, &inputs[l], WIDTH, &mut finish);
        }
    }

    /// Turns the last layer's outputs into eᵒ, o less the largest of the row.
    #[inline(always)]
    fn raise<S: Simd>(&mut self, s: S) {
        let (n, Some(outputs)) = (self.n_classes, self.values.last_mut()) else { return };
        outputs[n_outputs(n) * WIDTH..].fill(Block::ZERO);
        for block in 0..WIDTH {
            let mut top = s.load(&outputs[block].0);
            for class in 1..n {
                top = s.max(s.load(&outputs[class * WIDTH + block].0), top);
            }
            for class in 0..n {
                let out = &mut outputs[class * WIDTH + block].0;
                s.store(exp(s, s.max(s.sub(s.load(out), top), s.splat(-87.0))), out);
            }
        }
    }

    /// The last layer's blame: softmax less the truth, over the rows of the batch.
    #[inline(always)]
    fn blame<S: Simd>(&mut self, s: S, classes: &[u32], batch: &[u32]) {
        self.raise(s);
        let last = self.neurons.len() - 1;
        let (outputs, blame) = (&self.values[last + 1], &mut self.blame[last]);
        let (n, share) = (self.n_classes, 1.0 / batch.len() as f32);
        for block in 0..WIDTH {
            let mut total = s.splat(0.0);
            for class in 0..n {
                total = s.add(total, s.load(&outputs[class * WIDTH + block].0));
            }
            let factor = s.div(s.splat(share), total);
            for class in 0..n {
                let at = class * WIDTH + block;
                s.store(s.mul(s.load(&outputs[at].0), factor), &mut blame[at].0);
            }
        }
        for i in 0..BATCH {
            match batch.get(i) {
                Some(&row) => {
                    let at = place(classes[row as usize] as usize, n);
                    blame[at * WIDTH + i / LANES].0[i % LANES] -= share;
                }
                None => (0..n).for_each(|class| blame[class * WIDTH + i / LANES].0[i % LANES] = 0.0),
            }
        }
    }

    /// Passes the blame back layer by layer, and lets each learn once it has passed it on.
    #[inline(always)]
    fn backward<S: Simd>(&mut self, s: S, adam: Adam) {
        for l in (0..self.neurons.len()).rev() {
            let neurons = &mut self.neurons[l];
            let width = neurons.width();
            if l > 0 {
                let left = Left {
                    values: as_numbers(&neurons.weights.values),
                    row: 1,
                    column: width * LANES,
                    n_rows: neurons.n_inputs,
                    depth: neurons.n_outputs,
                };
                let (before, after) = self.blame.split_at_mut(l);
                let mut finish = Gate { output: &self.values[l], width: WIDTH, out: &mut before[l - 1] };
                product(s, left, &after[0], WIDTH, &mut finish);
                transpose(&self.values[l], neurons.n_inputs, WIDTH, &mut self.turned[l]);
            }
            let blame = &self.blame[l];
            learn_biases(s, &mut neurons.biases, blame, neurons.n_outputs, adam);
            let values = as_numbers(blame);
            let left = Left { values, row: BATCH, column: 1, n_rows: neurons.n_outputs, depth: BATCH };
            let mut finish = Descend { learned: &mut neurons.weights, width, adam };
            product(s, left, &self.turned[l], width, &mut finish);
        }
    }
}

/// A bias's gradient is its unit's blame over the batch; biases do not decay.
#[inline(always)]
fn learn_biases<S: Simd>(s: S, biases: &mut Learned, blame: &[Block], n_outputs: usize, adam: Adam) {
    for first in (0..n_outputs).step_by(LANES) {
        let mut gradient = [0.0; LANES];
        for (sum, blocks) in gradient.iter_mut().zip(blame[first * WIDTH..].chunks_exact(WIDTH)) {
            let mut lanes = blocks[0].0;
            for block in &blocks[1..] {
                for i in 0..LANES {
                    lanes[i] += block.0[i];
                }
            }
            for half in [8, 4, 2, 1] {
                for i in 0..half {
                    lanes[i] += lanes[i + half];
                }
            }
            *sum = lanes[0];
        }
        biases.step(s, first / LANES, s.load(&gradient), Adam { decay: 0.0, ..adam });
    }
}
