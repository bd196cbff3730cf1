//! Everything else that an idle speaker does: telemetry, configuration, updates looked for, over TLS or QUIC.
//!
//! Assumed, as what is left of the paper's totals after the published periods. Sessions come at random and consist
//! of a few exchanges some seconds apart, which gives the paper's numbers of windows without a packet.

use super::Source;
use crate::flow::lookup::lookup;
use crate::flow::quic::QuicFlow;
use crate::flow::tls::{self, Request};
use crate::home::{Server, TELEMETRY};
use crate::stage::{Stage, Way, ns};

/// Unit: s.
const MEAN_GAP_S: f64 = 85.0;
/// Mean time between the exchanges of a session. Unit: s.
const PAUSE_S: f64 = 2.6;
const EXCHANGES: f64 = 4.93;
const OVER_TLS: f64 = 0.4;
const WITH_LOOKUP: f64 = 0.3;
const OUT_BYTES: f64 = 1010.0;
const IN_BYTES: f64 = 930.0;

pub struct Telemetry;

impl Source for Telemetry {
    fn first(&mut self, start_ns: i64, stage: &mut Stage) -> i64 {
        stage.phase(start_ns, MEAN_GAP_S)
    }

    fn turn(&mut self, at_ns: i64, stage: &mut Stage) -> i64 {
        let server = TELEMETRY[stage.random.whole(0, TELEMETRY.len() as u32 - 1) as usize];
        let mut time_ns = at_ns;
        if stage.random.chance(WITH_LOOKUP) {
            time_ns = lookup(stage, time_ns, &server) + ns(0.002);
        }
        let exchanges = stage.counted(at_ns, EXCHANGES).max(1);
        if stage.random.chance(OVER_TLS) {
            over_tls(stage, time_ns, &server, exchanges);
        } else {
            over_quic(stage, time_ns, &server, exchanges);
        }
        at_ns + ns(stage.random.erlang(2, MEAN_GAP_S))
    }
}

fn over_tls(stage: &mut Stage, at_ns: i64, server: &Server, exchanges: u32) {
    let (mut flow, mut time_ns) = tls::open(stage, at_ns, server);
    for _ in 0..exchanges {
        let out_bytes = stage.sized(time_ns, OUT_BYTES, 0.4);
        let in_bytes = stage.sized(time_ns, IN_BYTES, 0.4);
        time_ns = tls::exchange(&mut flow, stage, time_ns, Request { out_bytes, in_bytes });
        time_ns += pause(stage);
    }
    tls::close(&mut flow, stage, time_ns);
}

fn over_quic(stage: &mut Stage, at_ns: i64, server: &Server, exchanges: u32) {
    let (mut flow, mut time_ns) = QuicFlow::open(stage, at_ns, server);
    for _ in 0..exchanges {
        let out_bytes = stage.sized(time_ns, OUT_BYTES, 0.4);
        time_ns = flow.push(stage, time_ns, Way::Out, out_bytes, 0.004);
        let in_bytes = stage.sized(time_ns, IN_BYTES, 0.4);
        time_ns = flow.push(stage, time_ns + ns(0.02), Way::In, in_bytes, 0.002);
        time_ns += pause(stage);
    }
}

fn pause(stage: &mut Stage) -> i64 {
    ns(stage.random.erlang(2, PAUSE_S))
}
