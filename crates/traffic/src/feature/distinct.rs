//! How many different ends the device talks to.

use super::{Feature, Value};
use crate::observer::Need;

/// Distinct IP addresses, source or destination: the device's own is among them. Never undefined.
pub const N_ADDRESSES: Feature = Feature {
    name: "n_addresses",
    label: "IP addresses",
    unit: "addresses",
    needs: Need::Headers,
    about: "distinct source or destination IP addresses",
    reduced_by: None,
    always_defined: true,
    value: Value::Sums(|window| f64::from(window.sums.n_addresses)),
};

/// Distinct ports, source or destination; TCP 443 and UDP 443 are two. Never undefined.
pub const N_PORTS: Feature = Feature {
    name: "n_ports",
    label: "ports",
    unit: "ports",
    needs: Need::Headers,
    about: "distinct (TCP or UDP, port number), source or destination",
    reduced_by: None,
    always_defined: true,
    value: Value::Sums(|window| f64::from(window.sums.n_ports)),
};
