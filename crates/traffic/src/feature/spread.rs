//! Means and deviations: gaps, lengths, TTLs, TCP windows, and the time a window spans.

use super::Feature;
use super::moments::{GAP, LENGTH, TCP_WINDOW, TTL};
use crate::observer::Need;

/// Last timestamp minus first: the sum of the gaps. Unit: s. Never undefined.
pub const DURATION_S: Feature = Feature {
    name: "duration_s",
    unit: "s",
    needs: Need::TimeAndLength,
    about: "last timestamp minus first",
    always_defined: true,
    value: |window| window.duration_s,
};

/// Mean TCP window field. Undefined without a TCP packet.
pub const TCP_WINDOW_MEAN: Feature = Feature {
    name: "tcp_window_mean",
    unit: "bytes",
    needs: Need::Headers,
    about: "mean of the TCP window field as sent, unscaled",
    always_defined: false,
    value: |window| window.mean[TCP_WINDOW],
};

/// Deviation of the TCP window field. Undefined without a TCP packet.
pub const TCP_WINDOW_STD: Feature = Feature {
    name: "tcp_window_std",
    unit: "bytes",
    needs: Need::Headers,
    about: "deviation of the TCP window field",
    always_defined: false,
    value: |window| window.std[TCP_WINDOW],
};

/// Mean gap between neighbours within the window. Undefined for a single packet.
pub const IPT_MEAN: Feature = Feature {
    name: "ipt_mean",
    unit: "s",
    needs: Need::TimeAndLength,
    about: "mean gap between neighbouring packets",
    always_defined: false,
    value: |window| window.mean[GAP],
};

/// Deviation of the gaps within the window. Undefined for a single packet.
pub const IPT_STD: Feature = Feature {
    name: "ipt_std",
    unit: "s",
    needs: Need::TimeAndLength,
    about: "deviation of the gaps between neighbouring packets",
    always_defined: false,
    value: |window| window.std[GAP],
};

/// Mean length on the wire, the capture's own length field. Never undefined: a window holds a packet.
pub const LENGTH_MEAN: Feature = Feature {
    name: "length_mean",
    unit: "bytes",
    needs: Need::TimeAndLength,
    about: "mean length on the wire",
    always_defined: true,
    value: |window| window.mean[LENGTH],
};

/// Deviation of the length on the wire. Never undefined.
pub const LENGTH_STD: Feature = Feature {
    name: "length_std",
    unit: "bytes",
    needs: Need::TimeAndLength,
    about: "deviation of the length on the wire",
    always_defined: true,
    value: |window| window.std[LENGTH],
};

/// Mean TTL or hop limit. Undefined where no network layer is seen.
pub const TTL_MEAN: Feature = Feature {
    name: "ttl_mean",
    unit: "hops",
    needs: Need::Headers,
    about: "mean IPv4 TTL or IPv6 hop limit",
    always_defined: false,
    value: |window| window.mean[TTL],
};

/// Deviation of TTL or hop limit. Undefined where no network layer is seen.
pub const TTL_STD: Feature = Feature {
    name: "ttl_std",
    unit: "hops",
    needs: Need::Headers,
    about: "deviation of IPv4 TTL or IPv6 hop limit",
    always_defined: false,
    value: |window| window.std[TTL],
};
