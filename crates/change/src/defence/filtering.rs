//! What the defences that drop packets one by one have in common.

use super::Defence;
use super::actions::Actions;
use super::packet::Packet;

/// Drops the packets of which that is true; the others go at once.
pub(super) struct Filtering<F>(pub F);

impl<F: FnMut(&Packet) -> bool + Send> Defence for Filtering<F> {
    fn take(&mut self, _: i64, packet: Packet, out: &mut Actions) {
        if (self.0)(&packet) { out.drop(packet) } else { out.send(packet) }
    }
}
