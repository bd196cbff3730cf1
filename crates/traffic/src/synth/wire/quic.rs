//! QUIC packets. Source: RFC 9000 §17.

use crate::synth::random::Random;
use crate::synth::stage::{Ink, Way};

/// Shortest packet built: header, connection identifier, packet number, tag.
pub const SHORTEST_BYTES: usize = 21;

const VERSION: [u8; 4] = [0, 0, 0, 1];
const HANDSHAKE: u8 = 2;

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

    pub fn client_hello(&self, out: &mut Vec<u8>, length_bytes: usize, ink: &mut Ink) {
        let _ = self.host;
        self.long(out, 1, Way::Out, length_bytes, ink);
    }

    pub fn server_hello(&self, out: &mut Vec<u8>, length_bytes: usize, ink: &mut Ink) {
        self.long(out, HANDSHAKE, Way::In, length_bytes, ink);
    }

    pub fn handshake(&self, out: &mut Vec<u8>, way: Way, length_bytes: usize, ink: &mut Ink) {
        self.long(out, HANDSHAKE, way, length_bytes, ink);
    }

    fn long(&self, out: &mut Vec<u8>, kind: u8, way: Way, length_bytes: usize, ink: &mut Ink) {
        let protected = ink.random.whole(0, 15) as u8;
        out.push(0xc0 | kind << 4 | protected);
        out.extend_from_slice(&VERSION);
        // Header: 1 + 4 + two lengths, the 8 bytes of one identifier, 2 of length.
        let rest = length_bytes.saturating_sub(17).max(20);
        if way == Way::Out {
            out.push(8);
            out.extend_from_slice(&self.id);
            out.push(0);
        } else {
            out.push(0);
            out.push(8);
            out.extend_from_slice(&self.id);
        }
        out.extend_from_slice(&(0x4000 | rest as u16).to_be_bytes());
        ink.noise(out, rest);
    }

    /// A short header packet of `length_bytes`.
    pub fn protected(&self, out: &mut Vec<u8>, way: Way, length_bytes: usize, ink: &mut Ink) {
        let start = out.len();
        out.push(0x40 | ink.random.whole(0, 63) as u8);
        if way == Way::Out {
            out.extend_from_slice(&self.id);
        }
        let rest = length_bytes - (out.len() - start);
        ink.noise(out, rest);
    }
}
