//! One task as one observer sees it: rounds with their windows, ready to be fitted under any labels.

use super::order::InDays;
use super::result::Order;
use super::settings::Attackers;
use super::view::{Base, Grouping, Horizon};
use crate::Error;
use crate::assemble::Joined;
use overhear_learn::inference::Design;
use overhear_learn::learner::Configured;
use overhear_learn::{Dataset, Matrix, Presort};
use overhear_traffic::feature::FeatureSet;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::OnceLock;

/// A table of numbers, by the SHA-256 of their bits and names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableHash([u8; 32]);

impl TableHash {
    /// Of the features of a table; its labels are none of them.
    pub fn of(data: &Dataset) -> TableHash {
        let mut hash = Sha256::new();
        for (j, name) in data.features.iter().enumerate() {
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name);
            data.x.column(j).iter().for_each(|value| hash.update(value.to_bits().to_le_bytes()));
        }
        TableHash(hash.finalize().into())
    }
}

impl fmt::Debug for TableHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::campaign::hex(&self.0))
    }
}

/// The windows of one windowing, with the round each belongs to.
pub struct Table {
    /// How its rows were made.
    pub windowing: Grouping,
    /// Features; its labels are the true ones.
    pub data: Dataset,
    /// What fits know it by.
    pub hash: TableHash,
    /// Sorted once for every fit, when the first needs it.
    pub presort: OnceLock<Presort>,
    /// The round of each row (n_rows), rising.
    pub round: Vec<u32>,
    /// The stretch of steady clock of each row (n_rows).
    pub stretch: Vec<u32>,
    /// Blocks of rows at each horizon, in the order of [`Task::horizons`]; `None` where a horizon is shorter than a row.
    pub blocks: Vec<Option<Blocks>>,
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
    /// Unit and true class of each round; units are numbered from 0. Its order is what the test keeps to.
    pub design: Design,
    /// What is known of the order of conditions.
    pub order: Order,
    /// When the rounds were; `None` without times.
    pub in_days: Option<InDays>,
    /// Seconds of traffic of its rounds.
    pub seconds: f64,
    /// Its rounds, as places among those gathered.
    pub rounds: Vec<usize>,
    /// How many units.
    pub n_units: usize,
    /// Horizons that the windows' times allow.
    pub horizons: Vec<Horizon>,
    /// One per windowing.
    pub tables: Vec<Table>,
}

/// From this cost on a learner is slow: forests, boosting and networks.
const SLOW: u64 = 15;
/// Up to this cost a learner is quick on many columns too.
const QUICK: u64 = 3;

/// Which learners look at what; docs/audit.md, "Who looks at what", has the measurement behind it. On whole rounds all do: these are few
/// rows. Slow ones also look at windows with the paper's features, and quick ones at everything.
fn looks_at(cost: u64, grouping: Grouping) -> bool {
    let is_papers = grouping.features == FeatureSet::PAPER;
    match grouping.row {
        Horizon::Round => !grouping.less_home || cost < SLOW,
        // what a home's level hides in windows is a shift: a line sees it
        Horizon::Window => (is_papers && !grouping.less_home) || cost <= QUICK,
        Horizon::Minutes(_) => cost <= QUICK || (is_papers && cost < SLOW),
    }
}

/// A learner on one windowing.
#[derive(Clone)]
pub struct Combination {
    /// The learner with its settings.
    pub learner: Configured,
    /// Which of the task's tables.
    pub table: usize,
}

impl Table {
    /// Gathers rows into blocks.
    pub fn new(windowing: Grouping, joined: Joined, horizons: &[Horizon]) -> Table {
        let Joined { data, round, stretch } = joined;
        let blocks = |&horizon: &Horizon| {
            horizon.holds(windowing.row).then(|| Blocks::new(&data, &round, &stretch, horizon))
        };
        let blocks = horizons.iter().map(blocks).collect();
        Table {
            windowing,
            hash: TableHash::of(&data),
            presort: OnceLock::new(),
            data,
            round,
            stretch,
            blocks,
        }
    }

    /// The rows of another table behind these, its rounds numbered from `first`.
    fn followed_by(self, other: &Table, first: u32, horizons: &[Horizon]) -> Result<Table, Error> {
        let (own, others) = (&self.data, &other.data);
        let both = |j: usize| [own.x.column(j), others.x.column(j)].concat();
        let columns: Vec<Vec<f64>> = (0..own.x.n_columns().min(others.x.n_columns())).map(both).collect();
        let data = Dataset {
            x: Matrix::from_columns(&columns)?,
            y: [&own.y[..], &others.y].concat(),
            units: own.units.as_ref().zip(others.units.as_ref()).map(|(a, b)| [&a[..], b].concat()),
            starts_ns: own
                .starts_ns
                .as_ref()
                .zip(others.starts_ns.as_ref())
                .map(|(a, b)| [&a[..], b].concat()),
            ..own.clone()
        };
        let round = self.round.iter().copied().chain(other.round.iter().map(|round| round + first)).collect();
        let joined = Joined { data, round, stretch: [&self.stretch[..], &other.stretch].concat() };
        Ok(Table::new(self.windowing, joined, horizons))
    }

    /// Its columns sorted.
    pub fn presort(&self) -> &Presort {
        self.presort.get_or_init(|| Presort::new(&self.data.x))
    }

    /// Rows of the rounds that `wanted` lets in.
    pub fn rows(&self, wanted: impl Fn(usize) -> bool) -> Vec<u32> {
        (0..self.round.len() as u32).filter(|&row| wanted(self.round[row as usize] as usize)).collect()
    }
}

impl Blocks {
    fn new(data: &Dataset, round: &[u32], stretch: &[u32], horizon: Horizon) -> Blocks {
        let (mut of_row, mut rounds) = (Vec::with_capacity(round.len()), Vec::new());
        let mut before = None;
        let mut first_ns = 0;
        for (row, (&round, &stretch)) in round.iter().zip(stretch).enumerate() {
            let start_ns = data.starts_ns.as_ref().map_or(0, |starts| starts[row]);
            // no horizon crosses a step of the clock
            if before.is_none_or(|(r, s, _)| (r, s) != (round, stretch)) {
                first_ns = start_ns;
            }
            let place = match horizon {
                Horizon::Window => row as i64,
                Horizon::Minutes(minutes) => (start_ns - first_ns) / (i64::from(minutes) * 60_000_000_000),
                Horizon::Round => 0,
            };
            if before != Some((round, stretch, place)) {
                rounds.push(round);
                before = Some((round, stretch, place));
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
    /// Several draws of the same rounds as one task: each unit holds every draw of its rounds. Its order is not known, so that it can be
    /// estimated, not tested.
    ///
    /// # Errors
    /// [`Error::Learn`] where the tables do not fit.
    pub fn of_draws(draws: Vec<Task>) -> Result<Option<Task>, Error> {
        let mut draws = draws.into_iter();
        let Some(mut whole) = draws.next() else { return Ok(None) };
        for draw in draws {
            let n_rounds = whole.design.units.len() as u32;
            whole.design.units.extend(&draw.design.units);
            whole.design.classes.extend(&draw.design.classes);
            whole.rounds.extend(&draw.rounds);
            whole.seconds += draw.seconds;
            // a grouping of which one draw has no table is left out
            let mut tables = Vec::new();
            for table in whole.tables {
                if let Some(other) = draw.tables.iter().find(|other| other.windowing == table.windowing) {
                    tables.push(table.followed_by(other, n_rounds, &whole.horizons)?);
                }
            }
            whole.tables = tables;
            whole.design.order = None;
            whole.in_days = None;
        }
        Ok(Some(whole))
    }

    /// Whether each unit holds rounds of every condition, one of each or several draws.
    pub fn is_paired(&self) -> bool {
        let mut classes = vec![BTreeSet::new(); self.n_units];
        for (&unit, &class) in self.design.units.iter().zip(&self.design.classes) {
            classes[unit as usize].insert(class);
        }
        classes.iter().all(|classes| classes.len() == self.conditions.len())
    }

    /// Every learner on the tables that it looks at: see [`looks_at`]; those of rounds at whole rounds alone, that of series at series.
    pub fn combinations(&self, attackers: &Attackers) -> Vec<Combination> {
        let mut combinations = Vec::new();
        for (table, Table { windowing, .. }) in self.tables.iter().enumerate() {
            let taken: Vec<&Configured> = match windowing.base {
                Base::Sequence(_) => vec![&attackers.of_series],
                _ => {
                    let of_rounds = attackers.of_rounds.iter().filter(|_| windowing.row == Horizon::Round);
                    let all = attackers.learners.iter().chain(of_rounds);
                    all.filter(|learner| looks_at(learner.entry.cost, *windowing)).collect()
                }
            };
            combinations
                .extend(taken.into_iter().map(|learner| Combination { learner: learner.clone(), table }));
        }
        combinations
    }

    /// Every statistic that combinations have: which combination, at which horizon.
    pub fn cells(&self, combinations: &[Combination]) -> Vec<(usize, usize)> {
        let of = |(c, combination): (usize, &Combination)| {
            let blocks = self.tables[combination.table].blocks.iter().enumerate();
            blocks.filter(|(_, blocks)| blocks.is_some()).map(move |(h, _)| (c, h)).collect::<Vec<_>>()
        };
        combinations.iter().enumerate().flat_map(of).collect()
    }

    /// Whether a combination looks at windows one by one.
    pub fn is_of_windows(&self, combination: &Combination) -> bool {
        self.tables[combination.table].windowing.is_of_windows()
    }

    /// Deals units into folds at random, blind to their conditions in any design: the same folds serve every
    /// assignment, and ones that knew the true labels would make the true assignment a special one.
    pub fn folds(&self, n_folds: usize, seed: u64) -> Vec<u32> {
        use rand::SeedableRng;
        use rand::seq::SliceRandom;
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let mut units: Vec<usize> = (0..self.n_units).collect();
        units.shuffle(&mut rng);
        let mut fold = vec![0; self.n_units];
        for (place, unit) in units.into_iter().enumerate() {
            fold[unit] = (place % n_folds) as u32;
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
