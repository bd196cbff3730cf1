//! Address resolution with the gateway: ARP every 150 s, IPv6 neighbour discovery every hour (both assumed).

use super::{Source, Timer};
use crate::home::{DEVICE_LINK_LOCAL, DEVICE_MAC, DEVICE_V4, GATEWAY_LINK_LOCAL, GATEWAY_MAC, GATEWAY_V4};
use crate::stage::{Stage, ns};
use crate::wire::{Head, arp, icmp};

const TIMER: Timer = Timer { period_s: 150.0, jitter_s: 5.0 };

#[derive(Default)]
pub struct Neighbour {
    turns: u32,
}

impl Source for Neighbour {
    fn first(&mut self, start_ns: i64, stage: &mut Stage) -> i64 {
        TIMER.first(start_ns, stage)
    }

    fn turn(&mut self, at_ns: i64, stage: &mut Stage) -> i64 {
        let (device, gateway) = ((DEVICE_MAC, DEVICE_V4), (GATEWAY_MAC, GATEWAY_V4));
        stage.frame(at_ns, |frame, _| arp::arp(frame, device, gateway, false));
        stage.frame(at_ns + ns(0.0009), |frame, _| arp::arp(frame, gateway, device, true));
        self.turns += 1;
        if self.turns.is_multiple_of(24) {
            discover(stage, at_ns + ns(0.02));
        }
        TIMER.next(at_ns, stage)
    }
}

fn discover(stage: &mut Stage, at_ns: i64) {
    // RFC 4861 §7.1.1: hop limit 255, or the receiver drops it.
    let asked = Head {
        from_mac: DEVICE_MAC,
        to_mac: GATEWAY_MAC,
        from: DEVICE_LINK_LOCAL.into(),
        to: GATEWAY_LINK_LOCAL.into(),
        ttl: 255,
        id: 0,
    };
    let answered =
        Head { from_mac: asked.to_mac, to_mac: asked.from_mac, from: asked.to, to: asked.from, ..asked };
    stage.frame(at_ns, |frame, _| icmp::solicit(frame, &asked, GATEWAY_LINK_LOCAL));
    stage.frame(at_ns + ns(0.001), |frame, _| {
        icmp::advertise(frame, &answered, GATEWAY_LINK_LOCAL, true);
    });
}
