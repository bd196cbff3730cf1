//! Distinct addresses and ports of every open window at once.
//!
//! For each address and port the number of the packet it was last seen in; it is new to a window iff
//! that is before the window's first packet. One lookup serves all windowings. Memory is bounded by
//! the addresses of the longest open window: an address last seen before every open window began is
//! as good as one never seen, and its place is taken by the next.

use crate::packet::{Network, Transport};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The number of a packet in the trace.
pub(super) type PacketNumber = i32;

/// Before every packet.
pub(super) const NEVER: PacketNumber = PacketNumber::MIN;

/// Packets are numbered up to this; then [`LastSeen::renumber`] begins again.
pub(super) const MAX_NUMBER: PacketNumber = PacketNumber::MAX - 1;

const LANES: usize = 4;

/// First packets and distinct counts of the open windows, one lane a windowing.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    chunks: Vec<Chunk>,
    oldest_start: PacketNumber,
}

/// Four lanes side by side, so that they become vectors.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    starts: [PacketNumber; LANES],
    addresses: [i32; LANES],
    ports: [i32; LANES],
}

/// When the two addresses and the two ports of a packet were last seen.
struct LastSights {
    addresses: [PacketNumber; 2],
    ports: [PacketNumber; 2],
}

impl Lanes {
    fn new(n_windowings: usize) -> Lanes {
        // a lane that no windowing uses begins never and so counts nothing
        let chunk = Chunk { starts: [NEVER; LANES], addresses: [0; LANES], ports: [0; LANES] };
        Lanes { chunks: vec![chunk; n_windowings.div_ceil(LANES)], oldest_start: NEVER }
    }

    /// Begins a window at a packet.
    #[inline(always)]
    pub(super) fn begin(&mut self, windowing: usize, packet: PacketNumber) {
        let (chunk, lane) = (&mut self.chunks[windowing / LANES], windowing % LANES);
        chunk.starts[lane] = packet;
        chunk.addresses[lane] = 0;
        chunk.ports[lane] = 0;
    }

    /// Distinct addresses and ports of an open window.
    #[inline(always)]
    pub(super) fn counts(&self, windowing: usize) -> (u32, u32) {
        let (chunk, lane) = (&self.chunks[windowing / LANES], windowing % LANES);
        (chunk.addresses[lane] as u32, chunk.ports[lane] as u32)
    }

    /// Counts what is new to each window: last seen before its first packet.
    #[inline(always)]
    fn count(&mut self, last: &LastSights) {
        for chunk in &mut self.chunks {
            // by value, so that the lanes become comparisons and subtractions of vectors
            let Chunk { starts, addresses, ports } = *chunk;
            let new = |last: [PacketNumber; 2], lane: usize| {
                i32::from(last[0] < starts[lane]) + i32::from(last[1] < starts[lane])
            };
            chunk.addresses = std::array::from_fn(|lane| addresses[lane] + new(last.addresses, lane));
            chunk.ports = std::array::from_fn(|lane| ports[lane] + new(last.ports, lane));
        }
    }

    fn starts(&self) -> impl Iterator<Item = PacketNumber> {
        self.chunks.iter().flat_map(|chunk| chunk.starts).filter(|&start| start != NEVER)
    }

    /// Looks up again which start is the oldest; places of what was last seen before it are free.
    fn refresh_oldest(&mut self) {
        self.oldest_start = self.starts().min().unwrap_or(NEVER);
    }
}

/// When each address and port was last seen.
pub(super) struct LastSeen {
    pub(super) lanes: Lanes,
    v4: Table<Ipv4Addr>,
    v6: Table<Ipv6Addr>,
    ports: Box<[PacketNumber]>,
}

impl LastSeen {
    pub(super) fn new(n_windowings: usize) -> LastSeen {
        LastSeen {
            lanes: Lanes::new(n_windowings),
            v4: Table::new(),
            v6: Table::new(),
            ports: vec![NEVER; 2 << 16].into_boxed_slice(),
        }
    }

    /// Counts the addresses and the ports of packet `now` in every window they are new to. TCP's and UDP's
    /// ports are different ones.
    #[inline(always)]
    pub(super) fn see(&mut self, network: &Network, now: PacketNumber) {
        let addresses = [self.address(network.source, now), self.address(network.target, now)];
        let (first_port, ports) = match network.transport {
            Transport::Tcp { ports, .. } => (1 << 16, ports),
            Transport::Udp { ports } => (0, ports),
            _ => (0, None),
        };
        // a port that is not there is new to no window
        let mut replace = |port: u16| std::mem::replace(&mut self.ports[first_port | usize::from(port)], now);
        let ports = match ports {
            Some((source, target)) => [replace(source), replace(target)],
            None => [PacketNumber::MAX; 2],
        };
        self.lanes.count(&LastSights { addresses, ports });
    }

    #[inline(always)]
    fn address(&mut self, address: IpAddr, now: PacketNumber) -> PacketNumber {
        match address {
            IpAddr::V4(a) => self.v4.replace(a, now, &mut self.lanes),
            IpAddr::V6(a) => self.v6.replace(a, now, &mut self.lanes),
        }
    }

    /// Numbers packets from anew: only the order of last sightings and window starts matters, so each
    /// becomes its rank among the starts. Returns the next packet's number.
    #[cold]
    pub(super) fn renumber(&mut self) -> PacketNumber {
        let mut starts: Vec<PacketNumber> = self.lanes.starts().collect();
        starts.sort_unstable();
        let rank = |number: &mut PacketNumber| {
            if *number != NEVER {
                *number = starts.partition_point(|start| *start <= *number) as PacketNumber;
            }
        };
        self.ports.iter_mut().for_each(rank);
        self.v4.for_each(rank);
        self.v6.for_each(rank);
        self.lanes.chunks.iter_mut().flat_map(|chunk| &mut chunk.starts).for_each(rank);
        self.lanes.refresh_oldest();
        starts.len() as PacketNumber + 1
    }
}

/// How many places a bucket has, in which an address may stand before it goes to the overflow.
const PROBES: usize = 8;
const BUCKETS: usize = 1 << 9;
const PLACES: usize = BUCKETS * PROBES;

/// Addresses and when each was last seen: a small table for the few a home talks to, a search tree
/// for the rest, so that no choice of addresses makes it slow.
struct Table<A> {
    buckets: Box<[Bucket<A>; BUCKETS]>,
    overflow: BTreeMap<A, PacketNumber>,
    prune_above: usize,
}

type Bucket<A> = [(A, PacketNumber); PROBES];

/// An address of either family.
trait Address: Copy + Ord {
    const ANY: Self;
    fn bucket(self) -> usize;
}

impl Address for Ipv4Addr {
    const ANY: Ipv4Addr = Ipv4Addr::UNSPECIFIED;

    #[inline(always)]
    fn bucket(self) -> usize {
        spread(u64::from(u32::from_le_bytes(self.octets())))
    }
}

impl Address for Ipv6Addr {
    const ANY: Ipv6Addr = Ipv6Addr::UNSPECIFIED;

    #[inline(always)]
    fn bucket(self) -> usize {
        let bits = u128::from_le_bytes(self.octets());
        spread((bits >> 64) as u64 ^ (bits as u64).rotate_left(23))
    }
}

/// Fibonacci hashing.
#[inline(always)]
fn spread(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BUCKETS.trailing_zeros())) as usize
}

impl<A: Address> Table<A> {
    fn new() -> Table<A> {
        let buckets = Box::new([[(A::ANY, NEVER); PROBES]; BUCKETS]);
        Table { buckets, overflow: BTreeMap::new(), prune_above: PLACES }
    }

    /// Notes that an address is seen now; when it was last seen before.
    #[inline(always)]
    fn replace(&mut self, address: A, now: PacketNumber, lanes: &mut Lanes) -> PacketNumber {
        for place in &mut self.buckets[address.bucket()] {
            // an empty place counts as one of the address it holds from the beginning: it stands behind all that
            // are taken, so that address is nowhere else
            if place.0 == address {
                return std::mem::replace(&mut place.1, now);
            }
        }
        self.replace_rare(address, now, lanes)
    }

    #[cold]
    fn replace_rare(&mut self, address: A, now: PacketNumber, lanes: &mut Lanes) -> PacketNumber {
        if let Some(last) = self.overflow.get_mut(&address) {
            return std::mem::replace(last, now);
        }
        lanes.refresh_oldest();
        let oldest = lanes.oldest_start;
        let bucket = &mut self.buckets[address.bucket()];
        if let Some(free) = bucket.iter_mut().find(|place| place.1 == NEVER || place.1 < oldest) {
            *free = (address, now);
            return NEVER;
        }
        if self.overflow.len() >= self.prune_above {
            self.overflow.retain(|_, last| *last >= oldest);
            self.prune_above = PLACES.max(2 * self.overflow.len());
        }
        self.overflow.insert(address, now);
        NEVER
    }

    fn for_each(&mut self, change: impl FnMut(&mut PacketNumber) + Copy) {
        self.buckets.iter_mut().flatten().map(|place| &mut place.1).for_each(change);
        self.overflow.values_mut().for_each(change);
    }
}
