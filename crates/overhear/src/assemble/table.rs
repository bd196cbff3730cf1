//! Windows of rounds as tables of numbers.

use crate::Error;
use overhear_learn::{Dataset, Matrix};
use overhear_traffic::feature::{Columns, FEATURES, FeatureSet};
use overhear_traffic::observer::Observer;
use overhear_traffic::window::Windowing;

/// Place of the number of packets in the register: the first.
const N_PACKETS: usize = 0;

/// The windows of one round as columns; an undefined value is 0 (docs/method.md, "Features").
#[derive(Debug, Clone)]
pub struct RoundTable {
    /// Names of the columns.
    pub features: Vec<String>,
    /// The columns.
    pub columns: Vec<Vec<f64>>,
    /// When each window starts, ns since 1970, where known.
    pub starts_ns: Option<Vec<i64>>,
    /// The stretch of steady clock that each window lies in.
    pub stretch: Vec<u32>,
    /// Whether its only row stands for silence: see [`RoundTable::fill_silence`].
    pub is_silent: bool,
}

impl RoundTable {
    /// What learners are given of a windowing: the features of a set that the observer sees. Where these are the paper's alone, windows
    /// without a packet are left out.
    pub fn of(columns: &Columns, windowing: Windowing, observer: Observer, set: FeatureSet) -> RoundTable {
        let whole = RoundTable::with(columns, &set.learned(windowing, observer));
        if set.needs_detail() || !columns.set().needs_detail() {
            return whole;
        }
        let n_packets: Vec<f64> = columns.learned(N_PACKETS).collect();
        whole.retain(|row| n_packets[row] > 0.0)
    }

    /// The rows that `wanted` lets in.
    fn retain(self, wanted: impl Fn(usize) -> bool) -> RoundTable {
        let rows: Vec<usize> = (0..self.n_windows()).filter(|&row| wanted(row)).collect();
        let of = |column: &Vec<f64>| rows.iter().map(|&row| column[row]).collect();
        RoundTable {
            columns: self.columns.iter().map(of).collect(),
            starts_ns: self.starts_ns.map(|starts| rows.iter().map(|&row| starts[row]).collect()),
            stretch: rows.iter().map(|&row| self.stretch[row]).collect(),
            ..self
        }
    }

    /// Every feature that the observer sees.
    pub fn whole(columns: &Columns, observer: Observer) -> RoundTable {
        RoundTable::with(columns, &columns.set().seen_by(observer))
    }

    fn with(columns: &Columns, features: &[usize]) -> RoundTable {
        RoundTable {
            features: features.iter().map(|&f| FEATURES[f].name.to_owned()).collect(),
            columns: features.iter().map(|&f| columns.learned(f).collect()).collect(),
            starts_ns: Some(columns.start_ns().to_vec()),
            stretch: columns.stretch().to_vec(),
            is_silent: false,
        }
    }

    /// How many windows.
    pub fn n_windows(&self) -> usize {
        self.stretch.len()
    }

    /// Adds one window without traffic, all of whose values are 0, to a round that has none: silence is an
    /// observation.
    pub fn fill_silence(&mut self, start_ns: Option<i64>) {
        if self.n_windows() > 0 {
            return;
        }
        self.columns.iter_mut().for_each(|column| column.push(0.0));
        self.stretch.push(0);
        self.is_silent = true;
        if let Some(starts_ns) = &mut self.starts_ns {
            starts_ns.push(start_ns.unwrap_or(0));
        }
    }
}

/// Rounds as one labelled table.
#[derive(Debug, Clone)]
pub struct Joined {
    /// Features, classes, units, times.
    pub data: Dataset,
    /// The round of each row, by its place among those joined (n_rows), rising.
    pub round: Vec<u32>,
    /// The stretch of steady clock of each row (n_rows).
    pub stretch: Vec<u32>,
}

/// Puts rounds, each with its class and unit, behind each other.
///
/// # Errors
/// [`Error::Learn`] where the windows make no table.
pub fn join<'a>(
    rounds: impl IntoIterator<Item = (&'a RoundTable, u32, u32)>,
    classes: Vec<String>,
) -> Result<Joined, Error> {
    let mut features: Vec<String> = Vec::new();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    let (mut y, mut units, mut round, mut stretch) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut starts_ns = Some(Vec::new());
    for (number, (table, class, unit)) in (0..).zip(rounds) {
        if number == 0 {
            features.clone_from(&table.features);
            columns.resize(features.len(), Vec::new());
        }
        for (column, own) in columns.iter_mut().zip(&table.columns) {
            column.extend_from_slice(own);
        }
        let n_rows = y.len() + table.n_windows();
        y.resize(n_rows, class);
        units.resize(n_rows, unit);
        round.resize(n_rows, number);
        stretch.extend_from_slice(&table.stretch);
        match (&mut starts_ns, &table.starts_ns) {
            (Some(all), Some(own)) => all.extend_from_slice(own),
            _ => starts_ns = None,
        }
    }
    let x = Matrix::from_columns(&columns)?;
    Ok(Joined { data: Dataset { features, x, y, classes, units: Some(units), starts_ns }, round, stretch })
}
