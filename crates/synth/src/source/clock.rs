//! NTP at time.google.com every 1,024 s, the longest default interval of RFC 5905.

use super::{Source, Timer};
use crate::home::TIME;
use crate::stage::{Stage, Way, ns};

const TIMER: Timer = Timer { period_s: 1024.0, jitter_s: 8.0 };
const NTP_PORT: u16 = 123;
/// From 1900 to 1970. Unit: s.
const NTP_EPOCH_S: u64 = 2_208_988_800;

pub struct Clock;

impl Source for Clock {
    fn first(&mut self, start_ns: i64, stage: &mut Stage) -> i64 {
        TIMER.first(start_ns, stage)
    }

    fn turn(&mut self, at_ns: i64, stage: &mut Stage) -> i64 {
        let path = stage.path(at_ns, &TIME.party());
        let ports = (stage.port(), NTP_PORT);
        let answered_ns = at_ns + ns(TIME.round_trip_ms / 1000.0);
        stage.udp(at_ns, &path, Way::Out, ports, |out, _| {
            // Version 4, client; everything but the transmit time empty.
            out.push(0x23);
            out.resize(out.len() + 39, 0);
            out.extend_from_slice(&stamp(at_ns));
        });
        stage.udp(answered_ns, &path, Way::In, ports, |out, _| {
            // Version 4, server, stratum 1, poll 10, precision 2^-20; no root delay; reference "GOOG".
            out.extend_from_slice(&[0x24, 1, 10, 0xec, 0, 0, 0, 0, 0, 0, 0, 0]);
            out.extend_from_slice(b"GOOG");
            let middle_ns = (at_ns + answered_ns) / 2;
            for time_ns in [middle_ns, at_ns, middle_ns, middle_ns] {
                out.extend_from_slice(&stamp(time_ns));
            }
        });
        TIMER.next(at_ns, stage)
    }
}

/// NTP's 32 bits of seconds and 32 of fraction.
fn stamp(time_ns: i64) -> [u8; 8] {
    let time_ns = time_ns.max(0) as u64;
    let seconds = time_ns / 1_000_000_000 + NTP_EPOCH_S;
    let fraction = ((time_ns % 1_000_000_000) << 32) / 1_000_000_000;
    (seconds << 32 | fraction).to_be_bytes()
}
