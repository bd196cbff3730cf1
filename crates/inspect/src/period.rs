//! Rhythms: what a device sends to one host again and again at one distance in time.
//!
//! Packets to a host less than two seconds apart are one burst; a rhythm is a distance between the
//! beginnings of bursts that most of them keep.

/// The first intervals of each are kept: 32 of 60 s are half an hour.
const MAX_INTERVALS: usize = 32;
/// A pause this long ends a burst.
const PAUSE_NS: i64 = 2_000_000_000;
/// Fewer intervals than this are no rhythm.
const MIN_INTERVALS: usize = 4;
/// An interval keeps the rhythm within this share of the median,
const TOLERANCE: f64 = 0.1;
/// and so many of them must.
const MIN_KEEPING: f64 = 0.7;

/// A rhythm that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Period {
    /// Median distance between bursts, seconds.
    pub seconds: f64,
    /// How many bursts were seen.
    pub bursts: u64,
}

/// The bursts to one host.
#[derive(Debug, Clone)]
pub struct Beat {
    burst_ns: i64,
    last_ns: i64,
    bursts: u64,
    intervals_ns: Vec<i64>,
}

impl Beat {
    /// Begins with a packet.
    pub fn new(time_ns: i64) -> Beat {
        Beat { burst_ns: time_ns, last_ns: time_ns, bursts: 1, intervals_ns: Vec::new() }
    }

    /// Notes a packet; times must not run backwards.
    pub fn add(&mut self, time_ns: i64) {
        if time_ns.saturating_sub(self.last_ns) >= PAUSE_NS {
            if self.intervals_ns.len() < MAX_INTERVALS {
                self.intervals_ns.push(time_ns.saturating_sub(self.burst_ns));
            }
            self.burst_ns = time_ns;
            self.bursts += 1;
        }
        self.last_ns = time_ns;
    }

    /// The rhythm, where they keep one.
    pub fn period(&self) -> Option<Period> {
        if self.intervals_ns.len() < MIN_INTERVALS {
            return None;
        }
        let mut intervals_ns = self.intervals_ns.clone();
        intervals_ns.sort_unstable();
        let median = intervals_ns[intervals_ns.len() / 2] as f64;
        let keeps = |ns: &&i64| (**ns as f64 - median).abs() <= TOLERANCE * median;
        let keeping = self.intervals_ns.iter().filter(keeps).count() as f64;
        let is_rhythm = keeping >= MIN_KEEPING * self.intervals_ns.len() as f64;
        is_rhythm.then_some(Period { seconds: median / 1e9, bursts: self.bursts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn periods(times_s: &[f64]) -> Vec<Period> {
        let times_ns: Vec<i64> = times_s.iter().map(|s| (s * 1e9) as i64).collect();
        let mut beat = Beat::new(times_ns[0]);
        times_ns[1..].iter().for_each(|&ns| beat.add(ns));
        beat.period().into_iter().collect()
    }

    #[test]
    fn a_keepalive_of_45_s_is_found_through_one_missed_beat() {
        let times = [0.0, 0.1, 45.0, 45.2, 90.0, 135.5, 225.0, 270.0, 315.0];
        assert_eq!(periods(&times), [Period { seconds: 45.0, bursts: 7 }]);
    }

    #[test]
    fn few_or_irregular_bursts_are_no_rhythm() {
        assert_eq!(periods(&[0.0, 45.0, 90.0, 135.0]), []);
        assert_eq!(periods(&[0.0, 3.0, 50.0, 60.0, 200.0, 207.0, 300.0]), []);
        assert_eq!(periods(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), []);
    }

    #[test]
    fn memory_is_bounded() {
        let mut beat = Beat::new(0);
        (1..100).for_each(|i| beat.add(i * 10_000_000_000));
        assert_eq!(beat.intervals_ns.len(), MAX_INTERVALS);
    }
}
