//! A k-d tree sixteen wide: every node holds its children's boxes, every leaf its points, lane by lane.
//!
//! Boxes and points are compared in single precision, sixteen at once, against a bound with room for
//! every rounding; what passes is measured again in double precision. The neighbours are therefore
//! exactly those of a plain search in double precision.
//!
//! Source: J. L. Bentley, "Multidimensional binary search trees used for associative searching", 1975;
//! midpoint cuts of the widest side as in S. Maneewongvatana and D. M. Mount, "It's okay to be skinny,
//! if your friends are fat", 1999.

use crate::simd::{Block, LANES};

/// Points of a leaf, where they differ at all. With 16 predicting takes 1.25 times as long; 64 and 128 gain
/// nothing.
const LEAF: usize = 32;
/// The bit of a child's number that says leaf.
const IS_LEAF: u32 = 1 << 31;
/// Single precision is trusted up to here: squares of sums stay far below its largest number.
pub(super) const TRUSTED: f64 = 1e15;

/// The tree over some rows of numbers.
#[derive(Debug)]
pub(super) struct Tree {
    /// Numbers in a row.
    pub(super) n_features: usize,
    /// Children of each node; [`IS_LEAF`] set for a leaf.
    pub(super) children: Vec<[u32; LANES]>,
    /// Boxes of each node's children: for every feature the low ends, then the high ends.
    pub(super) boxes: Vec<Block>,
    /// The leaves.
    pub(super) leaves: Vec<Leaf>,
    /// Points of the leaves: for every sixteen points and every feature one block.
    pub(super) points: Vec<Block>,
    /// The row that stands at each place of the leaves' order (n_rows).
    pub(super) rows: Vec<u32>,
}

/// A leaf's share of the points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf {
    /// Its first place in the leaves' order.
    pub(super) start: u32,
    /// How many points.
    pub(super) len: u32,
    /// Its first block of sixteen points.
    pub(super) first: u32,
}

/// What a child's number says.
pub(super) enum Child {
    Node(usize),
    Leaf(usize),
}

impl Child {
    pub(super) fn of(number: u32) -> Child {
        if number & IS_LEAF == 0 {
            Child::Node(number as usize)
        } else {
            Child::Leaf((number & !IS_LEAF) as usize)
        }
    }
}

impl Tree {
    /// Builds the tree over rows of numbers (n_rows × n_features), at least one.
    ///
    /// `None` where a number is too large for single precision, or there is no feature to cut: a plain
    /// search serves such rows.
    pub(super) fn build(rows: &[f64], n_features: usize) -> Option<Tree> {
        if n_features == 0 || !rows.iter().all(|v| v.abs() <= TRUSTED) {
            return None;
        }
        let mut builder = Builder::new(rows, n_features);
        let whole = builder.part(0, builder.rows.len());
        let mut tree = Tree {
            n_features,
            children: Vec::new(),
            boxes: Vec::new(),
            leaves: Vec::new(),
            points: Vec::new(),
            rows: Vec::new(),
        };
        tree.add_node(&mut builder, whole);
        tree.rows = builder.rows;
        Some(tree)
    }

    /// Adds a node over the part, and everything below it.
    fn add_node(&mut self, builder: &mut Builder, part: Part) -> u32 {
        let number = self.children.len() as u32;
        let at = self.boxes.len();
        self.children.push([0; LANES]);
        self.boxes.resize(at + 2 * self.n_features, Block([f32::INFINITY; LANES]));
        for j in 0..self.n_features {
            self.boxes[at + 2 * j + 1] = Block([f32::NEG_INFINITY; LANES]);
        }
        for (lane, child) in builder.cut_to_width(part).into_iter().enumerate() {
            for j in 0..self.n_features {
                self.boxes[at + 2 * j].0[lane] = child.low[j];
                self.boxes[at + 2 * j + 1].0[lane] = child.high[j];
            }
            let below =
                if child.is_leaf() { self.add_leaf(builder, &child) } else { self.add_node(builder, child) };
            self.children[number as usize][lane] = below;
        }
        number
    }

    /// Adds a leaf. Where its points are all one, its rows rise: the first of them are the nearest.
    fn add_leaf(&mut self, builder: &mut Builder, part: &Part) -> u32 {
        let number = self.leaves.len() as u32;
        let first = (self.points.len() / self.n_features) as u32;
        self.leaves.push(Leaf { start: part.start as u32, len: (part.end - part.start) as u32, first });
        if part.width <= 0.0 {
            builder.rows[part.start..part.end].sort_unstable();
        }
        for start in (part.start..part.end).step_by(LANES) {
            let at = self.points.len();
            self.points.resize(at + self.n_features, Block([f32::INFINITY; LANES]));
            for (lane, place) in (start..part.end.min(start + LANES)).enumerate() {
                for j in 0..self.n_features {
                    self.points[at + j].0[lane] = builder.value(place, j);
                }
            }
        }
        number | IS_LEAF
    }
}

/// A run of places and the box around its points.
#[derive(Debug, Clone)]
struct Part {
    start: usize,
    end: usize,
    low: Vec<f32>,
    high: Vec<f32>,
    widest: usize,
    width: f32,
}

impl Part {
    /// Small enough, or all its points are one.
    fn is_leaf(&self) -> bool {
        self.end - self.start <= LEAF || self.width <= 0.0
    }
}

/// The rows in single precision, moved about while the tree is cut.
struct Builder {
    /// Each row padded to whole blocks, so that a box grows by whole vectors.
    blocks: Vec<Block>,
    blocks_per_row: usize,
    n_features: usize,
    rows: Vec<u32>,
}

impl Builder {
    fn new(rows: &[f64], n_features: usize) -> Builder {
        let n_rows = rows.len() / n_features;
        let blocks_per_row = n_features.div_ceil(LANES);
        let mut blocks = vec![Block::ZERO; n_rows * blocks_per_row];
        for (i, row) in rows.chunks_exact(n_features).enumerate() {
            for (j, &v) in row.iter().enumerate() {
                blocks[i * blocks_per_row + j / LANES].0[j % LANES] = v as f32;
            }
        }
        Builder { blocks, blocks_per_row, n_features, rows: (0..n_rows as u32).collect() }
    }

    fn value(&self, place: usize, feature: usize) -> f32 {
        self.blocks[place * self.blocks_per_row + feature / LANES].0[feature % LANES]
    }

    /// The places with the tight box around them.
    fn part(&self, start: usize, end: usize) -> Part {
        let per_row = self.blocks_per_row;
        let (mut low, mut high) = (Vec::new(), Vec::new());
        for b in 0..per_row {
            let first = self.blocks[start * per_row + b].0;
            let (mut l, mut h) = (first, first);
            for block in self.blocks[start * per_row + b..end * per_row].iter().step_by(per_row) {
                for i in 0..LANES {
                    l[i] = if block.0[i] < l[i] { block.0[i] } else { l[i] };
                    h[i] = if block.0[i] > h[i] { block.0[i] } else { h[i] };
                }
            }
            low.extend(l);
            high.extend(h);
        }
        let (mut widest, mut width) = (0, high[0] - low[0]);
        for j in 1..self.n_features {
            if high[j] - low[j] > width {
                (widest, width) = (j, high[j] - low[j]);
            }
        }
        Part { start, end, low, high, widest, width }
    }

    /// Cuts the fullest part again and again until there are sixteen, or only leaves.
    fn cut_to_width(&mut self, part: Part) -> Vec<Part> {
        let mut parts = vec![part];
        while parts.len() < LANES {
            let candidates = parts.iter().enumerate().filter(|(_, p)| !p.is_leaf());
            let Some((fullest, _)) = candidates.max_by_key(|(_, p)| p.end - p.start) else { break };
            let part = parts.swap_remove(fullest);
            let middle = self.cut(&part);
            parts.push(self.part(part.start, middle));
            parts.push(self.part(middle, part.end));
        }
        parts
    }

    /// Parts the points at the middle of the widest side; the first place of the upper half. Cut at the median,
    /// boxes are longer, and predicting takes 1.8 times as long.
    fn cut(&mut self, part: &Part) -> usize {
        let (low, high) = (part.low[part.widest], part.high[part.widest]);
        let middle = low + 0.5 * (high - low);
        // rounding may take the middle to the high end, which would leave the upper half empty
        let cut = if middle < high { middle } else { low };
        let (mut a, mut b) = (part.start, part.end);
        while a < b {
            if self.value(a, part.widest) <= cut {
                a += 1;
            } else {
                b -= 1;
                self.swap(a, b);
            }
        }
        a
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.rows.swap(a, b);
        for block in 0..self.blocks_per_row {
            self.blocks.swap(a * self.blocks_per_row + block, b * self.blocks_per_row + block);
        }
    }
}
