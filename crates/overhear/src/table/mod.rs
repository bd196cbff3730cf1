//! Tables of numbers on disk: CSV, and Parquet where the build has it.
//!
//! [`Table`] is what learners are evaluated on; [`features`] writes the windows of captures.

mod csv;
pub mod features;
pub mod layout;
#[cfg(feature = "parquet")]
mod parquet;
mod roles;

pub use roles::{Labelled, Roles};

use crate::Error;
use overhear_learn::{Dataset, Matrix};
use std::collections::HashMap;
use std::path::Path;

/// A table, column by column.
#[derive(Debug, Clone)]
pub struct Table {
    /// What messages call it.
    pub name: String,
    /// How many rows.
    pub n_rows: usize,
    /// Names and cells, in order.
    pub columns: Vec<(String, Column)>,
}

/// The cells of one column.
#[derive(Debug, Clone)]
pub enum Column {
    /// Numbers; `None` for a missing cell (n_rows).
    Numbers(Vec<Option<f64>>),
    /// Text, as numbers of the distinct texts in order of appearance; `None` for a missing cell.
    Text {
        /// One per row.
        codes: Vec<Option<u32>>,
        /// What the codes stand for.
        texts: Vec<String>,
    },
    /// A column that holds text and was not asked for as such.
    NotNumbers {
        /// First row that shows it, from 1.
        row: usize,
        /// What stands there.
        found: String,
    },
}

/// How a column is to be read.
enum Building {
    Numbers { values: Vec<Option<f64>>, spoilt: Option<(usize, String)> },
    Text { codes: Vec<Option<u32>>, texts: Vec<String>, known: HashMap<String, u32> },
}

impl Building {
    fn new(as_text: bool) -> Building {
        if as_text {
            Building::Text { codes: Vec::new(), texts: Vec::new(), known: HashMap::new() }
        } else {
            Building::Numbers { values: Vec::new(), spoilt: None }
        }
    }

    /// Adds a cell of text; empty, `NA`, `NaN` and `null` are missing.
    fn push(&mut self, cell: &str, row: usize) {
        let missing = matches!(cell, "" | "NA" | "NaN" | "nan" | "null" | "None");
        match self {
            Building::Numbers { spoilt: Some(_), .. } => {}
            Building::Numbers { values, .. } if missing => values.push(None),
            Building::Numbers { values, spoilt } => match cell.parse::<f64>() {
                Ok(value) => values.push(Some(value)),
                Err(_) => {
                    *spoilt = Some((row, cell.to_owned()));
                    *values = Vec::new();
                }
            },
            Building::Text { codes, .. } if missing => codes.push(None),
            Building::Text { codes, texts, known } => {
                let code = match known.get(cell) {
                    Some(&code) => code,
                    None => {
                        let code = texts.len() as u32;
                        texts.push(cell.to_owned());
                        known.insert(cell.to_owned(), code);
                        code
                    }
                };
                codes.push(Some(code));
            }
        }
    }

    fn finish(self) -> Column {
        match self {
            Building::Numbers { spoilt: Some((row, found)), .. } => Column::NotNumbers { row, found },
            Building::Numbers { values, .. } => Column::Numbers(values),
            Building::Text { codes, texts, .. } => Column::Text { codes, texts },
        }
    }
}

impl Table {
    /// Reads a table; the format is told by the name's ending, `-` is CSV on standard input. Columns
    /// named in `as_text` are kept as text, the others are numbers.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Table`] where a row has other cells than the header; [`Error::NoParquet`].
    pub fn read(path: &Path, as_text: &[&str]) -> Result<Table, Error> {
        let name = path.display().to_string();
        if name == "-" {
            return csv::read("standard input".to_owned(), std::io::stdin().lock(), as_text);
        }
        if is_parquet(path) {
            #[cfg(feature = "parquet")]
            return parquet::read(path, as_text);
            #[cfg(not(feature = "parquet"))]
            return Err(Error::NoParquet { table: name });
        }
        csv::read(name, std::fs::File::open(path).map_err(Error::io(path))?, as_text)
    }

    /// Reads a CSV table from bytes.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn from_csv(name: &str, bytes: impl std::io::Read, as_text: &[&str]) -> Result<Table, Error> {
        csv::read(name.to_owned(), bytes, as_text)
    }

    /// The text that stands in every row of a column that was read as text; `None` where there is no such
    /// column or rows differ.
    pub fn only_text(&self, name: &str) -> Option<String> {
        match self.column(name) {
            Some(Column::Text { texts, .. }) if texts.len() == 1 => Some(texts[0].clone()),
            _ => None,
        }
    }

    /// Some columns as an unlabelled table, for a model; a missing cell becomes 0. Times are those of a
    /// column `start_ns` that was read as text: nanoseconds since 1970 are more than a float holds.
    ///
    /// # Errors
    /// [`Error::Table`] where a column is absent or text; [`Error::Learn`] where a number is not finite.
    pub fn numbers(&self, names: &[String]) -> Result<Dataset, Error> {
        let wrong = |what: String| Error::Table { table: self.name.clone(), what };
        let numbers = |name: &String| match self.column(name) {
            Some(Column::Numbers(values)) => Ok(values.iter().map(|v| v.unwrap_or(0.0)).collect()),
            Some(Column::NotNumbers { row, found }) => Err(wrong(format!(
                "column {name:?} is text ({found:?} in row {row}); the model takes numbers"
            ))),
            _ => Err(wrong(format!("it has no column {name:?} of numbers"))),
        };
        let columns: Vec<Vec<f64>> = names.iter().map(numbers).collect::<Result<_, _>>()?;
        let starts_ns = match self.column(layout::START_NS) {
            Some(Column::Text { codes, texts }) => {
                codes.iter().map(|code| code.and_then(|code| texts[code as usize].parse().ok())).collect()
            }
            _ => None,
        };
        let (x, y) = (Matrix::from_columns(&columns)?, vec![0; self.n_rows]);
        Ok(Dataset { features: names.to_vec(), x, y, classes: Vec::new(), units: None, starts_ns })
    }

    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(column, _)| column == name).map(|(_, cells)| cells)
    }
}

/// Whether a file's name says that it is Parquet.
pub fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"))
}
