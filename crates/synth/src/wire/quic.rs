//! QUIC packets. Source: RFC 9000 §17 and §19, RFC 9001 §4.
//!
//! Initial packets are real ones, hello and server name included. What comes after has keys that only the two ends
//! of a real connection would know, so its contents are random.

use super::seal::{Keys, NUMBER_BYTES, Sender, TAG_BYTES};
use super::tls;
use crate::random::Random;
use crate::stage::{Ink, Way};

/// Shortest packet built: header, connection identifier, packet number, tag.
pub const SHORTEST_BYTES: usize = 25;

const VERSION: [u8; 4] = [0, 0, 0, 1];
const INITIAL: u8 = 0;
const HANDSHAKE: u8 = 2;
const ACK_OF_FIRST: [u8; 5] = [2, 0, 0, 0, 0];
const CRYPTO_AT_START: [u8; 2] = [6, 0];
/// Idle timeout 30 s, 1 MiB of data at first, an empty connection identifier.
const TRANSPORT_PARAMETERS: [u8; 14] = [1, 4, 0x80, 0, 0x75, 0x30, 4, 4, 0x80, 0x10, 0, 0, 0x0f, 0];

/// What both ends of a connection share.
#[derive(Debug, Clone, Copy)]
pub struct Connection {
    host: &'static str,
    /// The server's connection identifier; the speaker's is empty, as Google's clients do it.
    id: [u8; 8],
}

impl Connection {
    pub fn new(host: &'static str, random: &mut Random) -> Connection {
        let mut id = [0; 8];
        random.fill(&mut id);
        Connection { host, id }
    }

    /// The speaker's first datagram: one Initial with a client hello, padded to `length_bytes`.
    pub fn client_hello(&self, out: &mut Vec<u8>, length_bytes: usize, ink: &mut Ink) {
        let hello = tls::client_hello_message(self.host, &[], Some(&TRANSPORT_PARAMETERS), 0, ink.random);
        self.initial(out, Way::Out, length_bytes, &[&CRYPTO_AT_START, &varint(hello.len()), &hello]);
    }

    /// The server's first datagram: an Initial with a server hello, and a Handshake packet that fills it up.
    pub fn server_hello(&self, out: &mut Vec<u8>, length_bytes: usize, ink: &mut Ink) {
        let hello = tls::server_hello_message(&[], ink.random);
        let start = out.len();
        let frames = [&ACK_OF_FIRST[..], &CRYPTO_AT_START, &varint(hello.len()), &hello];
        self.initial(out, Way::In, 0, &frames);
        let left = length_bytes.saturating_sub(out.len() - start);
        self.handshake(out, Way::In, left, ink);
    }

    /// A Handshake packet of `length_bytes`.
    pub fn handshake(&self, out: &mut Vec<u8>, way: Way, length_bytes: usize, ink: &mut Ink) {
        let start = out.len();
        out.push(0xc0 | HANDSHAKE << 4 | ink.random.whole(0, 15) as u8);
        self.identifiers(out, way);
        let rest = length_bytes.saturating_sub(out.len() - start + 2).max(NUMBER_BYTES + TAG_BYTES);
        out.extend_from_slice(&varint(rest));
        ink.noise(out, rest);
    }

    /// A short header packet of `length_bytes`.
    pub fn protected(&self, out: &mut Vec<u8>, way: Way, length_bytes: usize, ink: &mut Ink) {
        let start = out.len();
        out.push(0x40 | ink.random.whole(0, 63) as u8);
        if way == Way::Out {
            out.extend_from_slice(&self.id);
        }
        let rest = length_bytes.saturating_sub(out.len() - start);
        ink.noise(out, rest);
    }

    /// A sealed Initial with packet number 0, padded to `length_bytes` where the frames are shorter.
    fn initial(&self, out: &mut Vec<u8>, way: Way, length_bytes: usize, frames: &[&[u8]]) {
        let start = out.len();
        out.push(0xc0 | INITIAL << 4 | (NUMBER_BYTES as u8 - 1));
        self.identifiers(out, way);
        // No token.
        out.push(0);
        let header = out.len() - start + 2 + NUMBER_BYTES;
        let contents: usize = frames.iter().map(|frame| frame.len()).sum();
        let padded = contents.max(length_bytes.saturating_sub(header + TAG_BYTES));
        out.extend_from_slice(&varint(NUMBER_BYTES + padded + TAG_BYTES));
        out.extend_from_slice(&[0; NUMBER_BYTES]);
        let payload = out.len();
        out.extend(frames.iter().copied().flatten());
        // A PADDING frame is a zero byte.
        out.resize(payload + padded, 0);
        let sender = if way == Way::Out { Sender::Client } else { Sender::Server };
        Keys::new(&self.id, sender).seal(out, start, payload, 0);
    }

    fn identifiers(&self, out: &mut Vec<u8>, way: Way) {
        out.extend_from_slice(&VERSION);
        if way == Way::Out {
            out.push(8);
            out.extend_from_slice(&self.id);
            out.push(0);
        } else {
            out.extend_from_slice(&[0, 8]);
            out.extend_from_slice(&self.id);
        }
    }
}

/// A length in two bytes (RFC 9000 §16); every length here is below 16,384.
fn varint(length: usize) -> [u8; 2] {
    (0x4000 | length as u16).to_be_bytes()
}
