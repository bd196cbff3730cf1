//! Android's connectivity check: `generate_204` over plain HTTP every 60 s (BehavIoT); an echo with every second one.
//!
//! While audio is being streamed (see `listening`) some checks are left out: a stream that moves is proof enough.

use super::{Source, Timer};
use crate::flow::ping::ping;
use crate::flow::tcp::TcpFlow;
use crate::home::CONNECTIVITY;
use crate::stage::{Stage, Way, ns};

const TIMER: Timer = Timer { period_s: 60.0, jitter_s: 0.5 };
const HTTP_PORT: u16 = 80;
/// Share of checks left out at the paper's effect. Assumed: it takes this many small packets away for the paper's
/// totals to hold.
const LEFT_OUT: f64 = 0.32;

/// Mean length of the headers that differ between servers and firmwares. Unit: bytes.
const HEADERS_BYTES: f64 = 80.0;

const REQUEST: &str = "HEAD /generate_204 HTTP/1.1\r\nUser-Agent: Generated/1.0 (speaker)\r\n\
    Host: connectivitycheck.gstatic.com\r\nConnection: close\r\n";
const ANSWER: &str = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n";

pub struct Connectivity {
    left_out: f64,
    turns: u16,
}

impl Connectivity {
    pub fn new(noise: f64) -> Connectivity {
        Connectivity { left_out: (noise * LEFT_OUT).min(1.0), turns: 0 }
    }
}

impl Source for Connectivity {
    fn first(&mut self, start_ns: i64, stage: &mut Stage) -> i64 {
        TIMER.first(start_ns, stage)
    }

    fn turn(&mut self, at_ns: i64, stage: &mut Stage) -> i64 {
        if !stage.random.chance(self.left_out) {
            let (mut flow, time_ns) = TcpFlow::open(stage, at_ns, &CONNECTIVITY, HTTP_PORT);
            let request = with_headers(stage, at_ns, REQUEST);
            let time_ns = flow.send(stage, time_ns, Way::Out, &request);
            let time_ns = flow.after_round_trip(stage, time_ns);
            flow.acknowledge(stage, time_ns, Way::In);
            let answer = with_headers(stage, at_ns, ANSWER);
            let time_ns = flow.send(stage, time_ns + ns(0.001), Way::In, &answer);
            flow.acknowledge(stage, time_ns + ns(0.0006), Way::Out);
            flow.close(stage, time_ns + ns(0.003));
        }
        self.turns = self.turns.wrapping_add(1);
        if self.turns.is_multiple_of(2) {
            ping(stage, at_ns + ns(0.12), self.turns / 2);
        }
        TIMER.next(at_ns, stage)
    }
}

fn with_headers(stage: &mut Stage, at_ns: i64, message: &str) -> Vec<u8> {
    let length = stage.sized(at_ns, HEADERS_BYTES, 0.1).min(1200);
    format!("{message}X-Generated: {}\r\n\r\n", "g".repeat(length)).into_bytes()
}
