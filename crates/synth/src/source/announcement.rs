//! mDNS: the speaker announces itself as a Cast device over IPv4 and asks who else is one over IPv6.
//!
//! TTL 255 (METHOD §6, RFC 6762 §11). BehavIoT saw no short period; assumed every three hours.

use super::{Source, Timer};
use crate::home::{DEVICE_LINK_LOCAL, DEVICE_MAC, DEVICE_V4};
use crate::stage::{Stage, ns};
use crate::wire::{self, Head, dns};

const TIMER: Timer = Timer { period_s: 10_800.0, jitter_s: 60.0 };
const MDNS_PORT: u16 = 5353;
const SERVICE: &str = "_googlecast._tcp.local";
const INSTANCE: &str = "Google-Home-Mini-00000000000000000000000000000001";
const CAST_PORT: u16 = 8009;
const TEXTS: [&str; 7] = [
    "id=00000000000000000000000000000001",
    "ve=05",
    "md=Google Home Mini",
    "ic=/setup/icon.png",
    "fn=Generated speaker",
    "ca=199172",
    "st=0",
];

pub struct Announcement;

impl Source for Announcement {
    fn first(&mut self, start_ns: i64, stage: &mut Stage) -> i64 {
        TIMER.first(start_ns, stage)
    }

    fn turn(&mut self, at_ns: i64, stage: &mut Stage) -> i64 {
        // Multicast MACs: RFC 1112 §6.4 and RFC 2464 §7.
        let four = Head {
            from_mac: DEVICE_MAC,
            to_mac: [1, 0, 0x5e, 0, 0, 0xfb],
            from: DEVICE_V4.into(),
            to: [224, 0, 0, 251].into(),
            ttl: 255,
            id: 0,
        };
        let six = Head {
            to_mac: [0x33, 0x33, 0, 0, 0, 0xfb],
            from: DEVICE_LINK_LOCAL.into(),
            to: [0xff02, 0, 0, 0, 0, 0, 0, 0xfb].into(),
            ..four
        };
        let ports = (MDNS_PORT, MDNS_PORT);
        stage.frame(at_ns, |frame, _| {
            wire::udp(frame, &four, ports, |out| {
                dns::announce(out, SERVICE, INSTANCE, &TEXTS, CAST_PORT, DEVICE_V4);
            });
        });
        stage.frame(at_ns + ns(0.11), |frame, _| {
            wire::udp(frame, &six, ports, |out| dns::browse(out, SERVICE));
        });
        TIMER.next(at_ns, stage)
    }
}
