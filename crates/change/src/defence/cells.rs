//! What the defences that send packets of one length have in common: a real packet where one waits, else cover.

use super::cover::Cover;
use super::queue::{Queue, place};
use super::{Actions, Packet, Parameter};
use crate::random::Random;
use overhear_traffic::packet::Direction;

/// Both directions.
pub(super) const WAYS: [Direction; 2] = [Direction::Out, Direction::In];

/// What their drops come from.
pub(super) const DROPS: &str = "what comes while 4,096 packets of its direction wait";

/// Length of every packet sent.
pub(super) const fn size(default: f64) -> Parameter {
    // headers of IPv6 and TCP, and room for data
    Parameter::whole("size", "length of every IP packet", "bytes", default, (128.0, 1500.0))
}

/// Packets that wait to be sent as cells: IP packets of one length, a longer one in several.
pub(super) struct Cells {
    size: u32,
    queues: [Queue; 2],
    pub cover: Cover,
}

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    Real,
    Cover,
    /// Nothing was sent: there was no packet yet by which cover could be made.
    Nothing,
}

impl Cells {
    pub fn new(size: f64, random: Random) -> Cells {
        Cells { size: size as u32, queues: Default::default(), cover: Cover::new(random) }
    }

    /// Holds a packet until its turn.
    pub fn hold(&mut self, packet: Packet, out: &mut Actions) {
        self.cover.see(&packet);
        self.queues[place(packet.direction())].push(packet, out);
    }

    /// Sends a cell: the next real packet or a part of it, else cover.
    pub fn send(&mut self, way: Direction, out: &mut Actions) -> Sent {
        if self.send_real(way, out) {
            return Sent::Real;
        }
        if self.cover.send(way, self.size, out) { Sent::Cover } else { Sent::Nothing }
    }

    /// Sends the next real packet or a part of it; false where none waits.
    pub fn send_real(&mut self, way: Direction, out: &mut Actions) -> bool {
        let queue = &mut self.queues[place(way)];
        if queue.split_front(self.size, out) {
            return true;
        }
        let Some(mut packet) = queue.pop() else { return false };
        packet.pad_to(self.size);
        out.send(packet);
        true
    }

    /// What waits in a direction.
    pub fn waiting(&self, way: Direction) -> &Queue {
        &self.queues[place(way)]
    }

    /// How many cells are filled by what waits in a direction.
    pub fn filled(&self, way: Direction) -> u64 {
        self.queues[place(way)].iter().map(|packet| u64::from(packet.parts(self.size))).sum()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.queues.iter().all(Queue::is_empty)
    }

    /// Lets everything go.
    pub fn let_out(&mut self, out: &mut Actions) {
        self.queues.iter_mut().for_each(|queue| queue.let_out(out));
    }
}
