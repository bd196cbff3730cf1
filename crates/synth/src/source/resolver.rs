//! Lookups at Google's resolver every 64 s (BehavIoT): caches expire whether or not a session follows.

use super::{Source, Timer};
use crate::flow::lookup::lookup;
use crate::home::{CONNECTIVITY, MTALK, TELEMETRY};
use crate::stage::Stage;

const TIMER: Timer = Timer { period_s: 64.0, jitter_s: 0.6 };

pub struct Resolver;

impl Source for Resolver {
    fn first(&mut self, start_ns: i64, stage: &mut Stage) -> i64 {
        TIMER.first(start_ns, stage)
    }

    fn turn(&mut self, at_ns: i64, stage: &mut Stage) -> i64 {
        let server = match stage.random.whole(0, 3) {
            0 => CONNECTIVITY,
            1 => MTALK,
            _ => TELEMETRY[stage.random.whole(0, TELEMETRY.len() as u32 - 1) as usize],
        };
        lookup(stage, at_ns, &server);
        TIMER.next(at_ns, stage)
    }
}
