//! What speaks for a device being what it is: kinds of evidence, and a bounded store of it.

use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

/// So many pieces of evidence are kept of one device,
const MAX_PER_DEVICE: u32 = 512;
/// and so many in all.
const MAX_IN_ALL: usize = 16_384;

/// Where a piece of evidence comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The maker that the address block belongs to.
    Maker,
    /// A service the device announces by mDNS.
    MdnsAnnounced,
    /// A service the device looks for by mDNS.
    MdnsAsked,
    /// The host name it announces by mDNS.
    MdnsHost,
    /// The product it names in an mDNS TXT record.
    Model,
    /// DHCP host name.
    DhcpHost,
    /// DHCP vendor class.
    DhcpVendor,
    /// A name it asks the DNS for.
    DnsQuery,
    /// The server's name in a TLS hello it sends.
    TlsName,
    /// The server's name in a QUIC hello it sends.
    QuicName,
    /// That it sends QUIC, with the versions seen.
    Quic,
    /// The host of an HTTP request it sends.
    HttpHost,
    /// The user agent of an HTTP request it sends.
    HttpAgent,
    /// The server line of an SSDP message it sends.
    SsdpServer,
    /// What it announces by SSDP.
    SsdpService,
    /// A port that it answers from.
    Port,
    /// A rhythm in what it sends.
    Period,
    /// Uploads as of spoken commands.
    Upload,
    /// An address it claims by ARP that another device was seen with.
    AddressConflict,
}

impl Kind {
    /// As a person reads it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Maker => "maker",
            Kind::MdnsAnnounced => "mDNS announces",
            Kind::MdnsAsked => "mDNS asks",
            Kind::MdnsHost => "mDNS host",
            Kind::Model => "model",
            Kind::DhcpHost => "DHCP host",
            Kind::DhcpVendor => "DHCP vendor",
            Kind::DnsQuery => "DNS",
            Kind::TlsName => "TLS",
            Kind::QuicName => "QUIC name",
            Kind::Quic => "QUIC",
            Kind::HttpHost => "HTTP host",
            Kind::HttpAgent => "HTTP agent",
            Kind::SsdpServer => "SSDP server",
            Kind::SsdpService => "SSDP service",
            Kind::Port => "port",
            Kind::Period => "period",
            Kind::Upload => "upload",
            Kind::AddressConflict => "conflict",
        }
    }

    /// Whether its value is the name of a host that the device wants to reach.
    pub fn is_remote_host(self) -> bool {
        matches!(self, Kind::DnsQuery | Kind::TlsName | Kind::QuicName | Kind::HttpHost)
    }
}

/// Who said something: a device, and from which address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sender {
    /// The device's number.
    pub device: u32,
    /// The address it sent from.
    pub address: IpAddr,
}

/// What was seen, how often.
#[derive(Debug, Default)]
pub struct Store {
    found: HashMap<(Sender, Kind, String), u64>,
    per_device: HashMap<u32, u32>,
    is_full: bool,
}

impl Store {
    /// Counts one sight of a piece of evidence; nothing where the value is empty.
    pub fn add(&mut self, sender: Sender, kind: Kind, value: String) {
        if value.is_empty() {
            return;
        }
        let in_all = self.found.len();
        let key = (sender, kind, value);
        if let Some(count) = self.found.get_mut(&key) {
            *count += 1;
            return;
        }
        let kept = self.per_device.entry(sender.device).or_default();
        if *kept >= MAX_PER_DEVICE || in_all >= MAX_IN_ALL {
            self.is_full = true;
            return;
        }
        *kept += 1;
        self.found.insert(key, 1);
    }

    /// Whether something was seen that is not kept.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// Everything a device said of itself, by device; what it said from an address that is `passed_on` another one said.
    pub fn into_devices(self, passed_on: &HashSet<Sender>) -> HashMap<u32, HashMap<(Kind, String), u64>> {
        let mut devices: HashMap<u32, HashMap<(Kind, String), u64>> = HashMap::new();
        for ((sender, kind, value), count) in self.found {
            if !passed_on.contains(&sender) {
                *devices.entry(sender.device).or_default().entry((kind, value)).or_default() += count;
            }
        }
        devices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_is_bounded_and_says_so() {
        let mut store = Store::default();
        let sender = Sender { device: 0, address: [10, 0, 0, 1].into() };
        for i in 0..2 * MAX_PER_DEVICE {
            store.add(sender, Kind::DnsQuery, format!("{i}.example"));
        }
        store.add(sender, Kind::DnsQuery, "0.example".into());
        assert!(store.is_full());
        let found = &store.into_devices(&HashSet::new())[&0];
        assert_eq!(found.len(), MAX_PER_DEVICE as usize);
        assert_eq!(found[&(Kind::DnsQuery, "0.example".into())], 2);
    }

    #[test]
    fn what_is_passed_on_counts_for_another() {
        let mut store = Store::default();
        let [own, other] = [1, 2].map(|host| Sender { device: 0, address: [10, 0, 0, host].into() });
        store.add(own, Kind::DnsQuery, "own.example".into());
        store.add(other, Kind::DnsQuery, "other.example".into());
        let found = store.into_devices(&HashSet::from([other]));
        assert_eq!(found[&0].keys().collect::<Vec<_>>(), [&(Kind::DnsQuery, "own.example".to_owned())]);
    }
}
