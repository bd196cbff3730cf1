//! Packets and bytes of services, as far as ports and addresses name them.

use super::{Feature, Value};
use crate::observer::Need;
use crate::window::Service;

/// Packets and bytes of each service.
macro_rules! services {
    ($($service:ident $name:literal $what:literal),* $(,)?) => {
        &[$(
            &Feature {
                name: concat!($name, "_n_packets"),
                label: concat!("packets of ", $what),
                unit: "packets",
                needs: Need::Headers,
                about: concat!("packets of ", $what),
                reduced_by: Some("add cover traffic"),
                always_defined: true,
                value: Value::Detail(|detail| detail.service(Service::$service).n_packets as f64),
            },
            &Feature {
                name: concat!($name, "_bytes"),
                label: concat!("bytes of ", $what),
                unit: "bytes",
                needs: Need::Headers,
                about: concat!("bytes of ", $what),
                reduced_by: Some("add cover traffic"),
                always_defined: true,
                value: Value::Detail(|detail| detail.service(Service::$service).bytes as f64),
            },
        )*]
    };
}

/// Every packet is of one of them, the first that fits.
pub const ALL: &[&Feature] = services! {
    Dns "dns" "DNS",
    Ntp "ntp" "NTP",
    Discovery "discovery" "mDNS and SSDP",
    Tcp443 "tcp443" "TCP port 443",
    Udp443 "udp443" "UDP port 443",
    Local "local" "other local traffic",
    Far "far" "other far ends",
};
