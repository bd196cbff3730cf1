//! Events as a feature table: the columns that say which event a row is, then its features, then its first sizes.

use super::Events;
use crate::Error;
use crate::table::columns::{self, Cells};
use crate::table::layout::{ID_COLUMNS, START_NS, WINDOW, WINDOWING};
use overhear_traffic::feature::{FEATURES, FeatureSet};
use overhear_traffic::observer::{Need, Observer};
use std::path::Path;

/// What the column `windowing` says of events that were found.
pub const EVENT: &str = "event";

/// What it says of traces, each of them an event.
pub const TRACE: &str = "trace";

/// Earlier times are no dates, but count from a beginning of their own: the year 2000, ns since 1970.
const FIRST_DATE_NS: i64 = 946_684_800_000_000_000;

/// Events of captures, to be written. Columns: those of a feature table (docs/commands.md, "features"), the keys of a packet table
/// between `capture` and `condition`, and `size_1` and so on behind the features. What stands up to `start_ns` is no feature.
pub struct EventTable {
    key_columns: Option<Vec<String>>,
    /// Places in the register.
    features: Vec<usize>,
    /// Whether a capture had headers; else the features that need them are left out.
    has_headers: bool,
    n_sizes: usize,
    captures: Vec<Option<String>>,
    /// One column for each key.
    keys: Vec<Vec<Option<String>>>,
    conditions: Vec<Option<String>>,
    windowings: Vec<Option<String>>,
    numbers: Vec<Option<i64>>,
    starts_ns: Vec<Option<i64>>,
    values: Vec<Vec<f64>>,
}

impl EventTable {
    /// No event yet.
    pub fn new(set: FeatureSet, observer: Observer, n_sizes: usize) -> EventTable {
        let features = set.seen_by(observer);
        let values = vec![Vec::new(); features.len() + n_sizes];
        EventTable {
            key_columns: None,
            features,
            has_headers: false,
            n_sizes,
            captures: Vec::new(),
            keys: Vec::new(),
            conditions: Vec::new(),
            windowings: Vec::new(),
            numbers: Vec::new(),
            starts_ns: Vec::new(),
            values,
        }
    }

    /// How many events.
    pub fn n_events(&self) -> usize {
        self.numbers.len()
    }

    /// Adds the events of a capture. `conditions`: what happened at each of them, where that is known (n_events).
    ///
    /// # Errors
    /// [`Error::KeyColumns`] where traces are told apart by other columns than in the captures before, or by one that is named
    /// as another of the table.
    pub fn add(
        &mut self,
        capture: &str,
        events: &Events,
        conditions: &[Option<String>],
    ) -> Result<(), Error> {
        self.check_keys(capture, &events.key_columns)?;
        self.has_headers |= !events.is_packet_table;
        let windowing = if events.is_whole { TRACE } else { EVENT };
        for (number, event) in events.events.iter().enumerate() {
            self.captures.push(Some(capture.to_owned()));
            for (column, key) in self.keys.iter_mut().zip(&events.traces[event.trace].keys) {
                column.push(Some(key.clone()));
            }
            self.conditions.push(conditions.get(number).cloned().flatten());
            self.windowings.push(Some(windowing.to_owned()));
            self.numbers.push(i64::try_from(event.number).ok());
            self.starts_ns.push(Some(event.start_ns).filter(|&start_ns| start_ns >= FIRST_DATE_NS));
            let features = self.features.iter().map(|&place| event.features[place]);
            let row = features.chain(event.sizes.iter().copied());
            self.values.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
        Ok(())
    }

    fn check_keys(&mut self, capture: &str, columns: &[String]) -> Result<(), Error> {
        let fault = |column: &String| Error::KeyColumns { path: capture.into(), column: column.clone() };
        let is_taken = |column: &&String| {
            let ids = [WINDOWING, WINDOW, START_NS];
            let sizes = (1..=self.n_sizes).any(|number| **column == size_name(number));
            ids.contains(&column.as_str()) || FEATURES.iter().any(|feature| feature.name == *column) || sizes
        };
        if let Some(taken) = columns.iter().find(is_taken) {
            return Err(fault(taken));
        }
        match &self.key_columns {
            None => {
                self.key_columns = Some(columns.to_vec());
                self.keys = vec![Vec::new(); columns.len()];
                Ok(())
            }
            Some(known) if known == columns => Ok(()),
            Some(known) => {
                let other =
                    columns.iter().chain(known).find(|name| !known.contains(name) || !columns.contains(name));
                Err(fault(other.or(columns.first()).unwrap_or(&String::new())))
            }
        }
    }

    /// Writes the table: CSV, or Parquet by the name's ending; CSV on standard output without a name.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::NoParquet`].
    pub fn write(self, output: Option<&Path>) -> Result<(), Error> {
        let n = self.n_events();
        let mut keys: Vec<(String, Cells)> =
            self.key_columns.into_iter().flatten().zip(self.keys.into_iter().map(Cells::Text)).collect();
        // a key takes the place of the column that has its name
        let mut id = |name: &str, cells: Cells| match keys.iter().position(|(key, _)| key == name) {
            Some(place) => keys.remove(place),
            None => (name.to_owned(), cells),
        };
        let [capture, condition, unit, windowing, window, start_ns] = ID_COLUMNS;
        let first = id(capture, Cells::Text(self.captures));
        let names = [id(condition, Cells::Text(self.conditions)), id(unit, Cells::Text(vec![None; n]))];
        let places = [
            (windowing.to_owned(), Cells::Text(self.windowings)),
            (window.to_owned(), Cells::Whole(self.numbers)),
            (start_ns.to_owned(), Cells::Whole(self.starts_ns)),
        ];
        let has_headers = self.has_headers;
        let is_seen = |place: &usize| has_headers || FEATURES[*place].needs == Need::TimeAndLength;
        let features =
            self.features.iter().map(|&place| is_seen(&place).then(|| FEATURES[place].name.to_owned()));
        let names_of_values = features.chain((1..=self.n_sizes).map(|number| Some(size_name(number))));
        let values = names_of_values
            .zip(self.values)
            .filter_map(|(name, values)| Some((name?, Cells::Numbers(values))));
        let all = std::iter::once(first).chain(keys).chain(names).chain(places).chain(values);
        columns::write(&all.collect::<Vec<_>>(), output)
    }
}

/// The column of a packet's size, from 1.
fn size_name(number: usize) -> String {
    format!("size_{number}")
}
