//! ARP. Source: RFC 826.

use std::net::Ipv4Addr;

use super::{Mac, ethernet};

/// A unicast request from `from` to `to` (a cache refresh), or the reply when `reply`.
pub fn arp(frame: &mut Vec<u8>, from: (Mac, Ipv4Addr), to: (Mac, Ipv4Addr), reply: bool) {
    ethernet(frame, to.0, from.0, 0x0806);
    frame.extend_from_slice(&[0, 1, 8, 0, 6, 4, 0, if reply { 2 } else { 1 }]);
    frame.extend_from_slice(&from.0);
    frame.extend_from_slice(&from.1.octets());
    frame.extend_from_slice(&if reply { to.0 } else { [0; 6] });
    frame.extend_from_slice(&to.1.octets());
}
