//! The devices of a capture: what each sent and received, and which addresses are its own.

use super::address::{self, Uses};
use super::protocol::{Application, Counts, Protocol};
use super::timeline::Timeline;
use overhear_traffic::packet::Device;
use std::collections::HashMap;
use std::net::IpAddr;

/// So many devices are distinguished; a home has dozens, a flood of invented addresses any number.
const MAX_DEVICES: usize = 4096;
/// So many claims by ARP are remembered of each.
const MAX_CLAIMS: usize = 32;
/// So many devices' last packets are remembered: most packets are like them.
const RECENT: usize = 8;
/// So many addresses have a latest sender.
const MAX_LATEST: usize = 16_384;

/// One device, as far as it was seen.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its MAC address; its IP address where the link has no MAC addresses.
    pub device: Device,
    /// Frames it sent.
    pub sent: u64,
    /// Frames sent to it.
    pub received: u64,
    /// Lengths of those it sent, added up.
    pub sent_bytes: u64,
    /// Lengths of those sent to it.
    pub received_bytes: u64,
    /// Time of the first of them, ns since 1970.
    pub first_ns: i64,
    /// Time of the last of them.
    pub last_ns: i64,
    /// What they carried.
    pub counts: Counts,
    /// Its bytes over time.
    pub timeline: Timeline,
    /// IP addresses that it sent from, and when.
    pub uses: Uses,
    /// Whether it was seen to relay for others.
    pub relays_so_far: bool,
    /// IPv4 addresses that it claimed by ARP, and when.
    pub claims: Vec<Claimed>,
    /// Whether it gives out addresses by DHCP or announces itself as an IPv6 router.
    pub serves_addresses: bool,
}

/// A frame, as one of its two devices counts it.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// Time, ns; not before the frame before it.
    pub time_ns: i64,
    /// The same, from the beginning of the capture.
    pub after_ns: i64,
    /// Length on the wire, bytes.
    pub length_bytes: u32,
    /// What it carries.
    pub protocol: Protocol,
    /// What speaks in it.
    pub application: Option<Application>,
}

/// An address that a device claimed by ARP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed {
    /// The address.
    pub address: IpAddr,
    /// Time of the first claim, ns since 1970.
    pub from_ns: i64,
    /// Time of the last.
    pub to_ns: i64,
    /// How many.
    pub count: u64,
}

impl Seen {
    fn new(device: Device, time_ns: i64) -> Seen {
        Seen {
            device,
            sent: 0,
            received: 0,
            sent_bytes: 0,
            received_bytes: 0,
            first_ns: time_ns,
            last_ns: time_ns,
            counts: Counts::default(),
            timeline: Timeline::default(),
            uses: Uses::default(),
            relays_so_far: false,
            claims: Vec::new(),
            serves_addresses: false,
        }
    }

    /// Counts a frame that it sent or received.
    pub fn count(&mut self, share: Share, sent: bool) {
        let (frames, bytes) = match sent {
            true => (&mut self.sent, &mut self.sent_bytes),
            false => (&mut self.received, &mut self.received_bytes),
        };
        *frames += 1;
        *bytes += u64::from(share.length_bytes);
        self.last_ns = share.time_ns;
        self.counts.add(share.protocol, share.application);
        self.timeline.add(share.after_ns, share.length_bytes, sent);
    }

    /// Notes an address that it sent from.
    pub fn sent_from(&mut self, address: IpAddr, ttl: u8, time_ns: i64) {
        let is_new = self.uses.add(address, ttl, time_ns);
        if is_new && !self.relays_so_far {
            self.relays_so_far = self.relays();
        }
    }

    /// Notes an address that it claimed by ARP.
    pub fn claims(&mut self, address: IpAddr, time_ns: i64) {
        if let Some(claim) = self.claims.iter_mut().find(|claim| claim.address == address) {
            (claim.to_ns, claim.count) = (time_ns, claim.count + 1);
        } else if self.claims.len() < MAX_CLAIMS {
            self.claims.push(Claimed { address, from_ns: time_ns, to_ns: time_ns, count: 1 });
        }
    }

    /// Whether it passes on what other hosts send: see [`Uses::are_a_relays`].
    pub fn relays(&self) -> bool {
        matches!(self.device, Device::Mac(_)) && self.uses.are_a_relays()
    }

    /// The addresses that are its own, without those of `conflicts`; of a gateway those it claims and its link-local one.
    pub fn own_addresses(&self, conflicts: &[Conflict]) -> Vec<IpAddr> {
        let relays = self.relays();
        let is_link_local = |a: IpAddr| matches!(a, IpAddr::V6(a) if a.is_unicast_link_local());
        let used = self.uses.all().iter().filter(|own| !own.is_passed_on).map(|own| own.address);
        let mut own: Vec<IpAddr> = used.filter(|a| !relays || is_link_local(*a)).collect();
        let is_another = |a: &IpAddr| conflicts.iter().any(|conflict| conflict.claimed.address == *a);
        own.extend(self.claims.iter().map(|claim| claim.address).filter(|a| !is_another(a)));
        own.sort_unstable();
        own.dedup();
        own
    }
}

/// An address that a device claims by ARP while another one has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict {
    /// What is claimed.
    pub claimed: Claimed,
    /// The number of the device that has it.
    pub other: u32,
}

/// The conflicts of each device. Who sends packets from an address has it; of several that only claim it the first.
pub fn conflicts(all: &[Seen]) -> HashMap<u32, Vec<Conflict>> {
    let mut holders: HashMap<IpAddr, Vec<(u32, i64, i64)>> = HashMap::new();
    for (number, seen) in (0..).zip(all) {
        for own in seen.uses.all().iter().filter(|own| !own.is_passed_on && own.address.is_ipv4()) {
            holders.entry(own.address).or_default().push((number, own.from_ns, own.to_ns));
        }
    }
    let mut claims: Vec<(u32, Claimed)> =
        (0..).zip(all).flat_map(|(number, seen)| seen.claims.iter().map(move |c| (number, *c))).collect();
    claims.sort_by_key(|(number, claim)| (claim.from_ns, *number));
    let mut found: HashMap<u32, Vec<Conflict>> = HashMap::new();
    for (number, claimed) in claims {
        let at_once = |(_, from_ns, to_ns): &&(u32, i64, i64)| {
            address::overlap((*from_ns, *to_ns), (claimed.from_ns, claimed.to_ns))
        };
        let holders = holders.entry(claimed.address).or_default();
        let at_once: Vec<u32> = holders.iter().filter(at_once).map(|(holder, ..)| *holder).collect();
        match at_once.first() {
            Some(&other) if !at_once.contains(&number) => {
                found.entry(number).or_default().push(Conflict { claimed, other });
            }
            _ => holders.push((number, claimed.from_ns, claimed.to_ns)),
        }
    }
    found
}

/// The devices, found by address.
#[derive(Debug, Default)]
pub struct Devices {
    all: Vec<Seen>,
    by_device: HashMap<Device, u32>,
    latest: HashMap<IpAddr, u32>,
    /// Of some devices the address that they sent from last and still have.
    recent: [Option<(u32, IpAddr)>; RECENT],
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

    /// Notes that a device sends from an address.
    pub fn sends_from(&mut self, address: IpAddr, number: u32) {
        let place = number as usize % RECENT;
        if self.recent[place] == Some((number, address)) {
            return;
        }
        for recent in &mut self.recent {
            *recent = recent.filter(|(_, theirs)| *theirs != address);
        }
        self.recent[place] = Some((number, address));
        if self.latest.len() < MAX_LATEST || self.latest.contains_key(&address) {
            self.latest.insert(address, number);
        }
    }

    /// The device that was seen with the address last.
    pub fn latest(&self, address: IpAddr) -> Option<u32> {
        self.latest.get(&address).copied()
    }

    /// Whether a device came too late to be distinguished.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// All of them, by number.
    pub fn into_all(self) -> Vec<Seen> {
        self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use overhear_traffic::packet::Mac;

    #[test]
    fn devices_and_addresses_are_bounded() {
        let mut devices = Devices::default();
        for i in 0..2 * MAX_DEVICES as u32 {
            devices.number(Device::Ip(IpAddr::from(i.to_be_bytes())), 0);
        }
        assert!(devices.is_full());
        assert_eq!(devices.all.len(), MAX_DEVICES);
        let mut seen = Seen::new(Device::Mac(Mac([2, 0, 0, 0, 0, 1])), 0);
        (1..100u8).for_each(|i| seen.claims([10, 0, 0, i].into(), 0));
        assert_eq!(seen.claims.len(), MAX_CLAIMS);
    }

    #[test]
    fn a_claim_on_what_another_has_is_a_conflict_whoever_was_first() {
        let mac = |n| Device::Mac(Mac([2, 0, 0, 0, 0, n]));
        let (mut victim, mut thief) = (Seen::new(mac(1), 0), Seen::new(mac(2), 0));
        let [address, router]: [IpAddr; 2] = [[192, 168, 1, 50].into(), [192, 168, 1, 1].into()];
        thief.claims(address, 0);
        thief.claims(router, 0);
        victim.sent_from(address, 64, 3_000_000_000);
        victim.claims(address, 4_000_000_000);
        let found = conflicts(&[victim.clone(), thief.clone()]);
        assert_eq!(found.keys().collect::<Vec<_>>(), [&1]);
        assert_eq!((found[&1][0].claimed.address, found[&1][0].other), (address, 0));
        assert_eq!(thief.own_addresses(&found[&1]), [router]);
        // hours later the address is another's
        let mut later = Seen::new(mac(3), 0);
        later.claims(address, 9_000_000_000_000);
        assert!(conflicts(&[victim, later]).is_empty());
    }
}
