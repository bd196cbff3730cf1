//! pcap: a file header, then records.
//!
//! Source: draft-ietf-opsawg-pcap; the modified form is Alexey Kuznetzov's, whose record header is
//! 24 bytes long.

use super::block::MAX_PACKET_BYTES;
use super::buffer::Buffer;
use super::{LinkType, MAX_TIME_NS, Record, Stop};
use crate::error::Damage;
use std::io::Read;

/// The file header: how every record is to be read.
#[derive(Debug)]
pub(super) struct Header {
    big_endian: bool,
    ns_per_tick: u32,
    record_bytes: usize,
    swapped_lengths: SwappedLengths,
    pub(super) link: LinkType,
}

/// Old writers put the two lengths the other way round.
#[derive(Debug, Clone, Copy, PartialEq)]
enum SwappedLengths {
    No,
    Maybe,
    Yes,
}

const FILE_HEADER_BYTES: usize = 24;

/// The part of a record header that every form has.
const RECORD_HEADER_BYTES: usize = 16;

impl Header {
    /// Whether a file that begins like this is pcap.
    pub(super) fn recognises(head: [u8; 4]) -> bool {
        form(head).is_some()
    }

    /// Reads the file header.
    pub(super) fn read<R: Read>(buffer: &mut Buffer<R>) -> Result<Option<Header>, Stop> {
        if !buffer.has(FILE_HEADER_BYTES)? {
            return Ok(None);
        }
        let bytes = buffer.available();
        // recognises() has said yes
        let Some((big_endian, ns_per_tick, record_bytes)) = bytes.first_chunk().and_then(|head| form(*head))
        else {
            return Ok(None);
        };
        let (major, minor) = (u16_at(bytes, 4, big_endian), u16_at(bytes, 6, big_endian));
        if major != 2 {
            return Err(Stop::Damage(Damage::Version { major, minor }));
        }
        // the upper half of the field says whether frames end in a checksum
        let link = LinkType(u32_at(bytes, 20, big_endian) as u16);
        buffer.consume(FILE_HEADER_BYTES);
        let swapped_lengths = match minor {
            0..=2 => SwappedLengths::Yes,
            3 => SwappedLengths::Maybe,
            _ => SwappedLengths::No,
        };
        Ok(Some(Header { big_endian, ns_per_tick, record_bytes, swapped_lengths, link }))
    }

    /// The next record; `None` at the end.
    #[inline(always)]
    pub(super) fn next<R: Read>(&self, buffer: &mut Buffer<R>) -> Result<Option<Record>, Stop> {
        if !buffer.has(self.record_bytes)? {
            let is_end = buffer.available().is_empty() && !buffer.breaks_off();
            return if is_end { Ok(None) } else { Err(Stop::CutOff) };
        }
        // has() has said that there are as many
        let Some(head) = buffer.available().first_chunk::<RECORD_HEADER_BYTES>() else {
            return Err(Stop::CutOff);
        };
        let field = |at: usize| u32_at(head, at, self.big_endian);
        let (seconds, fraction, mut captured, mut length) = (field(0), field(4), field(8), field(12));
        if seconds == 0 && length == 0 && buffer.ends_in_zeros()? {
            return Err(Stop::CutOff);
        }
        if self.swapped_lengths != SwappedLengths::No
            && (self.swapped_lengths == SwappedLengths::Yes || captured > length)
        {
            std::mem::swap(&mut captured, &mut length);
        }
        if captured > MAX_PACKET_BYTES {
            return Err(Stop::Damage(Damage::PacketLength { found: captured, limit: MAX_PACKET_BYTES }));
        }
        let whole = self.record_bytes + captured as usize;
        if !buffer.has(whole)? {
            return Err(Stop::CutOff);
        }
        let start = buffer.position() + self.record_bytes;
        buffer.consume(whole);
        let time_ns = i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * i64::from(self.ns_per_tick);
        Ok(Some(Record {
            time_ns: time_ns.min(MAX_TIME_NS),
            length_bytes: length.max(captured),
            link: self.link,
            start,
            end: start + captured as usize,
        }))
    }
}

/// Byte order, tick and record header of a magic number.
fn form(head: [u8; 4]) -> Option<(bool, u32, usize)> {
    let of = |magic: u32| match magic {
        0xa1b2_c3d4 => Some((1000, 16)),
        0xa1b2_3c4d => Some((1, 16)),
        0xa1b2_cd34 => Some((1000, 24)),
        _ => None,
    };
    let little = of(u32::from_le_bytes(head)).map(|(tick, bytes)| (false, tick, bytes));
    little.or_else(|| of(u32::from_be_bytes(head)).map(|(tick, bytes)| (true, tick, bytes)))
}

/// A field of a header whose length was checked.
///
/// # Panics
/// When the field does not lie inside `bytes`.
#[inline(always)]
pub(super) fn u32_at(bytes: &[u8], at: usize, big_endian: bool) -> u32 {
    // one load: four single bytes would each be checked and shifted
    let field = *bytes[at..].first_chunk().expect("the header was checked to hold the field");
    if big_endian { u32::from_be_bytes(field) } else { u32::from_le_bytes(field) }
}

/// As [`u32_at`].
#[inline(always)]
pub(super) fn u16_at(bytes: &[u8], at: usize, big_endian: bool) -> u16 {
    let field = *bytes[at..].first_chunk().expect("the header was checked to hold the field");
    if big_endian { u16::from_be_bytes(field) } else { u16::from_le_bytes(field) }
}
