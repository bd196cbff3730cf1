//! Packets held back, first in, first out.

use super::actions::Actions;
use super::packet::Packet;
use overhear_traffic::packet::Direction;
use std::collections::VecDeque;

/// A defence holds at most so many packets of a direction.
pub const MOST_HELD: usize = 4096;

/// Packets held back, first in, first out.
#[derive(Default)]
pub(super) struct Queue {
    packets: VecDeque<Packet>,
}

/// Where a direction's things stand in a pair of them.
pub(super) fn place(direction: Direction) -> usize {
    match direction {
        Direction::Out => 0,
        Direction::In => 1,
    }
}

impl Queue {
    /// Holds a packet; drops it where there is no room, as routers do.
    pub fn push(&mut self, packet: Packet, out: &mut Actions) {
        if self.packets.len() == MOST_HELD {
            return out.drop(packet);
        }
        self.packets.push_back(packet);
    }

    pub fn pop(&mut self) -> Option<Packet> {
        self.packets.pop_front()
    }

    pub fn front(&self) -> Option<&Packet> {
        self.packets.front()
    }

    /// Sends the beginning of the first packet; see [`Actions::split`].
    pub fn split_front(&mut self, ip_length_bytes: u32, out: &mut Actions) -> bool {
        self.packets.front_mut().is_some_and(|first| out.split(first, ip_length_bytes))
    }

    pub fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    pub fn len(&self) -> usize {
        self.packets.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Packet> {
        self.packets.iter()
    }

    /// Lets everything go.
    pub fn let_out(&mut self, out: &mut Actions) {
        self.packets.drain(..).for_each(|packet| out.send(packet));
    }
}
