//! Padding to the MTU: every packet as long as the longest.
//!
//! Longer ones, which hosts with segmentation offload record, stay as they are.

use super::altering::padding;
use super::{Aspect, Entry, Parameter, Who};

pub(super) const ENTRY: Entry = Entry {
    name: "pad-to-mtu",
    about: "every packet as long as the longest that Ethernet carries",
    source: "Dyer, Coull, Ristenpart, Shrimpton: Peek-a-Boo, I Still See You, IEEE S&P 2012",
    who: Who::FarEndToo,
    parameters: &[Parameter::whole("mtu", "length of each IP packet", "bytes", 1500.0, (68.0, 9000.0))],
    drops: None,
    touches: &[Aspect::Length],
    settings: &[""],
    build: |values, _| {
        let mtu = values.number("mtu") as u32;
        padding(move |_| mtu)
    },
};
