//! Which service a packet belongs to, by its ports and addresses alone.

use crate::packet::{Network, Transport};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The first that fits, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// UDP or TCP port 53.
    Dns,
    /// UDP port 123.
    Ntp,
    /// UDP port 5353 (mDNS) or 1900 (SSDP).
    Discovery,
    /// TCP port 443.
    Tcp443,
    /// UDP port 443: QUIC.
    Udp443,
    /// Neither end is an address of the open internet: see [`is_special`].
    Local,
    /// Anything else.
    Far,
}

impl Service {
    /// All, in their order.
    pub const ALL: [Service; 7] = [
        Service::Dns,
        Service::Ntp,
        Service::Discovery,
        Service::Tcp443,
        Service::Udp443,
        Service::Local,
        Service::Far,
    ];

    /// The service of a packet.
    #[inline]
    pub fn of(network: &Network) -> Service {
        let named = match network.transport {
            Transport::Tcp { ports: Some((a, b)), .. } => match (a == 53 || b == 53, a == 443 || b == 443) {
                (true, _) => Some(Service::Dns),
                (_, true) => Some(Service::Tcp443),
                _ => None,
            },
            Transport::Udp { ports: Some(ports) } => of_udp(ports),
            _ => None,
        };
        named.unwrap_or_else(|| match is_special(network.source) && is_special(network.target) {
            true => Service::Local,
            false => Service::Far,
        })
    }
}

fn of_udp((a, b): (u16, u16)) -> Option<Service> {
    let is = |port: u16| a == port || b == port;
    if is(53) {
        Some(Service::Dns)
    } else if is(123) {
        Some(Service::Ntp)
    } else if is(5353) || is(1900) {
        Some(Service::Discovery)
    } else if is(443) {
        Some(Service::Udp443)
    } else {
        None
    }
}

/// Whether IANA's registries of special-purpose addresses (RFC 6890) say that an address is not reached over the open
/// internet: private, link-local, loopback, documentation, benchmarking, reserved; and multicast.
pub fn is_special(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_special_v4(address),
        IpAddr::V6(address) => is_special_v6(address),
    }
}

fn is_special_v4(address: Ipv4Addr) -> bool {
    matches!(
        address.octets(),
        [0 | 10 | 127 | 224..=255, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 168, ..]
            | [192, 0, 0, 0..=7 | 170 | 171]
            | [192, 0, 2, _]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    )
}

fn is_special_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => true,
        // an address of the older protocol, mapped
        [0, 0, 0, 0, 0, 0xffff, _, _] => address.to_ipv4_mapped().is_some_and(is_special_v4),
        // discarding, protocols of the IETF, documentation
        [0x100, 0, 0, 0, ..] | [0x2001, 0..=0x1ff | 0xdb8, ..] => true,
        [first, ..] => address.is_multicast() || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_those_of_the_ports_and_then_of_the_addresses() {
        let of = |source: &str, target: &str, transport| {
            let [source, target] = [source, target].map(|text| text.parse().unwrap());
            Service::of(&Network { source, target, ttl: 64, ip_length_bytes: 40, transport })
        };
        let tcp = |a, b| Transport::Tcp { ports: Some((a, b)), window: None };
        let udp = |a, b| Transport::Udp { ports: Some((a, b)) };
        let (home, far) = ("192.168.1.5", "8.8.8.8");
        assert_eq!(of(home, far, udp(40_000, 53)), Service::Dns);
        assert_eq!(of(home, far, tcp(443, 53)), Service::Dns);
        assert_eq!(of(home, far, udp(123, 123)), Service::Ntp);
        assert_eq!(of(home, far, tcp(123, 40_000)), Service::Far);
        assert_eq!(of(home, "239.255.255.250", udp(50_000, 1900)), Service::Discovery);
        assert_eq!(of(home, far, tcp(443, 50_000)), Service::Tcp443);
        assert_eq!(of(home, far, udp(50_000, 443)), Service::Udp443);
        assert_eq!(of(home, "192.168.1.9", tcp(8009, 50_000)), Service::Local);
        assert_eq!(of(home, "ff02::1", Transport::Icmp), Service::Local);
        assert_eq!(of(home, far, Transport::Udp { ports: None }), Service::Far);
    }

    #[test]
    fn special_addresses_end_where_the_registries_say() {
        let of = |text: &str| is_special(text.parse().unwrap());
        for special in [
            "0.0.0.0",
            "10.1.2.3",
            "127.0.0.1",
            "169.254.9.9",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.7",
            "192.0.2.1",
            "192.168.0.1",
            "198.19.255.255",
            "198.51.100.9",
            "203.0.113.200",
            "224.0.0.251",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "100::1",
            "2001::1",
            "2001:1ff::",
            "2001:db8::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "ff02::fb",
        ] {
            assert!(of(special), "{special}");
        }
        for open in [
            "1.1.1.1",
            "9.255.255.255",
            "100.64.0.1",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.0.8",
            "192.0.1.1",
            "198.20.0.0",
            "223.255.255.255",
            "::2",
            "::ffff:8.8.8.8",
            "64:ff9b::1",
            "100:0:0:1::",
            "2001:200::1",
            "2001:db9::1",
            "2002::1",
            "2606:4700::1",
            "fec0::1",
            "fbff::1",
        ] {
            assert!(!of(open), "{open}");
        }
    }
}
