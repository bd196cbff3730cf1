//! Bytes over time, in bins that widen as a capture grows.

use serde::Serialize;

/// So many bins at most: a line of them fits a page.
const MAX_BINS: usize = 240;
const SECOND_NS: i64 = 1_000_000_000;

/// Bytes that a device sent and received, bin by bin from the beginning of the capture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// How long a bin is, seconds: 1, 2, 4 and so on.
    pub bin_s: u64,
    /// Bytes sent in each; bins after the last with a packet are left out.
    pub up: Vec<u64>,
    /// Bytes received in each.
    pub down: Vec<u64>,
}

impl Default for Timeline {
    fn default() -> Timeline {
        Timeline { bin_s: 1, up: Vec::new(), down: Vec::new() }
    }
}

impl Timeline {
    /// Counts a frame, so long after the beginning of the capture.
    pub fn add(&mut self, after_ns: i64, length_bytes: u32, sent: bool) {
        let second = (after_ns / SECOND_NS).max(0) as u64;
        while second / self.bin_s >= MAX_BINS as u64 {
            self.widen();
        }
        let bin = (second / self.bin_s) as usize;
        if self.up.len() <= bin {
            self.up.resize(bin + 1, 0);
            self.down.resize(bin + 1, 0);
        }
        let way = if sent { &mut self.up } else { &mut self.down };
        way[bin] += u64::from(length_bytes);
    }

    fn widen(&mut self) {
        self.bin_s *= 2;
        for way in [&mut self.up, &mut self.down] {
            *way = way.chunks(2).map(|pair| pair.iter().sum()).collect();
        }
    }

    /// Widens its bins to this many seconds, which must be one of the lengths they can have.
    pub fn widen_to(&mut self, bin_s: u64) {
        while self.bin_s < bin_s {
            self.widen();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_widen_and_lose_nothing() {
        let mut timeline = Timeline::default();
        (0..10_000).for_each(|s| timeline.add(s * SECOND_NS, 3, s % 2 == 0));
        assert_eq!(timeline.bin_s, 64);
        assert_eq!((timeline.up.len(), timeline.down.len()), (157, 157));
        assert_eq!((timeline.up[0], timeline.up.iter().sum::<u64>()), (96, 15_000));
        timeline.widen_to(256);
        assert_eq!((timeline.bin_s, timeline.up[0]), (256, 384));
    }

    #[test]
    fn any_time_has_a_bin() {
        let mut timeline = Timeline::default();
        timeline.add(i64::MAX, 1, true);
        timeline.add(-5, 1, false);
        assert!(timeline.up.len() <= MAX_BINS && timeline.down[0] == 1);
    }
}
