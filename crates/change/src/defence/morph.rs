//! Traffic morphing: lengths as another distribution has them, packets padded or split.
//!
//! A monotone coupling: a length's rank among the latest ones of its direction, ties by chance, is the rank of the
//! length that it gets. Where that is shorter the packet is split, and the rest takes lengths drawn from the target
//! until nothing is left. The published matrix has the least overhead for two given distributions; the coupling has it
//! for lengths that only grow, and needs to know the target alone.

use super::queue::place;
use super::{Actions, Aspect, Defence, Entry, Packet, Parameter, Takes, Who};
use crate::random::Random;
use overhear_traffic::packet::Direction;
use std::collections::VecDeque;

pub(super) const ENTRY: Entry = Entry {
    name: "morph",
    about: "lengths as another distribution has them, packets padded or split",
    source: "Wright, Coull, Monrose: Traffic Morphing, NDSS 2009",
    who: Who::FarEndToo,
    parameters: &[
        target("up", "lengths of IP packets from the device"),
        target("down", "those to the device"),
    ],
    drops: None,
    touches: &[Aspect::Length, Aspect::Count],
    settings: &[],
    build: |values, random| {
        let targets = ["up", "down"].map(|name| {
            let mut lengths = values.lengths(name).to_vec();
            lengths.sort_unstable();
            lengths
        });
        Box::new(Morph { targets, latest: Default::default(), random })
    },
};

const fn target(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, about, unit: "bytes", takes: Takes::Lengths }
}

/// Ranks are among so many of the latest lengths of a direction.
const LATEST: usize = 256;

/// A part carries so many bytes behind its headers, at least.
const LEAST_CARRIED: u32 = 64;

/// So often a length is drawn that a part may have; after that the rest stays as it is.
const TRIES: u32 = 16;

struct Morph {
    /// Lengths that packets get, each as likely, the shortest first; up and down.
    targets: [Vec<u32>; 2],
    latest: [VecDeque<u32>; 2],
    random: Random,
}

impl Morph {
    /// The length of the target that has a length's rank.
    fn coupled(&mut self, way: Direction, length: u32) -> u32 {
        let latest = &mut self.latest[place(way)];
        if latest.len() == LATEST {
            latest.pop_front();
        }
        latest.push_back(length);
        let below = latest.iter().filter(|own| **own < length).count() as f64;
        let ties = latest.iter().filter(|own| **own == length).count() as f64;
        let rank = (below + ties * self.random.unit()) / latest.len() as f64;
        let target = &self.targets[place(way)];
        let at = (rank * target.len() as f64) as usize;
        target.get(at.min(target.len().saturating_sub(1))).copied().unwrap_or(length)
    }

    fn draw(&mut self, way: Direction) -> u32 {
        let target = &self.targets[place(way)];
        target.get(self.random.below(target.len() as u64) as usize).copied().unwrap_or(0)
    }
}

impl Defence for Morph {
    fn begin(&mut self, _: i64) {
        self.latest = Default::default();
    }

    fn take(&mut self, _: i64, mut packet: Packet, out: &mut Actions) {
        let way = packet.direction();
        let mut length = self.coupled(way, packet.ip_length_bytes());
        let mut tries = TRIES;
        while length < packet.ip_length_bytes() && tries > 0 {
            let is_room = length >= packet.ip_headers_bytes() + LEAST_CARRIED;
            if !is_room || !out.split(&mut packet, length) {
                tries -= 1;
            }
            length = self.draw(way);
        }
        packet.pad_to(length);
        out.send(packet);
    }
}
