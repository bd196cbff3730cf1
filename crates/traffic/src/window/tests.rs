//! Windows by hand, and against a model that groups a list of packets by the definition.

mod by_hand;
mod detail;
mod model;
mod property;

use super::{Pass, Window, Windowing};
use crate::packet::{Network, Packet, Transport};
use std::net::IpAddr;

/// A UDP packet between two ports of two addresses, 100 bytes, TTL 64.
fn packet(time_ns: i64, source: IpAddr, target: IpAddr) -> Packet {
    let transport = Transport::Udp { ports: Some((5353, 443)) };
    let network = Network { source, target, ttl: 64, ip_length_bytes: 86, transport };
    Packet { time_ns, length_bytes: 100, direction: None, network: Some(network) }
}

fn address(host: u32) -> IpAddr {
    IpAddr::V4((0x0a00_0000 + host).into())
}

/// The address of a host among those of the newer protocol.
fn address_v6(host: u32) -> IpAddr {
    IpAddr::V6((0xfe80_u128 << 112 | u128::from(host)).into())
}

fn windowings(texts: &[&str]) -> Vec<Windowing> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// The windows of each windowing, in the order in which they ended.
fn group(mut pass: Pass, n_windowings: usize, packets: &[Packet]) -> Vec<Vec<Window<'static>>> {
    let mut windows = vec![Vec::new(); n_windowings];
    for packet in packets {
        pass.push(packet, |windowing, window| windows[windowing].push(window.without_detail()));
    }
    pass.finish(|windowing, window| windows[windowing].push(window.without_detail()));
    windows
}

/// The windows of one windowing.
fn windows(windowing: &str, packets: &[Packet]) -> Vec<Window<'static>> {
    let windowings = windowings(&[windowing]);
    group(Pass::new(&windowings), 1, packets).remove(0)
}
