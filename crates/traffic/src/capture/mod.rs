//! Capture files: where packets come from and go to.
//!
//! [`CaptureReader`] streams pcap, pcapng and packet tables, plain or compressed, recognised by content, through a buffer
//! of fixed size. Capture files are hostile input: a length is checked before it is believed.

mod ahead;
mod block;
mod buffer;
#[cfg_attr(not(feature = "compression"), path = "uncompressed.rs")]
mod compression;
mod magic;
mod packet_table;
mod pcap;
mod pcapng;
mod source;
#[cfg(test)]
mod tests;
pub mod write;

pub use block::MAX_PACKET_BYTES;
pub use source::Source;

use crate::Error;
use crate::error::{Damage, PacketTableFault};
use buffer::Buffer;
use std::io::{self, Read};
use std::path::Path;

/// A link type of the tcpdump registry (`LINKTYPE_…`): how a frame's first bytes are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: a 4-byte address family in the capturing host's order.
    pub const NULL: LinkType = LinkType(0);
    /// Ethernet.
    pub const ETHERNET: LinkType = LinkType(1);
    /// PPP, with or without HDLC framing.
    pub const PPP: LinkType = LinkType(9);
    /// PPP in HDLC framing.
    pub const PPP_HDLC: LinkType = LinkType(50);
    /// A PPPoE session without its Ethernet header.
    pub const PPP_ETHER: LinkType = LinkType(51);
    /// Raw IP, version known by the first half-byte.
    pub const RAW: LinkType = LinkType(101);
    /// 802.11.
    pub const IEEE802_11: LinkType = LinkType(105);
    /// OpenBSD loopback: a 4-byte address family in network order.
    pub const LOOP: LinkType = LinkType(108);
    /// OpenBSD's view into IPsec.
    pub const ENC: LinkType = LinkType(109);
    /// Linux cooked, version 1.
    pub const LINUX_SLL: LinkType = LinkType(113);
    /// 802.11 behind a Prism header.
    pub const PRISM: LinkType = LinkType(119);
    /// 802.11 behind a radiotap header.
    pub const IEEE802_11_RADIOTAP: LinkType = LinkType(127);
    /// A packet that the device sent, of which a packet table says no more than time and size. The frame holds no bytes. A
    /// number that the registry does not give.
    pub const SENT: LinkType = LinkType(u16::MAX);
    /// The same of a packet that the device received.
    pub const RECEIVED: LinkType = LinkType(u16::MAX - 1);
    /// 802.11 behind an AVS header.
    pub const IEEE802_11_AVS: LinkType = LinkType(163);
    /// A frame of another link type behind a per-packet information header.
    pub const PPI: LinkType = LinkType(192);
    /// PPP behind a byte that says who sent it.
    pub const PPP_WITH_DIR: LinkType = LinkType(204);
    /// Raw IPv4.
    pub const IPV4: LinkType = LinkType(228);
    /// Raw IPv6.
    pub const IPV6: LinkType = LinkType(229);
    /// Linux' netfilter log.
    pub const NFLOG: LinkType = LinkType(239);
    /// Apple's packet tap: a frame of another link type behind a header.
    pub const PKTAP: LinkType = LinkType(258);
    /// Linux cooked, version 2.
    pub const LINUX_SLL2: LinkType = LinkType(276);
}

/// One packet record of a capture, whatever is in it.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Nanoseconds since 1970. Range: ±2⁶², where any two differ by less than 2⁶³.
    pub time_ns: i64,
    /// Length on the wire, bytes; at least the captured length.
    pub length_bytes: u32,
    /// How the first bytes are to be read.
    pub link: LinkType,
    /// The captured bytes.
    pub bytes: &'a [u8],
}

/// Frames one after another: a file, a generator, a live source.
pub trait Frames {
    /// Hands every frame that is left to `each`, in order.
    ///
    /// # Errors
    /// The source's; the frames before it have been handed on.
    fn drive(&mut self, each: impl FnMut(&Frame<'_>)) -> Result<End, Error>;
}

/// How frames ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct End {
    /// Where a last record begins that the end of the file cuts off.
    pub cut_off_at: Option<u64>,
    /// How the traffic was generated, where the source says that it was.
    pub generated: Option<String>,
}

impl<R: Read> Frames for CaptureReader<R> {
    #[inline]
    fn drive(&mut self, mut each: impl FnMut(&Frame<'_>)) -> Result<End, Error> {
        while let Some(frame) = self.next_frame()? {
            each(&frame);
        }
        Ok(End { cut_off_at: self.cut_off_at, generated: self.generated().map(str::to_owned) })
    }
}

/// Frames in memory.
impl Frames for &[Frame<'_>] {
    fn drive(&mut self, each: impl FnMut(&Frame<'_>)) -> Result<End, Error> {
        std::mem::take(self).iter().for_each(each);
        Ok(End::default())
    }
}

/// Times are kept within this many nanoseconds of 1970, so that differences never overflow.
const MAX_TIME_NS: i64 = 1 << 62;

/// Where a record lies in the buffer.
#[derive(Debug, Clone, Copy)]
struct Record {
    time_ns: i64,
    length_bytes: u32,
    link: LinkType,
    start: usize,
    end: usize,
}

/// Why a format's reader stopped.
#[derive(Debug)]
enum Stop {
    /// The file ends inside a record.
    CutOff,
    Damage(Damage),
    /// A packet table's line, from 1, is not what it should be.
    PacketTable {
        line: u64,
        fault: PacketTableFault,
    },
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(e: io::Error) -> Stop {
        Stop::Io(e)
    }
}

/// A capture, read frame after frame.
pub struct CaptureReader<R = Source> {
    path: String,
    buffer: Buffer<R>,
    format: Format,
    n_frames: u64,
    cut_off_at: Option<u64>,
    ended: bool,
    /// Whether [`CaptureReader::next_trace`] has given a trace.
    trace_begun: bool,
}

enum Format {
    Pcap(pcap::Header),
    Pcapng(pcapng::Section),
    PacketTable(Box<packet_table::PacketTable>),
    /// Cut off before the first record.
    Nothing,
}

impl CaptureReader<Source> {
    /// Opens a capture file, or standard input for `-`.
    ///
    /// # Errors
    /// [`Error::Open`], and what [`CaptureReader::new`] gives.
    pub fn open(path: &Path) -> Result<CaptureReader<Source>, Error> {
        let name = path.display().to_string();
        let opened = if name == "-" {
            source::open(io::stdin())
        } else {
            std::fs::File::open(path).and_then(source::open)
        };
        match opened {
            Ok(source) => CaptureReader::new(name, source),
            Err(source) => Err(Error::Open { path: name, source }),
        }
    }

    /// A capture from any stream of bytes, decompressed where its first bytes say so.
    ///
    /// # Errors
    /// [`Error::Open`], and what [`CaptureReader::new`] gives.
    pub fn from_stream(
        name: String,
        stream: impl Read + Send + 'static,
    ) -> Result<CaptureReader<Source>, Error> {
        match source::open(stream) {
            Ok(source) => CaptureReader::new(name, source),
            Err(source) => Err(Error::Open { path: name, source }),
        }
    }
}

impl<R: Read + Send + 'static> CaptureReader<R> {
    /// Lets a thread of its own read, and decompress, from now on; frames are the same.
    #[must_use]
    pub fn read_ahead(self) -> CaptureReader<R> {
        CaptureReader { buffer: self.buffer.read_ahead(), ..self }
    }
}

impl<R: Read> CaptureReader<R> {
    /// Reads the file header of a plain capture; `path` is what messages call it.
    ///
    /// # Errors
    /// [`Error::NotACapture`], [`Error::Damaged`] for a version that is not read, [`Error::PacketTable`] for a header without
    /// the columns it needs, [`Error::Read`].
    pub fn new(path: String, source: R) -> Result<CaptureReader<R>, Error> {
        let buffer = Buffer::new(source);
        let (format, ended) = (Format::Nothing, false);
        let (n_frames, cut_off_at, trace_begun) = (0, None, false);
        let mut reader = CaptureReader { path, buffer, format, n_frames, cut_off_at, ended, trace_begun };
        match reader.recognise() {
            Ok(Some(format)) => reader.format = format,
            Ok(None) => return Err(reader.not_a_capture()),
            Err(Stop::CutOff) => (reader.cut_off_at, reader.ended) = (Some(0), true),
            Err(stop) => return Err(reader.error(0, stop)),
        }
        Ok(reader)
    }

    fn recognise(&mut self) -> Result<Option<Format>, Stop> {
        if !self.buffer.has(4)? {
            return Ok(None);
        }
        let head = self.buffer.available();
        let head = [head[0], head[1], head[2], head[3]];
        if pcapng::Section::recognises(head) {
            return Ok(Some(Format::Pcapng(pcapng::Section::default())));
        }
        if pcap::Header::recognises(head) {
            return match pcap::Header::read(&mut self.buffer)? {
                Some(header) => Ok(Some(Format::Pcap(header))),
                None => Err(Stop::CutOff),
            };
        }
        let table = packet_table::PacketTable::read(&mut self.buffer)?;
        Ok(table.map(|table| Format::PacketTable(Box::new(table))))
    }

    fn not_a_capture(&self) -> Error {
        let available = self.buffer.available();
        Error::NotACapture { path: self.path.clone(), found: available[..available.len().min(4)].to_vec() }
    }

    /// The next frame; `None` at the end. After the end [`CaptureReader::cut_off_at`] tells whether
    /// the last record was whole.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::PacketTable`] and [`Error::Read`]; nothing more can be read after one.
    #[inline(always)]
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, Error> {
        if self.ended {
            return Ok(None);
        }
        let offset = self.buffer.offset();
        let next = match &mut self.format {
            Format::Pcap(header) => header.next(&mut self.buffer),
            Format::Pcapng(section) => section.next(&mut self.buffer),
            Format::PacketTable(table) => table.next(&mut self.buffer),
            Format::Nothing => Ok(None),
        };
        match next {
            Ok(Some(record)) => {
                self.n_frames += 1;
                Ok(Some(Frame {
                    time_ns: record.time_ns,
                    length_bytes: record.length_bytes,
                    link: record.link,
                    bytes: &self.buffer.all()[record.start..record.end],
                }))
            }
            Ok(None) => {
                self.ended = true;
                Ok(None)
            }
            Err(stop) => self.stop(offset, stop).map(|()| None),
        }
    }

    #[cold]
    #[inline(never)]
    fn stop(&mut self, offset: u64, stop: Stop) -> Result<(), Error> {
        self.ended = true;
        // blocks without packets may have been passed over before the one that stops us
        let offset = match &self.format {
            Format::Pcapng(section) => section.block_offset(),
            Format::Pcap(_) | Format::PacketTable(_) | Format::Nothing => offset,
        };
        match stop {
            Stop::CutOff => {
                self.cut_off_at = Some(offset);
                Ok(())
            }
            stop => Err(self.error(offset, stop)),
        }
    }

    fn error(&self, offset: u64, stop: Stop) -> Error {
        let (path, n_frames) = (self.path.clone(), self.n_frames);
        let compression = |what: String| Damage::Compression { what };
        let damage = match stop {
            Stop::Damage(damage) => damage,
            Stop::PacketTable { line, fault } => return Error::PacketTable { path, line, fault },
            Stop::CutOff => compression("it ends in the middle".to_owned()),
            Stop::Io(source) => match source.kind() {
                _ if source.raw_os_error().is_some() => {
                    return Error::Read { path, offset, n_frames, source };
                }
                io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
                    compression(source.to_string())
                }
                _ => return Error::Read { path, offset, n_frames, source },
            },
        };
        Error::Damaged { path, offset, n_frames, damage }
    }

    /// Whether this is a packet table: of each packet time, size and direction alone are known.
    pub fn is_packet_table(&self) -> bool {
        matches!(self.format, Format::PacketTable(_))
    }

    /// Names of the columns of a packet table that are neither time, size nor direction: they say which trace a row is of.
    /// Other captures have none.
    pub fn key_columns(&self) -> Vec<String> {
        match &self.format {
            Format::PacketTable(table) => table.key_columns().map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }

    /// Lets frames end with every trace from now on: [`CaptureReader::next_trace`] begins the next one. Traces are told apart by
    /// what stands in these columns. To be called before the first frame is read.
    ///
    /// # Errors
    /// [`Error::PacketTable`] where one is no key column; of a capture that is no packet table, each is none.
    pub fn split_by(&mut self, columns: &[String]) -> Result<(), Error> {
        let split = match (&mut self.format, columns.first()) {
            (Format::PacketTable(table), _) => table.split_by(columns),
            (_, None) => Ok(()),
            (_, Some(column)) => Err(PacketTableFault::NoKey { column: column.clone(), columns: Vec::new() }),
        };
        split.map_err(|fault| Error::PacketTable { path: self.path.clone(), line: 1, fault })
    }

    /// Begins the next trace: what stands in the columns given to [`CaptureReader::split_by`]; `None` at the end. A capture that
    /// was not split is one trace.
    ///
    /// # Errors
    /// What [`CaptureReader::next_frame`] gives, and [`Error::PacketTable`] where rows of one trace do not stand together.
    pub fn next_trace(&mut self) -> Result<Option<Vec<String>>, Error> {
        let begun = std::mem::replace(&mut self.trace_begun, true);
        let next = match &mut self.format {
            Format::PacketTable(table) if table.is_split() => table.begin_trace(&mut self.buffer),
            _ => return Ok((!begun).then(Vec::new)),
        };
        match next {
            Ok(keys) => {
                self.ended = keys.is_none();
                Ok(keys)
            }
            Err(stop) => self.stop(self.buffer.offset(), stop).map(|()| None),
        }
    }

    /// How many frames have been read.
    pub fn n_frames(&self) -> u64 {
        self.n_frames
    }

    /// Where a record begins that the end of the file cuts off; known once the end is reached.
    pub fn cut_off_at(&self) -> Option<u64> {
        self.cut_off_at
    }

    /// How the traffic was generated, where the file says that it was; known once its first frame was read.
    pub fn generated(&self) -> Option<&str> {
        match &self.format {
            Format::Pcapng(section) => section.comment()?.strip_prefix(write::GENERATED),
            Format::Pcap(_) | Format::PacketTable(_) | Format::Nothing => None,
        }
    }

    /// What messages call the capture.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Offset of the next byte in the (uncompressed) capture: how far a progress bar has come.
    pub fn offset(&self) -> u64 {
        self.buffer.offset()
    }
}
