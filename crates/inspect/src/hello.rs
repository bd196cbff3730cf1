//! Client hellos that arrive in pieces: over several CRYPTO frames, datagrams or TCP segments.
//!
//! A hello with a post-quantum key share is longer than a packet, and browsers shuffle its pieces.

use super::tls::{Hello, read_hello};
use std::net::IpAddr;

/// So many unfinished hellos are remembered at a time; the oldest gives way.
const MAX_PENDING: usize = 64;
/// A hello's bytes beyond this are not kept.
const MAX_HELLO_BYTES: usize = 8192;
/// A hello is sent at once: one unfinished for so long stays so.
const MAX_AGE_NS: i64 = 10_000_000_000;
/// Its pieces are few.
const MAX_HELLO_PIECES: usize = 64;

/// Who calls whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// The caller.
    pub source: (IpAddr, u16),
    /// The called.
    pub target: (IpAddr, u16),
    /// Over TCP rather than UDP.
    pub tcp: bool,
}

/// Some bytes of a handshake and where they stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Offset in the handshake, bytes.
    pub offset: usize,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// The hellos that are not all there yet.
#[derive(Debug, Default)]
pub struct PendingHellos(Vec<Pending>);

#[derive(Debug)]
struct Pending {
    flow: Flow,
    since_ns: i64,
    first_sequence: u32,
    pieces: Vec<(usize, Vec<u8>)>,
}

impl PendingHellos {
    /// Adds what one packet carries and reads what is there: a name ends the wait.
    pub fn add(&mut self, flow: Flow, time_ns: i64, pieces: &[Piece<'_>]) -> Hello {
        if pieces.is_empty() {
            return Hello::None;
        }
        let at = self.position(flow, time_ns).unwrap_or_else(|| self.begin(flow, time_ns, 0));
        pieces.iter().for_each(|piece| self.0[at].keep(*piece));
        let hello = self.0[at].read();
        if hello != Hello::Incomplete {
            self.0.remove(at);
        }
        hello
    }

    /// Begins to wait for the rest of a TLS hello whose first segment had this sequence number and
    /// this piece of the handshake.
    pub fn begin_segments(&mut self, flow: Flow, time_ns: i64, sequence: u32, first: &[u8]) {
        if let Some(at) = self.position(flow, time_ns) {
            self.0.remove(at);
        }
        let at = self.begin(flow, time_ns, sequence);
        self.0[at].keep(Piece { offset: 0, bytes: first });
    }

    /// Adds a later TCP segment where its flow is waited for.
    pub fn add_segment(&mut self, flow: Flow, time_ns: i64, sequence: u32, bytes: &[u8]) -> Hello {
        if self.0.is_empty() {
            return Hello::None;
        }
        let Some(at) = self.position(flow, time_ns) else { return Hello::None };
        let offset = sequence.wrapping_sub(self.0[at].first_sequence) as usize;
        self.add(flow, time_ns, &[Piece { offset, bytes }])
    }

    fn position(&mut self, flow: Flow, time_ns: i64) -> Option<usize> {
        self.0.retain(|pending| time_ns.saturating_sub(pending.since_ns) <= MAX_AGE_NS);
        self.0.iter().position(|pending| pending.flow == flow)
    }

    fn begin(&mut self, flow: Flow, since_ns: i64, first_sequence: u32) -> usize {
        if self.0.len() == MAX_PENDING {
            self.0.remove(0);
        }
        self.0.push(Pending { flow, since_ns, first_sequence, pieces: Vec::new() });
        self.0.len() - 1
    }
}

impl Pending {
    fn keep(&mut self, piece: Piece<'_>) {
        let room = MAX_HELLO_BYTES.saturating_sub(piece.offset);
        let bytes = &piece.bytes[..piece.bytes.len().min(room)];
        // pieces that overlap would hold a hello many times over
        let held: usize = self.pieces.iter().map(|(_, bytes)| bytes.len()).sum();
        let fits = held + bytes.len() <= 2 * MAX_HELLO_BYTES && self.pieces.len() < MAX_HELLO_PIECES;
        if !bytes.is_empty() && fits {
            self.pieces.push((piece.offset, bytes.to_vec()));
        }
    }

    /// Reads the handshake as far as it is without a gap.
    fn read(&mut self) -> Hello {
        self.pieces.sort_by_key(|(offset, _)| *offset);
        let mut handshake = Vec::new();
        for (offset, bytes) in &self.pieces {
            if *offset > handshake.len() {
                break;
            }
            let known = handshake.len() - offset;
            handshake.extend_from_slice(bytes.get(known..).unwrap_or(&[]));
        }
        match read_hello(&handshake) {
            Hello::Incomplete if handshake.len() >= MAX_HELLO_BYTES => Hello::None,
            hello => hello,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tls::tests::hello;
    use super::*;

    fn flow(port: u16) -> Flow {
        Flow { source: ([10, 0, 0, 2].into(), port), target: ([8, 8, 8, 8].into(), 443), tcp: false }
    }

    #[test]
    fn shuffled_and_overlapping_pieces_make_one_hello() {
        let hello = hello("a.example.com");
        let mut pending = PendingHellos::default();
        let piece = |from: usize, to: usize| Piece { offset: from, bytes: &hello[from..to] };
        assert_eq!(pending.add(flow(1), 0, &[piece(50, hello.len())]), Hello::Incomplete);
        assert_eq!(pending.add(flow(2), 0, &[piece(0, 9)]), Hello::Incomplete);
        let name = pending.add(flow(1), 5, &[piece(10, 60), piece(0, 20)]);
        assert_eq!(name, Hello::Name("a.example.com".into()));
        assert_eq!(pending.0.len(), 1);
    }

    #[test]
    fn segments_are_put_in_their_place_by_sequence_number() {
        let hello = hello("b.example.com");
        let mut pending = PendingHellos::default();
        pending.begin_segments(flow(1), 0, u32::MAX - 3, &hello[..30]);
        let sequence = (u32::MAX - 3).wrapping_add(30);
        assert_eq!(pending.add_segment(flow(2), 0, sequence, &hello[30..]), Hello::None);
        let name = pending.add_segment(flow(1), 0, sequence, &hello[30..]);
        assert_eq!(name, Hello::Name("b.example.com".into()));
    }

    #[test]
    fn memory_is_bounded_whatever_arrives() {
        let mut pending = PendingHellos::default();
        for port in 0..1000 {
            for _ in 0..200 {
                pending.add(flow(port), 0, &[Piece { offset: usize::MAX, bytes: &[1; 1200] }]);
                pending.add(flow(port), 0, &[Piece { offset: 100, bytes: &[1; 1200] }]);
            }
        }
        assert!(pending.0.len() <= MAX_PENDING);
        let held = |p: &Pending| p.pieces.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        assert!(pending.0.iter().all(|p| held(p) <= 2 * MAX_HELLO_BYTES));
    }
}
