//! Packets as tables, and captures of any kind as something to read: also packet tables in Parquet.
//!
//! Columns: `capture, stretch` where several traces stand in one table, then `time_s` (seconds, nine digits behind the point),
//! `size_bytes`, and `direction`: 1 for what the device sends, -1 for what it receives. docs/captures.md, "Packet tables".

use super::is_parquet;
use super::lines::{Lines, quoted};
use crate::Error;
use overhear_traffic::capture::CaptureReader;
use overhear_traffic::packet::Direction;
use std::path::Path;

/// Opens a capture of any kind: what [`CaptureReader::open`] reads, and by its name's ending a packet table in Parquet.
///
/// # Errors
/// [`Error::Traffic`]; of Parquet also [`Error::Io`], [`Error::Table`] and [`Error::NoParquet`].
pub fn open(path: &Path) -> Result<CaptureReader, Error> {
    if is_parquet(path) {
        #[cfg(feature = "parquet")]
        return super::parquet::packets::open(path);
        #[cfg(not(feature = "parquet"))]
        return Err(Error::NoParquet { table: path.display().to_string() });
    }
    Ok(CaptureReader::open(path)?)
}

/// Whether a file is a packet table, by its columns.
pub fn is_packet_table(path: &Path) -> bool {
    open(path).is_ok_and(|capture| capture.is_packet_table())
}

/// What a table says of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketRow {
    /// Nanoseconds, since 1970 or since whatever the table counts from.
    pub time_ns: i64,
    /// Length as its observer sees it, bytes.
    pub size_bytes: u32,
    /// Which way it goes.
    pub direction: Direction,
}

/// Names of the columns that say which trace a packet is of.
pub const KEY_COLUMNS: [&str; 2] = [super::layout::CAPTURE, "stretch"];
/// Names of the others.
pub const COLUMNS: [&str; 3] = ["time_s", "size_bytes", "direction"];

/// Writes packets as a table, to a file or to standard output.
pub enum PacketWriter {
    /// Comma-separated values.
    Csv(Csv),
    /// Parquet.
    #[cfg(feature = "parquet")]
    Parquet(Box<super::parquet::packets::Writer>),
}

impl PacketWriter {
    /// A table in a file, its format recognised by the name's ending, or CSV on standard output. `keyed`: whether each row says
    /// which trace it is of.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be created; [`Error::NoParquet`].
    pub fn create(output: Option<&Path>, keyed: bool) -> Result<PacketWriter, Error> {
        if let Some(path) = output.filter(|path| is_parquet(path)) {
            #[cfg(feature = "parquet")]
            return Ok(PacketWriter::Parquet(Box::new(super::parquet::packets::Writer::create(
                path, keyed,
            )?)));
            #[cfg(not(feature = "parquet"))]
            return Err(Error::NoParquet { table: path.display().to_string() });
        }
        let mut lines = Lines::to(output)?;
        let keys = KEY_COLUMNS.iter().filter(|_| keyed);
        let header: Vec<&str> = keys.chain(&COLUMNS).copied().collect();
        lines.text.extend_from_slice(header.join(",").as_bytes());
        lines.end()?;
        Ok(PacketWriter::Csv(Csv { lines, keyed, prefix: Vec::new() }))
    }

    /// Begins a trace: of a capture, the stretch between two steps of its clock, counted from 0.
    pub fn begin(&mut self, capture: &str, stretch: u32) {
        match self {
            PacketWriter::Csv(csv) if csv.keyed => {
                csv.prefix = format!("{},{stretch},", quoted(capture)).into_bytes();
            }
            PacketWriter::Csv(_) => {}
            #[cfg(feature = "parquet")]
            PacketWriter::Parquet(parquet) => parquet.begin(capture, stretch),
        }
    }

    /// Adds a packet.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be written.
    pub fn row(&mut self, row: PacketRow) -> Result<(), Error> {
        match self {
            PacketWriter::Csv(csv) => csv.row(row),
            #[cfg(feature = "parquet")]
            PacketWriter::Parquet(parquet) => parquet.row(row),
        }
    }

    /// Puts the whole table in its place.
    ///
    /// # Errors
    /// [`Error::Io`] where the rest cannot be written.
    pub fn finish(self) -> Result<(), Error> {
        match self {
            PacketWriter::Csv(csv) => csv.lines.finish(),
            #[cfg(feature = "parquet")]
            PacketWriter::Parquet(parquet) => parquet.finish(),
        }
    }
}

/// A CSV table being written.
pub struct Csv {
    lines: Lines,
    keyed: bool,
    /// The cells before the time.
    prefix: Vec<u8>,
}

impl Csv {
    fn row(&mut self, row: PacketRow) -> Result<(), Error> {
        let mut integers = itoa::Buffer::new();
        let text = &mut self.lines.text;
        text.extend_from_slice(&self.prefix);
        seconds(row.time_ns, text, &mut integers);
        text.push(b',');
        text.extend_from_slice(integers.format(row.size_bytes).as_bytes());
        text.extend_from_slice(match row.direction {
            Direction::Out => b",1",
            Direction::In => b",-1",
        });
        self.lines.end()
    }
}

/// Appends nanoseconds as seconds, with nine digits behind the point.
fn seconds(ns: i64, text: &mut Vec<u8>, integers: &mut itoa::Buffer) {
    const SECOND_NS: u64 = 1_000_000_000;
    if ns < 0 {
        text.push(b'-');
    }
    let ns = ns.unsigned_abs();
    text.extend_from_slice(integers.format(ns / SECOND_NS).as_bytes());
    text.push(b'.');
    // a leading 1 keeps the zeros
    text.extend_from_slice(&integers.format(SECOND_NS + ns % SECOND_NS).as_bytes()[1..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_nine_digits() {
        for (ns, expected) in [
            (0, "0.000000000"),
            (1_628_155_255_000_000_001, "1628155255.000000001"),
            (-1_500_000_000, "-1.500000000"),
            (i64::MIN, "-9223372036.854775808"),
        ] {
            let mut text = Vec::new();
            seconds(ns, &mut text, &mut itoa::Buffer::new());
            assert_eq!(String::from_utf8_lossy(&text), expected);
        }
    }
}
