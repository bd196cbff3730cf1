//! Padding to a multiple: lengths in a few steps.
//!
//! ⌈L/b⌉·b may lie above the MTU where b does not divide it (1,500 becomes 1,536 with b = 512), as in the published
//! overheads; a tunnel would have to split such a packet.

use super::altering::padding;
use super::{Aspect, Entry, Parameter, Who};

pub(super) const ENTRY: Entry = Entry {
    name: "pad-to-multiple",
    about: "every packet's length up to a multiple",
    source: "Dyer, Coull, Ristenpart, Shrimpton: Peek-a-Boo, I Still See You, IEEE S&P 2012",
    who: Who::FarEndToo,
    parameters: &[Parameter::whole(
        "bytes",
        "step of the IP packets' lengths",
        "bytes",
        128.0,
        (2.0, 9000.0),
    )],
    drops: None,
    touches: &[Aspect::Length],
    settings: &["", "bytes=256", "bytes=512"],
    build: |values, _| {
        let step = values.number("bytes") as u32;
        padding(move |length| length.div_ceil(step).saturating_mul(step))
    },
};
