//! A new source port for every flow, as an address translator could choose it.
//!
//! Flows that cross the gateway from a port of 1024 or more; of the most recent ones each keeps its port.

use super::{Actions, Aspect, Defence, Entry, Packet, Parameter, Who, ns};
use crate::random::Random;
use overhear_traffic::observer::crossing;
use overhear_traffic::packet::{Direction, Transport};
use std::collections::HashMap;
use std::net::IpAddr;

pub(super) const ENTRY: Entry = Entry {
    name: "port-hopping",
    about: "a new random source port for each flow of the device",
    source: "RFC 6056, section 3.3.1 (random ports), at an address translator: RFC 4787",
    who: Who::Router,
    parameters: &[Parameter::number(
        "idle",
        "silence after which a flow is a new one",
        "s",
        300.0,
        (1.0, 86_400.0),
    )],
    drops: None,
    touches: &[Aspect::Port],
    settings: &["", "idle=60"],
    build: |values, random| {
        Box::new(PortHopping { idle_ns: ns(values.number("idle")), flows: HashMap::new(), random })
    },
};

/// So many flows are remembered; for another the one that was silent longest is forgotten.
const MOST_FLOWS: usize = 512;

/// Ports are drawn from here on: those that RFC 6335 leaves to whoever wants one.
const FIRST_PORT: u16 = 49_152;

/// Ports of a lower number are servers'.
const LEAST_PORT: u16 = 1024;

struct PortHopping {
    idle_ns: i64,
    flows: HashMap<Flow, Port>,
    random: Random,
}

/// Both ends of a flow, as the device knows them, and whether it is TCP.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Flow {
    is_tcp: bool,
    near: (IpAddr, u16),
    far: (IpAddr, u16),
}

/// The port that a flow has outside, and when it was last seen, ns.
struct Port {
    number: u16,
    seen_ns: i64,
}

impl PortHopping {
    fn port(&mut self, flow: Flow, now_ns: i64) -> u16 {
        let idle_ns = self.idle_ns as u64;
        if let Some(own) = self.flows.get_mut(&flow).filter(|own| now_ns.abs_diff(own.seen_ns) <= idle_ns) {
            own.seen_ns = now_ns;
            return own.number;
        }
        if self.flows.len() == MOST_FLOWS && !self.flows.contains_key(&flow) {
            // those that would be new ones leave together, so that all are looked at once in a while
            self.flows.retain(|_, own| now_ns.abs_diff(own.seen_ns) <= idle_ns);
            self.make_room();
        }
        let number = self.free_port();
        self.flows.insert(flow, Port { number, seen_ns: now_ns });
        number
    }

    /// Forgets the flow that was silent longest, where there is no room for another one.
    fn make_room(&mut self) {
        if self.flows.len() < MOST_FLOWS {
            return;
        }
        // of several as old the one whose port is lowest: no order of the map decides
        let oldest = self.flows.iter().min_by_key(|(_, own)| (own.seen_ns, own.number));
        if let Some(oldest) = oldest.map(|(flow, _)| *flow) {
            self.flows.remove(&oldest);
        }
    }

    /// A port that no flow has; there are more ports than flows.
    fn free_port(&mut self) -> u16 {
        loop {
            let offset = self.random.below(u64::from(u16::MAX - FIRST_PORT) + 1) as u16;
            let number = FIRST_PORT + offset;
            if self.flows.values().all(|own| own.number != number) {
                return number;
            }
        }
    }
}

impl Defence for PortHopping {
    fn begin(&mut self, _: i64) {
        self.flows.clear();
    }

    fn take(&mut self, now_ns: i64, mut packet: Packet, out: &mut Actions) {
        let is_out = packet.direction() == Direction::Out;
        let crosses = crossing(&packet.event, Some(packet.direction())).is_some();
        if crosses && let Some(network) = &mut packet.event.network {
            let [source, target] = [network.source, network.target];
            let is_tcp = matches!(network.transport, Transport::Tcp { .. });
            if let Transport::Tcp { ports: Some(ports), .. } | Transport::Udp { ports: Some(ports) } =
                &mut network.transport
            {
                let [one, other] = [(source, ports.0), (target, ports.1)];
                let (near, far) = if is_out { (one, other) } else { (other, one) };
                if near.1 >= LEAST_PORT {
                    let number = self.port(Flow { is_tcp, near, far }, now_ns);
                    *(if is_out { &mut ports.0 } else { &mut ports.1 }) = number;
                }
            }
        }
        out.send(packet);
    }
}
