//! DHCP renewals. Source: RFC 2131 §4.3.2 (RENEWING), 2132.

use std::net::Ipv4Addr;

use super::Mac;

/// What both sides of a renewal share.
#[derive(Debug, Clone, Copy)]
pub struct Renewal {
    pub transaction: u32,
    pub client: Ipv4Addr,
    pub client_mac: Mac,
    pub server: Ipv4Addr,
    pub lease_s: u32,
}

impl Renewal {
    /// The client's request, 300 bytes.
    pub fn request(&self, out: &mut Vec<u8>) {
        let start = out.len();
        self.fixed(out, 1, Ipv4Addr::UNSPECIFIED);
        out.extend_from_slice(&[53, 1, 3]);
        out.extend_from_slice(&[61, 7, 1]);
        out.extend_from_slice(&self.client_mac);
        out.extend_from_slice(&[55, 6, 1, 3, 6, 15, 51, 54]);
        out.push(255);
        out.resize(start + 300, 0);
    }

    /// The server's acknowledgement, 300 bytes.
    pub fn acknowledgement(&self, out: &mut Vec<u8>) {
        let start = out.len();
        self.fixed(out, 2, self.client);
        out.extend_from_slice(&[53, 1, 5]);
        out.extend_from_slice(&[54, 4]);
        out.extend_from_slice(&self.server.octets());
        out.extend_from_slice(&[51, 4]);
        out.extend_from_slice(&self.lease_s.to_be_bytes());
        out.extend_from_slice(&[1, 4, 255, 255, 255, 0]);
        for option in [3, 6] {
            out.extend_from_slice(&[option, 4]);
            out.extend_from_slice(&self.server.octets());
        }
        out.push(255);
        out.resize(start + 300, 0);
    }

    fn fixed(&self, out: &mut Vec<u8>, operation: u8, yours: Ipv4Addr) {
        out.extend_from_slice(&[operation, 1, 6, 0]);
        out.extend_from_slice(&self.transaction.to_be_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.client.octets());
        out.extend_from_slice(&yours.octets());
        out.extend_from_slice(&[0; 8]);
        out.extend_from_slice(&self.client_mac);
        // Rest of the hardware address, server name, boot file.
        out.resize(out.len() + 10 + 64 + 128, 0);
        out.extend_from_slice(&[0x63, 0x82, 0x53, 0x63]);
    }
}
