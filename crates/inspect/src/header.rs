//! What evidence needs of a frame beyond what features need: its two ends, ARP, TCP's flags.

use overhear_traffic::capture::{Frame, LinkType};
use overhear_traffic::packet::{Device, Mac, Network, Transport};
use overhear_traffic::wire::Decoded;
use std::net::IpAddr;

/// The devices at both ends of a frame: by MAC address where the link has them, else by IP address.
/// Groups are nobody, nor are the all-zero addresses of loopback interfaces.
pub fn ends(decoded: &Decoded<'_>) -> (Option<Device>, Option<Device>) {
    let link = decoded.link;
    if link.source.is_some() || link.target.is_some() {
        let one = |mac: Option<Mac>| mac.filter(|mac| !mac.is_group() && mac.0 != [0; 6]).map(Device::Mac);
        return (one(link.source), one(link.target));
    }
    let Some(network) = decoded.network else { return (None, None) };
    let is_group = |ip: &IpAddr| {
        ip.is_multicast() || ip.is_unspecified() || matches!(ip, IpAddr::V4(ip) if ip.is_broadcast())
    };
    let one = |ip: IpAddr| Some(ip).filter(|ip| !is_group(ip)).map(Device::Ip);
    (one(network.source), one(network.target))
}

/// What stands behind the Ethernet header of an ARP frame.
pub fn arp_packet<'a>(frame: &Frame<'a>, decoded: &Decoded<'_>) -> Option<&'a [u8]> {
    if frame.link != LinkType::ETHERNET || decoded.network.is_some() {
        return None;
    }
    let at = decoded.link.header_bytes as usize;
    let ethertype = frame.bytes.get(at.checked_sub(2)?..at)?;
    if ethertype == [0x08, 0x06] { frame.bytes.get(at..) } else { None }
}

/// Whether an ICMPv6 packet announces a router.
pub fn is_router_advertisement(frame: &Frame<'_>, decoded: &Decoded<'_>, network: Network) -> bool {
    const ROUTER_ADVERTISEMENT: u8 = 134;
    let is_icmpv6 = network.transport == Transport::Icmp && network.source.is_ipv6();
    let at = decoded.link.header_bytes as usize + 40;
    is_icmpv6 && frame.bytes.get(at) == Some(&ROUTER_ADVERTISEMENT)
}

/// What hellos and ports need of a TCP header.
#[derive(Debug, Clone, Copy, Default)]
pub struct TcpHeader {
    /// Sequence number of its first byte.
    pub sequence: u32,
    flags: u8,
}

impl TcpHeader {
    /// SYN and ACK: somebody listens there.
    pub fn is_opening_answer(self) -> bool {
        self.flags & 0x17 == 0x12
    }

    /// RST: it ends the connection at once.
    pub fn resets(self) -> bool {
        self.flags & 0x04 != 0
    }
}

/// Reads the TCP header where it follows the IP header at once.
pub fn tcp_header(frame: &Frame<'_>, decoded: &Decoded<'_>) -> Option<TcpHeader> {
    let packet = frame.bytes.get(decoded.link.header_bytes as usize..)?;
    let header_bytes = match packet.first()? >> 4 {
        4 => usize::from(packet[0] & 0x0f) * 4,
        6 if packet.get(6) == Some(&6) => 40,
        _ => return None,
    };
    let header: &[u8; 14] = packet.get(header_bytes..)?.first_chunk()?;
    let sequence = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
    Some(TcpHeader { sequence, flags: header[13] })
}
