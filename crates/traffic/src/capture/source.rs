//! Where a capture's bytes come from: plain, or gz, zst and lz4, recognised by their first bytes.

use super::compression::Frames;
use super::magic::is_compressed;
use std::io::{self, BufReader, Cursor, Read};

/// A plain or decompressed capture.
pub type Source = Box<dyn Read + Send>;

/// What is read of a stream to see what it is.
const FIRST_BYTES: usize = 64 * 1024;

/// Looks at the first bytes of a stream and puts the decompressor that fits in front of it.
///
/// # Errors
/// What reading the first bytes gives; `Unsupported` for a compressed stream without the feature `compression`.
pub(super) fn open(mut raw: impl Read + Send + 'static) -> io::Result<Source> {
    // whole pages, so that the reads that follow begin at one
    let mut first = vec![0; FIRST_BYTES];
    let mut n = 0;
    while n < 4 {
        match raw.read(&mut first[n..]) {
            Ok(0) => break,
            Ok(read) => n += read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let head = *first.first_chunk::<4>().unwrap_or(&[0; 4]);
    first.truncate(n);
    let whole = Cursor::new(first).chain(raw);
    if is_compressed(head) {
        let buffered = BufReader::with_capacity(128 * 1024, whole);
        return Frames::of(buffered).map(|frames| Box::new(frames) as Source);
    }
    Ok(Box::new(whole))
}
