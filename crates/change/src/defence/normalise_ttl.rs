//! One TTL for all packets, both ways.

use super::altering::Altering;
use super::{Aspect, Entry, Packet, Parameter, Who};

pub(super) const ENTRY: Entry = Entry {
    name: "normalise-ttl",
    about: "one TTL (hop limit) in every packet, both ways",
    source: "Handley, Paxson, Kreibich: Network Intrusion Detection: Evasion, Traffic Normalization, USENIX Security 2001",
    who: Who::Router,
    parameters: &[Parameter::whole("ttl", "what every packet says", "hops", 64.0, (1.0, 255.0))],
    drops: None,
    touches: &[Aspect::Ttl],
    settings: &[""],
    build: |values, _| {
        let ttl = values.number("ttl") as u8;
        Box::new(Altering(move |packet: &mut Packet| {
            if let Some(network) = &mut packet.event.network {
                network.ttl = ttl;
            }
        }))
    },
};
