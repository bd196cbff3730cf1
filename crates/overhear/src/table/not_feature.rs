//! Columns of a table that are no features: row numbers and times, which no traffic shows but which separate classes
//! wherever one was recorded or written after another.

use super::layout::START_NS;
use super::note::TableNote;
use super::{Column, Table};

/// Fewer rows than this can count by chance.
const FEWEST_ROWS: usize = 8;
/// Counts that begin again run this long on average, or they are something else.
const SHORTEST_RUN: usize = 8;

/// Why a column is no feature; `None` where it may be one. `place` counts from 0.
pub(super) fn reason(table: &Table, place: usize) -> Option<TableNote> {
    let (name, cells) = &table.columns[place];
    if is_nameless(name) {
        return Some(TableNote::Nameless { column: name.clone(), place: place + 1 });
    }
    let Column::Numbers(values) = cells else { return None };
    if name == START_NS || is_time(name, values) {
        return Some(TableNote::Time { column: name.clone() });
    }
    if is_row_number(name, values) {
        return Some(TableNote::RowNumber { column: name.clone() });
    }
    None
}

/// No name, or what readers make of none: pandas' `Unnamed: 0` and `__index_level_0__`, `...1` of R's readr.
fn is_nameless(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let made_up = name
        .strip_prefix("Unnamed: ")
        .map(|rest| rest.split('.').all(digits))
        .or_else(|| name.strip_prefix("...").map(digits))
        .or_else(|| name.strip_prefix("__index_level_")?.strip_suffix("__").map(digits));
    name.is_empty() || made_up == Some(true)
}

/// Names of row numbers, without case and punctuation.
const ROW_NUMBERS: [&str; 16] = [
    "index",
    "level0",
    "x",
    "rownames",
    "rowname",
    "row",
    "rowid",
    "rowno",
    "rownumber",
    "rownum",
    "id",
    "idx",
    "no",
    "nr",
    "framenumber",
    "recordid",
];

/// Whether a column counts rows: by the same step from row to row, perhaps from the beginning again where tables were
/// joined; where the name says so, also whole numbers that are each there once, as after sorting or leaving rows out.
fn is_row_number(name: &str, values: &[Option<f64>]) -> bool {
    let whole = |value: &Option<f64>| value.filter(|v| v.fract() == 0.0 && v.is_finite());
    let Some(values) = values.iter().map(whole).collect::<Option<Vec<f64>>>() else { return false };
    let [first, second, ..] = values[..] else { return false };
    let plain: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let named = ROW_NUMBERS.contains(&plain.as_str());
    let step = second - first;
    let steps = || values.windows(2);
    let again = steps().filter(|pair| pair[1] == first && pair[1] - pair[0] != step).count();
    if step != 0.0 && steps().all(|pair| pair[1] - pair[0] == step || pair[1] == first) {
        let runs_are_long = values.len() >= SHORTEST_RUN * (again + 1);
        return match named {
            true => step == 1.0 && (first == 0.0 || first == 1.0) || runs_are_long,
            false => values.len() >= FEWEST_ROWS && runs_are_long,
        };
    }
    let mut sorted = values;
    sorted.sort_by(f64::total_cmp);
    named && sorted.len() >= FEWEST_ROWS && sorted.windows(2).all(|pair| pair[0] < pair[1])
}

/// The years 2000 to 2100, s since 1970.
const YEARS_S: [f64; 2] = [946_684_800.0, 4_102_444_800.0];

/// Words of a name that say time.
const TIMES: [&str; 14] = [
    "time",
    "timestamp",
    "date",
    "datetime",
    "ts",
    "epoch",
    "start",
    "end",
    "first",
    "last",
    "seen",
    "stime",
    "ltime",
    "begin",
];

/// Whether a column holds points in time: all its values lie between 2000 and 2100 in one unit, and the name says time or
/// they hardly ever fall from row to row.
fn is_time(name: &str, values: &[Option<f64>]) -> bool {
    let words = words(name);
    let named = words.iter().any(|word| TIMES.contains(&word.as_str()));
    let present: Vec<f64> = values.iter().flatten().copied().collect();
    if present.is_empty() {
        return false;
    }
    let says = |unit: &[&str]| words.iter().any(|word| unit.contains(&word.as_str()));
    let units: [(&[&str], f64); 4] = [
        (&["s", "sec", "seconds"], 1.0),
        (&["ms", "millis"], 1e3),
        (&["us", "µs", "micros"], 1e6),
        (&["ns", "nanos"], 1e9),
    ];
    // a name that says its unit means no other
    let said = units.iter().any(|(unit, _)| says(unit));
    let since_1970 = units
        .iter()
        .filter(|(unit, _)| !said || says(unit))
        .any(|(_, factor)| present.iter().all(|&v| v >= YEARS_S[0] * factor && v < YEARS_S[1] * factor));
    if !since_1970 {
        return named
            && words.iter().any(|word| word == "date")
            && present.iter().all(|&v| is_calendar_day(v));
    }
    let falls = present.windows(2).filter(|pair| pair[1] < pair[0]).count();
    let rises = present.windows(2).filter(|pair| pair[1] > pair[0]).count();
    named || (rises > 0 && present.len() >= FEWEST_ROWS && falls * 20 <= present.len())
}

/// A day written as a number, as in 20261101.
fn is_calendar_day(value: f64) -> bool {
    let (year, month, day) = ((value / 1e4).floor(), (value / 100.0).floor() % 100.0, value % 100.0);
    (2000.0..2100.0).contains(&year) && (1.0..=12.0).contains(&month) && (1.0..=31.0).contains(&day)
}

/// The words of a name, small: `flowStart_ns` has flow, start and ns.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().into_iter().for_each(|word| word.extend(c.to_lowercase()));
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}
