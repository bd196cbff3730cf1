//! What an open microphone adds: a short QUIC check-in with the assistant every 300 s.
//!
//! Assumed. The paper gives the difference of its totals alone (12,860 packets and 5 MB more in three days than with
//! the microphone off); the period is that of clients4 and the size follows.

use super::Source;
use crate::flow::quic::QuicFlow;
use crate::home::ASSISTANT;
use crate::stage::{Stage, Way, ns};

const PERIOD_S: f64 = 300.0;
const MESSAGES: f64 = 3.0;
const OUT_BYTES: f64 = 320.0;
const IN_BYTES: f64 = 210.0;

pub struct Assistant {
    period_s: f64,
}

impl Assistant {
    /// The paper's effect is 1; the rate is proportional.
    pub fn new(effect: f64) -> Assistant {
        Assistant { period_s: PERIOD_S / effect }
    }
}

impl Source for Assistant {
    fn first(&mut self, start_ns: i64, stage: &mut Stage) -> i64 {
        stage.phase(start_ns, self.period_s)
    }

    fn turn(&mut self, at_ns: i64, stage: &mut Stage) -> i64 {
        let (mut flow, mut time_ns) = QuicFlow::open(stage, at_ns, &ASSISTANT);
        for _ in 0..stage.counted(at_ns, MESSAGES) {
            let out_bytes = stage.sized(at_ns, OUT_BYTES, 0.25);
            time_ns = flow.push(stage, time_ns, Way::Out, out_bytes, 0.008);
            let in_bytes = stage.sized(at_ns, IN_BYTES, 0.25);
            time_ns = flow.push(stage, time_ns + ns(0.03), Way::In, in_bytes, 0.002);
            time_ns += ns(stage.random.uniform(0.05, 0.4));
        }
        at_ns + ns(self.period_s * stage.random.uniform(0.97, 1.03))
    }
}
