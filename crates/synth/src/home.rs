//! Who talks to whom: the speaker, its home and the servers it reaches.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::wire::Mac;

pub(super) const DEVICE_MAC: Mac = [2, 0, 0, 0, 0, 1];
pub(super) const DEVICE_V4: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 23);
/// Link-local, made from the MAC (RFC 4291 appendix A).
pub(super) const DEVICE_LINK_LOCAL: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0xff, 0xfe00, 1);
/// In the documentation prefix of RFC 3849.
pub(super) const DEVICE_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0x17, 1, 0, 0xff, 0xfe00, 1);

pub(super) const GATEWAY_MAC: Mac = [2, 0, 0, 0, 0, 0xfe];
pub(super) const GATEWAY_V4: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 1);
pub(super) const GATEWAY_LINK_LOCAL: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0xff, 0xfe00, 0xfe);

/// The speaker's TTL for unicast, and its neighbours' in the home.
pub(super) const HOME_TTL: u8 = 64;

/// The other end of an exchange, as seen at the gateway.
#[derive(Debug, Clone, Copy)]
pub(super) struct Party {
    /// Who hands the frame over: the gateway for the whole Internet.
    pub mac: Mac,
    pub address: IpAddr,
    /// TTL on arrival before the path's own changes.
    pub ttl: u8,
    /// In the Internet: the path's hops change from day to day.
    pub remote: bool,
}

/// A host in the Internet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Server {
    pub host: &'static str,
    /// Last bytes of its address.
    pub address: Address,
    /// TTL on arrival. METHOD §6: Google 51 to 60 or 106 to 122, by path.
    pub ttl: u8,
    /// Round trip from the gateway. Unit: ms.
    pub round_trip_ms: f64,
}

/// An address in one of Google's ranges.
#[derive(Debug, Clone, Copy)]
pub(super) enum Address {
    /// 142.250.a.b
    Four(u8, u8),
    /// 2a00:1450:4002:a::b
    Six(u16, u16),
}

impl Server {
    /// The server as the other end of an exchange.
    pub fn party(&self) -> Party {
        Party { mac: GATEWAY_MAC, address: self.address(), ttl: self.ttl, remote: true }
    }

    /// Its address.
    pub fn address(&self) -> IpAddr {
        match self.address {
            Address::Four(a, b) => IpAddr::from([142, 250, a, b]),
            Address::Six(a, b) => IpAddr::from([0x2a00, 0x1450, 0x4002, a, 0, 0, 0, b]),
        }
    }
}

/// The resolver that Google's speakers insist on.
pub(super) const RESOLVER: Party =
    Party { mac: GATEWAY_MAC, address: IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)), ttl: 57, remote: true };

/// The gateway itself.
pub(super) const GATEWAY: Party =
    Party { mac: GATEWAY_MAC, address: IpAddr::V4(GATEWAY_V4), ttl: HOME_TTL, remote: false };

/// Two other Google speakers in the same home.
pub(super) const PEERS: [Party; 2] = [
    Party {
        mac: [2, 0, 0, 0, 0, 0x31],
        address: IpAddr::V4(Ipv4Addr::new(192, 168, 1, 31)),
        ttl: HOME_TTL,
        remote: false,
    },
    Party {
        mac: [2, 0, 0, 0, 0, 0x32],
        address: IpAddr::V4(Ipv4Addr::new(192, 168, 1, 125)),
        ttl: HOME_TTL,
        remote: false,
    },
];

const fn server(host: &'static str, a: u8, b: u8, ttl: u8, round_trip_ms: f64) -> Server {
    Server { host, address: Address::Four(a, b), ttl, round_trip_ms }
}

pub(super) const MTALK: Server = server("mtalk.google.com", 27, 188, 58, 32.0);
pub(super) const CONNECTIVITY: Server = server("connectivitycheck.gstatic.com", 180, 131, 57, 14.0);
pub(super) const CLIENTS4: Server = server("clients4.google.com", 180, 142, 56, 14.0);
pub(super) const CLIENTS3: Server = Server {
    host: "clients3.google.com",
    address: Address::Six(0x402, 0x200e),
    ttl: 57,
    round_trip_ms: 15.0,
};
pub(super) const PLAY: Server = server("play.googleapis.com", 184, 74, 58, 14.0);
pub(super) const FCM: Server = server("fcm.googleapis.com", 184, 42, 57, 16.0);
pub(super) const APIS: Server = server("www.googleapis.com", 180, 170, 56, 14.0);
pub(super) const ASSISTANT: Server = server("embeddedassistant.googleapis.com", 201, 106, 115, 21.0);
pub(super) const TIME: Server =
    Server { host: "time.google.com", address: Address::Four(35, 8), ttl: 60, round_trip_ms: 18.0 };

/// Hosts that a telemetry session may turn to, over TLS or QUIC.
pub(super) const TELEMETRY: [Server; 8] = [
    server("clients2.google.com", 180, 174, 56, 14.0),
    server("tools.google.com", 184, 46, 57, 15.0),
    server("home-devices.googleapis.com", 180, 138, 56, 17.0),
    server("device-provisioning.googleapis.com", 201, 74, 55, 19.0),
    server("www.gstatic.com", 180, 163, 58, 13.0),
    server("www.google.com", 184, 36, 57, 14.0),
    server("safesearch.googleapis.com", 201, 10, 54, 20.0),
    Server { host: "www.youtube.com", address: Address::Six(0x410, 0x200e), ttl: 57, round_trip_ms: 16.0 },
];
