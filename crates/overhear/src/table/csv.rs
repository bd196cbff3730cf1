//! CSV tables: a header line, commas, quotes where needed (RFC 4180). Where the header has no comma, semicolons, tabs
//! or bars separate cells.

use super::encoding::decoded;
use super::fault::TableFault;
use super::note::TableNote;
use super::{Building, Table};
use crate::Error;
use std::collections::HashSet;
use std::io::Read;

/// More columns than this is no table of features; each takes memory for every row.
const MAX_COLUMNS: usize = 10_000;

pub(super) fn read(name: String, source: impl Read, as_text: &[&str]) -> Result<Table, Error> {
    let mut source = decoded(&name, source)?;
    let mut notes = Vec::new();
    if source.was_utf16 {
        notes.push(TableNote::Utf16);
    }
    let (separator, skip) = separator(&source.head);
    if separator != b',' {
        notes.push(TableNote::Separator { separator: char::from(separator) });
    }
    let skipped = std::io::copy(&mut source.text.by_ref().take(skip as u64), &mut std::io::sink());
    skipped.map_err(|source| Error::Io { path: (&name).into(), source })?;
    let mut reader =
        ::csv::ReaderBuilder::new().delimiter(separator).trim(::csv::Trim::All).from_reader(source.text);
    let header: Vec<String> = reader
        .headers()
        .map_err(|e| broken(&name, &[], e))?
        .iter()
        .map(|field| field.trim_start_matches('\u{feff}').to_owned())
        .collect();
    let wrong = |fault| Error::Table { table: name.clone(), fault };
    check_header(&header).map_err(wrong)?;
    let mut columns: Vec<Building> =
        header.iter().map(|column| Building::new(as_text.contains(&column.as_str()))).collect();
    let headers = Headers::new(&header);
    let mut record = ::csv::StringRecord::new();
    let (mut n_rows, mut left_out) = (0, Vec::new());
    while reader.read_record(&mut record).map_err(|e| broken(&name, &header, e))? {
        let file_row = n_rows + left_out.len() + 1;
        match headers.find(&record) {
            Some(true) => {
                left_out.push(file_row);
                continue;
            }
            Some(false) => return Err(wrong(TableFault::OtherHeader { row: file_row })),
            None => n_rows += 1,
        }
        for (column, cell) in columns.iter_mut().zip(&record) {
            column.push(cell, file_row);
        }
    }
    if let Some(&first_row) = left_out.first() {
        notes.push(TableNote::HeaderRepeated { rows: left_out.len(), first_row });
    }
    let columns = header.into_iter().zip(columns.into_iter().map(Building::finish)).collect();
    Ok(Table { name, n_rows, columns, notes, left_out })
}

/// What the reader says, as a fault of the table.
fn broken(name: &str, header: &[String], error: ::csv::Error) -> Error {
    let text = error.to_string();
    let fault = match error.into_kind() {
        ::csv::ErrorKind::Io(source) => return Error::Io { path: name.into(), source },
        ::csv::ErrorKind::Utf8 { pos, err } => {
            let column = header.get(err.field()).filter(|name| !name.is_empty());
            let row = pos.map(|pos| pos.record() as usize).filter(|_| !header.is_empty());
            let column = column.map_or_else(|| (err.field() + 1).to_string(), |name| format!("{name:?}"));
            TableFault::NotUtf8 { row, column }
        }
        ::csv::ErrorKind::UnequalLengths { pos, expected_len: expected, len: found } => {
            TableFault::UnequalCells { line: pos.map_or(0, |pos| pos.line()), found, expected }
        }
        _ => TableFault::Format { what: text },
    };
    Error::Table { table: name.to_owned(), fault }
}

/// What separates cells, and how many bytes to skip: those of Excel's line `sep=;`.
fn separator(head: &[u8]) -> (u8, usize) {
    let bom = if head.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
    let line = head[bom..].split(|&b| b == b'\n').next().unwrap_or_default();
    if let [b's', b'e', b'p', b'=', separator @ (b',' | b';' | b'\t' | b'|')] = line.trim_ascii_end() {
        return (*separator, (bom + line.len() + 1).min(head.len()));
    }
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    for &byte in &head[bom..] {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(b, _)| *b == byte).for_each(|(_, n)| *n += 1),
        }
    }
    match counts {
        [(_, 0), others @ ..] => {
            let most = others.into_iter().max_by_key(|&(_, n)| n).filter(|&(_, n)| n > 0);
            (most.map_or(b',', |(b, _)| b), 0)
        }
        _ => (b',', 0),
    }
}

fn check_header(header: &[String]) -> Result<(), TableFault> {
    if header.is_empty() || header.iter().all(String::is_empty) {
        return Err(TableFault::NoHeader);
    }
    if header.len() > MAX_COLUMNS {
        return Err(TableFault::TooManyColumns { found: header.len(), most: MAX_COLUMNS });
    }
    // columns without a name are left out, however many
    let mut sorted: Vec<&String> = header.iter().filter(|name| !name.is_empty()).collect();
    sorted.sort();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(twice) => Err(TableFault::SameName { column: twice[0].clone() }),
        None => Ok(()),
    }
}

/// Finds header lines between the rows, as where tables were joined as files.
struct Headers<'a> {
    header: &'a [String],
    /// The names; empty where rows could look like the header because its names are numbers, or a single one.
    names: HashSet<&'a str>,
}

impl Headers<'_> {
    fn new(header: &[String]) -> Headers<'_> {
        let is_name = |name: &String| !name.is_empty() && name.parse::<f64>().is_err();
        let usable =
            header.len() > 1 && header.iter().filter(|name| is_name(name)).count() > header.len() / 2;
        let names = header.iter().map(String::as_str).filter(|_| usable).collect();
        Headers { header, names }
    }

    /// Whether a row is the header (true) or has its names in another order (false); `None` for others.
    fn find(&self, record: &::csv::StringRecord) -> Option<bool> {
        let mut cells = record.iter().map(|cell| cell.trim_start_matches('\u{feff}'));
        let first = cells.next()?;
        if !self.names.contains(first) || !cells.clone().all(|cell| self.names.contains(cell)) {
            return None;
        }
        let mut in_order = self.header.iter().zip(std::iter::once(first).chain(cells.clone()));
        if in_order.all(|(name, cell)| name == cell) {
            return Some(true);
        }
        let distinct: HashSet<&str> = std::iter::once(first).chain(cells).collect();
        (distinct.len() == self.names.len()).then_some(false)
    }
}
