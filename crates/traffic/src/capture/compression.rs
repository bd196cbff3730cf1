//! gz, zst and lz4, recognised by their first bytes.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

/// A plain or decompressed capture.
pub type Source = Box<dyn Read + Send>;

/// Looks at the first bytes of a stream and puts the decompressor that fits in front of it.
///
/// # Errors
/// What reading the first bytes gives.
pub fn open(mut raw: impl Read + Send + 'static) -> io::Result<Source> {
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
    Ok(match head {
        ZSTD | LZ4 => Box::new(Frames::Between(buffered(whole))),
        head if is_gz(head) || is_skippable(head) => Box::new(Frames::Between(buffered(whole))),
        _ => Box::new(whole),
    })
}

/// What is read of a stream to tell what it is.
const FIRST_BYTES: usize = 64 * 1024;

fn buffered<R: Read>(whole: R) -> BufReader<R> {
    BufReader::with_capacity(128 * 1024, whole)
}

const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const LZ4: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];

fn is_gz(head: [u8; 4]) -> bool {
    head.starts_with(&[0x1f, 0x8b])
}

/// A frame that is to be passed over, as pzstd and seekable files have them; zst and lz4 share it.
fn is_skippable(head: [u8; 4]) -> bool {
    matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18])
}

/// gz members, zst or lz4 frames one after another, each known by its first bytes and read by a decoder of its own.
/// Zeros behind the last one are padding, as tapes and block copies leave it. Memory follows the frame's window: at most 128 MB for zst, as the zstd tool allows, 12 MB for lz4.
enum Frames<R: BufRead> {
    Between(R),
    Gz(Box<flate2::bufread::GzDecoder<Begun<R>>>),
    Zstd(Box<ZstdFrame<Begun<R>>>),
    Lz4(Box<lz4_flex::frame::FrameDecoder<Begun<R>>>),
    Ended,
}

/// A frame whose first bytes were looked at.
type Begun<R> = Chain<Cursor<[u8; 4]>, R>;

type ZstdFrame<R> = ruzstd::decoding::StreamingDecoder<R, ruzstd::decoding::FrameDecoder>;

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = match self {
                Frames::Between(_) | Frames::Ended => 0,
                Frames::Gz(member) => member.read(out)?,
                Frames::Zstd(frame) => frame.read(out).map_err(cut_off_or_damaged)?,
                Frames::Lz4(frame) => frame.read(out).map_err(cut_off_or_damaged)?,
            };
            if n > 0 || out.is_empty() {
                return Ok(n);
            }
            *self = match std::mem::replace(self, Frames::Ended) {
                Frames::Between(rest) => Frames::begin(rest)?,
                Frames::Gz(member) => Frames::Between(member.into_inner().into_inner().1),
                Frames::Zstd(frame) => Frames::Between(end_of_zstd(*frame)?.into_inner().1),
                Frames::Lz4(frame) => Frames::Between(frame.into_inner().into_inner().1),
                Frames::Ended => return Ok(0),
            };
        }
    }
}

impl<R: BufRead> Frames<R> {
    /// Looks at the next frame, which is passed over if it is skippable.
    fn begin(mut rest: R) -> io::Result<Frames<R>> {
        let mut head = Vec::with_capacity(4);
        rest.by_ref().take(4).read_to_end(&mut head)?;
        let Some(&magic) = head.first_chunk::<4>() else {
            // a few zeros are padding, anything else the beginning of a frame that breaks off
            let is_end = head.iter().all(|&byte| byte == 0);
            return if is_end { Ok(Frames::Ended) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
        };
        let begun = |rest| Cursor::new(magic).chain(rest);
        match magic {
            ZSTD => {
                let frame = ZstdFrame::new(begun(rest)).map_err(io::Error::other);
                Ok(Frames::Zstd(Box::new(frame.map_err(cut_off_or_damaged)?)))
            }
            LZ4 => Ok(Frames::Lz4(Box::new(lz4_flex::frame::FrameDecoder::new(begun(rest))))),
            magic if is_gz(magic) => Ok(Frames::Gz(Box::new(flate2::bufread::GzDecoder::new(begun(rest))))),
            [0, 0, 0, 0] => end_of_padding(rest).map(|()| Frames::Ended),
            magic if is_skippable(magic) => {
                let mut length = [0; 4];
                rest.read_exact(&mut length)?;
                let mut skipped = rest.by_ref().take(u64::from(u32::from_le_bytes(length)));
                io::copy(&mut skipped, &mut io::sink())?;
                Ok(Frames::Between(rest))
            }
            found => {
                let what = format!("a frame begins with {found:02x?}");
                Err(io::Error::new(io::ErrorKind::InvalidData, what))
            }
        }
    }
}

/// Reads zeros to the end of the file.
fn end_of_padding(mut rest: impl BufRead) -> io::Result<()> {
    loop {
        let bytes = rest.fill_buf()?;
        if bytes.is_empty() {
            return Ok(());
        }
        if bytes.iter().any(|&byte| byte != 0) {
            let what = "zeros stand between two frames";
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        let n = bytes.len();
        rest.consume(n);
    }
}

/// What follows a frame, whose checksum the decoder only remembers.
fn end_of_zstd<R: Read>(frame: ZstdFrame<R>) -> io::Result<R> {
    let (rest, decoder) = frame.into_parts();
    match (decoder.get_checksum_from_data(), decoder.get_calculated_checksum()) {
        (Some(expected), Some(found)) if expected != found => {
            let what = format!("checksum {found:#010x} is not the {expected:#010x} of the frame's end");
            Err(io::Error::new(io::ErrorKind::InvalidData, what))
        }
        _ => Ok(rest),
    }
}

/// The decoders wrap the end of their input in errors of their own.
fn cut_off_or_damaged(e: io::Error) -> io::Error {
    let mut source = e.get_ref().map(|inner| inner as &(dyn std::error::Error + 'static));
    while let Some(inner) = source {
        if inner.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::UnexpectedEof) {
            return io::Error::from(io::ErrorKind::UnexpectedEof);
        }
        source = inner.source();
    }
    e
}
