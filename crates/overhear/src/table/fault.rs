//! Why a table cannot be used.

use std::fmt::Write;

/// What is wrong with a table; the message says where, what was found, and what to try.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TableFault {
    /// It is a file of another kind.
    #[error("it is {kind}, not a table of text; {advice}")]
    OtherKind {
        /// What it is.
        kind: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// It is UTF-16 that cannot be decoded.
    #[error("line {line}: it is UTF-16, but {what}; the file is damaged: save it again, best as UTF-8")]
    DamagedUtf16 {
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// Bytes that are no UTF-8.
    #[error(
        "{}: the text is not UTF-8 but probably Latin-1 or Windows-1252; save the table as \"CSV UTF-8\", or convert it: \
         iconv -f WINDOWS-1252 -t UTF-8",
        place(*row, column)
    )]
    NotUtf8 {
        /// Row, from 1; `None` in the header.
        row: Option<usize>,
        /// Name of the column, or its number where the header itself cannot be read.
        column: String,
    },
    /// A row has other cells than the header.
    #[error(
        "line {line}: {found} cells where the header has {expected}; put quotes around a cell that holds the separator, \
         as a decimal comma does"
    )]
    UnequalCells {
        /// Line, from 1.
        line: u64,
        /// Cells found.
        found: u64,
        /// Cells of the header.
        expected: u64,
    },
    /// The reader of a format gave up.
    #[error("{what}")]
    Format {
        /// In its words.
        what: String,
    },
    /// No names of columns.
    #[error("it has no header line; the first line names the columns")]
    NoHeader,
    /// More columns than a table of features has.
    #[error("{found} columns are more than the {most} that are read")]
    TooManyColumns {
        /// Columns found.
        found: usize,
        /// Columns allowed.
        most: usize,
    },
    /// Two columns of one name.
    #[error("two columns are called {column:?}; rename one")]
    SameName {
        /// The name.
        column: String,
    },
    /// Another header between the rows.
    #[error(
        "row {row} names columns, but in another order than the header; tables were joined whose columns differ: join them by name"
    )]
    OtherHeader {
        /// Row, from 1.
        row: usize,
    },
    /// A column that was named is not there.
    #[error("it has no column {column:?}; its columns are: {}", columns.join(", "))]
    NoColumn {
        /// The one named.
        column: String,
        /// Those there are.
        columns: Vec<String>,
    },
    /// No row has a label.
    #[error("it has no rows with a label; there is nothing to learn from")]
    NoRows,
    /// No column is a feature.
    #[error("no column is left to learn from; drop fewer{}", kept(left_out))]
    NoFeatures {
        /// Columns that were left out without having been dropped.
        left_out: Vec<String>,
    },
    /// Columns of text among the features.
    #[error(
        "column {:?} is text ({found:?} in row {row}); learners take numbers. Leave text out with: {}",
        columns.first().map_or("", String::as_str),
        drop_options(columns)
    )]
    Text {
        /// All of them.
        columns: Vec<String>,
        /// First row of the first one that shows it, from 1.
        row: usize,
        /// What stands there.
        found: String,
    },
    /// Numbers written with a comma or another mark of the writer's language.
    #[error(
        "{} numbers with commas or other marks between their digits ({found:?} in row {row}), and whether that is a decimal \
         comma or a thousands separator the table does not say; write plain numbers with a decimal point: set the \
         spreadsheet to English before saving, or in pandas read_csv(…, decimal=\",\") and to_csv again",
        columns_hold(columns)
    )]
    CommaNumbers {
        /// All columns of the kind.
        columns: Vec<String>,
        /// First row of the first one, from 1.
        row: usize,
        /// What stands there.
        found: String,
    },
    /// A model's feature is text.
    #[error("column {column:?} is text ({found:?} in row {row}); the model takes numbers")]
    TextForModel {
        /// Which.
        column: String,
        /// First row that shows it, from 1.
        row: usize,
        /// What stands there.
        found: String,
    },
    /// Infinite numbers among the features.
    #[error(
        "{} infinity, in {rows} of {of} rows (first in row {first_row}); learners take finite numbers. A rate over no time \
         gives infinity: take these rows out of the table, or leave the columns out with: {}",
        columns_hold(columns),
        drop_options(columns)
    )]
    NotFinite {
        /// All columns concerned.
        columns: Vec<String>,
        /// Rows concerned.
        rows: usize,
        /// Rows there are.
        of: usize,
        /// The first one, from 1.
        first_row: usize,
    },
}

fn place(row: Option<usize>, column: &str) -> String {
    row.map_or(format!("header, column {column}"), |row| format!("row {row}, column {column}"))
}

/// The options that leave columns out, quoted where a shell would cut them.
fn drop_options(columns: &[String]) -> String {
    let mut out = String::new();
    for column in columns {
        let space = if out.is_empty() { "" } else { " " };
        let plain = |c: char| c.is_alphanumeric() || "_.-/:%+".contains(c);
        let _ = match !column.is_empty() && column.chars().all(plain) {
            true => write!(out, "{space}--drop {column}"),
            false => write!(out, "{space}--drop '{}'", column.replace('\'', r"'\''")),
        };
    }
    out
}

fn columns_hold(columns: &[String]) -> String {
    match columns {
        [only] => format!("column {only:?} holds"),
        several => format!("the columns {} hold", several.join(", ")),
    }
}

fn kept(left_out: &[String]) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    let names: Vec<String> = left_out.iter().map(|name| format!("{name:?}")).collect();
    format!(", or keep what was left out ({}) with --keep", names.join(", "))
}
