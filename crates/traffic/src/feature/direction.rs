//! Packets each way: how many, how long, how far apart.
//!
//! Undefined where directions are not known, which they are of a named device.

use super::moments::{mean, std};
use super::{Feature, Value};
use crate::observer::Need;
use crate::packet::Direction;
use crate::window::{Detail, Way};

/// A feature of one direction; NaN where directions are not known.
fn of(detail: &Detail, direction: Direction, value: fn(&Way) -> f64) -> f64 {
    detail.way(direction).map_or(f64::NAN, value)
}

fn gaps(way: &Way) -> u64 {
    way.volume.n_packets.saturating_sub(1)
}

/// The six features of a direction.
macro_rules! way {
    ($way:literal, $direction:ident, $does:literal) => {
        &[
            &Feature {
                name: concat!($way, "_n_packets"),
                label: concat!("packets ", $way),
                unit: "packets",
                needs: Need::TimeAndLength,
                about: concat!("packets that the device ", $does),
                reduced_by: Some("add cover traffic"),
                always_defined: false,
                value: Value::Detail(|d| of(d, Direction::$direction, |way| way.volume.n_packets as f64)),
            },
            &Feature {
                name: concat!($way, "_bytes"),
                label: concat!("bytes ", $way),
                unit: "bytes",
                needs: Need::TimeAndLength,
                about: concat!("sum of the lengths of packets that the device ", $does),
                reduced_by: Some("add cover traffic"),
                always_defined: false,
                value: Value::Detail(|d| of(d, Direction::$direction, |way| way.volume.bytes as f64)),
            },
            &Feature {
                name: concat!($way, "_length_mean"),
                label: concat!("mean length ", $way),
                unit: "bytes",
                needs: Need::TimeAndLength,
                about: concat!("mean length of packets that the device ", $does),
                reduced_by: Some("pad lengths"),
                always_defined: false,
                value: Value::Detail(|d| {
                    of(d, Direction::$direction, |way| mean(way.volume.n_packets, way.volume.bytes))
                }),
            },
            &Feature {
                name: concat!($way, "_length_std"),
                label: concat!("length deviation ", $way),
                unit: "bytes",
                needs: Need::TimeAndLength,
                about: concat!("deviation of the length of packets that the device ", $does),
                reduced_by: Some("pad lengths"),
                always_defined: false,
                value: Value::Detail(|d| {
                    of(d, Direction::$direction, |way| {
                        std(way.volume.n_packets, way.length_squares, way.volume.bytes)
                    })
                }),
            },
            &Feature {
                name: concat!($way, "_ipt_mean"),
                label: concat!("mean packet gap ", $way),
                unit: "s",
                needs: Need::TimeAndLength,
                about: concat!("mean gap between neighbouring packets that the device ", $does),
                reduced_by: Some("batch packets in time"),
                always_defined: false,
                value: Value::Detail(|d| {
                    of(d, Direction::$direction, |way| mean(gaps(way), way.span_ns) / 1e9)
                }),
            },
            &Feature {
                name: concat!($way, "_ipt_std"),
                label: concat!("packet gap deviation ", $way),
                unit: "s",
                needs: Need::TimeAndLength,
                about: concat!("deviation of the gaps between neighbouring packets that the device ", $does),
                reduced_by: Some("batch packets in time"),
                always_defined: false,
                value: Value::Detail(|d| {
                    of(d, Direction::$direction, |way| std(gaps(way), way.gap_squares, way.span_ns) / 1e9)
                }),
            },
        ]
    };
}

/// Packets that the device sends.
pub const OUT: &[&Feature] = way!("out", Out, "sends");

/// Packets that the device receives.
pub const IN: &[&Feature] = way!("in", In, "receives");

/// Share of packets that the device sends. Undefined without a packet.
pub const SHARE_OUT: Feature = Feature {
    name: "share_out",
    label: "share of packets out",
    unit: "share",
    needs: Need::TimeAndLength,
    about: "share of packets that the device sends",
    reduced_by: Some("add cover traffic"),
    always_defined: false,
    value: Value::Detail(|detail| {
        let n = |direction| detail.way(direction).map_or(f64::NAN, |way| way.volume.n_packets as f64);
        n(Direction::Out) / (n(Direction::Out) + n(Direction::In))
    }),
};
