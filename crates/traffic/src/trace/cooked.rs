//! Whom a cooked frame is for: its header names the sender only.

use crate::event::Event;
use crate::packet::Mac;
use crate::wire::Captured;
use std::net::IpAddr;

/// More addresses than a speaker has at a time.
const MAX_ADDRESSES: usize = 64;

/// The addresses a device sends from, and over which interface, the latest last.
#[derive(Debug, Default)]
pub(super) struct Addresses(Vec<(IpAddr, u32)>);

impl Addresses {
    /// Names the device as the target of a cooked frame that goes to an address it sends from.
    ///
    /// A frame that another one sends from such an address ends the device's hold on it, unless it is the capturing
    /// host that passes the device's own packet on.
    pub(super) fn name_target(&mut self, device: Mac, event: &mut Event) {
        let (Captured::Cooked { outgoing, interface }, Some(network)) = (event.link.captured, event.network)
        else {
            return;
        };
        let sender = (network.source, interface);
        match event.link.source {
            Some(source) if source == device => return self.remember(sender),
            Some(_) if !outgoing => self.0.retain(|own| *own != sender),
            _ => {}
        }
        if self.0.contains(&(network.target, interface)) {
            event.link.target = Some(device);
        }
    }

    fn remember(&mut self, sender: (IpAddr, u32)) {
        if self.0.last() == Some(&sender) || sender.0.is_unspecified() {
            return;
        }
        self.0.retain(|own| *own != sender);
        if self.0.len() == MAX_ADDRESSES {
            self.0.remove(0);
        }
        self.0.push(sender);
    }
}
