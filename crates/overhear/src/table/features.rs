//! Writing feature tables, row by row as windows end.
//!
//! Floats are written so that they read back to the same bits.

use super::layout::{CaptureKey, ID_COLUMNS, visible};
use crate::Error;
use crate::whole_file::WholeFile;
use overhear_traffic::feature::{FEATURES, values};
use overhear_traffic::observer::Observer;
use overhear_traffic::window::{Window, Windowing};
use std::io::{self, Write};
use std::path::Path;

/// Writes windows as they end, to a file or to standard output.
pub enum FeatureWriter {
    /// Comma-separated values.
    Csv(Csv),
    /// Parquet.
    #[cfg(feature = "parquet")]
    Parquet(Box<super::parquet::Writer>),
}

impl FeatureWriter {
    /// A table in a file, its format recognised by the name's ending, or CSV on standard output.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be created; [`Error::NoParquet`].
    pub fn create(output: Option<&Path>, observer: Observer) -> Result<FeatureWriter, Error> {
        let Some(path) = output else {
            return Csv::new(Output::Stdout(io::stdout()), observer).map(FeatureWriter::Csv);
        };
        if super::is_parquet(path) {
            #[cfg(feature = "parquet")]
            return Ok(FeatureWriter::Parquet(Box::new(super::parquet::Writer::create(path, observer)?)));
            #[cfg(not(feature = "parquet"))]
            return Err(Error::NoParquet { table: path.display().to_string() });
        }
        Csv::new(Output::File(WholeFile::create(path)?), observer).map(FeatureWriter::Csv)
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
    pub fn row(&mut self, windowing: usize, window: &Window) -> Result<(), Error> {
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
            FeatureWriter::Csv(csv) => csv.finish(),
            #[cfg(feature = "parquet")]
            FeatureWriter::Parquet(parquet) => parquet.finish(),
        }
    }
}

enum Output {
    File(WholeFile),
    Stdout(io::Stdout),
}

/// A CSV table being written.
pub struct Csv {
    output: Output,
    features: Vec<usize>,
    /// The cells before the window's index, one for each windowing.
    prefixes: Vec<Vec<u8>>,
    buffer: Vec<u8>,
}

/// Rows are gathered to this size before they are handed on.
const BUFFER_BYTES: usize = 128 * 1024;

impl Csv {
    fn new(output: Output, observer: Observer) -> Result<Csv, Error> {
        let features = visible(observer);
        let names = features.iter().map(|&i| FEATURES[i].name);
        let header: Vec<&str> = ID_COLUMNS.into_iter().chain(names).collect();
        let mut buffer = header.join(",").into_bytes();
        buffer.push(b'\n');
        Ok(Csv { output, features, prefixes: Vec::new(), buffer })
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

    fn row(&mut self, windowing: usize, window: &Window) -> Result<(), Error> {
        let mut integers = itoa::Buffer::new();
        let mut floats = zmij::Buffer::new();
        let row = &mut self.buffer;
        row.extend_from_slice(&self.prefixes[windowing]);
        row.extend_from_slice(integers.format(window.index).as_bytes());
        row.push(b',');
        row.extend_from_slice(integers.format(window.start_ns).as_bytes());
        let values = values(&window.sums);
        for &feature in &self.features {
            row.push(b',');
            match values[feature] {
                // counts are written as the whole numbers they are; fract() would be a call
                Some(value) if value as i32 as f64 == value => {
                    row.extend_from_slice(integers.format(value as i32).as_bytes());
                }
                Some(value) => row.extend_from_slice(floats.format_finite(value).as_bytes()),
                None => {}
            }
        }
        row.push(b'\n');
        if self.buffer.len() >= BUFFER_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let written = match &mut self.output {
            Output::File(file) => file.write_all(&self.buffer).map_err(Error::io(file.path())),
            Output::Stdout(stdout) => {
                let written = stdout.write_all(&self.buffer).and_then(|()| stdout.flush());
                written.map_err(Error::io(Path::new("standard output")))
            }
        };
        self.buffer.clear();
        written
    }

    fn finish(mut self) -> Result<(), Error> {
        self.flush()?;
        match self.output {
            Output::File(file) => file.finish(),
            Output::Stdout(_) => Ok(()),
        }
    }
}

/// A cell, quoted where RFC 4180 asks for it.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", cell.replace('"', "\"\""));
    }
    cell.to_owned()
}
