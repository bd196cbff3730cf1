//! Rhythms: what a device sends to one host again and again at one distance in time.
//!
//! Packets to a host less than two seconds apart are one burst; a rhythm is a distance between the
//! beginnings of bursts that most of them keep.

use std::collections::HashMap;
use std::net::IpAddr;

/// So many host and port pairs are listened to in all.
const MAX_BEATS: usize = 4096;
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

/// Where a device sends to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Remote {
    /// Who sends.
    pub device: u32,
    /// By name where it is known.
    pub host: RemoteHost,
    /// The service's port.
    pub port: u16,
    /// Whether that port is the device's own.
    pub serves: bool,
    /// Over TCP rather than UDP.
    pub tcp: bool,
}

/// A host by the name it was asked for under, or by address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RemoteHost {
    /// An index into the names.
    Name(u32),
    /// An address without a name.
    Address(IpAddr),
}

/// A rhythm that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Period {
    /// Median distance between bursts, seconds.
    pub seconds: f64,
    /// How many bursts were seen.
    pub bursts: u64,
}

/// The bursts of each remote.
#[derive(Debug, Default)]
pub struct Beats {
    beats: HashMap<Remote, Beat>,
    is_full: bool,
}

#[derive(Debug)]
struct Beat {
    burst_ns: i64,
    last_ns: i64,
    bursts: u64,
    intervals_ns: Vec<i64>,
}

impl Beats {
    /// Notes a packet; times must not run backwards.
    pub fn add(&mut self, remote: Remote, time_ns: i64) {
        let n_beats = self.beats.len();
        if let Some(beat) = self.beats.get_mut(&remote) {
            beat.add(time_ns);
        } else if n_beats < MAX_BEATS {
            let beat = Beat { burst_ns: time_ns, last_ns: time_ns, bursts: 1, intervals_ns: Vec::new() };
            self.beats.insert(remote, beat);
        } else {
            self.is_full = true;
        }
    }

    /// Whether a remote came too late to be listened to.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// The rhythms found.
    pub fn into_periods(self) -> impl Iterator<Item = (Remote, Period)> {
        let found = |(remote, beat): (Remote, Beat)| beat.period().map(|period| (remote, period));
        self.beats.into_iter().filter_map(found)
    }
}

impl Beat {
    fn add(&mut self, time_ns: i64) {
        if time_ns.saturating_sub(self.last_ns) >= PAUSE_NS {
            if self.intervals_ns.len() < MAX_INTERVALS {
                self.intervals_ns.push(time_ns.saturating_sub(self.burst_ns));
            }
            self.burst_ns = time_ns;
            self.bursts += 1;
        }
        self.last_ns = time_ns;
    }

    fn period(mut self) -> Option<Period> {
        if self.intervals_ns.len() < MIN_INTERVALS {
            return None;
        }
        self.intervals_ns.sort_unstable();
        let median = self.intervals_ns[self.intervals_ns.len() / 2] as f64;
        let keeps = |ns: &&i64| (**ns as f64 - median).abs() <= TOLERANCE * median;
        let keeping = self.intervals_ns.iter().filter(keeps).count() as f64;
        let is_rhythm = keeping >= MIN_KEEPING * self.intervals_ns.len() as f64;
        is_rhythm.then_some(Period { seconds: median / 1e9, bursts: self.bursts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(port: u16) -> Remote {
        Remote { device: 0, host: RemoteHost::Address([1, 1, 1, 1].into()), port, serves: false, tcp: true }
    }

    fn periods(times_s: &[f64]) -> Vec<Period> {
        let mut beats = Beats::default();
        times_s.iter().for_each(|s| beats.add(remote(1), (s * 1e9) as i64));
        beats.into_periods().map(|(_, period)| period).collect()
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
        let mut beats = Beats::default();
        (0..2 * MAX_BEATS).for_each(|i| beats.add(remote(i as u16), 0));
        (0..100).for_each(|i| beats.add(remote(0), i * 10_000_000_000));
        assert!(beats.is_full());
        assert_eq!(beats.beats.len(), MAX_BEATS);
        assert_eq!(beats.beats[&remote(0)].intervals_ns.len(), MAX_INTERVALS);
    }
}
