//! Packet tables: CSV with a header line and a row for each packet of one device, as tools of website fingerprinting
//! take and give them.
//!
//! Columns stand in any order and are known by name; those that are none of the three say which trace a row is of
//! ([`traces`]). A row becomes a frame without bytes whose link type says the direction: [`LinkType::SENT`] or
//! [`LinkType::RECEIVED`]. Quotes are those of RFC 4180, but a line break inside them is not read.

mod cell;
mod traces;

use super::buffer::Buffer;
use super::{LinkType, MAX_TIME_NS, Record, Stop};
use crate::error::PacketTableFault as Fault;
use crate::packet::Direction;
use std::io::Read;
use std::ops::Range;
use traces::Traces;

/// Longest line, bytes.
pub(super) const MAX_LINE_BYTES: usize = 64 * 1024;

/// So far before the latest time of its trace a row may lie: jitter (docs/method.md, "Clock").
const JITTER_NS: i64 = 1_000_000_000;

/// Names of the column of times; where a table has several of them, the first one here.
const TIME: &[&str] = &["time_s", "time", "timestamp"];
/// Names of the column of sizes, likewise.
const SIZE: &[&str] = &["size_bytes", "size", "length"];
/// Name of the column of directions.
const DIRECTION: &[&str] = &["direction"];

/// How the rows of a packet table are to be read, and how far they have been.
pub(super) struct PacketTable {
    separator: u8,
    /// Names of all columns.
    names: Vec<String>,
    /// Places of time, size and direction.
    parts: [usize; 3],
    /// Lines read.
    line: u64,
    /// Latest time of the trace.
    latest_ns: Option<i64>,
    /// Where the cells of the row at hand lie in its line.
    cells: Vec<Range<usize>>,
    /// Which traces there were, where they are read one by one.
    traces: Option<Traces>,
}

/// A line in the buffer, not yet consumed.
struct Line {
    /// Bytes without the line's end.
    length: usize,
    /// Bytes with it.
    whole: usize,
}

impl PacketTable {
    /// Reads the header line; `None` where the file begins with something else.
    pub(super) fn read<R: Read>(buffer: &mut Buffer<R>) -> Result<Option<PacketTable>, Stop> {
        let line = match next_line(buffer, 1) {
            Ok(Some(line)) => line,
            Ok(None) | Err(Stop::PacketTable { .. }) => return Ok(None),
            Err(stop) => return Err(stop),
        };
        let Ok(text) = std::str::from_utf8(&buffer.available()[..line.length]) else { return Ok(None) };
        let text = text.trim_start_matches('\u{feff}').trim_end();
        if text.contains(|c: char| c.is_control() && c != '\t') {
            return Ok(None);
        }
        let (separator, mut cells) = (separator(text), Vec::new());
        if !cell::split(text.as_bytes(), separator, &mut cells) {
            return Ok(None);
        }
        let names: Vec<String> =
            cells.iter().map(|cell| cell::text(&text.as_bytes()[cell.clone()])).collect();
        match parts(&names) {
            Ok(Some(parts)) => {
                buffer.consume(line.whole);
                let (line, latest_ns, traces) = (1, None, None);
                Ok(Some(PacketTable { separator, names, parts, line, latest_ns, cells, traces }))
            }
            Ok(None) => Ok(None),
            Err(fault) => Err(Stop::PacketTable { line: 1, fault }),
        }
    }

    /// Names of the columns that say which trace a row is of. A column without a name counts rows.
    pub(super) fn key_columns(&self) -> impl Iterator<Item = &str> {
        let is_key = |(place, name): &(usize, &String)| !self.parts.contains(place) && !is_nameless(name);
        self.names.iter().enumerate().filter(is_key).map(|(_, name)| name.as_str())
    }

    /// Reads traces one by one from now on, told apart by some columns.
    pub(super) fn split_by(&mut self, columns: &[String]) -> Result<(), Fault> {
        let place = |column: &String| {
            let known = || self.key_columns().map(str::to_owned).collect();
            let place = self.names.iter().position(|name| name == column);
            let place = place.filter(|place| !self.parts.contains(place));
            place.ok_or_else(|| Fault::NoKey { column: column.clone(), columns: known() })
        };
        self.traces = Some(Traces::told_by(columns.iter().map(place).collect::<Result<_, _>>()?));
        Ok(())
    }

    /// Whether traces are read one by one.
    pub(super) fn is_split(&self) -> bool {
        self.traces.is_some()
    }

    /// Begins the next trace, and gives what stands in the columns that tell it; `None` at the end. What is left of the
    /// trace before is passed over.
    pub(super) fn begin_trace<R: Read>(
        &mut self,
        buffer: &mut Buffer<R>,
    ) -> Result<Option<Vec<String>>, Stop> {
        while self.traces.as_ref().is_some_and(Traces::is_begun) && self.next(buffer)?.is_some() {}
        let Some(line) = self.next_row(buffer)? else { return Ok(None) };
        self.latest_ns = None;
        let bytes = &buffer.available()[..line.length];
        let Some(traces) = &mut self.traces else { return Ok(Some(Vec::new())) };
        let begun = traces.begin(bytes, &self.cells);
        begun.map(Some).map_err(|keys| self.stop(Fault::TraceAgain { keys }))
    }

    /// The next row; `None` at the end, and at a trace's where they are read one by one.
    pub(super) fn next<R: Read>(&mut self, buffer: &mut Buffer<R>) -> Result<Option<Record>, Stop> {
        let Some(line) = self.next_row(buffer)? else { return Ok(None) };
        let bytes = &buffer.available()[..line.length];
        if self.traces.as_ref().is_some_and(|traces| !traces.goes_on(bytes, &self.cells)) {
            return Ok(None);
        }
        let parts = self.parts.map(|place| cell::trimmed(&bytes[self.cells[place].clone()]));
        let (time_ns, length_bytes, direction) = row(parts).map_err(|fault| self.stop(fault))?;
        let latest_ns = self.latest_ns.unwrap_or(time_ns);
        if latest_ns.saturating_sub(time_ns) > JITTER_NS {
            let columns = self.key_columns().map(str::to_owned).collect();
            return Err(self.stop(Fault::NotSorted { time_ns, latest_ns, columns }));
        }
        self.latest_ns = Some(latest_ns.max(time_ns));
        let link = match direction {
            Direction::Out => LinkType::SENT,
            Direction::In => LinkType::RECEIVED,
        };
        let at = buffer.position();
        buffer.consume(line.whole);
        self.line += 1;
        Ok(Some(Record { time_ns, length_bytes, link, start: at, end: at }))
    }

    /// The next line that is not empty, its cells found and counted.
    fn next_row<R: Read>(&mut self, buffer: &mut Buffer<R>) -> Result<Option<Line>, Stop> {
        loop {
            let Some(line) = next_line(buffer, self.line + 1)? else { return Ok(None) };
            let bytes = &buffer.available()[..line.length];
            if cell::trimmed(bytes).is_empty() {
                buffer.consume(line.whole);
                self.line += 1;
                continue;
            }
            let is_closed = cell::split(bytes, self.separator, &mut self.cells);
            let (found, expected) = (self.cells.len(), self.names.len());
            if is_closed && found == expected {
                return Ok(Some(line));
            }
            // the end of the file cuts the last row off
            if line.length == line.whole && (found < expected || !is_closed) {
                return Err(Stop::CutOff);
            }
            return Err(self.stop(if is_closed {
                Fault::Cells { found, expected }
            } else {
                Fault::OpenQuote
            }));
        }
    }

    fn stop(&self, fault: Fault) -> Stop {
        Stop::PacketTable { line: self.line + 1, fault }
    }
}

/// Time in ns, size in bytes and direction of a row.
fn row([time, size, direction]: [&[u8]; 3]) -> Result<(i64, u32, Direction), Fault> {
    let found = |cell: &[u8]| String::from_utf8_lossy(cell).into_owned();
    let time_ns = cell::nanoseconds(time).filter(|ns| ns.unsigned_abs() <= MAX_TIME_NS as u64);
    let time_ns = time_ns.ok_or_else(|| Fault::NotATime { found: found(time) })?;
    let length_bytes = cell::size_bytes(size).ok_or_else(|| Fault::NotASize { found: found(size) })?;
    let way = cell::direction(direction);
    Ok((time_ns, length_bytes, way.ok_or_else(|| Fault::NotADirection { found: found(direction) })?))
}

/// Places of time, size and direction among names; `None` where they are those of no packet table.
fn parts(names: &[String]) -> Result<Option<[usize; 3]>, Fault> {
    let place = |known: &[&str]| {
        let named = |known: &&str| names.iter().position(|name| name.eq_ignore_ascii_case(known));
        known.iter().find_map(named)
    };
    let absent = |names: &[&'static str]| names.first().copied().unwrap_or_default();
    let found = [TIME, SIZE, DIRECTION].map(place);
    match found {
        [Some(time), Some(size), Some(direction)] => Ok(Some([time, size, direction])),
        [None, None, None] if names.len() > 1 && names.iter().all(|name| cell::is_value(name.as_bytes())) => {
            Err(Fault::NoHeader { found: names.join(", ") })
        }
        [None, None, None] => Ok(None),
        found => {
            let missing = [TIME, SIZE, DIRECTION].into_iter().zip(found).filter(|(_, place)| place.is_none());
            let missing = missing.map(|(names, _)| absent(names)).collect();
            Err(Fault::NoColumn { missing, columns: names.to_vec() })
        }
    }
}

/// No name, or what pandas makes of none.
fn is_nameless(name: &str) -> bool {
    name.is_empty() || name.starts_with("Unnamed: ") || name.starts_with("__index_level_")
}

/// What separates the cells of a header: a comma, or where it has none what stands there most often of semicolons, tabs
/// and bars.
fn separator(header: &str) -> u8 {
    let count = |separator: &u8| header.bytes().filter(|byte| byte == separator).count();
    match [b';', b'\t', b'|'].into_iter().max_by_key(count) {
        Some(other) if count(&b',') == 0 && count(&other) > 0 => other,
        _ => b',',
    }
}

/// The next line, made available whole; `None` at the end. `number` counts from 1.
fn next_line<R: Read>(buffer: &mut Buffer<R>, number: u64) -> Result<Option<Line>, Stop> {
    let mut looked_at = 0;
    loop {
        let available = buffer.available();
        let available = &available[..available.len().min(MAX_LINE_BYTES)];
        if let Some(at) = available[looked_at..].iter().position(|&byte| byte == b'\n') {
            let length = looked_at + at;
            return Ok(Some(Line { length, whole: length + 1 }));
        }
        looked_at = available.len();
        if looked_at == MAX_LINE_BYTES {
            return Err(Stop::PacketTable { line: number, fault: Fault::LongLine { limit: MAX_LINE_BYTES } });
        }
        if !buffer.has(looked_at + 1)? {
            return match (buffer.breaks_off(), looked_at) {
                (true, _) => Err(Stop::CutOff),
                (false, 0) => Ok(None),
                (false, length) => Ok(Some(Line { length, whole: length })),
            };
        }
    }
}
