//! What a stack of defences costs, as its driver counts it.

use super::queue::place;
use overhear_traffic::packet::Direction;

/// Packets and their bytes on the wire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// Packets.
    pub packets: u64,
    /// Bytes on the wire.
    pub bytes: u64,
}

/// What becomes of one direction's traffic.
///
/// Bytes: after = before + padding + cover − dropped. Packets: after = before + parts + cover − dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Way {
    /// What came.
    pub before: Amount,
    /// What left.
    pub after: Amount,
    /// What was added.
    pub cover: Amount,
    /// What never left: dropped by a defence's policy, or before a full queue.
    pub dropped: Amount,
    /// Bytes by which real packets left longer than they came, headers of parts included.
    pub padding_bytes: u64,
    /// Packets more because real ones were split.
    pub parts: u64,
}

/// Added delay of real packets: when they left, less when they would have left over the same link without a defence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delay {
    /// Half of them were delayed less, ns; at most 0.8 % above the exact value.
    pub p50_ns: u64,
    /// 99 % of them were, ns; likewise.
    pub p99_ns: u64,
    /// The largest, ns; exact.
    pub max_ns: u64,
}

/// What a stack of defences cost in a round, or in several together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// From the device.
    pub up: Way,
    /// To the device.
    pub down: Way,
    /// Of the real packets that left; zeros where there is none.
    pub delay: Delay,
    /// Most bytes held at once: real packets in defences, everything in the link's queue.
    pub most_held_bytes: u64,
    /// Real packets that passed by because the stack had used up its steps.
    pub undefended_packets: u64,
}

impl Cost {
    /// That of a direction.
    pub fn way(&self, direction: Direction) -> &Way {
        match direction {
            Direction::Out => &self.up,
            Direction::In => &self.down,
        }
    }
}

/// Counts while a stack is at work.
#[derive(Debug, Clone, Default)]
pub(super) struct Counting {
    ways: [Way; 2],
    delays: Delays,
    /// Real packets in defences.
    inside: [Amount; 2],
    held_bytes: u64,
    most_held_bytes: u64,
    pub undefended_packets: u64,
}

impl Way {
    fn merge(&mut self, other: &Way) {
        let Way { before, after, cover, dropped, padding_bytes, parts } = self;
        before.merge(other.before);
        after.merge(other.after);
        cover.merge(other.cover);
        dropped.merge(other.dropped);
        *padding_bytes += other.padding_bytes;
        *parts += other.parts;
    }

    /// Bytes more than came.
    pub fn added_bytes(&self) -> u64 {
        self.padding_bytes + self.cover.bytes
    }
}

impl Amount {
    fn merge(&mut self, other: Amount) {
        self.packets += other.packets;
        self.bytes += other.bytes;
    }

    fn add(&mut self, length_bytes: u32) {
        self.packets += 1;
        self.bytes += u64::from(length_bytes);
    }
}

impl Counting {
    pub fn came(&mut self, direction: Direction, length_bytes: u32) {
        self.ways[place(direction)].before.add(length_bytes);
    }

    /// A frame without a packet went by.
    pub fn went_by(&mut self, direction: Direction, length_bytes: u32) {
        self.ways[place(direction)].after.add(length_bytes);
    }

    /// A real packet is given to the defences.
    pub fn entered(&mut self, direction: Direction, length_bytes: u32) {
        self.hold(length_bytes);
        self.inside[place(direction)].add(length_bytes);
    }

    /// The defences sent or dropped it.
    pub fn emerged(&mut self, direction: Direction, length_bytes: u32) {
        let inside = &mut self.inside[place(direction)];
        inside.packets = inside.packets.saturating_sub(1);
        inside.bytes = inside.bytes.saturating_sub(u64::from(length_bytes));
    }

    /// Whether real packets are in defences.
    pub fn is_any_inside(&self) -> bool {
        self.inside.iter().any(|inside| inside.packets > 0)
    }

    /// The defences hold nothing any more: what did not emerge was dropped unsaid.
    pub fn all_emerged(&mut self) {
        for (way, inside) in self.ways.iter_mut().zip(&mut self.inside) {
            let Amount { packets, bytes } = std::mem::take(inside);
            way.dropped.packets += packets;
            way.dropped.bytes += bytes;
            self.held_bytes = self.held_bytes.saturating_sub(bytes);
        }
    }

    pub fn hold(&mut self, length_bytes: u32) {
        self.held_bytes += u64::from(length_bytes);
        self.most_held_bytes = self.most_held_bytes.max(self.held_bytes);
    }

    pub fn release(&mut self, length_bytes: u32) {
        self.held_bytes = self.held_bytes.saturating_sub(u64::from(length_bytes));
    }

    /// A real packet of `before_bytes` left with `length_bytes`, so much later than without a defence.
    pub fn left(&mut self, direction: Direction, before_bytes: u32, length_bytes: u32, late_ns: u64) {
        let way = &mut self.ways[place(direction)];
        way.after.add(length_bytes);
        // parts before it were counted as padding as a whole
        way.padding_bytes =
            (way.padding_bytes + u64::from(length_bytes)).saturating_sub(u64::from(before_bytes));
        self.delays.add(late_ns);
    }

    pub fn part_left(&mut self, direction: Direction, length_bytes: u32) {
        let way = &mut self.ways[place(direction)];
        way.after.add(length_bytes);
        way.padding_bytes += u64::from(length_bytes);
        way.parts += 1;
    }

    /// A part was dropped behind the defence that made it: it counts as sent and dropped.
    pub fn part_dropped(&mut self, direction: Direction, length_bytes: u32) {
        let way = &mut self.ways[place(direction)];
        way.padding_bytes += u64::from(length_bytes);
        way.parts += 1;
        way.dropped.add(length_bytes);
    }

    pub fn cover_left(&mut self, direction: Direction, length_bytes: u32) {
        let way = &mut self.ways[place(direction)];
        way.after.add(length_bytes);
        way.cover.add(length_bytes);
    }

    pub fn dropped(&mut self, direction: Direction, before_bytes: u32) {
        self.ways[place(direction)].dropped.add(before_bytes);
    }

    /// Adds another round.
    pub fn merge(&mut self, other: &Counting) {
        self.ways.iter_mut().zip(&other.ways).for_each(|(way, other)| way.merge(other));
        self.delays.merge(&other.delays);
        self.most_held_bytes = self.most_held_bytes.max(other.most_held_bytes);
        self.undefended_packets += other.undefended_packets;
    }

    pub fn cost(&self) -> Cost {
        let [up, down] = self.ways;
        let Counting { most_held_bytes, undefended_packets, .. } = *self;
        Cost { up, down, delay: self.delays.delay(), most_held_bytes, undefended_packets }
    }
}

/// Delays by size, in bins whose width is 1/128 of them at most.
#[derive(Debug, Clone)]
struct Delays {
    bins: Vec<u64>,
    n: u64,
    max_ns: u64,
}

/// Bins for each power of two.
const FINE: u32 = 7;

impl Default for Delays {
    fn default() -> Delays {
        Delays { bins: vec![0; (64 - FINE as usize + 1) << FINE], n: 0, max_ns: 0 }
    }
}

/// The bin of a delay: itself where small, else its highest eight bits and where they stand.
fn bin(ns: u64) -> usize {
    let shift = (64 - ns.leading_zeros()).saturating_sub(FINE + 1);
    ((u64::from(shift) << FINE) + (ns >> shift)) as usize
}

/// The largest delay of a bin.
fn upper_ns(bin: usize) -> u64 {
    let shift = (bin >> FINE).saturating_sub(1);
    let high = (bin - (shift << FINE)) as u64;
    (((u128::from(high) + 1) << shift) - 1).min(u128::from(u64::MAX)) as u64
}

impl Delays {
    fn add(&mut self, ns: u64) {
        self.bins[bin(ns)] += 1;
        self.n += 1;
        self.max_ns = self.max_ns.max(ns);
    }

    fn merge(&mut self, other: &Delays) {
        self.bins.iter_mut().zip(&other.bins).for_each(|(bin, n)| *bin += n);
        self.n += other.n;
        self.max_ns = self.max_ns.max(other.max_ns);
    }

    /// The smallest upper end that so many hundredths of the delays do not exceed.
    fn percentile_ns(&self, hundredths: u64) -> u64 {
        let rank = (u128::from(self.n) * u128::from(hundredths)).div_ceil(100) as u64;
        let mut below = 0;
        let reaches = |count: &u64| {
            below += count;
            below >= rank
        };
        self.bins.iter().position(reaches).map_or(0, upper_ns).min(self.max_ns)
    }

    fn delay(&self) -> Delay {
        Delay { p50_ns: self.percentile_ns(50), p99_ns: self.percentile_ns(99), max_ns: self.max_ns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_follow_one_another_and_hold_what_lies_in_them() {
        for at in 0..Delays::default().bins.len() - 1 {
            assert_eq!(bin(upper_ns(at)), at);
            assert_eq!(bin(upper_ns(at) + 1), at + 1);
        }
        assert_eq!(bin(u64::MAX), Delays::default().bins.len() - 1);
        assert_eq!(upper_ns(bin(u64::MAX)), u64::MAX);
    }

    #[test]
    fn percentiles_are_of_the_delays_to_a_hundredth_and_zero_is_zero() {
        assert_eq!(Delays::default().delay(), Delay::default());
        let mut delays = Delays::default();
        (1..=1000).for_each(|ms| delays.add(ms * 1_000_000));
        let Delay { p50_ns, p99_ns, max_ns } = delays.delay();
        assert!((500_000_000..504_000_000).contains(&p50_ns), "{p50_ns}");
        assert!((990_000_000..998_000_000).contains(&p99_ns), "{p99_ns}");
        assert_eq!(max_ns, 1_000_000_000);
        let mut nothing = Delays::default();
        nothing.add(0);
        assert_eq!(nothing.delay(), Delay::default());
    }
}
