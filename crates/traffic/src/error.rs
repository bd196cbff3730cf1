//! What can go wrong between a capture file and its packets.

mod packet_table;

pub use packet_table::PacketTableFault;

use std::io;

/// Every failure of this crate; variants carry facts, the message says where and what to try.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A capture cannot be opened.
    #[error("{path}: cannot be opened: {source}")]
    Open {
        /// As given.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A capture cannot be read on.
    #[error("{path}, byte {offset}: cannot be read: {source} ({n_frames} packets were read before it)")]
    Read {
        /// As given.
        path: String,
        /// Offset in the uncompressed capture.
        offset: u64,
        /// Frames read before.
        n_frames: u64,
        /// The system's reason.
        source: io::Error,
    },
    /// The first bytes are of no format that is read here.
    #[error(
        "{path}: {}; pcap, pcapng and packet tables (CSV with the columns time_s, size_bytes, direction) are read, plain or as gz, \
         zst or lz4",
        not_a_capture(found)
    )]
    NotACapture {
        /// As given.
        path: String,
        /// The first bytes, four at most.
        found: Vec<u8>,
    },
    /// A record or block is not what its format says.
    #[error(
        "{path}, byte {offset}: {damage}; the file may be damaged ({n_frames} packets were read before it)"
    )]
    Damaged {
        /// As given.
        path: String,
        /// Offset of the record or block in the uncompressed capture.
        offset: u64,
        /// Frames read before.
        n_frames: u64,
        /// What was found.
        damage: Damage,
    },
    /// A packet table is not what it should be.
    #[error("{path}, line {line}: {fault}")]
    PacketTable {
        /// As given.
        path: String,
        /// Line, from 1: that of the header.
        line: u64,
        /// What is wrong.
        fault: PacketTableFault,
    },
    /// A windowing is written as `t=SECONDS` or `n=PACKETS`.
    #[error("windowing {text:?}: write t=SECONDS or n=PACKETS, a whole number from 1 to {}", u32::MAX)]
    Windowing {
        /// As typed.
        text: String,
    },
    /// A device is written as a MAC or an IP address.
    #[error("device {text:?}: write a MAC address (02:00:00:00:00:01) or an IP address")]
    Device {
        /// As typed.
        text: String,
    },
    /// No group of features has this name.
    #[error("no group of features is called {name:?}; there are: {known}, or full for all")]
    UnknownGroup {
        /// As typed.
        name: String,
        /// Those there are.
        known: String,
    },
    /// No observer has this name.
    #[error("no observer is called {name:?}; there are: {known}")]
    UnknownObserver {
        /// As typed.
        name: String,
        /// Those there are.
        known: String,
    },
    /// A changed event that no frame says.
    #[error("a changed packet of {time_ns} ns cannot be written as a frame: {reason}")]
    Unwritable {
        /// Its time, ns since 1970.
        time_ns: i64,
        /// Why.
        reason: crate::wire::write::Unwritable,
    },
}

/// What is wrong with a record or block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A packet longer than any capture holds.
    #[error("packet length {found} is above the limit of {limit}")]
    PacketLength {
        /// Captured length found.
        found: u32,
        /// The most that is read.
        limit: u32,
    },
    /// A file header of a version that is not read here.
    #[error("version {major}.{minor} is not one that is read here")]
    Version {
        /// Major.
        major: u16,
        /// Minor.
        minor: u16,
    },
    /// A pcapng block whose length is impossible.
    #[error("block length {found} is impossible for a block of type {block_type:#x}")]
    BlockLength {
        /// Total length found.
        found: u32,
        /// Block type.
        block_type: u32,
    },
    /// A pcapng block whose two lengths differ.
    #[error("block length {found} at its end is not the {expected} of its beginning")]
    BlockTrailer {
        /// At the end.
        found: u32,
        /// At the beginning.
        expected: u32,
    },
    /// A pcapng packet of an interface that was never described.
    #[error("interface {found} was never described; the section has {known}")]
    Interface {
        /// Interface number found.
        found: u32,
        /// How many the section has.
        known: usize,
    },
    /// A pcapng section without a byte-order magic.
    #[error("byte-order magic {found:#010x} is none")]
    ByteOrder {
        /// Found, read as little-endian.
        found: u32,
    },
    /// The compressed stream does not decompress.
    #[error("the compressed data do not decompress: {what}")]
    Compression {
        /// The decompressor's reason.
        what: String,
    },
}

fn not_a_capture(found: &[u8]) -> String {
    match found {
        [] => "not a capture: it is empty".to_owned(),
        found => format!("not a capture: it begins with {found:02x?}"),
    }
}
