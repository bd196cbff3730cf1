//! Lengths that vary more: so many bytes longer or shorter, by a coin.

use super::Entry;
use super::altering::{Alter, Altering, lengths_of};
use crate::random::Random;
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction;

pub(super) const ENTRY: Entry = Entry {
    name: "variance",
    about: "each packet X bytes longer or shorter, by a coin, where it may be both",
    unit: "bytes",
    range: (0.0, 700.0),
    is_whole: true,
    reference: None,
    build: |dose, random| Box::new(Altering { alter: Variance { by_bytes: dose as u32 }, random }),
};

struct Variance {
    by_bytes: u32,
}

impl Alter for Variance {
    fn alter(&mut self, packet: &Event, _: Direction, random: &mut Random) -> Option<Event> {
        let (least, most) = lengths_of(packet)?;
        let shorter = packet.length_bytes.checked_sub(self.by_bytes)?;
        let longer = packet.length_bytes.checked_add(self.by_bytes)?;
        if self.by_bytes == 0 || shorter < least || longer > most {
            return None;
        }
        Some(packet.with_length(if random.chance(0.5) { longer } else { shorter }))
    }
}
