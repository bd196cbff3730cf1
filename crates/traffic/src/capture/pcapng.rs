//! pcapng: sections of blocks, each with interfaces of its own.
//!
//! Source: draft-ietf-opsawg-pcapng. Read: section headers, interface descriptions, enhanced, simple
//! and (obsolete) packet blocks. Every other block is skipped.

use super::block::MAX_PACKET_BYTES;
use super::buffer::Buffer;
use super::pcap::{u16_at, u32_at};
use super::{LinkType, MAX_TIME_NS, Record, Stop};
use crate::error::Damage;
use std::io::Read;

/// The section being read.
#[derive(Debug, Default)]
pub(super) struct Section {
    big_endian: bool,
    interfaces: Vec<Interface>,
    last_time_ns: i64,
    block_offset: u64,
    comment: Option<String>,
}

/// One interface of a section.
#[derive(Debug, Clone, Copy)]
struct Interface {
    link: LinkType,
    snap_length: u32,
    ticks: Ticks,
    offset_ns: i64,
}

/// What one unit of a timestamp is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ticks {
    /// So many nanoseconds each.
    Nanoseconds(i64),
    /// So many in a second.
    PerSecond(u128),
}

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// An interface description longer than this is damage: its options are names and filters.
const MAX_INTERFACE_BYTES: u32 = MAX_PACKET_BYTES;

/// More interfaces than any machine has; each takes memory.
const MAX_INTERFACES: usize = 65_536;

/// The longest packet, and room for options around it; it fits the buffer.
const MAX_PACKET_BLOCK_BYTES: u32 = 2 * MAX_PACKET_BYTES;

/// The options of a longer section header are passed over.
const MAX_SECTION_LOOKED_AT: u32 = 8192;

/// A block's frame: type and length at its beginning, length again at its end.
const BLOCK_FRAME_BYTES: u32 = 12;

/// Where in a packet block its fields stand.
struct PacketFields {
    interface: u32,
    time: Option<u64>,
    captured: u32,
    length: u32,
    header_bytes: u32,
}

impl Section {
    /// Whether a file that begins like this is pcapng.
    pub(super) fn recognises(head: [u8; 4]) -> bool {
        u32::from_le_bytes(head) == SECTION_HEADER
    }

    /// The comment of the first section that has one.
    pub(super) fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// Where the block begins that was read last.
    pub(super) fn block_offset(&self) -> u64 {
        self.block_offset
    }

    /// The next packet; `None` at the end.
    pub(super) fn next<R: Read>(&mut self, buffer: &mut Buffer<R>) -> Result<Option<Record>, Stop> {
        loop {
            self.block_offset = buffer.offset();
            if !buffer.has(8)? {
                let is_end = buffer.available().is_empty() && !buffer.breaks_off();
                return if is_end { Ok(None) } else { Err(Stop::CutOff) };
            }
            let head = buffer.available();
            let block_type = u32_at(head, 0, self.big_endian);
            if block_type == SECTION_HEADER {
                self.section(buffer)?;
                continue;
            }
            let total = u32_at(head, 4, self.big_endian);
            if total == 0 && block_type == 0 && buffer.ends_in_zeros()? {
                return Err(Stop::CutOff);
            }
            if total < BLOCK_FRAME_BYTES || !total.is_multiple_of(4) {
                return Err(Stop::Damage(Damage::BlockLength { found: total, block_type }));
            }
            match block_type {
                ENHANCED_PACKET | SIMPLE_PACKET | PACKET => {
                    return self.packet(buffer, block_type, total).map(Some);
                }
                INTERFACE_DESCRIPTION => self.interface(buffer, total)?,
                _ => close(buffer, total - 4, total, self.big_endian)?,
            }
        }
    }

    /// Reads a section header: its byte order holds from here on, its interfaces are its own.
    fn section<R: Read>(&mut self, buffer: &mut Buffer<R>) -> Result<(), Stop> {
        if !buffer.has(16)? {
            return Err(Stop::CutOff);
        }
        let head = buffer.available();
        self.big_endian = match u32_at(head, 8, false) {
            0x1a2b_3c4d => false,
            0x4d3c_2b1a => true,
            found => return Err(Stop::Damage(Damage::ByteOrder { found })),
        };
        let total = u32_at(head, 4, self.big_endian);
        let (major, minor) = (u16_at(head, 12, self.big_endian), u16_at(head, 14, self.big_endian));
        // 1.2 is what some writers put for 1.0, and the specification says to read it so
        if major != 1 || !matches!(minor, 0 | 2) {
            return Err(Stop::Damage(Damage::Version { major, minor }));
        }
        if total < 28 || !total.is_multiple_of(4) {
            return Err(Stop::Damage(Damage::BlockLength { found: total, block_type: SECTION_HEADER }));
        }
        self.interfaces.clear();
        if self.comment.is_none() && total <= MAX_SECTION_LOOKED_AT && buffer.has(total as usize)? {
            self.comment = comment(&buffer.available()[24..total as usize - 4], self.big_endian);
        }
        close(buffer, total - 4, total, self.big_endian)
    }

    fn interface<R: Read>(&mut self, buffer: &mut Buffer<R>, total: u32) -> Result<(), Stop> {
        let impossible = Damage::BlockLength { found: total, block_type: INTERFACE_DESCRIPTION };
        if !(20..=MAX_INTERFACE_BYTES).contains(&total) || self.interfaces.len() == MAX_INTERFACES {
            return Err(Stop::Damage(impossible));
        }
        if !buffer.has(total as usize)? {
            return Err(Stop::CutOff);
        }
        let block = &buffer.available()[..total as usize - 4];
        let mut interface = Interface {
            link: LinkType(u16_at(block, 8, self.big_endian)),
            snap_length: u32_at(block, 12, self.big_endian),
            ticks: Ticks::Nanoseconds(1000),
            offset_ns: 0,
        };
        interface.read_options(&block[16..], self.big_endian);
        self.interfaces.push(interface);
        close(buffer, total - 4, total, self.big_endian)
    }

    #[inline(always)]
    fn packet<R: Read>(
        &mut self,
        buffer: &mut Buffer<R>,
        block_type: u32,
        total: u32,
    ) -> Result<Record, Stop> {
        let Some(fields) = self.packet_fields(buffer, block_type, total)? else {
            return Err(Stop::CutOff);
        };
        let Some(interface) = self.interfaces.get(fields.interface as usize) else {
            let known = self.interfaces.len();
            return Err(Stop::Damage(Damage::Interface { found: fields.interface, known }));
        };
        let captured = match block_type {
            SIMPLE_PACKET if interface.snap_length > 0 => fields.captured.min(interface.snap_length),
            _ => fields.captured,
        };
        if captured > MAX_PACKET_BYTES {
            return Err(Stop::Damage(Damage::PacketLength { found: captured, limit: MAX_PACKET_BYTES }));
        }
        if fields.header_bytes + captured + 4 > total || total > MAX_PACKET_BLOCK_BYTES {
            return Err(Stop::Damage(Damage::BlockLength { found: total, block_type }));
        }
        let link = interface.link;
        // a simple packet has no time: the last one known stands for it
        let time_ns = fields.time.map_or(self.last_time_ns, |ticks| interface.time_ns(ticks));
        if !buffer.has(total as usize)? {
            return Err(Stop::CutOff);
        }
        self.last_time_ns = time_ns;
        let start = buffer.position() + fields.header_bytes as usize;
        close(buffer, total - 4, total, self.big_endian)?;
        let length_bytes = fields.length.max(captured);
        Ok(Record { time_ns, length_bytes, link, start, end: start + captured as usize })
    }

    /// Reads the fixed fields of a packet block; `None` where the file ends inside them.
    #[inline(always)]
    fn packet_fields<R: Read>(
        &self,
        buffer: &mut Buffer<R>,
        block_type: u32,
        total: u32,
    ) -> Result<Option<PacketFields>, Stop> {
        let header_bytes = if block_type == SIMPLE_PACKET { 12 } else { 28 };
        if total < header_bytes + 4 {
            return Err(Stop::Damage(Damage::BlockLength { found: total, block_type }));
        }
        if !buffer.has(header_bytes as usize)? {
            return Ok(None);
        }
        let head = buffer.available();
        let field = |at| u32_at(head, at, self.big_endian);
        Ok(Some(if block_type == SIMPLE_PACKET {
            let length = field(8);
            let captured = length.min(total - header_bytes - 4);
            PacketFields { interface: 0, time: None, captured, length, header_bytes }
        } else {
            let interface = match block_type {
                PACKET => u32::from(u16_at(head, 8, self.big_endian)),
                _ => field(8),
            };
            let time = Some(u64::from(field(12)) << 32 | u64::from(field(16)));
            PacketFields { interface, time, captured: field(20), length: field(24), header_bytes }
        }))
    }
}

impl Interface {
    /// Takes the time resolution and offset from the options; damaged options are passed over.
    fn read_options(&mut self, mut options: &[u8], big_endian: bool) {
        while options.len() >= 4 {
            let (code, length) = (u16_at(options, 0, big_endian), u16_at(options, 2, big_endian));
            let Some(value) = options.get(4..4 + usize::from(length)) else { return };
            match (code, value) {
                (0, _) => return,
                (9, [resolution, ..]) => self.ticks = Ticks::of_resolution(*resolution),
                (14, value) if value.len() == 8 => {
                    let (first, second) = (u32_at(value, 0, big_endian), u32_at(value, 4, big_endian));
                    let (high, low) = if big_endian { (first, second) } else { (second, first) };
                    let seconds = (u64::from(high) << 32 | u64::from(low)) as i64;
                    self.offset_ns = seconds.saturating_mul(1_000_000_000);
                }
                _ => {}
            }
            options = options.get(4 + usize::from(length).next_multiple_of(4)..).unwrap_or(&[]);
        }
    }

    #[inline(always)]
    fn time_ns(&self, ticks: u64) -> i64 {
        let ns = match self.ticks {
            Ticks::Nanoseconds(ns) => i64::try_from(ticks).unwrap_or(i64::MAX).saturating_mul(ns),
            Ticks::PerSecond(per_second) => {
                i64::try_from(u128::from(ticks) * 1_000_000_000 / per_second).unwrap_or(i64::MAX)
            }
        };
        ns.saturating_add(self.offset_ns).clamp(-MAX_TIME_NS, MAX_TIME_NS)
    }
}

impl Ticks {
    /// The `if_tsresol` byte: a power of ten, or with the highest bit set of two.
    fn of_resolution(byte: u8) -> Ticks {
        let exponent = u32::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            // 2^-64 s and finer: every tick that fits 64 bits lies within one second
            return Ticks::PerSecond(1 << exponent.min(96));
        }
        match exponent {
            0..=9 => Ticks::Nanoseconds(10_i64.pow(9 - exponent)),
            _ => Ticks::PerSecond(10_u128.pow(exponent.min(38))),
        }
    }
}

/// The comment among a block's options.
fn comment(mut options: &[u8], big_endian: bool) -> Option<String> {
    const COMMENT: u16 = 1;
    while options.len() >= 4 {
        let (code, length) = (u16_at(options, 0, big_endian), usize::from(u16_at(options, 2, big_endian)));
        let value = options.get(4..4 + length)?;
        match code {
            0 => return None,
            COMMENT => return Some(String::from_utf8_lossy(value).into_owned()),
            _ => options = options.get(4 + length.next_multiple_of(4)..)?,
        }
    }
    None
}

/// Reads past what is left of a block: `rest` bytes, then its length once more.
#[inline(always)]
fn close<R: Read>(buffer: &mut Buffer<R>, rest: u32, expected: u32, big_endian: bool) -> Result<(), Stop> {
    // skipping moves nothing where the block is in the buffer
    if buffer.available().len() >= rest as usize + 4 {
        let found = u32_at(&buffer.available()[rest as usize..], 0, big_endian);
        if found != expected {
            return Err(Stop::Damage(Damage::BlockTrailer { found, expected }));
        }
        buffer.consume(rest as usize + 4);
        return Ok(());
    }
    if !buffer.skip(u64::from(rest))? || !buffer.has(4)? {
        return Err(Stop::CutOff);
    }
    let found = u32_at(buffer.available(), 0, big_endian);
    if found != expected {
        return Err(Stop::Damage(Damage::BlockTrailer { found, expected }));
    }
    buffer.consume(4);
    Ok(())
}
