//! Tables of numbers on disk: CSV, and Parquet where the build has it.
//!
//! [`Table`] is what learners are evaluated on; [`features`] writes the windows of captures, [`packets`] their packets.

pub mod columns;
mod csv;
mod encoding;
mod fault;
pub mod features;
mod labels;
pub mod layout;
mod lines;
mod not_feature;
mod note;
pub mod packets;
#[cfg(feature = "parquet")]
mod parquet;
mod roles;

#[cfg(test)]
mod tests;

pub use fault::TableFault;
pub use note::TableNote;
pub use roles::{Labelled, Roles};

use crate::Error;
use overhear_learn::{Dataset, Matrix};
use std::borrow::Cow;
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
    /// What a user should know of how it was read.
    pub notes: Vec<TableNote>,
    /// Rows of the file that are none of the table's, rising, from 1.
    left_out: Vec<usize>,
}

/// The cells of one column.
#[derive(Debug, Clone)]
pub enum Column {
    /// Numbers; `None` for a missing cell (n_rows).
    Numbers(Vec<Option<f64>>),
    /// Text, as numbers of the distinct texts in order of appearance; `None` for an empty cell.
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

    /// Adds a cell of text. Of numbers an empty cell and the usual words for one are missing; of texts only an empty one.
    fn push(&mut self, cell: &str, row: usize) {
        match self {
            Building::Numbers { spoilt: Some(_), .. } => {}
            Building::Numbers { values, spoilt } => match cell.parse::<f64>() {
                Ok(value) => values.push(Some(value).filter(|value| !value.is_nan())),
                Err(_) if labels::is_missing(cell) || labels::is_none(cell) => values.push(None),
                Err(_) => {
                    *spoilt = Some((row, cell.to_owned()));
                    *values = Vec::new();
                }
            },
            Building::Text { codes, .. } if cell.is_empty() => codes.push(None),
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
    /// Reads a table; the format is recognised by the name's ending, `-` is CSV on standard input. Columns
    /// named in `as_text` are kept as text, the others are numbers.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Table`] where it is of another kind, or a row has other cells than the header;
    /// [`Error::NoParquet`].
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

    /// How many different texts stand in a column that was read as text.
    pub fn n_texts(&self, name: &str) -> usize {
        match self.column(name) {
            Some(Column::Text { texts, .. }) => texts.len(),
            _ => 0,
        }
    }

    /// Some columns as an unlabelled table, for a model, and what to know of it; a missing cell becomes 0. Times are those
    /// of a column `start_ns` that was read as text: nanoseconds since 1970 are more than a float holds.
    ///
    /// # Errors
    /// [`Error::Table`] where a column is absent, text or not finite.
    pub fn numbers(&self, names: &[String]) -> Result<(Dataset, Vec<TableNote>), Error> {
        let wrong = |fault| Error::Table { table: self.name.clone(), fault };
        let mut columns = Vec::new();
        for name in names {
            let Some(cells) = self.column(name) else {
                let columns = self.columns.iter().map(|(name, _)| name.clone()).collect();
                return Err(wrong(TableFault::NoColumn { column: name.clone(), columns }));
            };
            columns.push((name.as_str(), cells));
        }
        let (mut notes, rows) = (self.notes.clone(), (0..self.n_rows).collect::<Vec<_>>());
        let numbers = self.finite_numbers(&columns, &rows, &mut notes).map_err(|fault| match fault {
            TableFault::Text { mut columns, row, found } => {
                wrong(TableFault::TextForModel { column: columns.swap_remove(0), row, found })
            }
            fault => wrong(fault),
        })?;
        let starts_ns = match self.column(layout::START_NS) {
            Some(Column::Text { codes, texts }) => {
                codes.iter().map(|code| code.and_then(|code| texts[code as usize].parse().ok())).collect()
            }
            _ => None,
        };
        let (x, y) = (Matrix::from_columns(&numbers)?, vec![0; self.n_rows]);
        let (features, classes) = (names.to_vec(), Vec::new());
        Ok((Dataset { features, x, y, classes, units: None, starts_ns }, notes))
    }

    /// Some rows of some columns as numbers, all finite; a missing cell becomes 0, and a note counts them.
    fn finite_numbers(
        &self,
        columns: &[(&str, &Column)],
        rows: &[usize],
        notes: &mut Vec<TableNote>,
    ) -> Result<Vec<Vec<f64>>, TableFault> {
        let (mut numbers, mut marked, mut text) = (Vec::new(), Vec::new(), Vec::new());
        for &(name, cells) in columns {
            match self.cells(cells) {
                Ok(values) => numbers.push((name, values)),
                Err((row, found)) if has_marks(&found) => marked.push((name, row, found)),
                Err((row, found)) => text.push((name, row, found)),
            }
        }
        let names = |of: &[(&str, usize, String)]| of.iter().map(|(name, ..)| (*name).to_owned()).collect();
        if let Some((_, row, found)) = marked.first().cloned() {
            return Err(TableFault::CommaNumbers { columns: names(&marked), row, found });
        }
        if let Some((_, row, found)) = text.first().cloned() {
            return Err(TableFault::Text { columns: names(&text), row, found });
        }
        let is_infinite = |values: &[Option<f64>], row: usize| values[row].is_some_and(f64::is_infinite);
        let of_row = |&&row: &&usize| numbers.iter().any(|(_, values)| is_infinite(values, row));
        let mut infinite = rows.iter().filter(of_row);
        if let Some(&first) = infinite.next() {
            let concerned =
                numbers.iter().filter(|(_, values)| rows.iter().any(|&row| is_infinite(values, row)));
            return Err(TableFault::NotFinite {
                columns: concerned.map(|(name, _)| (*name).to_owned()).collect(),
                rows: 1 + infinite.count(),
                of: rows.len(),
                first_row: self.file_row(first),
            });
        }
        let filled = |(name, values): (&str, Cow<'_, [Option<f64>]>)| {
            let cells = rows.iter().filter(|&&row| values[row].is_none()).count();
            if cells > 0 {
                notes.push(TableNote::Filled { column: name.to_owned(), cells });
            }
            rows.iter().map(|&row| values[row].unwrap_or(0.0)).collect()
        };
        Ok(numbers.into_iter().map(filled).collect())
    }

    /// A column as numbers, whatever it was read for; else the first row that is none (from 1) and what stands there.
    fn cells<'a>(&self, column: &'a Column) -> Result<Cow<'a, [Option<f64>]>, (usize, String)> {
        let (codes, texts) = match column {
            Column::Numbers(values) => return Ok(Cow::Borrowed(values)),
            Column::NotNumbers { row, found } => return Err((*row, found.clone())),
            Column::Text { codes, texts } => (codes, texts),
        };
        let mut building = Building::new(false);
        for (row, code) in codes.iter().enumerate() {
            building.push(code.map_or("", |code| &texts[code as usize]), self.file_row(row));
        }
        match building {
            Building::Numbers { spoilt: Some(spoilt), .. } => Err(spoilt),
            Building::Numbers { values, .. } => Ok(Cow::Owned(values)),
            Building::Text { .. } => Ok(Cow::Owned(Vec::new())),
        }
    }

    /// Which row of the file a row of the table is, from 1.
    fn file_row(&self, row: usize) -> usize {
        self.left_out.iter().fold(row + 1, |row, &left_out| row + usize::from(left_out <= row))
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

/// Whether a text is a number with a comma, an apostrophe or a narrow blank between its digits, as `12,576` is.
fn has_marks(text: &str) -> bool {
    let is_mark = |c: char| matches!(c, ',' | '\'' | '’' | '\u{a0}' | '\u{202f}');
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    mantissa.chars().all(|c| c.is_ascii_digit() || c == '.' || is_mark(c))
        && mantissa.contains(is_mark)
        && (ends(mantissa.chars().next()) || mantissa.starts_with(','))
        && ends(mantissa.chars().next_back())
        && exponent.parse::<i32>().is_ok()
}
