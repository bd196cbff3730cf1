//! A buffer of fixed size between a file and the records in it.
//!
//! It stays inside the processor's caches, so that a packet is touched where the system's copy has just
//! put it, and memory does not grow with the file.

use super::ahead::Ahead;
use super::block::{Block, MAX_RECORD_BYTES};
use std::io::{self, Read};

/// So many bytes are looked at to see whether a file ends in zeros,
const ZEROS_LOOKED_AT: usize = 65_536;
/// and fewer than a disk's sector say nothing: a record header may be all zeros.
const FEWEST_ZEROS: usize = 512;

/// Where bytes come from.
enum Supply<R> {
    Here(R),
    Ahead(Ahead),
}

/// Bytes read from a source and not yet consumed.
pub(super) struct Buffer<R> {
    supply: Supply<R>,
    block: Block,
    start: usize,
    end: usize,
    offset: u64,
    ended: bool,
}

impl<R: Read + Send + 'static> Buffer<R> {
    /// Lets a thread of its own read from now on.
    pub(super) fn read_ahead(self) -> Buffer<R> {
        let supply = match self.supply {
            Supply::Here(source) => Supply::Ahead(Ahead::start(source)),
            ahead => ahead,
        };
        Buffer { supply, ..self }
    }
}

impl<R: Read> Buffer<R> {
    pub(super) fn new(source: R) -> Buffer<R> {
        let block = Block::new();
        let page = block.page;
        Buffer { supply: Supply::Here(source), block, start: page, end: page, offset: 0, ended: false }
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
        if let Supply::Here(_) = self.supply {
            let rest = self.end - self.start;
            self.block.bytes.copy_within(self.start..self.end, self.block.page - rest);
            (self.start, self.end) = (self.block.page - rest, self.block.page);
        }
        while self.end - self.start < n && !self.ended {
            let read = match &mut self.supply {
                Supply::Here(source) => self.block.read(self.end, source)?,
                Supply::Ahead(ahead) => {
                    let (mut next, read) = ahead.next()?;
                    // less than a record is left, and its beginning has room before the page
                    let rest = self.start..self.end;
                    (self.start, self.end) = (next.page - rest.len(), next.page);
                    next.bytes[self.start..self.end].copy_from_slice(&self.block.bytes[rest]);
                    ahead.give_back(std::mem::replace(&mut self.block, next));
                    read
                }
            };
            self.end += read;
            self.ended = read == 0;
        }
        Ok(self.end - self.start >= n)
    }

    /// Whether the source was a compressed stream that broke off: where it ended is no end, even between two records.
    pub(super) fn breaks_off(&self) -> bool {
        self.block.breaks_off
    }

    /// The bytes available now.
    #[inline(always)]
    pub(super) fn available(&self) -> &[u8] {
        &self.block.bytes[self.start..self.end]
    }

    /// Where [`Buffer::available`] begins inside [`Buffer::all`].
    #[inline(always)]
    pub(super) fn position(&self) -> usize {
        self.start
    }

    /// The whole buffer: a consumed record stays readable in it until the next [`Buffer::has`].
    #[inline(always)]
    pub(super) fn all(&self) -> &[u8] {
        &self.block.bytes
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

    /// Whether zeros alone are left, as far as a look ahead tells: what a power cut leaves where blocks were given to the
    /// file and never written.
    #[cold]
    #[inline(never)]
    pub(super) fn ends_in_zeros(&mut self) -> io::Result<bool> {
        self.has(ZEROS_LOOKED_AT)?;
        let ahead = self.available();
        let ahead = &ahead[..ahead.len().min(ZEROS_LOOKED_AT)];
        Ok(ahead.len() >= FEWEST_ZEROS && ahead.iter().all(|&byte| byte == 0))
    }

    /// Offset of the next byte in the (uncompressed) capture.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }
}
