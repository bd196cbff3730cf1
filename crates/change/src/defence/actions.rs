//! What a defence wants done.

use super::packet::{Origin, Packet};
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction;

/// One thing to be done, now.
#[derive(Debug)]
pub enum Action {
    /// Let a packet go on, as its event now says.
    Send(Packet),
    /// Forget a packet.
    Drop(Packet),
}

/// What a defence wants done, in order.
#[derive(Debug, Default)]
pub struct Actions(Vec<Action>);

impl Actions {
    /// Lets a packet go on, as its event now says.
    pub fn send(&mut self, packet: Packet) {
        self.0.push(Action::Send(packet));
    }

    /// Drops a packet.
    pub fn drop(&mut self, packet: Packet) {
        self.0.push(Action::Drop(packet));
    }

    /// Inserts a cover packet: its headers and length; time and number are not looked at.
    pub fn cover(&mut self, event: Event, direction: Direction) {
        self.send(Packet::of(event, direction, Origin::Cover));
    }

    /// Sends the beginning of a packet as one of so many bytes of IP, headers repeated; the packet is then the rest.
    /// False, and nothing done, where the packet is no longer than that, or its headers leave no room.
    pub fn split(&mut self, packet: &mut Packet, ip_length_bytes: u32) -> bool {
        let part = packet.split(ip_length_bytes);
        let is_split = part.is_some();
        self.0.extend(part.map(Action::Send));
        is_split
    }

    /// Takes what is to be done, in order.
    pub fn drain(&mut self) -> impl Iterator<Item = Action> {
        self.0.drain(..)
    }
}
