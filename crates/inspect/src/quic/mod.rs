//! QUIC: who is called, from the first datagrams of a connection.
//!
//! Later packets cannot be read by anyone but the two ends; that they are QUIC can be seen.

mod google;
mod initial;
#[cfg(test)]
mod tests;
mod version;

pub use google::{in_the_clear, read_chlo, server_name as google_server_name};
pub use initial::{Initial, open};
pub use version::Version;

use super::hello::Piece;
use initial::variable_integer;

/// More CRYPTO frames than this in one packet are not read; a browser that shuffles sends about a dozen.
const MAX_PIECES: usize = 64;

/// Whether a datagram from or to port 443 (or 80) is QUIC: nothing else but DTLS is usual there.
pub fn is_quic(datagram: &[u8]) -> bool {
    let dtls = matches!(datagram, [0x14..=0x19, 0xfe, ..]);
    !datagram.is_empty() && !dtls
}

/// The version that a first packet names, as people write it; `None` for other packets and versions
/// that are not known here.
pub fn version_name(datagram: &[u8]) -> Option<String> {
    if in_the_clear(datagram) {
        let at = if datagram[0] & 0x80 != 0 { 1 } else { 9 };
        return datagram.get(at..at + 4).map(super::name::sanitise);
    }
    let (&first, rest) = datagram.split_first()?;
    let number = u32::from_be_bytes(*rest.first_chunk()?);
    let version = Version::of_number(number).filter(|_| first & 0x80 != 0)?;
    Some(version.name().to_owned())
}

/// The pieces of the handshake that an Initial packet carries, in the packet's order.
pub fn crypto_pieces(initial: &Initial) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = &initial.frames[..];
    while pieces.len() < MAX_PIECES {
        let Some((frame, after)) = next_frame(rest, initial.version.has_google_frames()) else { break };
        pieces.extend(frame);
        rest = after;
    }
    pieces
}

/// Reads one frame: a piece where it is a CRYPTO frame; `None` at the end or at a frame that an Initial
/// packet of a client does not carry.
fn next_frame(frames: &[u8], google: bool) -> Option<(Option<Piece<'_>>, &[u8])> {
    let (&kind, rest) = frames.split_first()?;
    match (kind, google) {
        // padding and ping
        (0, _) | (1, false) | (7, true) => Some((None, rest)),
        (2 | 3, false) => acknowledgement(rest, kind == 3).map(|rest| (None, rest)),
        (6, false) | (8, true) => {
            let (offset, rest) = variable_integer(rest)?;
            let (length, rest) = variable_integer(rest)?;
            // a snapped packet's last frame is shorter than it says
            let length = usize::try_from(length).ok()?.min(rest.len());
            let (bytes, rest) = rest.split_at(length);
            Some((Some(Piece { offset: usize::try_from(offset).ok()?, bytes }), rest))
        }
        _ => None,
    }
}

/// Steps over an ACK frame.
fn acknowledgement(bytes: &[u8], with_ecn: bool) -> Option<&[u8]> {
    let (_largest, rest) = variable_integer(bytes)?;
    let (_delay, rest) = variable_integer(rest)?;
    let (ranges, rest) = variable_integer(rest)?;
    let (_first, mut rest) = variable_integer(rest)?;
    let integers = ranges.checked_mul(2)?.checked_add(if with_ecn { 3 } else { 0 })?;
    // each takes a byte at least: the loop ends with the bytes
    for _ in 0..integers {
        rest = variable_integer(rest)?.1;
    }
    Some(rest)
}
