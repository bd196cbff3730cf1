//! Bytes of a table as UTF-8: UTF-16 is decoded, files of another kind are named.

use super::fault::TableFault;
use crate::Error;
use std::io::{Cursor, Read};
use std::path::Path;

/// How much of a file is looked at for what it is and what separates its cells.
pub(super) const HEAD_BYTES: u64 = 64 * 1024;

/// A table's bytes as UTF-8.
pub(super) struct Decoded<R> {
    /// The first of them.
    pub(super) head: Vec<u8>,
    /// All of them.
    pub(super) text: std::io::Chain<Cursor<Vec<u8>>, R>,
    /// Whether they were UTF-16.
    pub(super) was_utf16: bool,
}

/// Files that are taken for tables by mistake, by their first bytes.
const OTHER_KINDS: [(&[u8], &str, &str); 13] = [
    (&[0x1f, 0x8b], "compressed (gzip)", "decompress it, or pipe it: zcat TABLE | overhear … -"),
    (
        &[0x28, 0xb5, 0x2f, 0xfd],
        "compressed (zstd)",
        "decompress it, or pipe it: zstdcat TABLE | overhear … -",
    ),
    (&[0x04, 0x22, 0x4d, 0x18], "compressed (lz4)", "decompress it, or pipe it: lz4cat TABLE | overhear … -"),
    (b"PK\x03\x04", "a workbook or a zip archive", "save the sheet as \"CSV UTF-8\", or unpack it"),
    (&[0xd0, 0xcf, 0x11, 0xe0], "an old workbook (.xls)", "save the sheet as \"CSV UTF-8\""),
    (b"PAR1", "Parquet", "let its name end in .parquet"),
    (&[0xd4, 0xc3, 0xb2, 0xa1], CAPTURE, MAKE_TABLE),
    (&[0xa1, 0xb2, 0xc3, 0xd4], CAPTURE, MAKE_TABLE),
    (&[0x4d, 0x3c, 0xb2, 0xa1], CAPTURE, MAKE_TABLE),
    (&[0xa1, 0xb2, 0x3c, 0x4d], CAPTURE, MAKE_TABLE),
    (&[0x0a, 0x0d, 0x0d, 0x0a], CAPTURE, MAKE_TABLE),
    (&[0xff, 0xfe, 0, 0], UTF32, "convert it: iconv -f UTF-32 -t UTF-8"),
    (&[0, 0, 0xfe, 0xff], UTF32, "convert it: iconv -f UTF-32 -t UTF-8"),
];
const CAPTURE: &str = "a capture of packets";
const MAKE_TABLE: &str = "overhear features makes a table of it";
const UTF32: &str = "UTF-32";

/// Looks at the first bytes and decodes what is UTF-16.
pub(super) fn decoded<R: Read>(name: &str, mut source: R) -> Result<Decoded<R>, Error> {
    let table = |fault| Error::Table { table: name.to_owned(), fault };
    let read_failed = |source| Error::Io { path: Path::new(name).to_owned(), source };
    let mut head = Vec::new();
    source.by_ref().take(HEAD_BYTES).read_to_end(&mut head).map_err(read_failed)?;
    if let Some(&(_, kind, advice)) = OTHER_KINDS.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Err(table(TableFault::OtherKind { kind, advice }));
    }
    let Some(unit) = utf16(&head) else {
        let text = Cursor::new(head.clone()).chain(source);
        return Ok(Decoded { head, text, was_utf16: false });
    };
    source.read_to_end(&mut head).map_err(read_failed)?;
    let text = decode(&head, unit).map_err(table)?.into_bytes();
    let head = text[..text.len().min(HEAD_BYTES as usize)].to_vec();
    Ok(Decoded { head, text: Cursor::new(text).chain(source), was_utf16: true })
}

/// Makes a code unit of two bytes.
type Unit = fn([u8; 2]) -> u16;

/// Whether bytes are UTF-16, by the mark at their beginning or by the zeros between letters, and in which order.
fn utf16(head: &[u8]) -> Option<Unit> {
    if head.starts_with(&[0xff, 0xfe]) {
        return Some(u16::from_le_bytes);
    }
    if head.starts_with(&[0xfe, 0xff]) {
        return Some(u16::from_be_bytes);
    }
    let pairs = head.chunks_exact(2).len();
    let zeros = |place: usize| head.chunks_exact(2).filter(|pair| pair[place] == 0).count();
    match [zeros(0), zeros(1)] {
        [0, high] if pairs > 1 && high * 10 > pairs * 7 => Some(u16::from_le_bytes),
        [high, 0] if pairs > 1 && high * 10 > pairs * 7 => Some(u16::from_be_bytes),
        _ => None,
    }
}

fn decode(bytes: &[u8], unit: Unit) -> Result<String, TableFault> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len() / 2);
    let line = |text: &str| text.matches('\n').count() + 1;
    for unit in char::decode_utf16(pairs.iter().map(|&pair| unit(pair))) {
        match unit {
            Ok('\u{feff}') if text.is_empty() => {}
            Ok(letter) => text.push(letter),
            Err(_) => {
                let what = "half of a pair of code units is missing";
                return Err(TableFault::DamagedUtf16 { line: line(&text), what });
            }
        }
    }
    match rest {
        [] => Ok(text),
        _ => Err(TableFault::DamagedUtf16 { line: line(&text), what: "it ends in the middle of a letter" }),
    }
}
