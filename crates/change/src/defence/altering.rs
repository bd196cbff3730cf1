//! What the defences that alter packets one by one have in common.

use super::Defence;
use super::actions::Actions;
use super::packet::Packet;

/// Alters each packet and lets it go at once.
pub(super) struct Altering<F>(pub F);

impl<F: FnMut(&mut Packet) + Send> Defence for Altering<F> {
    fn take(&mut self, _: i64, mut packet: Packet, out: &mut Actions) {
        (self.0)(&mut packet);
        out.send(packet);
    }
}

/// Makes the IP packets as long as a rule says, bytes, never shorter.
pub(super) fn padding(mut rule: impl FnMut(u32) -> u32 + Send + 'static) -> Box<dyn Defence> {
    Box::new(Altering(move |packet: &mut Packet| {
        let ip_length_bytes = rule(packet.ip_length_bytes());
        packet.pad_to(ip_length_bytes);
    }))
}
