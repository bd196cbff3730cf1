//! Frames as they look on the wire: Ethernet, IPv4 and IPv6 with lengths and checksums filled in.
//!
//! Source: RFC 791, 8200 (IP), 1071 (checksum).

use std::net::IpAddr;

pub(super) mod arp;
pub(super) mod checksum;
pub(super) mod dhcp;
pub(super) mod dns;
pub(super) mod icmp;
pub(super) mod quic;
pub(super) mod seal;
pub(super) mod tcp;
pub(super) mod tls;

use checksum::Sum;

/// A MAC address.
pub(super) type Mac = [u8; 6];

pub(super) const ICMP: u8 = 1;
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const ICMPV6: u8 = 58;

/// Addressing of one packet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub from_mac: Mac,
    pub to_mac: Mac,
    pub from: IpAddr,
    pub to: IpAddr,
    /// TTL or hop limit.
    pub ttl: u8,
    /// IPv4 identification; unused for IPv6.
    pub id: u16,
}

/// Appends the 14 bytes of Ethernet.
pub(super) fn ethernet(frame: &mut Vec<u8>, to: Mac, from: Mac, ethertype: u16) {
    frame.extend_from_slice(&to);
    frame.extend_from_slice(&from);
    frame.extend_from_slice(&ethertype.to_be_bytes());
}

/// Builds a whole IP packet in Ethernet; `body` appends the transport header (checksum 0) and its payload.
pub(super) fn ip(frame: &mut Vec<u8>, head: &Head, protocol: u8, body: impl FnOnce(&mut Vec<u8>)) {
    let transport = match (head.from, head.to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            ethernet(frame, head.to_mac, head.from_mac, 0x0800);
            frame.extend_from_slice(&[0x45, 0, 0, 0]);
            frame.extend_from_slice(&head.id.to_be_bytes());
            // Don't fragment, as every modern stack sets it.
            frame.extend_from_slice(&[0x40, 0, head.ttl, protocol, 0, 0]);
            frame.extend_from_slice(&from.octets());
            frame.extend_from_slice(&to.octets());
            body(frame);
            let total = (frame.len() - 14) as u16;
            frame[16..18].copy_from_slice(&total.to_be_bytes());
            let sum = Sum::default().add(&frame[14..34]).finish();
            frame[24..26].copy_from_slice(&sum);
            34
        }
        (from, to) => {
            ethernet(frame, head.to_mac, head.from_mac, 0x86dd);
            frame.extend_from_slice(&[0x60, 0, 0, 0, 0, 0, protocol, head.ttl]);
            frame.extend_from_slice(&v6(from));
            frame.extend_from_slice(&v6(to));
            body(frame);
            let length = (frame.len() - 54) as u16;
            frame[18..20].copy_from_slice(&length.to_be_bytes());
            54
        }
    };
    fill_checksum(frame, transport, protocol);
}

/// Appends a UDP header whose length and checksum [`ip`] and this fill in, then what `payload` appends.
pub(super) fn udp(frame: &mut Vec<u8>, head: &Head, ports: (u16, u16), payload: impl FnOnce(&mut Vec<u8>)) {
    ip(frame, head, UDP, |frame| {
        let start = frame.len();
        frame.extend_from_slice(&ports.0.to_be_bytes());
        frame.extend_from_slice(&ports.1.to_be_bytes());
        frame.extend_from_slice(&[0; 4]);
        payload(frame);
        let length = (frame.len() - start) as u16;
        frame[start + 4..start + 6].copy_from_slice(&length.to_be_bytes());
    });
}

fn v6(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

fn fill_checksum(frame: &mut [u8], transport: usize, protocol: u8) {
    let length = (frame.len() - transport) as u16;
    // The addresses stand right before the transport header in both versions (no extension headers here).
    let addresses = if transport == 34 { 26..34 } else { 22..54 };
    let pseudo = Sum::default().add(&frame[addresses]).add(&[0, protocol]).add(&length.to_be_bytes());
    let (offset, start) = match protocol {
        TCP => (16, pseudo),
        UDP => (6, pseudo),
        ICMPV6 => (2, pseudo),
        ICMP => (2, Sum::default()),
        _ => return,
    };
    let mut sum = start.add(&frame[transport..]).finish();
    // RFC 768: an all-zero sum means "none", so UDP sends its complement.
    if protocol == UDP && sum == [0, 0] {
        sum = [0xff, 0xff];
    }
    frame[transport + offset..transport + offset + 2].copy_from_slice(&sum);
}
