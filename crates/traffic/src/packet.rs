//! What one packet is, to whoever sees it.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::Error;

/// One packet as an observer sees it: time and length always, the rest where it can be seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Packet {
    /// Nanoseconds since 1970.
    pub time_ns: i64,
    /// Length on the wire, bytes.
    pub length_bytes: u32,
    /// From the device or to it; `None` where the device is not known.
    pub direction: Option<Direction>,
    /// The outermost network layer; `None` for an observer without the key.
    pub network: Option<Network>,
}

/// Which way a packet goes, seen from the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The device sends it.
    Out,
    /// The device receives it.
    In,
}

impl Direction {
    /// The other way.
    #[must_use]
    pub fn opposite(self) -> Direction {
        match self {
            Direction::Out => Direction::In,
            Direction::In => Direction::Out,
        }
    }
}

/// The outermost network layer of a packet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Network {
    /// Source address.
    pub source: IpAddr,
    /// Destination address.
    pub target: IpAddr,
    /// IPv4 TTL or IPv6 hop limit.
    pub ttl: u8,
    /// Length of the IP packet, bytes, header included.
    pub ip_length_bytes: u32,
    /// What it carries.
    pub transport: Transport,
}

/// What an IP packet carries, as far as features ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// TCP.
    Tcp {
        /// Source and destination port; `None` in a later fragment or where the capture is cut.
        ports: Option<(u16, u16)>,
        /// The window field as sent, unscaled; `None` likewise.
        window: Option<u16>,
    },
    /// UDP.
    Udp {
        /// Source and destination port; `None` in a later fragment or where the capture is cut.
        ports: Option<(u16, u16)>,
    },
    /// ICMP or ICMPv6.
    Icmp,
    /// Anything else, by IP protocol number.
    Other(u8),
}

/// An Ethernet or 802.11 address.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// A group address: broadcast or multicast.
    pub fn is_group(self) -> bool {
        self.0[0] & 1 != 0
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Which packets of a capture are the device's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Device {
    /// Those from or to this MAC address.
    Mac(Mac),
    /// Those from or to this IP address.
    Ip(IpAddr),
    /// All of them; directions are then unknown.
    Any,
}

impl FromStr for Device {
    type Err = Error;

    fn from_str(text: &str) -> Result<Device, Error> {
        let parts: Vec<&str> = text.split([':', '-']).collect();
        let two_digits = |part: &&str| part.len() <= 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
        if parts.len() == 6 && parts.iter().all(two_digits) {
            let bytes: Option<Vec<u8>> = parts.iter().map(|part| u8::from_str_radix(part, 16).ok()).collect();
            if let Some(Ok(mac)) = bytes.map(<[u8; 6]>::try_from) {
                return Ok(Device::Mac(Mac(mac)));
            }
        }
        text.parse().map(Device::Ip).map_err(|_| Error::Device { text: text.to_owned() })
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Device::Mac(mac) => mac.fmt(f),
            Device::Ip(ip) => ip.fmt(f),
            Device::Any => f.write_str("any"),
        }
    }
}

impl Serialize for Device {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Device {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Device, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_written_as_mac_or_ip() {
        let mac = Device::Mac(Mac([2, 0, 0, 0, 0, 1]));
        assert_eq!("02:00:00:00:00:01".parse::<Device>().unwrap(), mac);
        assert_eq!("2-0-0-0-0-1".parse::<Device>().unwrap(), mac);
        assert_eq!(mac.to_string(), "02:00:00:00:00:01");
        assert_eq!("fe80::1".parse::<Device>().unwrap().to_string(), "fe80::1");
        assert_eq!("1:2:3:4:5:6:7:8".parse::<Device>().unwrap().to_string(), "1:2:3:4:5:6:7:8");
        assert!("speaker".parse::<Device>().is_err());
        assert!("+2:00:00:00:00:01".parse::<Device>().is_err());
    }
}
