//! ARP: who claims which address.
//!
//! Source: RFC 826.

use overhear_traffic::packet::Mac;
use std::net::Ipv4Addr;

/// The sender's half of an ARP packet for IPv4 over Ethernet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The hardware address that the packet says is the sender's.
    pub mac: Mac,
    /// The IP address it claims.
    pub address: Ipv4Addr,
}

/// Reads an ARP packet; `None` where it is cut, not of IPv4 over Ethernet, or claims nothing.
pub fn read(packet: &[u8]) -> Option<Claim> {
    let header: &[u8; 18] = packet.first_chunk()?;
    if header[..6] != [0, 1, 8, 0, 6, 4] {
        return None;
    }
    let mac = Mac([header[8], header[9], header[10], header[11], header[12], header[13]]);
    let address = Ipv4Addr::new(header[14], header[15], header[16], header[17]);
    // a probe asks before it claims: its sender is 0.0.0.0
    (!address.is_unspecified()).then_some(Claim { mac, address })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_claims_and_a_probe_does_not() {
        let mut packet = vec![0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 1, 192, 168, 0, 7];
        let claim = Claim { mac: Mac([2, 0, 0, 0, 0, 1]), address: Ipv4Addr::new(192, 168, 0, 7) };
        assert_eq!(read(&packet), Some(claim));
        assert_eq!(read(&packet[..17]), None);
        packet[14..18].fill(0);
        assert_eq!(read(&packet), None);
    }
}
