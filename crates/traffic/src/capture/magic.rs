//! First bytes of compressed streams.

pub(super) const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
pub(super) const LZ4: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];

pub(super) fn is_gz(head: [u8; 4]) -> bool {
    head.starts_with(&[0x1f, 0x8b])
}

/// A frame that is to be passed over, as pzstd and seekable files have them; zst and lz4 share it.
pub(super) fn is_skippable(head: [u8; 4]) -> bool {
    matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18])
}

/// Whether a stream that begins so is compressed.
pub(super) fn is_compressed(head: [u8; 4]) -> bool {
    matches!(head, ZSTD | LZ4) || is_gz(head) || is_skippable(head)
}
