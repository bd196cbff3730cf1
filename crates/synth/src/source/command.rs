//! Misactivations: talk mistaken for the wake word, 0.13 an hour (METHOD §6), each like a voice command.
//!
//! A command is one QUIC burst: median 250 packets (138 out, 110 in), mean 976 bytes out and 320 in, gap 8 ms.

use super::Source;
use crate::flow::quic::QuicFlow;
use crate::home::ASSISTANT;
use crate::stage::{Stage, Way, ns};

const MEAN_GAP_S: f64 = 3600.0 / 0.13;
const PACKETS: f64 = 244.0;
const OUT_SHARE: f64 = 0.556;
const OUT_BYTES: (u32, u32) = (518, 1350);
const IN_BYTES: (u32, u32) = (25, 530);
const GAP_S: f64 = 0.008;

pub struct Misactivation {
    mean_gap_s: f64,
}

impl Misactivation {
    /// The paper's effect is 1; the rate is proportional.
    pub fn new(effect: f64) -> Misactivation {
        Misactivation { mean_gap_s: MEAN_GAP_S / effect }
    }
}

impl Source for Misactivation {
    fn first(&mut self, start_ns: i64, stage: &mut Stage) -> i64 {
        start_ns + ns(stage.random.erlang(1, self.mean_gap_s))
    }

    fn turn(&mut self, at_ns: i64, stage: &mut Stage) -> i64 {
        let (mut flow, mut time_ns) = QuicFlow::open(stage, at_ns, &ASSISTANT);
        for _ in 0..stage.counted(at_ns, PACKETS * 1.1) {
            let out = stage.random.chance(OUT_SHARE);
            let (way, (low, high)) = if out { (Way::Out, OUT_BYTES) } else { (Way::In, IN_BYTES) };
            let length = stage.random.whole(low, high) as usize;
            flow.packet(stage, time_ns, way, length);
            time_ns += ns(stage.random.erlang(1, GAP_S));
        }
        at_ns + ns(stage.random.erlang(1, self.mean_gap_s).max(10.0))
    }
}
