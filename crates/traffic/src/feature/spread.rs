//! Means and deviations: gaps, lengths, TTLs, TCP windows, and the time a window spans.

use super::moments::{GAP, LENGTH, TCP_WINDOW, TTL};
use super::{Feature, Value};
use crate::observer::Need;

/// Last timestamp minus first: the sum of the gaps. Unit: s. Never undefined.
pub const DURATION_S: Feature = Feature {
    name: "duration_s",
    label: "window duration",
    unit: "s",
    needs: Need::TimeAndLength,
    about: "last timestamp minus first",
    reduced_by: Some("batch packets in time"),
    always_defined: true,
    value: Value::Sums(|window| window.duration_s),
};

/// Mean TCP window field. Undefined without a TCP packet.
pub const TCP_WINDOW_MEAN: Feature = Feature {
    name: "tcp_window_mean",
    label: "mean TCP window",
    unit: "bytes",
    needs: Need::Headers,
    about: "mean of the TCP window field as sent, unscaled",
    reduced_by: Some("quantise TCP windows"),
    always_defined: false,
    value: Value::Sums(|window| window.mean[TCP_WINDOW]),
};

/// Deviation of the TCP window field. Undefined without a TCP packet.
pub const TCP_WINDOW_STD: Feature = Feature {
    name: "tcp_window_std",
    label: "TCP window deviation",
    unit: "bytes",
    needs: Need::Headers,
    about: "deviation of the TCP window field",
    reduced_by: Some("quantise TCP windows"),
    always_defined: false,
    value: Value::Sums(|window| window.std[TCP_WINDOW]),
};

/// Mean gap between neighbours within the window. Undefined for a single packet.
pub const IPT_MEAN: Feature = Feature {
    name: "ipt_mean",
    label: "mean packet gap",
    unit: "s",
    needs: Need::TimeAndLength,
    about: "mean gap between neighbouring packets",
    reduced_by: Some("batch packets in time"),
    always_defined: false,
    value: Value::Sums(|window| window.mean[GAP]),
};

/// Deviation of the gaps within the window. Undefined for a single packet.
pub const IPT_STD: Feature = Feature {
    name: "ipt_std",
    label: "packet gap deviation",
    unit: "s",
    needs: Need::TimeAndLength,
    about: "deviation of the gaps between neighbouring packets",
    reduced_by: Some("batch packets in time"),
    always_defined: false,
    value: Value::Sums(|window| window.std[GAP]),
};

/// Mean length on the wire, the capture's own length field. Never undefined: a window holds a packet.
pub const LENGTH_MEAN: Feature = Feature {
    name: "length_mean",
    label: "mean length",
    unit: "bytes",
    needs: Need::TimeAndLength,
    about: "mean length on the wire",
    reduced_by: Some("pad lengths"),
    always_defined: true,
    value: Value::Sums(|window| window.mean[LENGTH]),
};

/// Deviation of the length on the wire. Never undefined.
pub const LENGTH_STD: Feature = Feature {
    name: "length_std",
    label: "length deviation",
    unit: "bytes",
    needs: Need::TimeAndLength,
    about: "deviation of the length on the wire",
    reduced_by: Some("pad lengths"),
    always_defined: true,
    value: Value::Sums(|window| window.std[LENGTH]),
};

/// Mean TTL or hop limit. Undefined where no network layer is seen.
pub const TTL_MEAN: Feature = Feature {
    name: "ttl_mean",
    label: "mean TTL",
    unit: "hops",
    needs: Need::Headers,
    about: "mean IPv4 TTL or IPv6 hop limit",
    reduced_by: Some("normalise TTLs"),
    always_defined: false,
    value: Value::Sums(|window| window.mean[TTL]),
};

/// Deviation of TTL or hop limit. Undefined where no network layer is seen.
pub const TTL_STD: Feature = Feature {
    name: "ttl_std",
    label: "TTL deviation",
    unit: "hops",
    needs: Need::Headers,
    about: "deviation of IPv4 TTL or IPv6 hop limit",
    reduced_by: Some("normalise TTLs"),
    always_defined: false,
    value: Value::Sums(|window| window.std[TTL]),
};
