//! The integer sums of one window. Integers are added exactly, so no result depends on the order of work.

use crate::packet::{Packet, Transport};
use std::ops::Sub;

/// Sums over packets, as they grow along a trace. Fields that sum squares of small numbers wrap
/// around at 2⁶⁴; a window's own difference is right all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Packets.
    pub n_packets: u64,
    /// Packets by protocol, later fragments included.
    pub n_tcp: u64,
    /// Likewise.
    pub n_udp: u64,
    /// ICMP and ICMPv6 together.
    pub n_icmp: u64,
    /// Packets whose network layer was seen: those that have a TTL.
    pub n_headers: u64,
    /// Sum of their TTLs or hop limits.
    pub ttl: u64,
    /// Sum of the squares.
    pub ttl_squares: u64,
    /// Packets with a TCP window field.
    pub n_tcp_windows: u64,
    /// Sum of the window fields.
    pub tcp_window: u64,
    /// Sum of the squares.
    pub tcp_window_squares: u64,
    /// Sum of lengths on the wire, bytes.
    pub length: u64,
    /// Sum of the squares.
    pub length_squares: u128,
    /// Sum of the squares of the gaps between neighbours, ns².
    pub gap_squares: u128,
}

impl Totals {
    /// Adds one packet, all but its gap.
    #[inline(always)]
    pub(super) fn add(&mut self, packet: &Packet) {
        self.n_packets += 1;
        let length = u64::from(packet.length_bytes);
        self.length = self.length.wrapping_add(length);
        self.length_squares += u128::from(length * length);
        let Some(network) = packet.network else { return };
        self.n_headers += 1;
        let ttl = u64::from(network.ttl);
        self.ttl += ttl;
        self.ttl_squares += ttl * ttl;
        match network.transport {
            Transport::Tcp { window, .. } => {
                self.n_tcp += 1;
                if let Some(window) = window {
                    let window = u64::from(window);
                    self.n_tcp_windows += 1;
                    self.tcp_window += window;
                    self.tcp_window_squares = self.tcp_window_squares.wrapping_add(window * window);
                }
            }
            Transport::Udp { .. } => self.n_udp += 1,
            Transport::Icmp => self.n_icmp += 1,
            Transport::Other(_) => {}
        }
    }
}

impl Sub for Totals {
    type Output = Totals;

    #[inline(always)]
    fn sub(self, start: Totals) -> Totals {
        Totals {
            n_packets: self.n_packets - start.n_packets,
            n_tcp: self.n_tcp - start.n_tcp,
            n_udp: self.n_udp - start.n_udp,
            n_icmp: self.n_icmp - start.n_icmp,
            n_headers: self.n_headers - start.n_headers,
            ttl: self.ttl - start.ttl,
            ttl_squares: self.ttl_squares - start.ttl_squares,
            n_tcp_windows: self.n_tcp_windows - start.n_tcp_windows,
            tcp_window: self.tcp_window - start.tcp_window,
            tcp_window_squares: self.tcp_window_squares.wrapping_sub(start.tcp_window_squares),
            length: self.length.wrapping_sub(start.length),
            length_squares: self.length_squares - start.length_squares,
            gap_squares: self.gap_squares - start.gap_squares,
        }
    }
}

/// Everything a feature may use of one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// What adds up.
    pub totals: Totals,
    /// Last timestamp minus first, ns: the sum of the gaps.
    pub span_ns: u64,
    /// Distinct source or destination addresses.
    pub n_addresses: u32,
    /// Distinct (TCP or UDP, port number), source or destination.
    pub n_ports: u32,
}
