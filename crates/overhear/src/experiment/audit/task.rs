//! One task as one observer sees it: rounds with their windows, ready to be fitted under any labels.

use overhear_learn::inference::Design;
use overhear_learn::learner::{Ahead, Learner, LearnerEntry, Split, Training};
use overhear_learn::{Dataset, Presort, Scaler};

/// Over how much traffic an attacker adds up before answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Horizon {
    /// A single window.
    Window,
    /// So many seconds of a round.
    Seconds(u32),
    /// A whole round.
    Round,
}

impl Horizon {
    /// METHOD.md section 4: one window, one minute, five minutes, a whole round.
    pub const ALL: [Horizon; 4] =
        [Horizon::Window, Horizon::Seconds(60), Horizon::Seconds(300), Horizon::Round];

    /// Permanent name.
    pub fn name(self) -> String {
        match self {
            Horizon::Window => "window".to_owned(),
            Horizon::Seconds(seconds) => format!("{}m", seconds / 60),
            Horizon::Round => "round".to_owned(),
        }
    }

    /// The limit a clean device stays below, unless set otherwise.
    pub fn limit(self, n_conditions: usize) -> f64 {
        let of_two = match self {
            Horizon::Window => 0.55,
            Horizon::Seconds(_) => 0.65,
            Horizon::Round => 0.75,
        };
        as_far_from_guessing(of_two, n_conditions)
    }
}

/// A balanced accuracy over two conditions, as one over more: the same share of the way from guessing to certainty.
pub fn as_far_from_guessing(of_two: f64, n_conditions: usize) -> f64 {
    let guessing = 1.0 / n_conditions as f64;
    if n_conditions == 2 { of_two } else { guessing + (of_two - 0.5) / 0.5 * (1.0 - guessing) }
}

/// The windows of one windowing, with the round each belongs to.
pub struct Table {
    /// As typed.
    pub windowing: String,
    /// Features; its labels are the true ones.
    pub data: Dataset,
    /// Sorted once for every fit.
    pub presort: Presort,
    /// The round of each row (n_rows), rising.
    pub round: Vec<u32>,
    /// Blocks of rows at each horizon, in the order of [`Task::horizons`].
    pub blocks: Vec<Blocks>,
}

/// Rows gathered into blocks of one horizon.
pub struct Blocks {
    /// The block of each row (n_rows).
    pub of_row: Vec<u32>,
    /// The round of each block (n_blocks).
    pub round: Vec<u32>,
}

/// One task.
pub struct Task {
    /// Conditions, the classes.
    pub conditions: Vec<String>,
    /// Unit and true class of each round; units are numbered from 0.
    pub design: Design,
    /// How many units.
    pub n_units: usize,
    /// Horizons that the windows' times allow.
    pub horizons: Vec<Horizon>,
    /// One per windowing.
    pub tables: Vec<Table>,
}

/// A learner on one windowing.
#[derive(Clone, Copy)]
pub struct Combination {
    /// Which learner.
    pub entry: &'static LearnerEntry,
    /// Which of the task's tables.
    pub table: usize,
}

/// A probability nearer to 0 or 1 than this tells more about the learner than about the traffic.
const CLIP: f64 = 0.01;

impl Table {
    /// Gathers rows into blocks.
    pub fn new(windowing: String, data: Dataset, round: Vec<u32>, horizons: &[Horizon]) -> Table {
        let blocks = horizons.iter().map(|&horizon| Blocks::new(&data, &round, horizon)).collect();
        Table { windowing, presort: Presort::new(&data.x), data, round, blocks }
    }

    /// Rows of the rounds that `wanted` lets in.
    pub fn rows(&self, wanted: impl Fn(usize) -> bool) -> Vec<u32> {
        (0..self.round.len() as u32).filter(|&row| wanted(self.round[row as usize] as usize)).collect()
    }

    /// Makes ready to tell some rows by a learner fitted on others, whatever the labels will be.
    pub fn prepare<'a>(&'a self, entry: &LearnerEntry, train: &'a [u32], test: &'a [u32]) -> Prepared<'a> {
        let learner = (entry.default)();
        let scaler = Scaler::fit(&self.data.x, train);
        let ahead = learner.ahead_of_labels(&Split::of_one(&self.data.x, train, test, &scaler));
        Prepared { table: self, learner, scaler, ahead, train, test }
    }

    /// Log-likelihoods of some rows by a learner fitted on others; see [`Prepared::log_likelihoods`].
    pub fn log_likelihoods(
        &self,
        entry: &LearnerEntry,
        labels: &[u32],
        (train, test): (&[u32], &[u32]),
        seed: u64,
    ) -> Result<Vec<f64>, overhear_learn::Error> {
        self.prepare(entry, train, test).log_likelihoods(labels, seed)
    }
}

/// A learner about to be fitted on some rows and to tell others: scaled, and where classes play no part, done.
pub struct Prepared<'a> {
    table: &'a Table,
    learner: Box<dyn Learner>,
    scaler: Scaler,
    ahead: Option<Box<dyn Ahead>>,
    train: &'a [u32],
    /// The rows to tell.
    pub test: &'a [u32],
}

impl Prepared<'_> {
    /// Log-likelihood of each class for the rows to tell, up to a constant (test.len() × n_classes): log of the
    /// clipped probability less that of the training share. `labels`: the class of each row of the table.
    pub fn log_likelihoods(&self, labels: &[u32], seed: u64) -> Result<Vec<f64>, overhear_learn::Error> {
        let data = &self.table.data;
        let n_classes = data.classes.len();
        let mut p = match &self.ahead {
            Some(ahead) => ahead.probabilities(labels, n_classes),
            None => {
                let (rows, scaler, presort) = (self.train, &self.scaler, &self.table.presort);
                let training = Training { x: &data.x, y: labels, n_classes, rows, scaler, presort };
                self.learner.fit(&training, seed)?.probabilities(&data.x, self.test)
            }
        };
        let mut shares = vec![0.0; n_classes];
        let one = 1.0 / self.train.len() as f64;
        self.train.iter().for_each(|&row| shares[labels[row as usize] as usize] += one);
        // a class without training rows is as likely as its share: it is never told
        let priors: Vec<f64> = shares.iter().map(|share| f64::max(*share, CLIP).ln()).collect();
        for row in p.chunks_exact_mut(n_classes) {
            for (p, prior) in row.iter_mut().zip(&priors) {
                *p = p.clamp(CLIP, 1.0 - CLIP).ln() - prior;
            }
        }
        Ok(p)
    }
}

impl Blocks {
    fn new(data: &Dataset, round: &[u32], horizon: Horizon) -> Blocks {
        let (mut of_row, mut rounds) = (Vec::with_capacity(round.len()), Vec::new());
        let mut before = None;
        let mut first_ns = 0;
        for (row, &round) in round.iter().enumerate() {
            let start_ns = data.starts_ns.as_ref().map_or(0, |starts| starts[row]);
            if before.is_none_or(|(r, _)| r != round) {
                first_ns = start_ns;
            }
            let place = match horizon {
                Horizon::Window => row as i64,
                Horizon::Seconds(seconds) => (start_ns - first_ns) / (i64::from(seconds) * 1_000_000_000),
                Horizon::Round => 0,
            };
            if before != Some((round, place)) {
                rounds.push(round);
                before = Some((round, place));
            }
            of_row.push(rounds.len() as u32 - 1);
        }
        Blocks { of_row, round: rounds }
    }

    /// Sums of rows' log-likelihoods for each block that has any of the rows: block, then its sums
    /// (n_classes), in order.
    pub fn sums(&self, rows: &[u32], values: &[f64], n_classes: usize) -> Vec<(u32, Vec<f64>)> {
        let mut sums: Vec<(u32, Vec<f64>)> = Vec::new();
        for (&row, values) in rows.iter().zip(values.chunks_exact(n_classes)) {
            let block = self.of_row[row as usize];
            match sums.last_mut() {
                Some((last, sum)) if *last == block => {
                    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
                }
                _ => sums.push((block, values.to_vec())),
            }
        }
        sums
    }
}

impl Task {
    /// Every learner on every windowing.
    pub fn combinations(&self, learners: &[&'static LearnerEntry]) -> Vec<Combination> {
        let tables = 0..self.tables.len();
        tables.flat_map(|table| learners.iter().map(move |&entry| Combination { entry, table })).collect()
    }

    /// Deals units into folds at random; without pairs each condition is dealt for itself, so that every
    /// fold tests every condition.
    pub fn folds(&self, n_folds: usize, seed: u64) -> Vec<u32> {
        use rand::SeedableRng;
        use rand::seq::SliceRandom;
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let class_of_unit = self.class_of_unit();
        let mut fold = vec![0; self.n_units];
        let groups = if self.design.is_paired() { 1 } else { self.conditions.len() as u32 };
        for group in 0..groups {
            let mut units: Vec<usize> =
                (0..self.n_units).filter(|&unit| groups == 1 || class_of_unit[unit] == group).collect();
            units.shuffle(&mut rng);
            for (place, unit) in units.into_iter().enumerate() {
                fold[unit] = (place % n_folds) as u32;
            }
        }
        fold
    }

    /// The class of each unit's (first) round; of a meaning only without pairs (n_units).
    pub fn class_of_unit(&self) -> Vec<u32> {
        let mut class = vec![0; self.n_units];
        for (&unit, &c) in self.design.units.iter().zip(&self.design.classes).rev() {
            class[unit as usize] = c;
        }
        class
    }

    /// The fewest units any condition has.
    pub fn units_per_condition(&self) -> usize {
        let count = |class| self.design.classes.iter().filter(|&&c| c == class).count();
        (0..self.conditions.len() as u32).map(count).min().unwrap_or(0)
    }
}
