//! Random padding: so many bytes more, any number as likely as any other, at most to the MTU.

use super::altering::padding;
use super::{Aspect, Entry, MTU_BYTES, Parameter, Who};

pub(super) const ENTRY: Entry = Entry {
    name: "pad-random",
    about: "every packet longer by a random number of bytes",
    source: "Dyer, Coull, Ristenpart, Shrimpton: Peek-a-Boo, I Still See You, IEEE S&P 2012",
    who: Who::FarEndToo,
    parameters: &[Parameter::whole("most", "largest number of bytes added", "bytes", 255.0, (0.0, 1500.0))],
    drops: None,
    touches: &[Aspect::Length],
    settings: &["", "most=1000"],
    build: |values, mut random| {
        let ends = values.number("most") as u64 + 1;
        padding(move |length| length.saturating_add(random.below(ends) as u32).min(MTU_BYTES))
    },
};
