//! Writing feature tables, row by row as windows end.
//!
//! Floats are written so that they read back to the same bits.

use super::layout::{CaptureKey, ID_COLUMNS};
use super::lines::{Lines, number, quoted};
use crate::Error;
use overhear_traffic::feature::{FEATURES, FeatureSet, N_FEATURES, fill};
use overhear_traffic::observer::Observer;
use overhear_traffic::window::{Window, Windowing};
use std::path::Path;

/// Writes windows as they end, to a file or to standard output.
pub enum FeatureWriter {
    /// Comma-separated values.
    Csv(Box<Csv>),
    /// Parquet.
    #[cfg(feature = "parquet")]
    Parquet(Box<super::parquet::Writer>),
}

impl FeatureWriter {
    /// A table in a file, its format recognised by the name's ending, or CSV on standard output.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be created; [`Error::NoParquet`].
    pub fn create(
        output: Option<&Path>,
        set: FeatureSet,
        observer: Observer,
    ) -> Result<FeatureWriter, Error> {
        if let Some(path) = output.filter(|path| super::is_parquet(path)) {
            #[cfg(feature = "parquet")]
            return Ok(FeatureWriter::Parquet(Box::new(super::parquet::Writer::create(
                path, set, observer,
            )?)));
            #[cfg(not(feature = "parquet"))]
            return Err(Error::NoParquet { table: path.display().to_string() });
        }
        Ok(FeatureWriter::Csv(Box::new(Csv::new(output, set, observer)?)))
    }

    /// Begins the windows of a capture.
    ///
    /// # Errors
    /// [`Error::Io`] where those of the one before cannot be written.
    pub fn begin(&mut self, key: &CaptureKey, windowings: &[Windowing]) -> Result<(), Error> {
        match self {
            FeatureWriter::Csv(csv) => {
                csv.begin(key, windowings);
                Ok(())
            }
            #[cfg(feature = "parquet")]
            FeatureWriter::Parquet(parquet) => parquet.begin(key, windowings),
        }
    }

    /// Adds a window of the windowing at a place in the list given to [`FeatureWriter::begin`].
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be written.
    #[inline]
    pub fn row(&mut self, windowing: usize, window: &Window<'_>) -> Result<(), Error> {
        match self {
            FeatureWriter::Csv(csv) => csv.row(windowing, window),
            #[cfg(feature = "parquet")]
            FeatureWriter::Parquet(parquet) => parquet.row(windowing, window),
        }
    }

    /// Puts the whole table in its place.
    ///
    /// # Errors
    /// [`Error::Io`] where the rest cannot be written.
    pub fn finish(self) -> Result<(), Error> {
        match self {
            FeatureWriter::Csv(csv) => csv.lines.finish(),
            #[cfg(feature = "parquet")]
            FeatureWriter::Parquet(parquet) => parquet.finish(),
        }
    }
}

/// A CSV table being written.
pub struct Csv {
    lines: Lines,
    set: FeatureSet,
    features: Vec<usize>,
    /// Of the window at hand, by place in the register.
    values: [f64; N_FEATURES],
    /// The cells before the window's index, one for each windowing.
    prefixes: Vec<Vec<u8>>,
}

impl Csv {
    fn new(output: Option<&Path>, set: FeatureSet, observer: Observer) -> Result<Csv, Error> {
        let features = set.seen_by(observer);
        let names = features.iter().map(|&i| FEATURES[i].name);
        let header: Vec<&str> = ID_COLUMNS.into_iter().chain(names).collect();
        let mut lines = Lines::to(output)?;
        lines.text.extend_from_slice(header.join(",").as_bytes());
        lines.end()?;
        Ok(Csv { lines, set, features, values: [f64::NAN; N_FEATURES], prefixes: Vec::new() })
    }

    fn begin(&mut self, key: &CaptureKey, windowings: &[Windowing]) {
        let unit = key.unit.map(|unit| unit.to_string()).unwrap_or_default();
        let condition = key.condition.as_deref().unwrap_or_default();
        let prefix = |windowing: &Windowing| {
            let (capture, condition) = (quoted(&key.capture), quoted(condition));
            format!("{capture},{condition},{unit},{windowing},").into_bytes()
        };
        self.prefixes = windowings.iter().map(prefix).collect();
    }

    fn row(&mut self, windowing: usize, window: &Window<'_>) -> Result<(), Error> {
        let mut integers = itoa::Buffer::new();
        let mut floats = zmij::Buffer::new();
        let row = &mut self.lines.text;
        row.extend_from_slice(&self.prefixes[windowing]);
        row.extend_from_slice(integers.format(window.index).as_bytes());
        row.push(b',');
        row.extend_from_slice(integers.format(window.start_ns).as_bytes());
        fill(&mut self.values, self.set, window);
        for &feature in &self.features {
            row.push(b',');
            number(self.values[feature], row, &mut integers, &mut floats);
        }
        self.lines.end()
    }
}
