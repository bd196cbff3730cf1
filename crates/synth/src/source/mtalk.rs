//! Google's push channel: a TCP connection kept alive every 45 s, 66 bytes each way (BehavIoT, METHOD §6), with a
//! heartbeat of its own every 20th time (assumed).

use super::{Source, Timer};
use crate::flow::tcp::TcpFlow;
use crate::flow::tls;
use crate::home::MTALK;
use crate::stage::{Stage, Way, ns};

const TIMER: Timer = Timer { period_s: 45.0, jitter_s: 0.4 };
const PORT: u16 = 5228;
const HEARTBEAT_TURNS: u32 = 20;
const HEARTBEAT_BYTES: usize = 26;

#[derive(Default)]
pub struct Mtalk {
    flow: Option<TcpFlow>,
    turns: u32,
}

impl Source for Mtalk {
    fn first(&mut self, start_ns: i64, stage: &mut Stage) -> i64 {
        self.flow = Some(TcpFlow::established(stage, start_ns, &MTALK, PORT));
        TIMER.first(start_ns, stage)
    }

    fn turn(&mut self, at_ns: i64, stage: &mut Stage) -> i64 {
        if let Some(flow) = &mut self.flow {
            if self.turns.is_multiple_of(HEARTBEAT_TURNS) {
                heartbeat(flow, stage, at_ns);
            } else {
                flow.keep_alive(stage, at_ns);
            }
        }
        self.turns += 1;
        TIMER.next(at_ns, stage)
    }
}

fn heartbeat(flow: &mut TcpFlow, stage: &mut Stage, at_ns: i64) {
    let at_ns = tls::push(flow, stage, at_ns, Way::Out, HEARTBEAT_BYTES);
    let at_ns = flow.after_round_trip(stage, at_ns);
    let at_ns = tls::push(flow, stage, at_ns, Way::In, HEARTBEAT_BYTES);
    flow.acknowledge(stage, at_ns + ns(0.0009), Way::Out);
}
