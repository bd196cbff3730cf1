//! One transport: QUIC refused, so that a device falls back to TCP.
//!
//! The TCP connections that would take its place are not in a recorded trace: what is left is a lower bound of what
//! there is to see.

use super::filtering::Filtering;
use super::{Aspect, Entry, Packet, Who};
use overhear_traffic::packet::{Direction, Transport};

pub(super) const ENTRY: Entry = Entry {
    name: "single-transport",
    about: "no UDP to port 443, so that QUIC falls back to TCP",
    source: "RFC 9308, section 2 (fallback of QUIC to TCP)",
    who: Who::Router,
    parameters: &[],
    drops: Some("UDP to and from port 443 of far ends"),
    touches: &[Aspect::Count, Aspect::Transport],
    settings: &[""],
    build: |_, _| Box::new(Filtering(is_quic)),
};

fn is_quic(packet: &Packet) -> bool {
    let transport = packet.event.network.map(|own| own.transport);
    let Some(Transport::Udp { ports: Some((source, target)) }) = transport else { return false };
    let far_port = if packet.direction() == Direction::Out { target } else { source };
    far_port == 443
}
