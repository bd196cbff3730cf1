//! TLS over TCP: handshake, requests and answers in application data records.

use crate::home::Server;
use crate::stage::{Stage, Way, ns};
use crate::wire::tls;

use super::tcp::{FULL_SEGMENT_BYTES, TcpFlow};

const HTTPS_PORT: u16 = 443;
/// Server's encrypted part of the handshake with a certificate chain, as Google's servers send it.
const CERTIFICATE_BYTES: f64 = 2900.0;

/// One request and its answer.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    pub out_bytes: usize,
    pub in_bytes: usize,
}

/// Opens a connection and shakes hands; returns it and when the first request may go.
pub fn open(stage: &mut Stage, at_ns: i64, server: &Server) -> (TcpFlow, i64) {
    let (mut flow, at_ns) = TcpFlow::open(stage, at_ns, server, HTTPS_PORT);
    let mut session = [0; 32];
    stage.random.fill(&mut session);
    let hello = stage.message(|out, ink| tls::client_hello(out, server.host, &session, ink.random));
    let at_ns = flow.send(stage, at_ns, Way::Out, &hello);
    let at_ns = flow.after_round_trip(stage, at_ns);
    flow.acknowledge(stage, at_ns, Way::In);
    let certificate = stage.sized(at_ns, CERTIFICATE_BYTES, 0.1).clamp(200, 15_000);
    let flight = stage.message(|out, ink| tls::server_flight(out, &session, certificate, ink.random));
    let at_ns = flow.send(stage, at_ns + ns(0.0011), Way::In, &flight);
    flow.acknowledge(stage, at_ns + ns(0.0007), Way::Out);
    let finished = stage.message(|out, ink| tls::client_finished(out, ink.random));
    let at_ns = flow.send(stage, at_ns + ns(0.0041), Way::Out, &finished);
    (flow, at_ns + ns(0.0012))
}

/// Sends one request, gets its answer; returns when that is acknowledged.
pub fn exchange(flow: &mut TcpFlow, stage: &mut Stage, at_ns: i64, request: Request) -> i64 {
    let at_ns = push(flow, stage, at_ns, Way::Out, request.out_bytes);
    let at_ns = flow.after_round_trip(stage, at_ns);
    flow.acknowledge(stage, at_ns, Way::In);
    let at_ns = push(flow, stage, at_ns + ns(0.006), Way::In, request.in_bytes);
    let at_ns = at_ns + ns(0.0009);
    flow.acknowledge(stage, at_ns, Way::Out);
    at_ns
}

/// Sends application data; acknowledgements of what it answers are left to the caller. A receiver acknowledges every
/// eighth segment, since both ends' network cards merge segments.
pub fn push(flow: &mut TcpFlow, stage: &mut Stage, at_ns: i64, way: Way, length_bytes: usize) -> i64 {
    let mut time_ns = at_ns;
    let mut left = length_bytes.max(1);
    while left > 0 {
        let part = left.min(8 * FULL_SEGMENT_BYTES - tls::HEADER_BYTES);
        left -= part;
        let record = stage.message(|out, ink| {
            out.extend_from_slice(&tls::application_header(part));
            ink.noise(out, part);
        });
        time_ns = flow.send(stage, time_ns, way, &record);
        if left > 0 {
            let other = if way == Way::Out { Way::In } else { Way::Out };
            time_ns = flow.after_round_trip(stage, time_ns);
            flow.acknowledge(stage, time_ns, other);
            time_ns += ns(0.0008);
        }
    }
    time_ns
}

/// Alerts the end (an encrypted alert is 19 bytes of ciphertext) and closes.
pub fn close(flow: &mut TcpFlow, stage: &mut Stage, at_ns: i64) -> i64 {
    let at_ns = push(flow, stage, at_ns, Way::Out, 19);
    flow.close(stage, at_ns + ns(0.0004))
}
