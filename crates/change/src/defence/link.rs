//! The link behind the defences: a rate each way, first in, first out.

use super::packet::Packet;
use super::queue::place;
use overhear_traffic::packet::Direction;
use std::collections::VecDeque;

/// The link's queue holds at most so many packets of a direction; what comes to a full one is dropped.
pub const MOST_QUEUED: usize = 1 << 16;

/// Rates of the home's link to the outside.
///
/// A packet leaves when it comes, or when the link is free again: it then takes the link for its length on the wire. A
/// trace that went through such a link before goes through it again unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// From the home, bit/s; `None`: without bound.
    pub up_bits_per_s: Option<u64>,
    /// To the home, bit/s.
    pub down_bits_per_s: Option<u64>,
}

impl Default for Rates {
    /// 20 Mbit/s up, 100 down.
    fn default() -> Rates {
        Rates { up_bits_per_s: Some(20_000_000), down_bits_per_s: Some(100_000_000) }
    }
}

impl Rates {
    /// How long a packet takes it, ns.
    fn takes_ns(self, way: Direction, length_bytes: u32) -> i64 {
        let rate = match way {
            Direction::Out => self.up_bits_per_s,
            Direction::In => self.down_bits_per_s,
        };
        let ns =
            |rate: u64| (u64::from(length_bytes) * 8).saturating_mul(1_000_000_000).div_ceil(rate.max(1));
        rate.map_or(0, |rate| i64::try_from(ns(rate)).unwrap_or(i64::MAX))
    }
}

/// When each direction of a link is free again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Free {
    rates: Rates,
    at_ns: [i64; 2],
}

impl Free {
    pub fn new(rates: Rates) -> Free {
        Free { rates, at_ns: [i64::MIN; 2] }
    }

    /// When a packet that comes now leaves; the link is then taken.
    pub fn take(&mut self, way: Direction, length_bytes: u32, now_ns: i64) -> i64 {
        let at_ns = &mut self.at_ns[place(way)];
        let leaves_ns = now_ns.max(*at_ns);
        *at_ns = leaves_ns.saturating_add(self.rates.takes_ns(way, length_bytes));
        leaves_ns
    }
}

/// Packets that wait for the link or are on it.
pub(super) struct Line {
    free: Free,
    queues: [VecDeque<Waiting>; 2],
    /// How many came.
    n_came: u64,
}

struct Waiting {
    leaves_ns: i64,
    /// Its place among those that came: of two that leave at once, the first one goes first.
    number: u64,
    packet: Packet,
}

impl Line {
    pub fn new(rates: Rates) -> Line {
        Line { free: Free::new(rates), queues: Default::default(), n_came: 0 }
    }

    /// Whether it takes one packet more.
    pub fn has_room(&self, way: Direction) -> bool {
        self.queues[place(way)].len() < MOST_QUEUED
    }

    /// Takes a packet now.
    pub fn push(&mut self, packet: Packet, now_ns: i64) {
        let way = packet.direction();
        let leaves_ns = self.free.take(way, packet.event.length_bytes, now_ns);
        self.queues[place(way)].push_back(Waiting { leaves_ns, number: self.n_came, packet });
        self.n_came += 1;
    }

    /// The next packet that leaves until then, and when.
    pub fn pop(&mut self, until_ns: i64) -> Option<(i64, Packet)> {
        let first = |queue: &VecDeque<Waiting>| queue.front().map(|own| (own.leaves_ns, own.number));
        let [up, down] = self.queues.each_ref().map(first);
        let at = match (up, down) {
            (Some(up), Some(down)) => usize::from(down < up),
            _ => usize::from(up.is_none()),
        };
        self.queues[at].front().filter(|own| own.leaves_ns <= until_ns)?;
        let Waiting { leaves_ns, packet, .. } = self.queues[at].pop_front()?;
        Some((leaves_ns, packet))
    }
}
