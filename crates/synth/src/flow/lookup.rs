//! A DNS lookup at Google's resolver, over IPv4 and IPv6 as Android does it.

use crate::home::{RESOLVER, Server};
use crate::stage::{Stage, Way, ns};
use crate::wire::dns::{self, Kind};

const DNS_PORT: u16 = 53;

/// Asks for A and AAAA; returns when the last answer came.
pub fn lookup(stage: &mut Stage, at_ns: i64, server: &Server) -> i64 {
    let path = stage.path(at_ns, &RESOLVER);
    let mut done_ns = at_ns;
    for (index, kind) in [Kind::Four, Kind::Six].into_iter().enumerate() {
        let asked_ns = at_ns + ns(0.0012) * index as i64;
        let answered_ns = asked_ns + ns(stage.random.uniform(0.012, 0.030));
        let ports = (stage.port(), DNS_PORT);
        let id = stage.random.bits() as u16;
        let addresses = [server.address()];
        stage.udp(asked_ns, &path, Way::Out, ports, |out, _| dns::query(out, id, server.host, kind));
        stage.udp(answered_ns, &path, Way::In, ports, |out, _| {
            dns::answer(out, id, server.host, kind, &addresses, 300)
        });
        done_ns = done_ns.max(answered_ns);
    }
    done_ns
}
