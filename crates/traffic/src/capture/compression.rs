//! gz, zst and lz4, told by their first bytes.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

/// A plain or decompressed capture.
pub type Source = Box<dyn Read + Send>;

/// Looks at the first bytes of a stream and puts the decompressor that fits in front of it.
///
/// # Errors
/// What reading the first bytes gives.
pub fn open(mut raw: impl Read + Send + 'static) -> io::Result<Source> {
    let mut head = [0; 4];
    let mut n = 0;
    while n < head.len() {
        match raw.read(&mut head[n..]) {
            Ok(0) => break,
            Ok(read) => n += read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let whole = Cursor::new(head[..n].to_vec()).chain(raw);
    Ok(match head {
        [0x1f, 0x8b, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(buffered(whole))),
        [0x28, 0xb5, 0x2f, 0xfd] => Box::new(Zstd { frame: None, rest: Some(buffered(whole)) }),
        // a skippable frame, as pzstd and seekable files begin
        [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Box::new(Zstd { frame: None, rest: Some(buffered(whole)) }),
        [0x04, 0x22, 0x4d, 0x18] => Box::new(Lz4(lz4_flex::frame::FrameDecoder::new(buffered(whole)))),
        _ => Box::new(whole),
    })
}

type Whole<R> = BufReader<Chain<Cursor<Vec<u8>>, R>>;

fn buffered<R: Read>(whole: Chain<Cursor<Vec<u8>>, R>) -> Whole<R> {
    BufReader::with_capacity(128 * 1024, whole)
}

type ZstdFrame<R> = ruzstd::decoding::StreamingDecoder<R, ruzstd::decoding::FrameDecoder>;

/// Zstandard: frames one after another, skippable ones among them.
struct Zstd<R: BufRead> {
    frame: Option<ZstdFrame<R>>,
    rest: Option<R>,
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let n = frame.read(out)?;
                if n > 0 || out.is_empty() {
                    return Ok(n);
                }
                self.rest = self.frame.take().map(|frame| frame.into_inner());
            }
            let Some(mut rest) = self.rest.take() else { return Ok(0) };
            if rest.fill_buf()?.is_empty() {
                return Ok(0);
            }
            if !skip_zstd_frame(&mut rest)? {
                self.frame = Some(ZstdFrame::new(rest).map_err(io::Error::other)?);
            } else {
                self.rest = Some(rest);
            }
        }
    }
}

/// Reads past a skippable frame; false where the next frame is none.
fn skip_zstd_frame(rest: &mut impl BufRead) -> io::Result<bool> {
    let head = rest.fill_buf()?;
    // a frame's first bytes that straddle two reads cannot be told here: the decoder will tell
    if head.len() < 8 || !matches!(head[..4], [0x50..=0x5f, 0x2a, 0x4d, 0x18]) {
        return Ok(false);
    }
    let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    rest.consume(8);
    io::copy(&mut rest.take(u64::from(length)), &mut io::sink())?;
    Ok(true)
}

/// LZ4 frames, one after another: the decoder answers "no bytes" between two of them.
struct Lz4<R: BufRead>(lz4_flex::frame::FrameDecoder<R>);

impl<R: BufRead> Read for Lz4<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.0.read(out).map_err(cut_off_or_damaged)?;
            if n > 0 || out.is_empty() || self.0.get_mut().fill_buf()?.is_empty() {
                return Ok(n);
            }
        }
    }
}

/// The decoder wraps the end of its input in an error of its own.
fn cut_off_or_damaged(e: io::Error) -> io::Error {
    let eof = |inner: &(dyn std::error::Error + 'static)| {
        inner.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::UnexpectedEof)
    };
    let cut = e.get_ref().is_some_and(|inner| eof(inner) || inner.source().is_some_and(eof));
    if cut { io::Error::from(io::ErrorKind::UnexpectedEof) } else { e }
}
