//! Interspace: machines drawn anew for each connection, which extend bursts and make false ones.

use super::cells::size;
use super::machines::{IDLE, Machines};
use super::{Aspect, Entry, Who};
use maybenot_machines::interspace::{interspace_client, interspace_server};

pub(super) const ENTRY: Entry = Entry {
    name: "interspace",
    about: "cover of machines drawn for each connection: longer bursts, false ones",
    source: "Pulls: Towards Effective and Efficient Padding Machines for Tor, arXiv 2011.13471, as the crate maybenot-machines has it",
    who: Who::FarEndToo,
    parameters: &[size(1500.0), IDLE],
    drops: None,
    touches: &[Aspect::Count],
    settings: &["size=128,idle=60", "size=500,idle=600"],
    build: |values, random| {
        Machines::build(values, random, |random| {
            [interspace_client(random).into(), interspace_server(random).into()]
        })
    },
};
