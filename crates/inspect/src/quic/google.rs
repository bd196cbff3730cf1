//! Google's QUIC crypto: the server's name in the tag table of a client hello (CHLO).
//!
//! Source: the QUIC Crypto document of 2016 ("Message framing"); versions Q043 to Q046 carry it in the
//! clear, Q050 behind Initial keys.

use crate::name;

/// A tag table has no more entries than this.
const MAX_TAGS: usize = 128;

/// The server's name in a datagram of Q043 to Q046 that carries a CHLO.
pub fn server_name(datagram: &[u8]) -> Option<String> {
    if in_the_clear(datagram) { read_chlo(datagram) } else { None }
}

/// Whether a datagram's header is of a version that begins in the clear.
pub fn in_the_clear(datagram: &[u8]) -> bool {
    let version = |at: usize| {
        let tag = datagram.get(at..at + 4);
        // Q039 to Q046
        matches!(tag, Some([b'Q', b'0', b'3', b'9'] | [b'Q', b'0', b'4', b'3'..=b'6']))
    };
    match datagram.first() {
        Some(first) if first & 0x80 != 0 => version(1),
        // flags (version present, connection id present), connection id, version
        Some(first) if first & 0x09 == 0x09 => version(9),
        _ => false,
    }
}

/// Finds a CHLO among frames and reads the name under its tag `SNI`.
pub fn read_chlo(frames: &[u8]) -> Option<String> {
    let at = frames.windows(4).position(|tag| tag == b"CHLO")?;
    let (head, rest) = frames.get(at + 4..)?.split_first_chunk::<4>()?;
    let n_tags = usize::from(u16::from_le_bytes([head[0], head[1]])).min(MAX_TAGS);
    let (table, values) = rest.split_at_checked(n_tags * 8)?;
    let mut start = 0;
    for entry in table.chunks_exact(8) {
        let end = u32::from_le_bytes([entry[4], entry[5], entry[6], entry[7]]) as usize;
        if &entry[..4] == b"SNI\0" {
            let name = name::host(values.get(start..end)?);
            return Some(name).filter(|name| name::is_host(name));
        }
        start = end;
    }
    None
}
