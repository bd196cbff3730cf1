//! How many packets, and of which protocol.

use super::{Feature, Value};
use crate::observer::Need;

/// Packets in the window. Never undefined.
pub const N_PACKETS: Feature = Feature {
    name: "n_packets",
    label: "packet count",
    unit: "packets",
    needs: Need::TimeAndLength,
    about: "packets in the window",
    reduced_by: Some("add cover traffic"),
    always_defined: true,
    value: Value::Sums(|window| window.sums.totals.n_packets as f64),
};

/// TCP packets, later fragments included. Never undefined.
pub const N_TCP: Feature = Feature {
    name: "n_tcp",
    label: "TCP count",
    unit: "packets",
    needs: Need::Headers,
    about: "TCP packets",
    reduced_by: Some("add cover traffic"),
    always_defined: true,
    value: Value::Sums(|window| window.sums.totals.n_tcp as f64),
};

/// UDP packets, later fragments included: QUIC is among them. Never undefined.
pub const N_UDP: Feature = Feature {
    name: "n_udp",
    label: "UDP count",
    unit: "packets",
    needs: Need::Headers,
    about: "UDP packets, QUIC among them",
    reduced_by: Some("add cover traffic"),
    always_defined: true,
    value: Value::Sums(|window| window.sums.totals.n_udp as f64),
};

/// ICMP and ICMPv6 packets. Never undefined.
pub const N_ICMP: Feature = Feature {
    name: "n_icmp",
    label: "ICMP count",
    unit: "packets",
    needs: Need::Headers,
    about: "ICMP and ICMPv6 packets",
    reduced_by: Some("add cover traffic"),
    always_defined: true,
    value: Value::Sums(|window| window.sums.totals.n_icmp as f64),
};
