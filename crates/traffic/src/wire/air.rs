//! 802.11, with or without a radiotap header.
//!
//! Source: IEEE 802.11; radiotap.org.

use super::carries::{Carries, LLC_SNAP, ethertype_payload, mac, of_kind, u16_at};
use super::{Air, Captured, FrameKind, Link};

/// Steps over the radiotap header and learns whether the frame ends in a checksum.
pub(super) fn radiotap(bytes: &[u8]) -> (Link, Carries<'_>) {
    let Some(&[0, _, low, high, ..]) = bytes.first_chunk::<8>() else { return of_kind(FrameKind::Damaged) };
    let header_bytes = usize::from(u16::from_le_bytes([low, high]));
    if header_bytes < 8 || header_bytes > bytes.len() {
        return of_kind(FrameKind::Damaged);
    }
    let flags = radiotap_flags(&bytes[..header_bytes]);
    if flags & 0x40 != 0 {
        // the radio says that its checksum is wrong: any of its addresses may be
        return of_kind(FrameKind::Damaged);
    }
    let around = Around {
        before_bytes: header_bytes,
        fcs_bytes: if flags & 0x10 != 0 { 4 } else { 0 },
        padded: flags & 0x20 != 0,
    };
    ieee802_11(&bytes[header_bytes..], around)
}

/// The flags field of a radiotap header; 0 where it has none.
fn radiotap_flags(header: &[u8]) -> u8 {
    let word = |at: usize| header.get(at..)?.first_chunk().copied().map(u32::from_le_bytes);
    let Some(present) = word(4) else { return 0 };
    let mut at = 4;
    // further presence words while bit 31 is set
    while word(at).is_some_and(|w| w & 1 << 31 != 0) {
        at += 4;
    }
    at += 4;
    if present & 1 != 0 {
        at = at.next_multiple_of(8) + 8;
    }
    if present & 2 != 0 { header.get(at).copied().unwrap_or(0) } else { 0 }
}

/// What a capturing driver put around an 802.11 frame.
#[derive(Default)]
pub(super) struct Around {
    /// A header before it.
    pub(super) before_bytes: usize,
    /// A checksum behind it.
    pub(super) fcs_bytes: usize,
    /// The 802.11 header is followed by padding to a multiple of four bytes.
    pub(super) padded: bool,
}

/// An 802.11 frame: who and whom; encrypted frames carry nothing that can be read.
pub(super) fn ieee802_11(bytes: &[u8], around: Around) -> (Link, Carries<'_>) {
    let Some(&[control, flags]) = bytes.first_chunk() else { return of_kind(FrameKind::Damaged) };
    let (version, frame_type, subtype) = (control & 3, control >> 2 & 3, control >> 4);
    let Around { before_bytes, fcs_bytes, padded } = around;
    let mut foreign_bytes = (before_bytes + fcs_bytes) as u32;
    if version != 0 || frame_type != 2 || subtype & 4 != 0 {
        let captured = Captured::InAir(Air::default());
        return (
            Link { kind: FrameKind::NoData, foreign_bytes, captured, ..Link::default() },
            Carries::Other,
        );
    }
    let (to_ds, from_ds, encrypted) = (flags & 1 != 0, flags & 2 != 0, flags & 0x40 != 0);
    let (target_at, source_at) = match (to_ds, from_ds) {
        (false, false) => (4, 10),
        (true, false) => (16, 10),
        (false, true) => (4, 16),
        (true, true) => (16, 24),
    };
    let mut header_bytes = if to_ds && from_ds { 30_usize } else { 24 };
    if subtype & 8 != 0 {
        // a QoS frame, with HT control where the order bit is set
        header_bytes += if flags & 0x80 != 0 { 6 } else { 2 };
    }
    if padded {
        foreign_bytes += (header_bytes.next_multiple_of(4) - header_bytes) as u32;
        header_bytes = header_bytes.next_multiple_of(4);
    }
    if bytes.len() < header_bytes {
        return of_kind(FrameKind::Damaged);
    }
    let body = &bytes[header_bytes..bytes.len() - fcs_bytes.min(bytes.len() - header_bytes)];
    let (snap_bytes, carries) = match body {
        body if encrypted || !body.starts_with(&LLC_SNAP) => (0, Carries::Other),
        body => match u16_at(body, 6) {
            Some(ethertype) => {
                let (at, carries) = ethertype_payload(body, 8, ethertype);
                (at, carries)
            }
            None => (0, Carries::Other),
        },
    };
    let sequence = u16::from_le_bytes([bytes[22], bytes[23]]);
    let link = Link {
        source: mac(bytes, source_at),
        target: mac(bytes, target_at),
        header_bytes: (before_bytes + header_bytes + snap_bytes) as u32,
        foreign_bytes,
        kind: if encrypted { FrameKind::Encrypted } else { FrameKind::Data },
        captured: Captured::InAir(Air { to_ds, from_ds, retry: flags & 0x08 != 0, sequence }),
    };
    (link, carries)
}
