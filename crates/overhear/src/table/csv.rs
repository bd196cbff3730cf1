//! CSV tables: a header line, commas, quotes where needed (RFC 4180).

use super::{Building, Table};
use crate::Error;
use std::io::Read;

/// More columns than this is no table of features; each takes memory for every row.
const MAX_COLUMNS: usize = 10_000;

pub(super) fn read(name: String, source: impl Read, as_text: &[&str]) -> Result<Table, Error> {
    let mut reader = ::csv::ReaderBuilder::new().trim(::csv::Trim::All).from_reader(source);
    let broken = |e: ::csv::Error| Error::Table { table: name.clone(), what: e.to_string() };
    let header: Vec<String> = reader
        .headers()
        .map_err(broken)?
        .iter()
        .map(|field| field.trim_start_matches('\u{feff}').to_owned())
        .collect();
    check_header(&name, &header)?;
    let mut columns: Vec<Building> =
        header.iter().map(|column| Building::new(as_text.contains(&column.as_str()))).collect();
    let mut record = ::csv::StringRecord::new();
    let mut n_rows = 0;
    while reader.read_record(&mut record).map_err(broken)? {
        n_rows += 1;
        for (column, cell) in columns.iter_mut().zip(&record) {
            column.push(cell, n_rows);
        }
    }
    let columns = header.into_iter().zip(columns.into_iter().map(Building::finish)).collect();
    Ok(Table { name, n_rows, columns })
}

fn check_header(name: &str, header: &[String]) -> Result<(), Error> {
    let wrong = |what: String| Err(Error::Table { table: name.to_owned(), what });
    if header.is_empty() || header.iter().all(String::is_empty) {
        return wrong("it has no header line; the first line names the columns".to_owned());
    }
    if header.len() > MAX_COLUMNS {
        return wrong(format!("{} columns are more than the {MAX_COLUMNS} that are read", header.len()));
    }
    let mut sorted: Vec<&String> = header.iter().collect();
    sorted.sort();
    if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return wrong(format!("two columns are called {:?}; rename one", twice[0]));
    }
    Ok(())
}
