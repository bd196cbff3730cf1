//! Break-Pad: a burst to the device that reaches a drawn length is broken by cover from it.

use super::cells::size;
use super::machines::{IDLE, Machines};
use super::{Aspect, Entry, Who};
use maybenot_machines::break_pad::{break_pad_client, break_pad_server};

pub(super) const ENTRY: Entry = Entry {
    name: "break-pad",
    about: "cover against the direction of a burst once it is as long as drawn",
    source: "Huang, Du: Break-Pad: effective padding machines for tor with break burst padding, Cybersecurity 2024, as the crate maybenot-machines has it",
    who: Who::FarEndToo,
    parameters: &[size(1500.0), IDLE],
    drops: None,
    touches: &[Aspect::Count],
    settings: &["size=128,idle=40", "size=128,idle=35"],
    build: |values, random| {
        let ends = [break_pad_client().into(), break_pad_server().into()];
        Machines::build(values, random, move |_| ends.clone())
    },
};
