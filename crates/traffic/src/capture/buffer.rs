//! A buffer of fixed size between a file and the records in it.
//!
//! It stays inside a core's second-level cache, so that a packet is touched where the system's copy
//! has just put it, and memory does not grow with the file.

use std::io::{self, Read};

/// The most a packet may hold: what libpcap's `MAXIMUM_SNAPLEN` allows.
pub const MAX_PACKET_BYTES: u32 = 262_144;

/// One read of the source.
const READ_BYTES: usize = 256 * 1024;

/// The longest record with its headers.
const MAX_RECORD_BYTES: usize = 2 * MAX_PACKET_BYTES as usize;

/// Reads go to the beginning of a page: the system copies whole pages 1.4 times as fast there.
const PAGE_BYTES: usize = 4096;

/// Bytes read from a source and not yet consumed.
pub(super) struct Buffer<R> {
    source: R,
    bytes: Box<[u8]>,
    /// Where reads go; what is left of the read before is moved to end here.
    page: usize,
    start: usize,
    end: usize,
    offset: u64,
    ended: bool,
}

impl<R: Read> Buffer<R> {
    pub(super) fn new(source: R) -> Buffer<R> {
        // room for the beginning of a record, then for its end and one whole read; what is not touched
        // takes no memory
        let capacity = MAX_RECORD_BYTES + PAGE_BYTES + MAX_RECORD_BYTES + READ_BYTES;
        let bytes = vec![0; capacity].into_boxed_slice();
        let page = MAX_RECORD_BYTES + bytes[MAX_RECORD_BYTES..].as_ptr().align_offset(PAGE_BYTES);
        Buffer { source, bytes, page, start: page, end: page, offset: 0, ended: false }
    }

    /// Makes `n` bytes available; false where the source ends before. `n` is at most the packet
    /// limit and its headers.
    #[inline(always)]
    pub(super) fn has(&mut self, n: usize) -> io::Result<bool> {
        if self.end - self.start >= n { Ok(true) } else { self.fill(n) }
    }

    #[cold]
    #[inline(never)]
    fn fill(&mut self, n: usize) -> io::Result<bool> {
        debug_assert!(n <= MAX_RECORD_BYTES);
        let rest = self.end - self.start;
        self.bytes.copy_within(self.start..self.end, self.page - rest);
        (self.start, self.end) = (self.page - rest, self.page);
        while self.end - self.start < n && !self.ended {
            // one whole read at a time keeps the touched part of the buffer in the cache
            let room = self.end + READ_BYTES;
            match self.source.read(&mut self.bytes[self.end..room]) {
                Ok(0) => self.ended = true,
                Ok(read) => self.end += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                // a compressed stream cut off in the middle ends here, like a plain one
                Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => self.ended = true,
                Err(e) => return Err(e),
            }
        }
        Ok(self.end - self.start >= n)
    }

    /// The bytes available now.
    #[inline(always)]
    pub(super) fn available(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Where [`Buffer::available`] begins inside [`Buffer::all`].
    #[inline(always)]
    pub(super) fn position(&self) -> usize {
        self.start
    }

    /// The whole buffer: a consumed record stays readable in it until the next [`Buffer::has`].
    #[inline(always)]
    pub(super) fn all(&self) -> &[u8] {
        &self.bytes
    }

    /// Marks `n` available bytes as read.
    #[inline(always)]
    pub(super) fn consume(&mut self, n: usize) {
        debug_assert!(n <= self.end - self.start);
        self.start += n;
        self.offset += n as u64;
    }

    /// Reads on past `n` bytes, however many; false where the source ends before.
    pub(super) fn skip(&mut self, mut n: u64) -> io::Result<bool> {
        loop {
            let here = (self.end - self.start).min(usize::try_from(n).unwrap_or(usize::MAX));
            self.consume(here);
            n -= here as u64;
            if n == 0 {
                return Ok(true);
            }
            if !self.has(1)? {
                return Ok(false);
            }
        }
    }

    /// Offset of the next byte in the (uncompressed) capture.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }
}
