//! The household's other Google speakers: a UDP exchange with each every 64 s (BehavIoT). Contents are unknown.

use super::{Source, Timer};
use crate::home::PEERS;
use crate::stage::{Stage, Way, ns};

const TIMER: Timer = Timer { period_s: 64.0, jitter_s: 0.6 };
/// Honest contents, and no start of any protocol that a dissector would guess.
const MARK: &[u8] = b"generated ";
const PORTS: (u16, u16) = (10_101, 10_101);

pub struct Peers;

impl Source for Peers {
    fn first(&mut self, start_ns: i64, stage: &mut Stage) -> i64 {
        TIMER.first(start_ns, stage)
    }

    fn turn(&mut self, at_ns: i64, stage: &mut Stage) -> i64 {
        let mut time_ns = at_ns;
        for peer in PEERS {
            let path = stage.path(time_ns, &peer);
            for way in [Way::Out, Way::In] {
                let length = stage.sized(time_ns, 120.0, 0.2).clamp(20, 1200);
                stage.udp(time_ns, &path, way, PORTS, |out, ink| {
                    out.extend_from_slice(MARK);
                    ink.noise(out, length);
                });
                time_ns += ns(stage.random.uniform(0.002, 0.02));
            }
            // The speakers answer a common round one after the other.
            time_ns += ns(stage.random.uniform(0.5, 6.0));
        }
        TIMER.next(at_ns, stage)
    }
}
