//! A table in memory on its way to a file: few rows of columns whose kinds differ.

use super::is_parquet;
use super::lines::{Lines, number, quoted};
use crate::Error;
use std::path::Path;

/// The cells of one column (n_rows).
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Text; `None` for an empty cell.
    Text(Vec<Option<String>>),
    /// Whole numbers; `None` for an empty cell.
    Whole(Vec<Option<i64>>),
    /// Numbers; NaN for an undefined value, which becomes an empty cell.
    Numbers(Vec<f64>),
}

impl Cells {
    /// How many rows.
    pub fn len(&self) -> usize {
        match self {
            Cells::Text(cells) => cells.len(),
            Cells::Whole(cells) => cells.len(),
            Cells::Numbers(cells) => cells.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Writes columns of equal length as a table: in a file, its format recognised by the name's ending, or as CSV on standard output.
///
/// # Errors
/// [`Error::Io`] where it cannot be written; [`Error::NoParquet`].
pub fn write(columns: &[(String, Cells)], output: Option<&Path>) -> Result<(), Error> {
    if let Some(path) = output.filter(|path| is_parquet(path)) {
        #[cfg(feature = "parquet")]
        return super::parquet::write_columns(columns, path);
        #[cfg(not(feature = "parquet"))]
        return Err(Error::NoParquet { table: path.display().to_string() });
    }
    let mut lines = Lines::to(output)?;
    let names: Vec<String> = columns.iter().map(|(name, _)| quoted(name)).collect();
    lines.text.extend_from_slice(names.join(",").as_bytes());
    lines.end()?;
    let n_rows = columns.iter().map(|(_, cells)| cells.len()).min().unwrap_or(0);
    let (mut integers, mut floats) = (itoa::Buffer::new(), zmij::Buffer::new());
    for row in 0..n_rows {
        for (place, (_, cells)) in columns.iter().enumerate() {
            lines.text.extend_from_slice(if place > 0 { b"," } else { b"" });
            match cells {
                Cells::Text(cells) => {
                    lines.text.extend(cells[row].as_deref().map(quoted).unwrap_or_default().into_bytes());
                }
                Cells::Whole(cells) => {
                    let cell = cells[row].map(|cell| integers.format(cell)).unwrap_or_default();
                    lines.text.extend_from_slice(cell.as_bytes());
                }
                Cells::Numbers(cells) => number(cells[row], &mut lines.text, &mut integers, &mut floats),
            }
        }
        lines.end()?;
    }
    lines.finish()
}
