//! ICMP echo and IPv6 neighbour discovery. Source: RFC 792, 4443, 4861.

use std::net::Ipv6Addr;

use super::{Head, ICMP, ICMPV6, Mac, ip};

/// An echo request or reply with 56 bytes of data (IP total 84), as `ping` sends it.
pub fn echo(frame: &mut Vec<u8>, head: &Head, reply: bool, id: u16, sequence: u16, data: &[u8; 56]) {
    ip(frame, head, ICMP, |frame| {
        frame.extend_from_slice(&[if reply { 0 } else { 8 }, 0, 0, 0]);
        frame.extend_from_slice(&id.to_be_bytes());
        frame.extend_from_slice(&sequence.to_be_bytes());
        frame.extend_from_slice(data);
    });
}

/// A neighbour solicitation for `target`, with the asker's link-layer address.
pub fn solicit(frame: &mut Vec<u8>, head: &Head, target: Ipv6Addr) {
    ip(frame, head, ICMPV6, |frame| {
        frame.extend_from_slice(&[135, 0, 0, 0, 0, 0, 0, 0]);
        frame.extend_from_slice(&target.octets());
        link_layer(frame, 1, head.from_mac);
    });
}

/// A solicited neighbour advertisement of `target`.
pub fn advertise(frame: &mut Vec<u8>, head: &Head, target: Ipv6Addr, router: bool) {
    ip(frame, head, ICMPV6, |frame| {
        // Flags: router, solicited, override.
        frame.extend_from_slice(&[136, 0, 0, 0, if router { 0xe0 } else { 0x60 }, 0, 0, 0]);
        frame.extend_from_slice(&target.octets());
        link_layer(frame, 2, head.from_mac);
    });
}

fn link_layer(frame: &mut Vec<u8>, kind: u8, mac: Mac) {
    frame.extend_from_slice(&[kind, 1]);
    frame.extend_from_slice(&mac);
}
