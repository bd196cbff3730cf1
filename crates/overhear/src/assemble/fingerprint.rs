//! Whether two rounds hold the same packets, whatever file they came in.

use overhear_traffic::packet::Packet;

/// Hashes kept of a round; in rounds that share a tenth of their packets three of them are the same on average.
const KEPT: usize = 64;
/// A copy whose times were moved has the same gaps and lengths throughout; of fewer packets that is no evidence.
const LEAST_MOVED: u64 = 20;
/// Nor of a stream that repeats so few different gaps and lengths.
const LEAST_DIFFERENT: usize = 8;

/// What is remembered of a round's packets to know them again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// The smallest hashes of (time, length), rising: a sample of the packets that is the same wherever they stand
    /// (bottom-k sketch, Cohen and Kaplan 2007).
    smallest: Vec<u64>,
    n_packets: u64,
    last_ns: i64,
    /// Hash of all gaps and lengths in order.
    sequence: u64,
    /// The first different pairs of gap and length.
    different: Vec<u64>,
}

impl Fingerprint {
    /// Adds the next packet.
    pub fn add(&mut self, packet: &Packet) {
        let own = mixed(packet.time_ns as u64 ^ mixed(u64::from(packet.length_bytes)));
        let is_small =
            self.smallest.len() < KEPT || self.smallest.last().is_some_and(|&largest| own < largest);
        if is_small && let Err(place) = self.smallest.binary_search(&own) {
            self.smallest.insert(place, own);
            self.smallest.truncate(KEPT);
        }
        let gap_ns = if self.n_packets == 0 { 0 } else { packet.time_ns.wrapping_sub(self.last_ns) as u64 };
        let step = mixed(gap_ns ^ mixed(!u64::from(packet.length_bytes)));
        self.sequence = mixed(self.sequence ^ step);
        if self.different.len() < LEAST_DIFFERENT && !self.different.contains(&step) {
            self.different.push(step);
        }
        (self.n_packets, self.last_ns) = (self.n_packets + 1, packet.time_ns);
    }

    /// Whether both hold packets of the same time and length, or the same packets at another time.
    pub fn shares_packets(&self, other: &Fingerprint) -> bool {
        let moved = self.n_packets >= LEAST_MOVED
            && self.different.len() >= LEAST_DIFFERENT
            && (self.n_packets, self.sequence) == (other.n_packets, other.sequence);
        // two rising lists: each hash that stands in both
        moved || self.smallest.iter().any(|hash| other.smallest.binary_search(hash).is_ok())
    }
}

/// A permutation of 64-bit numbers that leaves no pattern (the finaliser of SplitMix64, Steele et al. 2014).
fn mixed(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets `numbers` of one endless stream, moved in time.
    fn part(numbers: std::ops::Range<i64>, moved_ns: i64) -> Fingerprint {
        let mut found = Fingerprint::default();
        for number in numbers {
            let time_ns = number * 1_000_000 + (mixed(number as u64) % 900_000) as i64 + moved_ns;
            let length_bytes = 60 + (mixed(!number as u64) % 1400) as u32;
            found.add(&Packet { time_ns, length_bytes, direction: None, network: None });
        }
        found
    }

    #[test]
    fn parts_that_overlap_are_known_and_neighbours_are_not() {
        let whole = part(0..2000, 0);
        assert!(whole.shares_packets(&part(0..2000, 0)));
        assert!(whole.shares_packets(&part(500..700, 0)), "a part of it");
        assert!(part(0..1000, 0).shares_packets(&part(800..1800, 0)), "a fifth in common");
        assert!(!part(0..1000, 0).shares_packets(&part(1000..2000, 0)), "the next part");
        assert!(!part(0..0, 0).shares_packets(&part(0..0, 0)), "silence is no packet");
    }

    #[test]
    fn a_copy_at_another_time_is_known() {
        assert!(part(0..200, 0).shares_packets(&part(0..200, 86_400_000_000_000)));
        assert!(!part(0..200, 0).shares_packets(&part(300..500, 0)));
        assert!(!part(0..10, 0).shares_packets(&part(0..10, 86_400_000_000_000)), "too few to say");
    }
}
