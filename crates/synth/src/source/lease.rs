//! DHCP renewals every 300 s (BehavIoT).

use super::{Source, Timer};
use crate::home::{DEVICE_MAC, DEVICE_V4, GATEWAY, GATEWAY_V4};
use crate::stage::{Stage, Way, ns};
use crate::wire::dhcp::Renewal;

const TIMER: Timer = Timer { period_s: 300.0, jitter_s: 2.0 };
const PORTS: (u16, u16) = (68, 67);

pub struct Lease;

impl Source for Lease {
    fn first(&mut self, start_ns: i64, stage: &mut Stage) -> i64 {
        TIMER.first(start_ns, stage)
    }

    fn turn(&mut self, at_ns: i64, stage: &mut Stage) -> i64 {
        let renewal = Renewal {
            transaction: stage.random.bits(),
            client: DEVICE_V4,
            client_mac: DEVICE_MAC,
            server: GATEWAY_V4,
            lease_s: 600,
        };
        let path = stage.path(at_ns, &GATEWAY);
        stage.udp(at_ns, &path, Way::Out, PORTS, |out, _| renewal.request(out));
        stage.udp(at_ns + ns(0.004), &path, Way::In, PORTS, |out, _| renewal.acknowledgement(out));
        TIMER.next(at_ns, stage)
    }
}
