//! The devices of a capture: what each sent and received, and which addresses are its own.

use super::protocol::{Application, Counts, Protocol};
use crate::packet::Device;
use std::collections::HashMap;
use std::net::IpAddr;

/// So many devices are told apart; a home has dozens, a flood of invented addresses any number.
const MAX_DEVICES: usize = 4096;
/// So many addresses are remembered of each.
pub const MAX_ADDRESSES: usize = 32;
/// So many addresses have an owner.
const MAX_OWNED: usize = 16_384;

/// One device, as far as it was seen.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its MAC address; its IP address where the link has no MAC addresses.
    pub device: Device,
    /// Frames it sent.
    pub sent: u64,
    /// Frames sent to it.
    pub received: u64,
    /// Their lengths, added up.
    pub bytes: u64,
    /// Time of the first of them, ns since 1970.
    pub first_ns: i64,
    /// Time of the last of them.
    pub last_ns: i64,
    /// What they carried.
    pub counts: Counts,
    /// IP addresses that it sent from, in the order seen.
    pub addresses: Vec<IpAddr>,
    /// Whether there were more.
    pub has_more_addresses: bool,
    /// Addresses it sent from that another device was seen with before.
    pub foreign: Vec<IpAddr>,
    /// IPv4 addresses that it claimed by ARP.
    pub claimed: Vec<IpAddr>,
    /// Whether it gives out addresses by DHCP or announces itself as an IPv6 router.
    pub serves_addresses: bool,
}

/// A frame, as one of its two devices counts it.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// Time, ns; not before the frame before it.
    pub time_ns: i64,
    /// Length on the wire, bytes.
    pub length_bytes: u32,
    /// What it carries.
    pub protocol: Protocol,
    /// What speaks in it.
    pub application: Option<Application>,
}

impl Seen {
    fn new(device: Device, time_ns: i64) -> Seen {
        Seen {
            device,
            sent: 0,
            received: 0,
            bytes: 0,
            first_ns: time_ns,
            last_ns: time_ns,
            counts: Counts::default(),
            addresses: Vec::new(),
            has_more_addresses: false,
            foreign: Vec::new(),
            claimed: Vec::new(),
            serves_addresses: false,
        }
    }

    /// Counts a frame that it sent or received.
    pub fn count(&mut self, share: Share, sent: bool) {
        if sent {
            self.sent += 1;
        } else {
            self.received += 1;
        }
        self.bytes += u64::from(share.length_bytes);
        self.last_ns = share.time_ns;
        self.counts.add(share.protocol, share.application);
    }

    /// Notes an address that it sent from.
    pub fn sent_from(&mut self, address: IpAddr) {
        if address.is_unspecified() || address.is_multicast() || self.addresses.contains(&address) {
            return;
        }
        if self.addresses.len() < MAX_ADDRESSES {
            self.addresses.push(address);
        } else {
            self.has_more_addresses = true;
        }
    }

    /// Notes an address that it sent from and that is another's.
    pub fn passed_on_from(&mut self, address: IpAddr) {
        if !self.foreign.contains(&address) && self.foreign.len() < MAX_ADDRESSES {
            self.foreign.push(address);
        }
    }

    /// Notes an address that it claimed by ARP.
    pub fn claims(&mut self, address: IpAddr) {
        if !self.claimed.contains(&address) && self.claimed.len() < MAX_ADDRESSES {
            self.claimed.push(address);
        }
    }

    /// Whether it passes on what other hosts send: it sends from addresses that one host does not have
    /// at once. One public and one private IPv4 address, two public ones, eight of any kind, three global
    /// IPv6 networks, or two that are other devices'.
    pub fn relays(&self) -> bool {
        if matches!(self.device, Device::Ip(_)) {
            return false;
        }
        let v4 = self.addresses.iter().filter(|a| a.is_ipv4()).count();
        let public = self.addresses.iter().filter(|a| a.is_ipv4() && !is_home(**a)).count();
        let mut networks: Vec<_> = self.addresses.iter().filter_map(|a| global_network(*a)).collect();
        networks.sort_unstable();
        networks.dedup();
        let on_ipv4 = public >= 2 || public == 1 && v4 > 1 || v4 >= 8;
        on_ipv4 || networks.len() >= 3 || self.has_more_addresses || self.foreign.len() >= 2
    }

    /// The addresses that are its own; of a gateway those it claims and its link-local one.
    pub fn own_addresses(&self) -> Vec<IpAddr> {
        let mut own: Vec<IpAddr> = if self.relays() {
            let local = |a: &&IpAddr| matches!(a, IpAddr::V6(a) if a.is_unicast_link_local());
            self.addresses.iter().filter(local).copied().collect()
        } else {
            self.addresses.clone()
        };
        own.extend(&self.claimed);
        own.sort_unstable();
        own.dedup();
        own
    }
}

/// The devices, found by address.
#[derive(Debug, Default)]
pub struct Devices {
    all: Vec<Seen>,
    by_device: HashMap<Device, u32>,
    owners: HashMap<IpAddr, u32>,
    is_full: bool,
}

impl Devices {
    /// The device's number; `None` where there are too many.
    pub fn number(&mut self, device: Device, time_ns: i64) -> Option<u32> {
        if let Some(&number) = self.by_device.get(&device) {
            return Some(number);
        }
        if self.all.len() == MAX_DEVICES {
            self.is_full = true;
            return None;
        }
        let number = self.all.len() as u32;
        self.all.push(Seen::new(device, time_ns));
        self.by_device.insert(device, number);
        Some(number)
    }

    /// A device by its number.
    pub fn seen(&mut self, number: u32) -> &mut Seen {
        &mut self.all[number as usize]
    }

    /// The first device that was seen with the address, which becomes this one where there is none.
    pub fn owner_or(&mut self, address: IpAddr, number: u32) -> u32 {
        if let Some(&owner) = self.owners.get(&address) {
            return owner;
        }
        if self.owners.len() < MAX_OWNED {
            self.owners.insert(address, number);
        }
        number
    }

    /// The first device that was seen with the address.
    pub fn owner(&self, address: IpAddr) -> Option<u32> {
        self.owners.get(&address).copied()
    }

    /// Whether a device came too late to be told apart.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// All of them, by number.
    pub fn into_all(self) -> Vec<Seen> {
        self.all
    }
}

/// Whether an address is one that homes use inside: private, link-local, loopback.
pub fn is_home(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => a.is_private() || a.is_link_local() || a.is_loopback() || a.is_unspecified(),
        IpAddr::V6(a) => a.is_unique_local() || a.is_unicast_link_local() || a.is_loopback(),
    }
}

/// The network of a global IPv6 address, its first 64 bits.
fn global_network(address: IpAddr) -> Option<[u16; 4]> {
    match address {
        IpAddr::V6(a) if !is_home(address) => {
            let [w, x, y, z, ..] = a.segments();
            Some([w, x, y, z])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Mac;

    fn sending_from(addresses: &[&str]) -> Seen {
        let mut seen = Seen::new(Device::Mac(Mac([2, 0, 0, 0, 0, 1])), 0);
        addresses.iter().for_each(|a| seen.sent_from(a.parse().unwrap()));
        seen
    }

    #[test]
    fn a_router_sends_from_addresses_of_others() {
        assert!(!sending_from(&["192.168.0.2", "169.254.1.1", "fe80::1", "2001:db8::1"]).relays());
        assert!(!sending_from(&["203.0.113.9"]).relays());
        assert!(sending_from(&["192.168.0.1", "8.8.8.8"]).relays());
        assert!(sending_from(&["2001:db8::1", "2001:db9::1", "2001:dba::1"]).relays());
        assert!(sending_from(&["8.8.8.8", "8.8.4.4"]).own_addresses().is_empty());
    }

    #[test]
    fn devices_and_addresses_are_bounded() {
        let mut devices = Devices::default();
        for i in 0..2 * MAX_DEVICES as u32 {
            devices.number(Device::Ip(IpAddr::from(i.to_be_bytes())), 0);
        }
        assert!(devices.is_full());
        assert_eq!(devices.all.len(), MAX_DEVICES);
        let mut seen = sending_from(&[]);
        (1..100u8).for_each(|i| seen.sent_from([10, 0, 0, i].into()));
        assert_eq!(seen.addresses.len(), MAX_ADDRESSES);
        assert!(seen.relays());
    }
}
