//! TCP segments with their options. Source: RFC 9293, 7323 (window scale, timestamps), 2018 (SACK permitted).

use super::{Head, TCP, ip};

pub const FIN: u8 = 0x01;
pub const SYN: u8 = 0x02;
pub const PSH: u8 = 0x08;
pub const ACK: u8 = 0x10;

/// Header fields of one segment.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    pub ports: (u16, u16),
    pub sequence: u32,
    pub acknowledgment: u32,
    pub flags: u8,
    /// The 16-bit field as sent.
    pub window: u16,
    /// TSval and TSecr, milliseconds.
    pub stamps: (u32, u32),
    /// Window scale announced in a SYN.
    pub scale: u8,
    /// Largest segment announced in a SYN, bytes.
    pub mss: u16,
}

/// Builds a whole TCP packet; `payload` appends the data.
pub fn segment(frame: &mut Vec<u8>, head: &Head, segment: &Segment, payload: impl FnOnce(&mut Vec<u8>)) {
    ip(frame, head, TCP, |frame| {
        let syn = segment.flags & SYN != 0;
        let words = if syn { 10 } else { 8 };
        frame.extend_from_slice(&segment.ports.0.to_be_bytes());
        frame.extend_from_slice(&segment.ports.1.to_be_bytes());
        frame.extend_from_slice(&segment.sequence.to_be_bytes());
        frame.extend_from_slice(&segment.acknowledgment.to_be_bytes());
        frame.extend_from_slice(&[words << 4, segment.flags]);
        frame.extend_from_slice(&segment.window.to_be_bytes());
        frame.extend_from_slice(&[0; 4]);
        if syn {
            // Linux's order: MSS, SACK permitted, timestamps, no-op, window scale.
            frame.extend_from_slice(&[2, 4]);
            frame.extend_from_slice(&segment.mss.to_be_bytes());
            frame.extend_from_slice(&[4, 2, 8, 10]);
            stamps(frame, segment.stamps);
            frame.extend_from_slice(&[1, 3, 3, segment.scale]);
        } else {
            frame.extend_from_slice(&[1, 1, 8, 10]);
            stamps(frame, segment.stamps);
        }
        payload(frame);
    });
}

fn stamps(frame: &mut Vec<u8>, (value, echo): (u32, u32)) {
    frame.extend_from_slice(&value.to_be_bytes());
    frame.extend_from_slice(&echo.to_be_bytes());
}
