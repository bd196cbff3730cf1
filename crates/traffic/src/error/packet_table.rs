//! What can be wrong with a packet table.

/// What is wrong with a packet table; the message says what was found and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PacketTableFault {
    /// The first line holds values.
    #[error(
        "the first line ({found}) holds values, but should name the columns: write time_s,size_bytes,direction, in the order \
         in which they stand, above it"
    )]
    NoHeader {
        /// Its cells.
        found: String,
    },
    /// A column that a packet table needs is absent.
    #[error(
        "a packet table needs {}, and its columns are {}; time_s (or time, timestamp) is in seconds, size_bytes (or size, length) in \
         bytes, direction 1 for what the device sends and -1 for what it receives: add or rename columns",
        missing.join(" and "),
        columns.join(", ")
    )]
    NoColumn {
        /// The usual names of those that are absent.
        missing: Vec<&'static str>,
        /// Those there are.
        columns: Vec<String>,
    },
    /// A column that tells no traces apart.
    #[error("there is no column {column:?} to tell traces apart; {}", keys(columns))]
    NoKey {
        /// As asked for.
        column: String,
        /// Those there are.
        columns: Vec<String>,
    },
    /// A row has other cells than the header.
    #[error(
        "{found} cells where the header has {expected}; put quotes around a cell that holds the separator"
    )]
    Cells {
        /// Cells found.
        found: usize,
        /// Cells of the header.
        expected: usize,
    },
    /// A quote without its end.
    #[error("a quote is not closed in its line; line breaks inside quotes are not read")]
    OpenQuote,
    /// A line longer than any row.
    #[error("the line is longer than {limit} bytes; the file may be no table, or have lost its line breaks")]
    LongLine {
        /// The most that is read, bytes.
        limit: usize,
    },
    /// A time that is none.
    #[error(
        "the time {found:?} is none; write seconds as a decimal number, as in 12.000150, within 146 years of 0"
    )]
    NotATime {
        /// What stands there.
        found: String,
    },
    /// A size that is none.
    #[error("the size {found:?} is none; {}", size(found))]
    NotASize {
        /// What stands there.
        found: String,
    },
    /// A direction that is none.
    #[error(
        "the direction {found:?} is none; write 1, + or out for what the device sends, -1, - or in for what it receives"
    )]
    NotADirection {
        /// What stands there.
        found: String,
    },
    /// A time that lies before the one of a row above.
    #[error(
        "the time {} lies more than a second before {} above it; {}",
        seconds(*time_ns),
        seconds(*latest_ns),
        sorted(columns)
    )]
    NotSorted {
        /// Time of the row, ns.
        time_ns: i64,
        /// Latest time above it.
        latest_ns: i64,
        /// Columns that may tell traces apart.
        columns: Vec<String>,
    },
    /// Rows of one trace that do not stand together.
    #[error("the trace {} was there before; rows of one trace must stand together: sort by trace, then by time", keys.join(", "))]
    TraceAgain {
        /// What tells it.
        keys: Vec<String>,
    },
}

fn keys(columns: &[String]) -> String {
    match columns {
        [] => "none is there beside time, size and direction".to_owned(),
        columns => format!("there are: {}", columns.join(", ")),
    }
}

fn size(found: &str) -> &'static str {
    match found.as_bytes() {
        [b'-', ..] => {
            "a size is never negative: where its sign is the direction, write that into a column direction (1 or -1)"
        }
        found if found.contains(&b'.') => {
            "a size is a whole number of bytes: packets are not cut or averaged"
        }
        _ => "write a whole number of bytes, as in 1500, at most 4294967295",
    }
}

fn sorted(columns: &[String]) -> String {
    match columns {
        [] => "sort the rows by time, and give every trace a file or a column of its own".to_owned(),
        columns => format!(
            "sort the rows by time; where {} tell traces apart, `overhear events` reads one after another, but as one capture \
             only a single trace is read",
            columns.join(", ")
        ),
    }
}

/// Nanoseconds as seconds.
fn seconds(ns: i64) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    let ns = ns.unsigned_abs();
    format!("{sign}{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000)
}
