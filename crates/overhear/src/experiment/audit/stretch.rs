//! Stretches of windows as rows: what is learned of a minute, five minutes or a round as a whole.
//!
//! Source: docs/method.md, "Stretches as rows". Adding up windows takes them one by one; how they follow each other, the largest of them
//! and how many there are is seen by a row of the whole stretch alone.

use super::view::Horizon;
use crate::Error;
use crate::assemble::Joined;
use overhear_learn::{Dataset, Matrix};
use overhear_traffic::trace::Span;
use std::collections::BTreeMap;
use std::ops::Range;

/// Stretches of silence that a round is given at its beginning, its end or between two windows, at most: a week of minutes.
const MOST_SILENT: i64 = 10_080;

/// Features up to which it is looked at how every two go together: of more there would be thousands of pairs.
const MOST_TOGETHER: usize = 20;

type Summary = fn(&[f64]) -> f64;

/// What is taken of each column over a stretch, by the name that follows the column's.
const SUMMARIES: [(&str, Summary); 6] = [
    ("mean", mean),
    ("std", deviation),
    ("min", smallest),
    ("max", largest),
    ("lag1", lag_one),
    ("alternation", alternation),
];

/// What is known of a round beside its windows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Watched {
    /// From when to when it was watched.
    pub span: Span,
    /// Whether its only row stands for silence.
    pub is_silent: bool,
}

/// A recorder that begins late or ends early by a tenth of a round at most is not noticed (docs/audit.md, `partial`), so the
/// first and the last tenth of a round are not looked at: they might be the recorder's silence.
const MARGIN: i64 = 10;

impl Watched {
    /// From when on a round is looked at and for how long, where its beginning and end are known.
    pub(super) fn known(self) -> Option<(i64, i64)> {
        let (start, end) = self.span.settled_ns().zip(self.span.end_ns)?;
        let margin = end.saturating_sub(start).max(0) / MARGIN;
        Some((start.saturating_add(margin), end.saturating_sub(start).saturating_sub(2 * margin)))
    }
}

/// How long every round was watched, at least: so much of each is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shortest {
    /// Nanoseconds from its beginning.
    Time(i64),
    /// Windows, where there are no times.
    Windows(usize),
}

impl Shortest {
    /// Of rounds whose clock ran steadily and that have a length: known, or from their first window to their last.
    fn of(windows: &Joined, watched: &[Watched]) -> Option<Shortest> {
        let rounds = by_round(windows);
        let Some(starts) = &windows.data.starts_ns else {
            return rounds.iter().map(Range::len).min().map(Shortest::Windows);
        };
        let length = |(round, rows): (&Watched, &Range<usize>)| {
            let seen = (rows.len() > 1).then(|| starts[rows.end - 1].saturating_sub(starts[rows.start]));
            round.known().map(|(_, length)| length).or(seen).filter(|_| is_steady(windows, rows))
        };
        watched.iter().zip(&rounds).filter_map(length).min().map(Shortest::Time)
    }
}

/// Places of runs of equal values.
fn runs(values: &[u32], within: Range<usize>) -> Vec<Range<usize>> {
    let mut end = within.start;
    let run = |own: &[u32]| {
        end += own.len();
        end - own.len()..end
    };
    values[within].chunk_by(|a, b| a == b).map(run).collect()
}

/// Rows of each round.
fn by_round(windows: &Joined) -> Vec<Range<usize>> {
    runs(&windows.round, 0..windows.round.len())
}

fn is_steady(windows: &Joined, rows: &Range<usize>) -> bool {
    runs(&windows.stretch, rows.clone()).len() <= 1
}

/// Rows of windows that make one stretch; none where it was silent.
struct Stretch {
    round: u32,
    steady: u32,
    start_ns: i64,
    rows: Range<usize>,
}

/// A row for each stretch of so long: how many windows begin in it, and of every column its mean, deviation, smallest, largest,
/// autocorrelation at lag 1 and alternation; of a whole round also the correlation of every two columns, where these are
/// at most [`MOST_TOGETHER`]. A stretch in which no window begins is a row of
/// zeros. `None` where no stretch holds two windows: the rows would be those of the windows.
///
/// Of every round the same time is looked at, that of the shortest, and of a round whose ends are known neither the first tenth nor the
/// last: how many windows there are, and how large the largest is, would else say how long somebody recorded.
///
/// # Errors
/// [`Error::Learn`] where the rows make no table.
pub fn rows(windows: &Joined, watched: &[Watched], horizon: Horizon) -> Result<Option<Joined>, Error> {
    let stretches = stretches(windows, watched, horizon);
    if stretches.iter().all(|stretch| stretch.rows.len() <= 1) {
        return Ok(None);
    }
    let data = &windows.data;
    let mut columns = vec![stretches.iter().map(|stretch| stretch.rows.len() as f64).collect::<Vec<f64>>()];
    let mut features = vec!["n_windows".to_owned()];
    for (j, name) in data.features.iter().enumerate() {
        let column = data.x.column(j);
        for (summary, of) in SUMMARIES {
            features.push(format!("{name}.{summary}"));
            columns.push(stretches.iter().map(|stretch| of(&column[stretch.rows.clone()])).collect());
        }
    }
    if horizon == Horizon::Round && data.features.len() <= MOST_TOGETHER {
        for (i, a) in data.features.iter().enumerate() {
            for (j, b) in data.features.iter().enumerate().skip(i + 1) {
                let both = |rows: &Range<usize>| {
                    correlation(&data.x.column(i)[rows.clone()], &data.x.column(j)[rows.clone()])
                };
                features.push(format!("{a}~{b}"));
                columns.push(stretches.iter().map(|stretch| both(&stretch.rows)).collect());
            }
        }
    }
    let of_round = |round: u32| windows.round.partition_point(|&other| other < round);
    let of_stretch = |stretch: &Stretch| of_round(stretch.round);
    Ok(Some(Joined {
        data: Dataset {
            features,
            x: Matrix::from_columns(&columns)?,
            y: stretches.iter().map(|stretch| data.y[of_stretch(stretch)]).collect(),
            classes: data.classes.clone(),
            units: data
                .units
                .as_ref()
                .map(|units| stretches.iter().map(|stretch| units[of_stretch(stretch)]).collect()),
            starts_ns: data
                .starts_ns
                .as_ref()
                .map(|_| stretches.iter().map(|stretch| stretch.start_ns).collect()),
        },
        round: stretches.iter().map(|stretch| stretch.round).collect(),
        stretch: stretches.iter().map(|stretch| stretch.steady).collect(),
    }))
}

/// The same rows less the mean of each column over the rows of their unit: what an attacker has who knows the home's level. No label
/// is used. `None` without units.
///
/// # Errors
/// [`Error::Learn`] where the rows make no table.
pub fn less_home(rows: &Joined) -> Result<Option<Joined>, Error> {
    let Some(units) = &rows.data.units else { return Ok(None) };
    let mut of_unit: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (row, &unit) in units.iter().enumerate() {
        of_unit.entry(unit).or_default().push(row);
    }
    let relative = |j: usize| {
        let mut column = rows.data.x.column(j).to_vec();
        for own in of_unit.values() {
            let level = own.iter().map(|&row| column[row]).sum::<f64>() / own.len() as f64;
            own.iter().for_each(|&row| column[row] -= level);
        }
        column
    };
    let columns: Vec<Vec<f64>> = (0..rows.data.x.n_columns()).map(relative).collect();
    let data = Dataset { x: Matrix::from_columns(&columns)?, ..rows.data.clone() };
    Ok(Some(Joined { data, ..rows.clone() }))
}

/// Every stretch, those without a window included, in the order of rounds and time.
fn stretches(windows: &Joined, watched: &[Watched], horizon: Horizon) -> Vec<Stretch> {
    let shortest = Shortest::of(windows, watched);
    let mut found = Vec::new();
    for (round, rows) in by_round(windows).into_iter().enumerate() {
        let watched = watched.get(round).copied().unwrap_or_default();
        if is_steady(windows, &rows) {
            Part::of(windows, rows, watched, shortest).stretches(windows, horizon, &mut found);
        } else {
            // how long a round was watched whose clock was set back is not known
            for own in runs(&windows.stretch, rows) {
                let part = Part::of(windows, own, Watched::default(), None);
                part.stretches(windows, horizon, &mut found);
            }
        }
    }
    found
}

/// The part of a round that is looked at: its windows under one steady clock.
struct Part {
    round: u32,
    steady: u32,
    /// None where it was silent.
    rows: Range<usize>,
    origin_ns: i64,
    /// How long it is looked at, where that is known.
    length_ns: Option<i64>,
}

impl Part {
    fn of(windows: &Joined, rows: Range<usize>, watched: Watched, shortest: Option<Shortest>) -> Part {
        let (round, steady) = (windows.round[rows.start], windows.stretch[rows.start]);
        let start = |row: usize| windows.data.starts_ns.as_ref().map_or(0, |starts| starts[row]);
        let (origin_ns, _) = watched.known().unwrap_or((start(rows.start), 0));
        let since = |row: usize| start(row).saturating_sub(origin_ns);
        let first = rows.start + rows.clone().take_while(|&row| since(row) < 0).count();
        let (n_rows, length_ns) = match shortest {
            Some(Shortest::Time(length_ns)) => {
                let within = (first..rows.end).take_while(|&row| since(row) <= length_ns);
                (within.count(), Some(length_ns))
            }
            Some(Shortest::Windows(n)) => (rows.len().min(n), None),
            None => (rows.len(), None),
        };
        let n_rows = if watched.is_silent { 0 } else { n_rows };
        Part { round, steady, rows: first..first + n_rows, origin_ns, length_ns }
    }

    fn stretches(&self, windows: &Joined, horizon: Horizon, found: &mut Vec<Stretch>) {
        let (round, steady) = (self.round, self.steady);
        let (Some(minutes), Some(starts)) = (horizon.minutes(), &windows.data.starts_ns) else {
            found.push(Stretch { round, steady, start_ns: self.origin_ns, rows: self.rows.clone() });
            return;
        };
        let minutes_ns = i64::from(minutes) * 60_000_000_000;
        let place = |row: usize| starts[row].saturating_sub(self.origin_ns) / minutes_ns;
        let start_ns = |place: i64| self.origin_ns.saturating_add(place.saturating_mul(minutes_ns));
        let silent = |from: i64, to: i64, found: &mut Vec<Stretch>| {
            // of a longer silence the end is left out: a manifest may claim any length
            let places = from..to.min(from.saturating_add(MOST_SILENT));
            found.extend(places.map(|place| Stretch {
                round,
                steady,
                start_ns: start_ns(place),
                rows: 0..0,
            }));
        };
        let mut next = 0;
        let mut first = self.rows.start;
        while first < self.rows.end {
            let at = place(first);
            let n = (first..self.rows.end).take_while(|&row| place(row) == at).count();
            silent(next, at, found);
            found.push(Stretch { round, steady, start_ns: start_ns(at), rows: first..first + n });
            (next, first) = (at + 1, first + n);
        }
        // a silent round is a stretch at least
        let least = i64::from(self.rows.is_empty());
        silent(next, self.length_ns.map_or(0, |length_ns| length_ns / minutes_ns).max(least), found);
    }
}

fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// Σ(x − mean)² / n, its root.
fn deviation(values: &[f64]) -> f64 {
    squares(values).map_or(0.0, |squares| (squares / values.len() as f64).sqrt())
}

fn smallest(values: &[f64]) -> f64 {
    values.iter().copied().reduce(f64::min).unwrap_or(0.0)
}

fn largest(values: &[f64]) -> f64 {
    values.iter().copied().reduce(f64::max).unwrap_or(0.0)
}

/// Σ(x_t − mean)(x_t+1 − mean) / Σ(x_t − mean)²; 0 where the values are all alike.
fn lag_one(values: &[f64]) -> f64 {
    let Some(squares) = squares(values) else { return 0.0 };
    let mean = mean(values);
    values.windows(2).map(|two| (two[0] - mean) * (two[1] - mean)).sum::<f64>() / squares
}

/// |Σ(−1)^t x_t| / n over as many values at even places as at odd ones.
fn alternation(values: &[f64]) -> f64 {
    let pairs = values.chunks_exact(2);
    let n = pairs.len().max(1) as f64;
    (pairs.map(|two| two[0] - two[1]).sum::<f64>() / n).abs() / 2.0
}

/// Pearson's; 0 where either is constant.
fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let (Some(squares_x), Some(squares_y)) = (squares(x), squares(y)) else { return 0.0 };
    let (mean_x, mean_y) = (mean(x), mean(y));
    let products: f64 = x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    products / (squares_x * squares_y).sqrt()
}

/// Σ(x − mean)²; `None` where it is no more than rounding.
fn squares(values: &[f64]) -> Option<f64> {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    let scale = largest(values).abs().max(smallest(values).abs());
    (squares > values.len() as f64 * (1e-12 * scale).powi(2)).then_some(squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_NS: i64 = 60_000_000_000;

    /// Windows at these moments (s) with these values, of two rounds.
    fn windows(rows: &[(u32, i64, f64)]) -> Joined {
        let column: Vec<f64> = rows.iter().map(|row| row.2).collect();
        Joined {
            data: Dataset {
                features: vec!["x".to_owned()],
                x: Matrix::from_columns(&[column]).unwrap(),
                y: rows.iter().map(|row| row.0).collect(),
                classes: vec!["quiet".to_owned(), "noise".to_owned()],
                units: Some(vec![7; rows.len()]),
                starts_ns: Some(rows.iter().map(|row| row.1 * 1_000_000_000).collect()),
            },
            round: rows.iter().map(|row| row.0).collect(),
            stretch: vec![0; rows.len()],
        }
    }

    fn column<'a>(joined: &'a Joined, name: &str) -> &'a [f64] {
        joined.data.x.column(joined.data.features.iter().position(|own| own == name).unwrap())
    }

    #[test]
    fn a_round_is_a_row_of_what_its_windows_do() {
        let rows = [(0, 0, 1.0), (0, 15, 3.0), (0, 30, 1.0), (0, 45, 3.0), (1, 0, 5.0), (1, 45, 5.0)];
        let found = rows_of(&rows, Horizon::Round);
        assert_eq!((found.round.clone(), found.data.y.clone()), (vec![0, 1], vec![0, 1]));
        assert_eq!(column(&found, "n_windows"), [4.0, 2.0]);
        assert_eq!(column(&found, "x.mean"), [2.0, 5.0]);
        assert_eq!(column(&found, "x.std"), [1.0, 0.0]);
        assert_eq!((column(&found, "x.min"), column(&found, "x.max")), (&[1.0, 5.0][..], &[3.0, 5.0][..]));
        // (−1)(1) three times over four squares of 1
        assert_eq!(column(&found, "x.lag1"), [-0.75, 0.0]);
        assert_eq!(column(&found, "x.alternation"), [1.0, 0.0]);
    }

    fn rows_of(rows_: &[(u32, i64, f64)], horizon: Horizon) -> Joined {
        rows(&windows(rows_), &[Watched::default(); 2], horizon).unwrap().unwrap()
    }

    #[test]
    fn two_features_that_go_together_are_seen_in_a_round() {
        let rows_ = [(0, 0, 1.0), (0, 15, 2.0), (0, 30, 3.0), (1, 0, 1.0), (1, 15, 2.0), (1, 30, 3.0)];
        let mut both = windows(&rows_);
        let other = vec![2.0, 4.0, 6.0, 5.0, 3.0, 1.0];
        both.data.x = Matrix::from_columns(&[both.data.x.column(0).to_vec(), other]).unwrap();
        both.data.features.push("y".to_owned());
        let found = rows(&both, &[Watched::default(); 2], Horizon::Round).unwrap().unwrap();
        assert!(column(&found, "x~y").iter().zip([1.0, -1.0]).all(|(r, known)| (r - known).abs() < 1e-12));
        let minutes = rows(&both, &[Watched::default(); 2], Horizon::Minutes(1)).unwrap().unwrap();
        assert!(!minutes.data.features.contains(&"x~y".to_owned()));
    }

    #[test]
    fn a_silent_stretch_is_a_row_of_zeros() {
        // nothing from second 60 to 180, and the first round was watched from second −60 to 300
        let own = [(0, 0, 1.0), (0, 15, 2.0), (0, 180, 4.0), (1, 0, 1.0), (1, 180, 1.0)];
        let between = rows_of(&own, Horizon::Minutes(1));
        assert_eq!(column(&between, "n_windows"), [2.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0]);
        assert_eq!(column(&between, "x.max"), [2.0, 0.0, 0.0, 4.0, 1.0, 0.0, 0.0, 1.0]);
        assert_eq!(between.data.starts_ns.as_ref().unwrap()[1], MINUTE_NS);
        let span =
            Span { start_ns: Some(-2 * MINUTE_NS), drop_ns: MINUTE_NS as u64, end_ns: Some(5 * MINUTE_NS) };
        let watched = Watched { span, is_silent: false };
        let all = rows(&windows(&own[..3]), &[watched], Horizon::Minutes(1)).unwrap().unwrap();
        // of six minutes those from 0.6 to 5.4: the first begins 24 s before the first window
        assert_eq!(column(&all, "n_windows"), [2.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn the_homes_level_is_the_mean_of_a_units_rounds() {
        let own = [(0, 0, 1.0), (0, 15, 3.0), (1, 0, 7.0), (1, 15, 9.0)];
        let found = less_home(&rows_of(&own, Horizon::Round)).unwrap().unwrap();
        assert_eq!(column(&found, "x.mean"), [-3.0, 3.0]);
        assert_eq!(column(&found, "x.std"), [0.0, 0.0]);
        assert_eq!(found.data.y, [0, 1]);
    }

    #[test]
    fn a_manifest_that_claims_years_is_given_a_week() {
        let span = Span { start_ns: Some(0), drop_ns: 0, end_ns: Some(i64::MAX) };
        let looked_at_s = i64::MAX / MARGIN / 1_000_000_000 + 1;
        let own = [(0, looked_at_s, 1.0), (0, looked_at_s + 15, 2.0)];
        let watched = Watched { span, is_silent: false };
        let found = rows(&windows(&own), &[watched], Horizon::Minutes(1)).unwrap().unwrap();
        assert_eq!(found.round.len() as i64, 1 + MOST_SILENT);
    }

    #[test]
    fn of_every_round_the_same_time_is_looked_at() {
        let span = |minutes: i64| Span { start_ns: Some(0), drop_ns: 0, end_ns: Some(minutes * MINUTE_NS) };
        let watched = |minutes| Watched { span: span(minutes), is_silent: false };
        let windows: Vec<(u32, i64, f64)> = [(0, 8), (1, 16)]
            .iter()
            .flat_map(|&(round, n)| (0..n).map(move |k| (round, 15 * k, k as f64)))
            .collect();
        let joined = super::tests::windows(&windows);
        for horizon in [Horizon::Minutes(1), Horizon::Round] {
            let found = rows(&joined, &[watched(2), watched(4)], horizon).unwrap().unwrap();
            let of = |round: u32| {
                let own = found.round.iter().enumerate().filter(move |(_, r)| **r == round);
                own.map(|(row, _)| column(&found, "n_windows")[row]).collect::<Vec<f64>>()
            };
            // 96 of 120 s, from second 12; 96 of 240 s, from second 24
            assert_eq!(of(0).iter().sum::<f64>(), 7.0, "{horizon}");
            assert_eq!(of(1).iter().sum::<f64>(), 7.0, "{horizon}");
        }
        let timeless = Joined { data: Dataset { starts_ns: None, ..joined.data.clone() }, ..joined };
        let found = rows(&timeless, &[], Horizon::Round).unwrap().unwrap();
        assert_eq!(column(&found, "n_windows"), [8.0, 8.0]);
    }

    #[test]
    fn a_recorder_that_stops_a_little_early_is_not_seen() {
        let span = Span { start_ns: Some(0), drop_ns: 0, end_ns: Some(10 * MINUTE_NS) };
        let watched = [Watched { span, is_silent: false }; 2];
        // the second round lacks its first 45 s and its last 54
        let windows: Vec<(u32, i64, f64)> = [(0, 0..40), (1, 3..37)]
            .into_iter()
            .flat_map(|(round, places)| places.map(move |k| (round, 15 * k, (k % 7) as f64)))
            .collect();
        let joined = super::tests::windows(&windows);
        let found = rows(&joined, &watched, Horizon::Round).unwrap().unwrap();
        for feature in 0..found.data.x.n_columns() {
            let column = found.data.x.column(feature);
            assert_eq!(column[0], column[1], "{}", found.data.features[feature]);
        }
    }

    #[test]
    fn a_round_that_was_silent_has_no_window() {
        let own = [(0, 0, 0.0), (1, 0, 1.0), (1, 15, 1.0), (1, 90, 1.0)];
        let silent = Watched { is_silent: true, ..Watched::default() };
        let of = |horizon| rows(&windows(&own), &[silent, Watched::default()], horizon).unwrap().unwrap();
        assert_eq!(column(&of(Horizon::Round), "n_windows"), [0.0, 3.0]);
        assert_eq!(column(&of(Horizon::Minutes(1)), "n_windows"), [0.0, 2.0, 1.0]);
    }

    #[test]
    fn stretches_of_single_windows_add_nothing() {
        assert!(rows(&windows(&[(0, 0, 1.0), (0, 60, 2.0)]), &[], Horizon::Minutes(1)).unwrap().is_none());
    }
}
