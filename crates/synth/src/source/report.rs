//! Periodic QUIC reports to Google's services (BehavIoT): clients4 300 s, play 600 s, clients3 and fcm 2,165 s,
//! www.googleapis 28,800 s.

use super::{Source, Timer};
use crate::flow::lookup::lookup;
use crate::flow::quic::QuicFlow;
use crate::home::{APIS, CLIENTS3, CLIENTS4, FCM, PLAY, Server};
use crate::stage::{Stage, Way, ns};

/// One service's reports.
pub struct Report {
    server: Server,
    timer: Timer,
    out_bytes: f64,
    in_bytes: f64,
    lookup: f64,
}

/// All of them.
pub fn all() -> impl Iterator<Item = Box<dyn Source>> {
    // play: 12 to 14 packets, mean 1,120 bytes out (METHOD §6).
    let services = [
        (CLIENTS4, 300.0, 1500.0, 1400.0),
        (PLAY, 600.0, 4300.0, 350.0),
        (CLIENTS3, 2163.0, 1800.0, 1600.0),
        (FCM, 2170.0, 1200.0, 900.0),
        (APIS, 28_800.0, 2200.0, 5200.0),
    ];
    services.into_iter().map(|(server, period_s, out_bytes, in_bytes)| {
        let timer = Timer { period_s, jitter_s: period_s * 0.01 };
        Box::new(Report { server, timer, out_bytes, in_bytes, lookup: 0.2 }) as Box<dyn Source>
    })
}

impl Source for Report {
    fn first(&mut self, start_ns: i64, stage: &mut Stage) -> i64 {
        self.timer.first(start_ns, stage)
    }

    fn turn(&mut self, at_ns: i64, stage: &mut Stage) -> i64 {
        let mut time_ns = at_ns;
        if stage.random.chance(self.lookup) {
            time_ns = lookup(stage, time_ns, &self.server) + ns(0.002);
        }
        let (mut flow, time_ns) = QuicFlow::open(stage, time_ns, &self.server);
        let out_bytes = stage.sized(at_ns, self.out_bytes, 0.15);
        let time_ns = flow.push(stage, time_ns, Way::Out, out_bytes, 0.003);
        let in_bytes = stage.sized(at_ns, self.in_bytes, 0.2);
        flow.push(stage, time_ns + ns(0.02), Way::In, in_bytes, 0.001);
        self.timer.next(at_ns, stage)
    }
}
