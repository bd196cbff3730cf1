//! Events of a device from bytes, for the targets that change them.

use overhear_traffic::event::Event;
use overhear_traffic::packet::{Mac, Network, Transport};
use overhear_traffic::wire::Link;
use std::net::IpAddr;

pub const DEVICE: Mac = Mac([2, 0, 0, 0, 0, 1]);
const ROUTER: Mac = Mac([2, 0, 0, 0, 0, 2]);

/// An event of the device or to it; its time lies after `now_ns`.
pub fn event(bytes: &[u8; 16], now_ns: &mut i64) -> Event {
    let [kind, scale, step, near, far, protocol, ttl, a, b, c, d, length @ ..] = *bytes;
    let step = i64::from(step) << (scale % 56);
    *now_ns = now_ns.saturating_add(step);
    let address = |host: u8| match kind & 1 {
        0 => IpAddr::from([if host & 1 == 0 { 10 } else { 198 }, 51, 100, host]),
        _ => IpAddr::from([0x2001, 0xdb8, u16::from(host), 0, 0, 0, 0, 1]),
    };
    let ports = (kind & 2 == 0).then_some((u16::from(a), u16::from(b)));
    let transport = match protocol & 3 {
        0 => Transport::Tcp { ports, window: ports.map(|(a, b)| a << 8 | b) },
        1 => Transport::Udp { ports },
        2 => Transport::Icmp,
        _ => Transport::Other(protocol),
    };
    let [e, f, g, h, i] = length;
    // any length, or a usual one
    let length_bytes = if kind & 4 == 0 { u32::from_be_bytes([e, f, g, h]) } else { u32::from(f) << 3 };
    let (source, target) = (address(near & 3), address(far));
    let around = if i & 1 == 0 { 14 } else { u32::from_be_bytes([a, b, c, d]) };
    let ip_length_bytes = length_bytes.wrapping_sub(around);
    let network = Network { source, target, ttl, ip_length_bytes, transport };
    let (from, to) = if kind & 8 == 0 { (DEVICE, ROUTER) } else { (ROUTER, DEVICE) };
    let link = Link { source: Some(from), target: Some(to), header_bytes: around, ..Link::default() };
    let network = (kind & 0x70 != 0).then_some(network);
    Event { time_ns: *now_ns, length_bytes, link, network, number: None }
}
