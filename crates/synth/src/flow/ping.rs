//! ICMP echo to the resolver (84 bytes of IP, METHOD §6), as a part of the connectivity check.

use crate::home::RESOLVER;
use crate::stage::{Stage, Way, ns};
use crate::wire::icmp;

/// Sends one echo request and its reply.
pub fn ping(stage: &mut Stage, at_ns: i64, sequence: u16) {
    let id = stage.random.bits() as u16;
    let path = stage.path(at_ns, &RESOLVER);
    let mut data = [0; 56];
    stage.random.fill(&mut data);
    let answered_ns = at_ns + ns(stage.random.uniform(0.012, 0.02));
    for (time_ns, way) in [(at_ns, Way::Out), (answered_ns, Way::In)] {
        let head = stage.head(&path, way);
        stage.frame(time_ns, |frame, _| icmp::echo(frame, &head, way == Way::In, id, sequence, &data));
    }
}
