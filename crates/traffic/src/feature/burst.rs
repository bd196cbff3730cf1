//! Runs of packets in one direction: how many, how long, how large.
//!
//! A run is cut at the window's ends. Undefined where directions are not known.

use super::moments::mean;
use super::{Feature, Value};
use crate::observer::Need;
use crate::packet::Direction;
use crate::window::{Detail, Way};

/// A feature of one direction; NaN where directions are not known, or no packet goes that way.
fn of(detail: &Detail, direction: Direction, value: fn(&Way) -> f64) -> f64 {
    detail.way(direction).filter(|way| way.n_bursts > 0).map_or(f64::NAN, value)
}

/// Bursts of both directions.
pub const N_BURSTS: Feature = Feature {
    name: "n_bursts",
    label: "bursts",
    unit: "bursts",
    needs: Need::TimeAndLength,
    about: "runs of packets in one direction",
    reduced_by: Some("batch packets in time"),
    always_defined: false,
    value: Value::Detail(|detail| {
        let n = |direction| detail.way(direction).map_or(f64::NAN, |way| way.n_bursts as f64);
        n(Direction::Out) + n(Direction::In)
    }),
};

/// The four features of a direction.
macro_rules! way {
    ($way:literal, $direction:ident, $does:literal) => {
        &[
            &Feature {
                name: concat!($way, "_burst_packets_mean"),
                label: concat!("mean packets of bursts ", $way),
                unit: "packets",
                needs: Need::TimeAndLength,
                about: concat!("mean packets of a burst that the device ", $does),
                reduced_by: Some("batch packets in time"),
                always_defined: false,
                value: Value::Detail(|d| {
                    of(d, Direction::$direction, |way| mean(way.n_bursts, way.volume.n_packets))
                }),
            },
            &Feature {
                name: concat!($way, "_burst_packets_max"),
                label: concat!("most packets of a burst ", $way),
                unit: "packets",
                needs: Need::TimeAndLength,
                about: concat!("packets of the longest burst that the device ", $does),
                reduced_by: Some("add cover traffic"),
                always_defined: false,
                value: Value::Detail(|d| of(d, Direction::$direction, |way| way.largest.n_packets as f64)),
            },
            &Feature {
                name: concat!($way, "_burst_bytes_mean"),
                label: concat!("mean bytes of bursts ", $way),
                unit: "bytes",
                needs: Need::TimeAndLength,
                about: concat!("mean bytes of a burst that the device ", $does),
                reduced_by: Some("batch packets in time"),
                always_defined: false,
                value: Value::Detail(|d| {
                    of(d, Direction::$direction, |way| mean(way.n_bursts, way.volume.bytes))
                }),
            },
            &Feature {
                name: concat!($way, "_burst_bytes_max"),
                label: concat!("most bytes of a burst ", $way),
                unit: "bytes",
                needs: Need::TimeAndLength,
                about: concat!("bytes of the largest burst that the device ", $does),
                reduced_by: Some("add cover traffic"),
                always_defined: false,
                value: Value::Detail(|d| of(d, Direction::$direction, |way| way.largest.bytes as f64)),
            },
        ]
    };
}

/// Bursts that the device sends.
pub const OUT: &[&Feature] = way!("out", Out, "sends");

/// Bursts that the device receives.
pub const IN: &[&Feature] = way!("in", In, "receives");
