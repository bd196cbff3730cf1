//! Whom a device exchanges packets with: bytes each way, and rhythms.

use super::period::{Beat, Period};
use super::upload::Upload;
use std::collections::HashMap;
use std::net::IpAddr;

/// So many ends are distinguished in all.
const MAX_ENDPOINTS: usize = 8192;

/// The far end of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Whose exchange it is.
    pub device: u32,
    /// By name where it is known.
    pub host: RemoteHost,
    /// The service's port; 0 where the protocol has none.
    pub port: u16,
    /// Whether that port is the device's own.
    pub serves: bool,
    /// What carries it.
    pub carrier: Carrier,
}

/// A host by the name it was asked for under, or by address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RemoteHost {
    /// An index into the names.
    Name(u32),
    /// An address without a name.
    Address(IpAddr),
}

/// What carries an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Carrier {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// ICMP and all else.
    Other,
}

impl Carrier {
    /// As a person reads it.
    pub fn name(self) -> &'static str {
        match self {
            Carrier::Tcp => "TCP",
            Carrier::Udp => "UDP",
            Carrier::Other => "other",
        }
    }
}

/// What was exchanged with one end.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// An address of the far end: the first.
    pub address: IpAddr,
    /// Packets and bytes that the device sent.
    pub up: (u64, u64),
    /// Packets and bytes that came to it.
    pub down: (u64, u64),
    /// Time of the first packet, ns since 1970.
    pub first_ns: i64,
    /// Time of the last.
    pub last_ns: i64,
    beat: Option<Beat>,
    upload: Option<Box<Upload>>,
}

/// All exchanges.
#[derive(Debug, Default)]
pub struct Endpoints {
    places: HashMap<Endpoint, u32>,
    all: Vec<(Endpoint, Exchange)>,
    /// The place of the exchange that had the packet before: most packets go on with it.
    latest: usize,
    is_full: bool,
}

impl Endpoints {
    /// Notes a packet; times must not run backwards.
    pub fn add(&mut self, endpoint: Endpoint, address: IpAddr, sent: bool, time_ns: i64, length_bytes: u32) {
        if self.all.get(self.latest).is_none_or(|(latest, _)| *latest != endpoint) {
            let Some(place) = self.place(endpoint, address, time_ns) else { return };
            self.latest = place;
        }
        let exchange = &mut self.all[self.latest].1;
        exchange.last_ns = time_ns;
        let way = if sent { &mut exchange.up } else { &mut exchange.down };
        way.0 += 1;
        way.1 += u64::from(length_bytes);
        // where voice services are called
        if sent && !endpoint.serves && endpoint.port == 443 {
            exchange.upload.get_or_insert_default().add(time_ns, length_bytes);
        }
        if sent && endpoint.carrier != Carrier::Other {
            match &mut exchange.beat {
                Some(beat) => beat.add(time_ns),
                None => exchange.beat = Some(Beat::new(time_ns)),
            }
        }
    }

    /// The place of an exchange, which begins where it is new; `None` where there are too many.
    fn place(&mut self, endpoint: Endpoint, address: IpAddr, time_ns: i64) -> Option<usize> {
        if let Some(&place) = self.places.get(&endpoint) {
            return Some(place as usize);
        }
        if self.all.len() >= MAX_ENDPOINTS {
            self.is_full = true;
            return None;
        }
        let (first_ns, last_ns) = (time_ns, time_ns);
        let exchange =
            Exchange { address, up: (0, 0), down: (0, 0), first_ns, last_ns, beat: None, upload: None };
        self.places.insert(endpoint, self.all.len() as u32);
        self.all.push((endpoint, exchange));
        Some(self.all.len() - 1)
    }

    /// Whether an exchange came too late to be distinguished.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// Everything, in the order of first packets.
    pub fn into_all(self) -> impl Iterator<Item = (Endpoint, Exchange)> {
        self.all.into_iter()
    }
}

impl Exchange {
    /// Uploads in it as a spoken command makes them.
    pub fn commands(&self) -> u64 {
        self.upload.as_ref().map_or(0, |upload| upload.commands())
    }

    /// Its rhythm.
    pub fn period(&self) -> Option<Period> {
        self.beat.as_ref().and_then(Beat::period)
    }

    /// Adds what was exchanged with the same host under another address, or before its name was known.
    pub fn add(&mut self, other: &Exchange) {
        self.up = (self.up.0 + other.up.0, self.up.1 + other.up.1);
        self.down = (self.down.0 + other.down.0, self.down.1 + other.down.1);
        self.first_ns = self.first_ns.min(other.first_ns);
        self.last_ns = self.last_ns.max(other.last_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(port: u16) -> Endpoint {
        let host = RemoteHost::Address([1, 1, 1, 1].into());
        Endpoint { device: 0, host, port, serves: false, carrier: Carrier::Tcp }
    }

    #[test]
    fn both_ways_are_counted_and_what_is_sent_keeps_time() {
        let mut endpoints = Endpoints::default();
        let address = [1, 1, 1, 1].into();
        for i in 0..6 {
            endpoints.add(endpoint(443), address, true, i * 30_000_000_000, 100);
            endpoints.add(endpoint(443), address, false, i * 30_000_000_000 + 1, 60);
        }
        let all: Vec<_> = endpoints.into_all().collect();
        let [(_, exchange)] = &all[..] else { panic!("{all:?}") };
        assert_eq!((exchange.up, exchange.down), ((6, 600), (6, 360)));
        assert_eq!(exchange.period().map(|period| period.seconds), Some(30.0));
    }

    #[test]
    fn memory_is_bounded() {
        let mut endpoints = Endpoints::default();
        for i in 0..2 * MAX_ENDPOINTS {
            endpoints.add(endpoint(i as u16), [1, 1, 1, 1].into(), true, 0, 60);
        }
        assert!(endpoints.is_full());
        assert_eq!(endpoints.all.len(), MAX_ENDPOINTS);
    }
}
