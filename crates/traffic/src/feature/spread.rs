//! Means and deviations: gaps, lengths, TTLs, TCP windows, and the time a window spans.

use super::Feature;
use super::moments::{mean, std};
use crate::observer::Need;
use crate::window::Sums;

const NS: f64 = 1e9;

/// Last timestamp minus first: the sum of the gaps. Unit: s. Never undefined.
pub const DURATION_S: Feature = Feature {
    name: "duration_s",
    unit: "s",
    needs: Need::TimeAndLength,
    about: "last timestamp minus first",
    value: |sums| Some(sums.span_ns as f64 / NS),
};

/// Mean TCP window field. Undefined without a TCP packet.
pub const TCP_WINDOW_MEAN: Feature = Feature {
    name: "tcp_window_mean",
    unit: "bytes",
    needs: Need::Headers,
    about: "mean of the TCP window field as sent, unscaled",
    value: |sums| mean(sums.totals.n_tcp_windows, sums.totals.tcp_window),
};

/// Deviation of the TCP window field. Undefined without a TCP packet.
pub const TCP_WINDOW_STD: Feature = Feature {
    name: "tcp_window_std",
    unit: "bytes",
    needs: Need::Headers,
    about: "deviation of the TCP window field",
    value: |sums| {
        let t = &sums.totals;
        std(t.n_tcp_windows, t.tcp_window, u128::from(t.tcp_window_squares))
    },
};

fn n_gaps(sums: &Sums) -> u64 {
    sums.totals.n_packets.saturating_sub(1)
}

/// Mean gap between neighbours within the window. Undefined for a single packet.
pub const IPT_MEAN: Feature = Feature {
    name: "ipt_mean",
    unit: "s",
    needs: Need::TimeAndLength,
    about: "mean gap between neighbouring packets",
    value: |sums| mean(n_gaps(sums), sums.span_ns).map(|ns| ns / NS),
};

/// Deviation of the gaps within the window. Undefined for a single packet.
pub const IPT_STD: Feature = Feature {
    name: "ipt_std",
    unit: "s",
    needs: Need::TimeAndLength,
    about: "deviation of the gaps between neighbouring packets",
    value: |sums| std(n_gaps(sums), sums.span_ns, sums.totals.gap_squares).map(|ns| ns / NS),
};

/// Mean length on the wire, the capture's own length field. Never undefined: a window holds a packet.
pub const LENGTH_MEAN: Feature = Feature {
    name: "length_mean",
    unit: "bytes",
    needs: Need::TimeAndLength,
    about: "mean length on the wire",
    value: |sums| mean(sums.totals.n_packets, sums.totals.length),
};

/// Deviation of the length on the wire. Never undefined.
pub const LENGTH_STD: Feature = Feature {
    name: "length_std",
    unit: "bytes",
    needs: Need::TimeAndLength,
    about: "deviation of the length on the wire",
    value: |sums| std(sums.totals.n_packets, sums.totals.length, sums.totals.length_squares),
};

/// Mean TTL or hop limit. Undefined where no network layer is seen.
pub const TTL_MEAN: Feature = Feature {
    name: "ttl_mean",
    unit: "hops",
    needs: Need::Headers,
    about: "mean IPv4 TTL or IPv6 hop limit",
    value: |sums| mean(sums.totals.n_headers, sums.totals.ttl),
};

/// Deviation of TTL or hop limit. Undefined where no network layer is seen.
pub const TTL_STD: Feature = Feature {
    name: "ttl_std",
    unit: "hops",
    needs: Need::Headers,
    about: "deviation of IPv4 TTL or IPv6 hop limit",
    value: |sums| std(sums.totals.n_headers, sums.totals.ttl, u128::from(sums.totals.ttl_squares)),
};
