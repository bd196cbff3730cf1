//! Captures built byte by byte, so that a reader can check them by hand.

#[cfg(feature = "compression")]
mod compression;
mod damage;
mod oracle;
mod packet_table;
mod pcap;
mod pcapng;

use super::{CaptureReader, LinkType};
use std::io::{self, Read};

/// Bytes in one order.
#[derive(Debug, Clone)]
struct Bytes {
    big_endian: bool,
    bytes: Vec<u8>,
}

impl Bytes {
    fn little() -> Bytes {
        Bytes { big_endian: false, bytes: Vec::new() }
    }

    fn big() -> Bytes {
        Bytes { big_endian: true, bytes: Vec::new() }
    }

    fn raw(mut self, bytes: &[u8]) -> Bytes {
        self.bytes.extend_from_slice(bytes);
        self
    }

    fn u16(self, value: u16) -> Bytes {
        let bytes = if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        self.raw(&bytes)
    }

    fn u32(self, value: u32) -> Bytes {
        let bytes = if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        self.raw(&bytes)
    }

    fn u64(self, value: u64) -> Bytes {
        let bytes = if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        self.raw(&bytes)
    }

    fn padded(mut self) -> Bytes {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self
    }
}

/// A frame that outlives its reader.
#[derive(Debug, Clone, PartialEq)]
struct Kept {
    time_ns: i64,
    length_bytes: u32,
    link: LinkType,
    bytes: Vec<u8>,
}

/// Everything a reader said about a capture.
#[derive(Debug, Clone, PartialEq, Default)]
struct Outcome {
    frames: Vec<Kept>,
    cut_off_at: Option<u64>,
    error: Option<String>,
}

impl Outcome {
    fn of<R: Read>(reader: Result<CaptureReader<R>, crate::Error>) -> Outcome {
        let mut outcome = Outcome::default();
        let mut reader = match reader {
            Ok(reader) => reader,
            Err(error) => return Outcome { error: Some(error.to_string()), ..outcome },
        };
        loop {
            match reader.next_frame() {
                Ok(None) => break,
                Ok(Some(frame)) => outcome.frames.push(Kept {
                    time_ns: frame.time_ns,
                    length_bytes: frame.length_bytes,
                    link: frame.link,
                    bytes: frame.bytes.to_vec(),
                }),
                Err(error) => {
                    outcome.error = Some(error.to_string());
                    break;
                }
            }
        }
        assert_eq!(reader.n_frames(), outcome.frames.len() as u64);
        assert!(reader.next_frame().is_ok_and(|frame| frame.is_none()), "nothing comes after the end");
        outcome.cut_off_at = reader.cut_off_at();
        outcome
    }

    fn times(&self) -> Vec<i64> {
        self.frames.iter().map(|frame| frame.time_ns).collect()
    }

    fn lengths(&self) -> Vec<(usize, u32)> {
        self.frames.iter().map(|frame| (frame.bytes.len(), frame.length_bytes)).collect()
    }

    /// Nothing was wrong.
    fn clean(self) -> Outcome {
        assert_eq!((self.cut_off_at, &self.error), (None, &None));
        self
    }
}

/// A slow stream, as a pipe may be: so many bytes at a time.
struct InPieces<R>(R, usize);

impl<R: Read> Read for InPieces<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let piece = self.1.min(out.len());
        self.0.read(&mut out[..piece])
    }
}

/// Reads a plain capture, which messages call `x.pcap`: at one go and byte by byte, both also by a thread that reads
/// ahead, with the same outcome.
fn read(file: &Bytes) -> Outcome {
    let name = || "x.pcap".to_owned();
    let whole = Outcome::of(CaptureReader::new(name(), &file.bytes[..]));
    let slow = Outcome::of(CaptureReader::new(name(), InPieces(&file.bytes[..], 1)));
    assert_eq!(whole, slow);
    let kept = || io::Cursor::new(file.bytes.clone());
    let ahead = CaptureReader::new(name(), kept()).map(CaptureReader::read_ahead);
    assert_eq!(whole, Outcome::of(ahead));
    let slow_ahead = CaptureReader::new(name(), InPieces(kept(), 997)).map(CaptureReader::read_ahead);
    assert_eq!(whole, Outcome::of(slow_ahead));
    whole
}

/// The file header of a pcap: Ethernet, snap length 65,535.
fn pcap_header(order: Bytes, magic: u32) -> Bytes {
    order.u32(magic).u16(2).u16(4).raw(&[0; 8]).u32(65_535).u32(1)
}

/// Appends a pcap record.
fn pcap_record(file: Bytes, seconds: u32, fraction: u32, length: u32, bytes: &[u8]) -> Bytes {
    file.u32(seconds).u32(fraction).u32(bytes.len() as u32).u32(length).raw(bytes)
}

const MICROSECONDS: u32 = 0xa1b2_c3d4;

/// Appends a pcapng block around a body, padded.
fn block(file: Bytes, block_type: u32, body: impl FnOnce(Bytes) -> Bytes) -> Bytes {
    let empty = Bytes { big_endian: file.big_endian, bytes: Vec::new() };
    let body = body(empty).padded().bytes;
    let total = body.len() as u32 + 12;
    file.u32(block_type).u32(total).raw(&body).u32(total)
}

/// Appends a section header, from which on the file's order holds.
fn section(file: Bytes) -> Bytes {
    block(file, 0x0a0d_0d0a, |body| body.u32(0x1a2b_3c4d).u16(1).u16(0).u64(u64::MAX))
}

/// Appends an interface; options are (code, value).
fn interface(file: Bytes, link: u16, snap_length: u32, options: &[(u16, &[u8])]) -> Bytes {
    block(file, 1, |body| {
        let body = body.u16(link).u16(0).u32(snap_length);
        let body = options
            .iter()
            .fold(body, |body, (code, value)| body.u16(*code).u16(value.len() as u16).raw(value).padded());
        if options.is_empty() { body } else { body.u32(0) }
    })
}

/// Appends an enhanced packet.
fn enhanced(file: Bytes, interface: u32, ticks: u64, length: u32, bytes: &[u8]) -> Bytes {
    block(file, 6, |body| {
        let body = body.u32(interface).u32((ticks >> 32) as u32).u32(ticks as u32);
        body.u32(bytes.len() as u32).u32(length).raw(bytes)
    })
}

/// A section with one Ethernet interface in microseconds.
fn pcapng(order: Bytes) -> Bytes {
    interface(section(order), 1, 0, &[])
}
