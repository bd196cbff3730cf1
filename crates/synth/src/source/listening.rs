//! What noise adds: pieces of sound features sent over one long TLS connection whenever somebody talks, and about as
//! much coming back.
//!
//! Assumed. Misactivations are rare (0.13 an hour), so that the paper's 66,000 more packets and 99 MB more bytes in
//! three days need something continuous. That the packets are large and go over TCP follows from the mean length
//! (×1.79) and the mean TCP window (×0.5: many segments, few handshakes); that half of them come in, over a path
//! with a high TTL (Google's other range, METHOD §6), from the positive correlation of length and TTL.

use super::Source;
use crate::flow::tcp::{FULL_SEGMENT_BYTES, TcpFlow};
use crate::flow::tls;
use crate::home::ASSISTANT;
use crate::stage::{Stage, Way, ns};
use crate::wire::tls::HEADER_BYTES;

/// Mean time between pieces at the paper's effect. Unit: s.
const MEAN_GAP_S: f64 = 24.0;
/// Mean length of a piece. Unit: bytes.
const PIECE_BYTES: f64 = 4330.0;
/// Mean length of what comes back. Unit: bytes.
const ANSWER_BYTES: f64 = 4330.0;

pub struct Listening {
    mean_gap_s: f64,
    flow: Option<TcpFlow>,
}

impl Listening {
    /// The paper's effect is 1; the rate is proportional.
    pub fn new(effect: f64) -> Listening {
        Listening { mean_gap_s: MEAN_GAP_S / effect, flow: None }
    }
}

impl Source for Listening {
    fn first(&mut self, start_ns: i64, stage: &mut Stage) -> i64 {
        self.flow = Some(TcpFlow::established(stage, start_ns, &ASSISTANT, 443));
        stage.phase(start_ns, self.mean_gap_s)
    }

    fn turn(&mut self, at_ns: i64, stage: &mut Stage) -> i64 {
        if let Some(flow) = &mut self.flow {
            let length = whole_segments(stage, at_ns, PIECE_BYTES);
            let time_ns = tls::push(flow, stage, at_ns, Way::Out, length);
            // The answer comes soon enough to carry the acknowledgement.
            let time_ns = flow.after_round_trip(stage, time_ns);
            let length = whole_segments(stage, at_ns, ANSWER_BYTES);
            let time_ns = tls::push(flow, stage, time_ns, Way::In, length);
            flow.acknowledge(stage, time_ns + ns(0.0008), Way::Out);
        }
        // Speech comes in turns: more regular than chance, less than a clock.
        at_ns + ns(stage.random.erlang(3, self.mean_gap_s).max(1.0))
    }
}

/// A stream fills its segments: the length of a record that makes whole ones.
fn whole_segments(stage: &mut Stage, at_ns: i64, mean_bytes: f64) -> usize {
    let wanted = stage.sized(at_ns, mean_bytes, 0.35) as f64;
    let segments = stage.random.rounded(wanted / FULL_SEGMENT_BYTES as f64).max(1) as usize;
    segments * FULL_SEGMENT_BYTES - HEADER_BYTES
}
