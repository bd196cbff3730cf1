//! A QUIC connection: long header handshake, then short header packets both ways.
//!
//! Figures: METHOD §6 (a full packet is 1378 bytes of IP; acknowledgements 53 to 55 in, 61 to 65 out).

use crate::home::Server;
use crate::stage::{Path, Stage, Way, ns};
use crate::wire::quic::{self, Connection};

/// UDP payload of a full packet: 1378 less 28 bytes of IPv4 and UDP.
pub const FULL_PACKET_BYTES: usize = 1350;

const QUIC_PORT: u16 = 443;

/// One connection.
pub struct QuicFlow {
    path: Path,
    ports: (u16, u16),
    round_trip_s: f64,
    connection: Connection,
}

impl QuicFlow {
    /// Shakes hands; returns the connection and when the speaker may send.
    pub fn open(stage: &mut Stage, at_ns: i64, server: &Server) -> (QuicFlow, i64) {
        let path = stage.path(at_ns, &server.party());
        let ports = (stage.port(), QUIC_PORT);
        let connection = Connection::new(server.host, &mut stage.random);
        let flow = QuicFlow { path, ports, round_trip_s: server.round_trip_ms / 1000.0, connection };
        stage.udp(at_ns, &path, Way::Out, ports, |out, ink| {
            connection.client_hello(out, FULL_PACKET_BYTES, ink)
        });
        let answered_ns = flow.after_round_trip(stage, at_ns);
        stage.udp(answered_ns, &path, Way::In, ports, |out, ink| {
            connection.server_hello(out, FULL_PACKET_BYTES, ink);
        });
        let rest = stage.random.whole(700, 1100) as usize;
        stage.udp(answered_ns + ns(0.0003), &path, Way::In, ports, |out, ink| {
            connection.handshake(out, Way::In, rest, ink);
        });
        let finished_ns = answered_ns + ns(0.004);
        stage.udp(finished_ns, &path, Way::Out, ports, |out, ink| {
            connection.handshake(out, Way::Out, 120, ink)
        });
        (flow, finished_ns + ns(0.0005))
    }

    /// One round trip later, give or take.
    pub fn after_round_trip(&self, stage: &mut Stage, at_ns: i64) -> i64 {
        at_ns + ns(self.round_trip_s * stage.random.uniform(0.95, 1.25))
    }

    /// One packet of `length_bytes` of UDP payload, at most a full one.
    pub fn packet(&mut self, stage: &mut Stage, at_ns: i64, way: Way, length_bytes: usize) {
        let length_bytes = length_bytes.clamp(quic::SHORTEST_BYTES, FULL_PACKET_BYTES);
        let connection = self.connection;
        stage.udp(at_ns, &self.path, way, self.ports, |out, ink| {
            connection.protected(out, way, length_bytes, ink)
        });
    }

    /// A packet that only acknowledges.
    pub fn acknowledge(&mut self, stage: &mut Stage, at_ns: i64, way: Way) {
        let length = if way == Way::Out { stage.random.whole(33, 37) } else { stage.random.whole(25, 27) };
        self.packet(stage, at_ns, way, length as usize);
    }

    /// Sends `length_bytes` of data, every second packet acknowledged by the other side; returns the time of the last.
    pub fn push(&mut self, stage: &mut Stage, at_ns: i64, way: Way, length_bytes: usize, gap_s: f64) -> i64 {
        let other = if way == Way::Out { Way::In } else { Way::Out };
        let (mut time_ns, mut last_ns) = (at_ns, at_ns);
        let mut left = length_bytes.max(1);
        let mut sent = 0;
        while left > 0 {
            let part = left.min(FULL_PACKET_BYTES);
            left -= part;
            self.packet(stage, time_ns, way, part);
            sent += 1;
            last_ns = time_ns;
            if sent % 2 == 0 || left == 0 {
                last_ns = match other {
                    Way::In => self.after_round_trip(stage, time_ns),
                    Way::Out => time_ns + ns(0.0011),
                };
                self.acknowledge(stage, last_ns, other);
            }
            time_ns += ns(gap_s * stage.random.uniform(0.3, 1.7));
        }
        last_ns
    }
}
