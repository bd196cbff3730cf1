//! Far ends blocked: nothing goes to them or comes from them.
//!
//! What a device does without them (asks again, asks others, fails) is not in a recorded trace.

use super::filtering::Filtering;
use super::{Aspect, Entry, Packet, Parameter, Takes, Who};

pub(super) const ENTRY: Entry = Entry {
    name: "block-endpoint",
    about: "no packets to and from chosen far ends",
    source: "Mandalari, Dubois, Kolcun, Paracha, Haddadi, Choffnes: Blocking without Breaking, PETS 2021",
    who: Who::Router,
    parameters: &[Parameter {
        name: "address",
        about: "the far ends",
        unit: "IP addresses",
        takes: Takes::Addresses,
    }],
    drops: Some("packets to and from those far ends"),
    touches: &[Aspect::Count, Aspect::FarEnd],
    settings: &[],
    build: |values, _| {
        let blocked = values.addresses("address").to_vec();
        Box::new(Filtering(move |packet: &Packet| {
            packet.far_end().is_some_and(|address| blocked.contains(&address))
        }))
    },
};
