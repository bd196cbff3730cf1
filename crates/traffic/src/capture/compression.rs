//! gz, zst and lz4.

use super::magic::{LZ4, ZSTD, is_gz, is_skippable};
use std::io::{self, BufRead, Chain, Cursor, Read};

/// gz members, zst or lz4 frames one after another, each known by its first bytes and read by a decoder of its own.
/// Zeros behind the last one are padding, as tapes and block copies leave it. Memory follows the frame's window: at most 128 MB for zst, as the zstd tool allows, 12 MB for lz4.
pub(super) enum Frames<R: BufRead> {
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
    /// The bytes of a stream's frames, decompressed.
    pub(super) fn of(stream: R) -> io::Result<Frames<R>> {
        Ok(Frames::Between(stream))
    }

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
