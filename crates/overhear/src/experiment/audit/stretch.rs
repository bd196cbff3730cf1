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

type Summary = fn(&[f64]) -> f64;

/// What is taken of each column over a stretch, by the name that follows the column's.
const SUMMARIES: [(&str, Summary); 5] =
    [("mean", mean), ("std", deviation), ("min", smallest), ("max", largest), ("lag1", lag_one)];

/// Rows of windows that make one stretch; none where it was silent.
struct Stretch {
    round: u32,
    steady: u32,
    start_ns: i64,
    rows: Range<usize>,
}

/// A row for each stretch of so long: how many windows it has, and of every column its mean, deviation, smallest, largest and
/// autocorrelation at lag 1; of a whole round also the correlation of every two columns. A stretch without a window is a row of zeros. `spans`: from when to when each round was watched, where that
/// is known. `None` where no stretch holds two windows: the rows would be those of the windows.
///
/// # Errors
/// [`Error::Learn`] where the rows make no table.
pub fn rows(windows: &Joined, spans: &[Span], horizon: Horizon) -> Result<Option<Joined>, Error> {
    let stretches = stretches(windows, spans, horizon);
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
    if horizon == Horizon::Round {
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
fn stretches(windows: &Joined, spans: &[Span], horizon: Horizon) -> Vec<Stretch> {
    let mut found = Vec::new();
    let steady =
        |a: usize, b: usize| (windows.round[a], windows.stretch[a]) == (windows.round[b], windows.stretch[b]);
    let rows: Vec<usize> = (0..windows.round.len()).collect();
    for own in rows.chunk_by(|&a, &b| steady(a, b)) {
        let (first, last) = (own[0], own[own.len() - 1]);
        let (round, stretch) = (windows.round[first], windows.stretch[first]);
        let whole = |start_ns| Stretch { round, steady: stretch, start_ns, rows: first..last + 1 };
        let (Some(minutes), Some(starts)) = (horizon.minutes(), &windows.data.starts_ns) else {
            found.push(whole(windows.data.starts_ns.as_ref().map_or(0, |starts| starts[first])));
            continue;
        };
        let length_ns = i64::from(minutes) * 60_000_000_000;
        // how long the round was watched is known of rounds whose clock ran steadily
        let is_only = (first == 0 || windows.round[first - 1] != round)
            && windows.round.get(last + 1).is_none_or(|&other| other != round);
        let span = spans.get(round as usize).copied().filter(|_| is_only).unwrap_or_default();
        let origin_ns = span.settled_ns().filter(|&start| start <= starts[first]).unwrap_or(starts[first]);
        let place = |time_ns: i64| time_ns.saturating_sub(origin_ns) / length_ns;
        let n_whole = span.end_ns.map_or(0, place);
        let mut next = 0;
        let silent = |from: i64, to: i64, found: &mut Vec<Stretch>| {
            // of a longer silence the end is left out: a manifest may claim any length
            for place in from..to.min(from.saturating_add(MOST_SILENT)) {
                let start_ns = origin_ns.saturating_add(place.saturating_mul(length_ns));
                found.push(Stretch { round, steady: stretch, start_ns, rows: 0..0 });
            }
        };
        for own in own.chunk_by(|&a, &b| place(starts[a]) == place(starts[b])) {
            let at = place(starts[own[0]]);
            silent(next, at, &mut found);
            let start_ns = origin_ns.saturating_add(at.saturating_mul(length_ns));
            found.push(Stretch { round, steady: stretch, start_ns, rows: own[0]..own[own.len() - 1] + 1 });
            next = at + 1;
        }
        silent(next, n_whole, &mut found);
    }
    found
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
        let rows = [(0, 0, 1.0), (0, 15, 3.0), (0, 30, 1.0), (0, 45, 3.0), (1, 0, 5.0), (1, 15, 5.0)];
        let found = rows_of(&rows, Horizon::Round);
        assert_eq!((found.round.clone(), found.data.y.clone()), (vec![0, 1], vec![0, 1]));
        assert_eq!(column(&found, "n_windows"), [4.0, 2.0]);
        assert_eq!(column(&found, "x.mean"), [2.0, 5.0]);
        assert_eq!(column(&found, "x.std"), [1.0, 0.0]);
        assert_eq!((column(&found, "x.min"), column(&found, "x.max")), (&[1.0, 5.0][..], &[3.0, 5.0][..]));
        // (−1)(1) three times over four squares of 1
        assert_eq!(column(&found, "x.lag1"), [-0.75, 0.0]);
    }

    fn rows_of(rows_: &[(u32, i64, f64)], horizon: Horizon) -> Joined {
        rows(&windows(rows_), &[Span::default(); 2], horizon).unwrap().unwrap()
    }

    #[test]
    fn two_features_that_go_together_are_seen_in_a_round() {
        let rows_ = [(0, 0, 1.0), (0, 15, 2.0), (0, 30, 3.0), (1, 0, 1.0), (1, 15, 2.0), (1, 30, 3.0)];
        let mut both = windows(&rows_);
        let other = vec![2.0, 4.0, 6.0, 5.0, 3.0, 1.0];
        both.data.x = Matrix::from_columns(&[both.data.x.column(0).to_vec(), other]).unwrap();
        both.data.features.push("y".to_owned());
        let found = rows(&both, &[Span::default(); 2], Horizon::Round).unwrap().unwrap();
        assert!(column(&found, "x~y").iter().zip([1.0, -1.0]).all(|(r, known)| (r - known).abs() < 1e-12));
        let minutes = rows(&both, &[Span::default(); 2], Horizon::Minutes(1)).unwrap().unwrap();
        assert!(!minutes.data.features.contains(&"x~y".to_owned()));
    }

    #[test]
    fn a_silent_stretch_is_a_row_of_zeros() {
        // nothing from second 60 to 180, and the round was watched from second −60 to 300
        let own = [(0, 0, 1.0), (0, 15, 2.0), (0, 180, 4.0), (1, 0, 1.0), (1, 15, 1.0)];
        let between = rows_of(&own, Horizon::Minutes(1));
        assert_eq!(column(&between, "n_windows"), [2.0, 0.0, 0.0, 1.0, 2.0]);
        assert_eq!(column(&between, "x.max"), [2.0, 0.0, 0.0, 4.0, 1.0]);
        assert_eq!(between.data.starts_ns.as_ref().unwrap()[1], MINUTE_NS);
        let span =
            Span { start_ns: Some(-2 * MINUTE_NS), drop_ns: MINUTE_NS as u64, end_ns: Some(5 * MINUTE_NS) };
        let all = rows(&windows(&own), &[span, Span::default()], Horizon::Minutes(1)).unwrap().unwrap();
        assert_eq!(column(&all, "n_windows"), [0.0, 2.0, 0.0, 0.0, 1.0, 0.0, 2.0]);
        assert_eq!(all.round, [0, 0, 0, 0, 0, 0, 1]);
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
        let own = [(0, 0, 1.0), (0, 15, 2.0)];
        let found = rows(&windows(&own), &[span], Horizon::Minutes(1)).unwrap().unwrap();
        assert_eq!(found.round.len() as i64, 1 + MOST_SILENT);
    }

    #[test]
    fn stretches_of_single_windows_add_nothing() {
        assert!(rows(&windows(&[(0, 0, 1.0), (0, 60, 2.0)]), &[], Horizon::Minutes(1)).unwrap().is_none());
    }
}
