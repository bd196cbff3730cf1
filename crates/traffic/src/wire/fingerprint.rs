//! What two captured copies of one packet have in common, and two packets do not.

use super::{Captured, Link};
use crate::capture::Frame;

/// Of a packet so many bytes are looked at: addresses, number, length, checksums and the beginning of the payload.
const LOOKED_AT: usize = 64;

/// A number that is the same for two copies of a packet, whatever link they were captured on and however many routers
/// lie between; `None` where the frame carries no packet. `network_at`: where its network layer begins.
#[inline(never)]
pub(crate) fn of_packet(frame: &Frame<'_>, network_at: usize) -> Option<u64> {
    let packet = frame.bytes.get(network_at..)?;
    let mut bytes = [0; LOOKED_AT];
    let n = packet.len().min(LOOKED_AT);
    bytes[..n].copy_from_slice(&packet[..n]);
    match bytes[0] >> 4 {
        // a router changes the type of service, the TTL, and with it the checksum
        4 => [1, 8, 10, 11].map(|at| bytes[at] = 0),
        // and the traffic class and the hop limit
        6 => [0, 1, 7, 7].map(|at| bytes[at] = 0),
        _ => return None,
    };
    Some(mixed(bytes.chunks_exact(8).map(|word| word.try_into().map_or(0, u64::from_le_bytes))))
}

/// The same of an 802.11 frame that cannot be looked into: who sent it to whom, and its number.
pub(crate) fn of_air(link: &Link) -> Option<u64> {
    let (Captured::InAir(air), Some(source), Some(target)) = (link.captured, link.source, link.target) else {
        return None;
    };
    let word = |mac: [u8; 6]| mac.iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
    Some(mixed([word(source.0), word(target.0), u64::from(air.sequence)].into_iter()))
}

/// A few bits that copies of a packet have in common and other packets seldom have, to choose some by.
#[inline(always)]
pub(crate) fn sample(frame: &Frame<'_>, network_at: usize) -> u8 {
    let Some(packet) = frame.bytes.get(network_at..) else { return 0 };
    // the number of an IPv4 packet, the length of an IPv6 one; then the checksum of UDP, the sequence number of TCP
    let at = match packet.first() {
        Some(first) if first >> 4 == 6 => 46,
        _ => 26,
    };
    match (packet.get(4..6), packet.get(at..at + 2)) {
        (Some(&[a, b]), Some(&[c, d])) => bits([a, b, c, d]),
        _ => 0,
    }
}

/// [`sample`] of a plain frame.
#[inline(always)]
pub(crate) fn plain_sample(frame: &Frame<'_>) -> u8 {
    match frame.bytes.first_chunk::<42>() {
        Some(bytes) => bits([bytes[18], bytes[19], bytes[40], bytes[41]]),
        None => 0,
    }
}

#[inline(always)]
fn bits([a, b, c, d]: [u8; 4]) -> u8 {
    (a ^ b ^ c ^ d).wrapping_mul(0x9d) >> 3
}

fn mixed(words: impl Iterator<Item = u64>) -> u64 {
    words.fold(0x9e37_79b9_7f4a_7c15, |sum, word| {
        let product = u128::from(sum ^ word) * 0xd6e8_feb8_6659_fd93_u128;
        (product as u64) ^ (product >> 64) as u64
    })
}
