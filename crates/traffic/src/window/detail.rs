//! What of a window does not add up along the trace: packets each way, their lengths, bursts, and services.
//!
//! A burst is cut at the window's ends, and the longest one is no sum, so every open window counts for itself.

use super::Service;
use crate::packet::{Direction, Packet};

/// Bins of lengths each way: [50·i, 50·(i + 1)) bytes, the last one open.
pub const N_BINS: usize = 31;

/// Width of a bin, bytes.
const BIN_BYTES: u32 = 50;

/// How many packets, and of how many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Volume {
    /// Packets.
    pub n_packets: u64,
    /// Sum of their lengths on the wire, bytes.
    pub bytes: u64,
}

impl Volume {
    #[inline(always)]
    fn add(&mut self, length: u64) {
        self.n_packets += 1;
        self.bytes = self.bytes.saturating_add(length);
    }

    fn max(self, other: Volume) -> Volume {
        Volume { n_packets: self.n_packets.max(other.n_packets), bytes: self.bytes.max(other.bytes) }
    }
}

/// Packets of one direction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Way {
    /// All of them.
    pub volume: Volume,
    /// Sum of the squares of their lengths.
    pub length_squares: u128,
    /// From the first of them to the last, ns: the sum of their gaps.
    pub span_ns: u64,
    /// Sum of the squares of the gaps between neighbours of this direction, ns².
    pub gap_squares: u128,
    /// Packets by length: see [`N_BINS`].
    pub bins: [u32; N_BINS],
    /// Runs of packets that no packet of the other direction interrupts.
    pub n_bursts: u64,
    /// Packets of the longest, bytes of the largest: of two bursts perhaps.
    pub largest: Volume,
    last_ns: i64,
}

impl Way {
    #[inline(always)]
    fn add(&mut self, time_ns: i64, length_bytes: u32) {
        if self.volume.n_packets > 0 {
            let gap_ns = time_ns.wrapping_sub(self.last_ns) as u64;
            self.span_ns = self.span_ns.saturating_add(gap_ns);
            self.gap_squares = self.gap_squares.saturating_add(u128::from(gap_ns) * u128::from(gap_ns));
        }
        self.last_ns = time_ns;
        let length = u64::from(length_bytes);
        self.volume.add(length);
        self.length_squares += u128::from(length * length);
        let bin = &mut self.bins[((length_bytes / BIN_BYTES) as usize).min(N_BINS - 1)];
        *bin = bin.saturating_add(1);
    }
}

/// What one window holds beyond its [`super::Sums`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Detail {
    ways: [Way; 2],
    services: [Volume; Service::ALL.len()],
    /// The burst that the last packet belongs to.
    burst: Option<(Direction, Volume)>,
    /// Whether a packet had no known direction, in this window or one before.
    pub(crate) is_undirected: bool,
}

impl Detail {
    /// Packets of one direction; `None` where directions are not known.
    #[inline]
    pub fn way(&self, direction: Direction) -> Option<&Way> {
        (!self.is_undirected).then(|| &self.ways[direction as usize])
    }

    /// Packets of one service, as far as their headers were seen.
    #[inline]
    pub fn service(&self, service: Service) -> Volume {
        self.services[service as usize]
    }

    #[inline(always)]
    pub(super) fn add(&mut self, packet: &Packet, service: Option<Service>, time_ns: i64) {
        if let Some(service) = service {
            self.services[service as usize].add(u64::from(packet.length_bytes));
        }
        let Some(direction) = packet.direction else {
            self.is_undirected = true;
            return;
        };
        let way = &mut self.ways[direction as usize];
        way.add(time_ns, packet.length_bytes);
        let mut burst = match self.burst {
            Some((own, burst)) if own == direction => burst,
            _ => {
                way.n_bursts += 1;
                Volume::default()
            }
        };
        burst.add(u64::from(packet.length_bytes));
        way.largest = way.largest.max(burst);
        self.burst = Some((direction, burst));
    }

    /// Begins a window; whether directions are known is remembered.
    pub(super) fn clear(&mut self) {
        *self = Detail { is_undirected: self.is_undirected, ..Detail::default() };
    }
}
