//! What a user should know of how a table was read: what was left out, filled in, or taken for something.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One thing to know. Shown as a sentence; as JSON it keeps the facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum TableNote {
    /// It was UTF-16.
    Utf16,
    /// Cells are not separated by commas.
    Separator {
        /// By what they are.
        separator: char,
    },
    /// The header stands again between the rows.
    HeaderRepeated {
        /// How often.
        rows: usize,
        /// Where first, from 1.
        first_row: usize,
    },
    /// A text was taken as a missing cell of a label, unit or fold.
    ReadAsMissing {
        /// Which column.
        column: String,
        /// The text.
        text: String,
        /// In how many rows.
        rows: usize,
    },
    /// Rows that have no label, unit or fold are left out.
    RowsLeftOut {
        /// How many.
        rows: usize,
        /// Of how many.
        of: usize,
    },
    /// Columns of this program's tables that say which window a row is.
    WindowIds {
        /// Which.
        columns: Vec<String>,
    },
    /// Rows of several windowings in one table: each shows the same packets once more.
    SeveralWindowings {
        /// How many windowings.
        windowings: usize,
    },
    /// A column without a name: the row numbers of the program that wrote it.
    Nameless {
        /// Its name, empty or made up by a reader.
        column: String,
        /// Its place, from 1.
        place: usize,
    },
    /// A column that counts rows.
    RowNumber {
        /// Which.
        column: String,
    },
    /// A column of times.
    Time {
        /// Which.
        column: String,
    },
    /// Missing cells were taken as 0.
    Filled {
        /// Which column.
        column: String,
        /// How many.
        cells: usize,
    },
    /// All rows have one value.
    Constant {
        /// Which column.
        column: String,
        /// The value.
        value: f64,
    },
}

impl fmt::Display for TableNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TableNote::Utf16 => f.write_str("it is UTF-16 and is read as such"),
            TableNote::Separator { separator } => {
                let name = match separator {
                    ';' => "semicolons",
                    '\t' => "tabs",
                    _ => "bars",
                };
                write!(f, "its cells are separated by {name}, not commas, and are read as such")
            }
            TableNote::HeaderRepeated { rows, first_row } => {
                write!(
                    f,
                    "{} the header once more, first row {first_row}: left out",
                    count(*rows, "row is", "rows are")
                )
            }
            TableNote::ReadAsMissing { column, text, rows } => write!(
                f,
                "{column}: {text:?} is taken as missing, in {}; rename it where it is a class or unit",
                count(*rows, "row", "rows")
            ),
            TableNote::RowsLeftOut { rows, of } => {
                write!(f, "{rows} of {of} rows are left out: no label or unit")
            }
            TableNote::WindowIds { columns } => {
                let names = columns.join(", ");
                write!(f, "{names}: which window it is, not what is in it; left out")
            }
            TableNote::SeveralWindowings { windowings } => write!(
                f,
                "rows of {windowings} windowings stand in one table, and each shows the same packets once more: take one \
                 windowing at a time"
            ),
            TableNote::Nameless { column, place } if column.is_empty() => write!(
                f,
                "column {place} has no name, as row numbers of pandas or R have none: it is left out; name it to keep it"
            ),
            TableNote::Nameless { column, .. } => write!(
                f,
                "{column:?} stands for a column without a name, as row numbers of pandas or R have none: it is left out; \
                 --keep or another name keeps it"
            ),
            TableNote::RowNumber { column } => {
                write!(
                    f,
                    "{column:?} counts rows, which traffic does not show: it is left out; --keep keeps it"
                )
            }
            TableNote::Time { column } => write!(
                f,
                "{column:?} is the time of day and year, which is not in the traffic: it is left out; --keep keeps it"
            ),
            TableNote::Filled { column, cells } => {
                write!(f, "{column}: {cells} missing cells are taken as 0")
            }
            TableNote::Constant { column, value } => {
                write!(f, "{column} is constant ({value}): nothing can be learnt from it")
            }
        }
    }
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
