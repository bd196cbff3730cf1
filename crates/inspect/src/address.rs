//! Who used which address, and when: an address belongs to a device for a time.
//!
//! A lease is given to another device once it has ended, a provider gives a new IPv6 prefix every day, a router sends
//! what others wrote. Which of these it is shows once the capture has been read.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

/// So many addresses are remembered of each device.
pub const MAX_USES: usize = 32;
/// Uses that lie no further apart are at the same time: no lease ends and is given away so soon.
const TOGETHER_NS: i64 = 60_000_000_000;
/// An address that was not used for so long gives way to a new one where there is no more room.
const FORGOTTEN_NS: i64 = 3_600_000_000_000;

/// An address that a device sent from, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    /// The address.
    pub address: IpAddr,
    /// Time of the first packet, ns since 1970.
    pub from_ns: i64,
    /// Time of the last.
    pub to_ns: i64,
    /// How many packets.
    pub packets: u64,
    /// Whether a packet had a TTL that systems begin with: forwarded ones have lost a hop.
    pub originates: bool,
    /// Whether the device only passes on what another one sends from it; known at the end.
    pub is_passed_on: bool,
}

/// TTLs and hop limits that systems and multicast protocols begin with.
fn is_initial(ttl: u8) -> bool {
    matches!(ttl, 1 | 2 | 4 | 32 | 60 | 64 | 128 | 255)
}

/// The addresses that one device sent from.
#[derive(Debug, Clone, Default)]
pub struct Uses {
    all: Vec<Use>,
    latest: usize,
    /// Whether there were more than are remembered.
    pub has_more: bool,
}

/// The network of a global IPv6 address, its first 64 bits.
fn network(address: IpAddr) -> Option<u64> {
    match address {
        IpAddr::V6(a) if !is_home(address) => Some((a.to_bits() >> 64) as u64),
        _ => None,
    }
}

impl Uses {
    /// Notes a packet; whether it is the first from its address.
    pub fn add(&mut self, address: IpAddr, ttl: u8, time_ns: i64) -> bool {
        if address.is_unspecified() || address.is_multicast() {
            return false;
        }
        let known = match self.all.get(self.latest) {
            Some(latest) if latest.address == address => Some(self.latest),
            _ => self.all.iter().position(|own| own.address == address),
        };
        let Some(place) = known.or_else(|| self.place_for(address, time_ns)) else { return true };
        let own = &mut self.all[place];
        own.to_ns = time_ns;
        own.packets += 1;
        own.originates |= is_initial(ttl);
        self.latest = place;
        known.is_none()
    }

    fn place_for(&mut self, address: IpAddr, time_ns: i64) -> Option<usize> {
        let (from_ns, to_ns) = (time_ns, time_ns);
        let new = Use { address, from_ns, to_ns, packets: 0, originates: false, is_passed_on: false };
        if self.all.len() < MAX_USES {
            self.all.push(new);
            return Some(self.all.len() - 1);
        }
        let (place, oldest) = self.all.iter_mut().enumerate().min_by_key(|(_, own)| own.to_ns)?;
        if time_ns.saturating_sub(oldest.to_ns) < FORGOTTEN_NS {
            self.has_more = true;
            return None;
        }
        *oldest = new;
        Some(place)
    }

    /// All that are remembered.
    pub fn all(&self) -> &[Use] {
        &self.all
    }

    /// Whether these are addresses that one host does not have at once: two that are other devices', eight IPv4
    /// addresses, a public one beside another IPv4 address, three global IPv6 networks; or several public ones whose
    /// packets have come a long way.
    pub fn are_a_relays(&self) -> bool {
        let own: Vec<&Use> = self.all.iter().filter(|own| !own.is_passed_on).collect();
        let v4: Vec<&Use> = own.iter().copied().filter(|own| own.address.is_ipv4()).collect();
        let v6: Vec<&Use> = own.iter().copied().filter(|own| network(own.address).is_some()).collect();
        let is_public = |own: &&&Use| !is_home(own.address);
        let beside = |one: &&Use| v4.iter().any(|o| o.address != one.address && are_together(o, one));
        let come_far = |own: &&&Use| !own.originates;
        self.has_more
            || self.all.len() >= own.len() + 2
            || most_at_once(&v4, |own| own.address) >= 8
            || v4.iter().filter(is_public).any(beside)
            || v4.len() >= 2 && v4.iter().filter(is_public).any(|own| !own.originates)
            || most_at_once(&v6, |own| network(own.address)) >= 3
            || v6.iter().filter(come_far).count() >= 2
    }
}

/// How many uses that differ in something there are at one time, at most.
fn most_at_once<T: Ord>(uses: &[&Use], differ: impl Fn(&Use) -> T) -> usize {
    let at = |time_ns| {
        let then = uses.iter().filter(|own| own.from_ns <= time_ns);
        let then = then.filter(|own| overlap((own.from_ns, own.to_ns), (time_ns, time_ns)));
        then.map(|own| differ(own)).collect::<BTreeSet<T>>().len()
    };
    uses.iter().map(|own| at(own.from_ns)).max().unwrap_or(0)
}

/// Whether two spans of time overlap, or nearly: first and last time of each, ns.
pub fn overlap(a: (i64, i64), b: (i64, i64)) -> bool {
    a.1.saturating_add(TOGETHER_NS) >= b.0 && b.1.saturating_add(TOGETHER_NS) >= a.0
}

fn are_together(a: &Use, b: &Use) -> bool {
    overlap((a.from_ns, a.to_ns), (b.from_ns, b.to_ns))
}

/// Marks what each device only passes on: of several that send from an address at the same time, the one whose packets
/// have their first TTL, or else that was first, is its own.
pub fn mark_passed_on<'a>(devices: impl Iterator<Item = &'a mut Uses>) {
    let mut devices: Vec<&mut Uses> = devices.collect();
    let mut of_address: HashMap<IpAddr, Vec<(usize, usize)>> = HashMap::new();
    for (device, uses) in devices.iter().enumerate() {
        for (place, own) in uses.all.iter().enumerate() {
            of_address.entry(own.address).or_default().push((device, place));
        }
    }
    let mut passed_on = Vec::new();
    for users in of_address.into_values().filter(|users| users.len() > 1) {
        let own = |(device, place): (usize, usize)| &devices[device].all[place];
        for &user in &users {
            let before = |other: (usize, usize)| {
                let (a, b) = (own(other), own(user));
                are_together(a, b) && (!a.originates, a.from_ns, other) < (!b.originates, b.from_ns, user)
            };
            if users.iter().any(|&other| other != user && before(other)) {
                passed_on.push(user);
            }
        }
    }
    for (device, place) in passed_on {
        devices[device].all[place].is_passed_on = true;
    }
}

/// Whether an address is one that homes use inside: private, shared with a provider's translator, link-local, loopback.
pub fn is_home(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => {
            let is_shared = matches!(a.octets(), [100, 64..=127, ..]);
            is_shared || a.is_private() || a.is_link_local() || a.is_loopback() || a.is_unspecified()
        }
        IpAddr::V6(a) => a.is_unique_local() || a.is_unicast_link_local() || a.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000_000;

    fn uses(sent: &[(&str, u8, i64)]) -> Uses {
        let mut uses = Uses::default();
        for (address, ttl, time_ns) in sent {
            uses.add(address.parse().unwrap(), *ttl, *time_ns);
        }
        uses
    }

    fn relays(sent: &[(&str, u8, i64)]) -> bool {
        uses(sent).are_a_relays()
    }

    #[test]
    fn a_router_sends_from_addresses_of_others() {
        assert!(!relays(&[
            ("192.168.0.2", 64, 0),
            ("169.254.1.1", 64, 0),
            ("fe80::1", 255, 0),
            ("2001:db8::1", 64, 0)
        ]));
        assert!(!relays(&[("203.0.113.9", 64, 0)]));
        assert!(relays(&[("192.168.0.1", 64, 0), ("8.8.8.8", 117, 0)]));
        assert!(relays(&[("192.168.0.1", 64, 0), ("8.8.8.8", 117, 9 * HOUR)]), "it has come a long way");
        assert!(relays(&[("2001:db8::1", 64, 0), ("2001:db9::1", 64, 0), ("2001:dba::1", 64, 0)]));
        assert!(relays(&[("2001:db8::1", 57, 0), ("2001:db9::1", 118, 9 * HOUR)]));
    }

    #[test]
    fn one_address_after_another_is_one_host() {
        let leases: Vec<String> = (1..20).map(|i| format!("192.168.1.{i}")).collect();
        let sent: Vec<(&str, u8, i64)> =
            leases.iter().zip(0..).map(|(lease, day)| (&lease[..], 64, day * 24 * HOUR)).collect();
        assert!(!relays(&sent));
        let at_once: Vec<(&str, u8, i64)> = sent.iter().map(|&(lease, ttl, _)| (lease, ttl, 0)).collect();
        assert!(relays(&at_once));
        let prefixes: Vec<String> = (1..60).map(|i| format!("2001:db8:{i}::50")).collect();
        let sent: Vec<(&str, u8, i64)> =
            prefixes.iter().zip(0..).map(|(prefix, day)| (&prefix[..], 64, day * 24 * HOUR)).collect();
        assert!(!relays(&sent), "more than are remembered");
        // a home behind a provider's translator, and a public address given anew
        assert!(!relays(&[("100.64.0.5", 64, 0), ("169.254.0.5", 64, 0)]));
        assert!(!relays(&[("203.0.113.9", 64, 0), ("203.0.113.77", 64, 24 * HOUR)]));
    }

    #[test]
    fn of_two_that_use_an_address_at_once_one_passes_it_on() {
        let passed_on = |mut all: Vec<Uses>| {
            mark_passed_on(all.iter_mut());
            all.iter().map(|uses| uses.all[0].is_passed_on).collect::<Vec<_>>()
        };
        let at = |ttl, time_ns| uses(&[("192.168.1.50", ttl, time_ns)]);
        assert_eq!(passed_on(vec![at(64, 0), at(64, 1)]), [false, true]);
        assert_eq!(passed_on(vec![at(63, 0), at(64, 1)]), [true, false], "a hop was lost");
        assert_eq!(passed_on(vec![at(64, 0), at(64, HOUR)]), [false, false], "a lease given to another");
    }

    #[test]
    fn addresses_are_bounded() {
        let mut many = Uses::default();
        (1..100u8).for_each(|i| {
            many.add([10, 0, 0, i].into(), 64, 0);
        });
        assert_eq!(many.all.len(), MAX_USES);
        assert!(many.has_more && many.are_a_relays());
    }
}
