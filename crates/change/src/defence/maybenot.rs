//! Any machines of the Maybenot framework, as it writes them.

use super::cells::{DROPS, size};
use super::machines::{IDLE, Machines};
use super::{Aspect, Entry, Parameter, Takes, Who};
use maybenot::Machine;
use std::sync::Arc;

pub(super) const ENTRY: Entry = Entry {
    name: "maybenot",
    about: "machines of the Maybenot framework, run by its own crate",
    source: "Pulls, Witwer: Maybenot: A Framework for Traffic Analysis Defenses, WPES 2023",
    who: Who::FarEndToo,
    parameters: &[
        machines("client", "machines at the device's end"),
        machines("server", "machines at the far end"),
        size(1500.0),
        IDLE,
    ],
    drops: Some(DROPS),
    touches: &[Aspect::Time, Aspect::Count],
    settings: &[],
    build: |values, random| {
        let read = |name: &str| -> Arc<[Machine]> {
            // each of them was read when the setting was
            values.texts(name).iter().map(|text| text.parse().expect("a machine")).collect()
        };
        let ends = ["client", "server"].map(read);
        Machines::build(values, random, move |_| ends.clone())
    },
};

const fn machines(name: &'static str, about: &'static str) -> Parameter {
    let what = "machines of Maybenot 2 as it serialises them,";
    let is_one = |text: &str| text.parse::<Machine>().is_ok();
    Parameter { name, about, unit: "machines", takes: Takes::Texts { what, is_one } }
}
