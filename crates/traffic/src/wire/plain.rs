//! The short way through what nearly every frame is: Ethernet, IPv4 without options, TCP or UDP, whole enough.
//!
//! It says of it what [`super::decode`] says, but for the payload, and lets a capture be read 1.1 times as fast.

use super::network::{TCP, UDP};
use super::{Decoded, Link, link, mirror};
use crate::capture::LinkType;
use crate::packet::{Network, Transport};
use std::net::{IpAddr, Ipv4Addr};

/// Ethernet and IPv4 header.
const HEADER_BYTES: usize = 34;

/// A frame that may go the short way.
pub(crate) struct Plain<'a> {
    header: &'a [u8; HEADER_BYTES],
    ip_length: u16,
    transport: Transport,
}

impl<'a> Plain<'a> {
    /// Where the network layer begins.
    pub(crate) const NETWORK_AT: usize = 14;

    /// `None` for any other frame.
    #[inline(always)]
    pub(crate) fn read(link_type: LinkType, bytes: &'a [u8]) -> Option<Plain<'a>> {
        let (header, rest) = bytes.split_first_chunk::<HEADER_BYTES>()?;
        let is_ipv4 = [header[12], header[13], header[14]] == [0x08, 0x00, 0x45];
        let is_later_fragment = [header[20] & 0x1f, header[21]] != [0, 0];
        if link_type != LinkType::ETHERNET || !is_ipv4 || is_later_fragment {
            return None;
        }
        let ip_length = u16::from_be_bytes([header[16], header[17]]);
        let transport = match header[23] {
            TCP if ip_length >= 20 + 16 => {
                let [a, b, c, d, .., high, low] = *rest.first_chunk::<16>()?;
                let ports = Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])));
                Transport::Tcp { ports, window: Some(u16::from_be_bytes([high, low])) }
            }
            UDP if ip_length >= 20 + 4 => {
                let [a, b, c, d] = *rest.first_chunk()?;
                let target = u16::from_be_bytes([c, d]);
                if mirror::is_mirror_port(target) {
                    return None;
                }
                Transport::Udp { ports: Some((u16::from_be_bytes([a, b]), target)) }
            }
            _ => return None,
        };
        Some(Plain { header, ip_length, transport })
    }

    /// The link layer of it.
    #[inline(always)]
    pub(crate) fn link(&self) -> Link {
        link::ethernet_addresses(self.header, 14)
    }

    /// Source and destination.
    #[inline(always)]
    pub(crate) fn ends(&self) -> [IpAddr; 2] {
        let [.., a, b, c, d, e, f, g, h] = *self.header;
        [Ipv4Addr::new(a, b, c, d), Ipv4Addr::new(e, f, g, h)].map(IpAddr::V4)
    }

    /// What [`super::decode`] says of the frame, without the payload.
    #[inline(always)]
    pub(crate) fn decoded(&self) -> Decoded<'a> {
        Decoded { link: self.link(), network: Some(self.network()), payload: &[] }
    }

    /// The network layer of it.
    #[inline(always)]
    pub(crate) fn network(&self) -> Network {
        let [source, target] = self.ends();
        let (ttl, ip_length_bytes) = (self.header[22], u32::from(self.ip_length));
        Network { source, target, ttl, ip_length_bytes, transport: self.transport }
    }
}
