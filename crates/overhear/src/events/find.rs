//! Where events lie: seconds with more packets than the idle level explains.

use overhear_traffic::window::{BIN_NS, Bin};

/// How events are found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// The idle level is this quantile of the packets a second, over seconds with a packet; 0 to 1.
    pub quantile: f64,
    /// The idle level where it is known, packets a second; it is then not learnt.
    pub level: Option<f64>,
    /// A second is active with more than so many times the idle level.
    pub factor: f64,
    /// Active seconds with no longer a pause between them are of one event, ns.
    pub gap_ns: u64,
    /// Events with fewer packets are left out.
    pub min_packets: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { quantile: 0.5, level: None, factor: 2.0, gap_ns: 5_000_000_000, min_packets: 20 }
    }
}

/// A stretch of time in which an event lies: [start, end).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The stretch of steady clock, from 0.
    pub clock: u32,
    /// Where it begins, ns since 1970.
    pub start_ns: i64,
    /// Where it ends.
    pub end_ns: i64,
}

/// The events of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The idle level, packets a second; `None` where the trace holds no packet.
    pub level: Option<f64>,
    /// A second is active with more packets than these.
    pub threshold: f64,
    /// Where events lie, in time order.
    pub stretches: Vec<Stretch>,
}

/// Finds the events of a trace, of which these are the seconds with packets.
///
/// docs/method.md, "Events".
pub fn find(seconds: &[Bin], settings: &Settings) -> Found {
    let level = settings.level.or_else(|| quantile(seconds, settings.quantile));
    let threshold = settings.factor * level.unwrap_or(0.0);
    let mut stretches: Vec<(Stretch, u64)> = Vec::new();
    let gap_ns = i64::try_from(settings.gap_ns).unwrap_or(i64::MAX);
    for second in seconds.iter().filter(|second| n_packets(second) > threshold) {
        let end_ns = second.start_ns.saturating_add(BIN_NS);
        let goes_on = |last: &&mut (Stretch, u64)| {
            last.0.clock == second.stretch && second.start_ns.saturating_sub(last.0.end_ns) <= gap_ns
        };
        match stretches.last_mut().filter(goes_on) {
            Some((last, _)) => last.end_ns = end_ns,
            None => {
                let stretch = Stretch { clock: second.stretch, start_ns: second.start_ns, end_ns };
                stretches.push((stretch, 0));
            }
        }
    }
    count(&mut stretches, seconds);
    let is_large = |&(_, packets): &(Stretch, u64)| packets >= settings.min_packets;
    let stretches = stretches.into_iter().filter(is_large).map(|(stretch, _)| stretch).collect();
    Found { level, threshold, stretches }
}

/// Counts the packets of each stretch, those of its inactive seconds too.
fn count(stretches: &mut [(Stretch, u64)], seconds: &[Bin]) {
    let mut seconds = seconds.iter().peekable();
    for (stretch, packets) in stretches {
        let before = |second: &&Bin| (second.stretch, second.start_ns) < (stretch.clock, stretch.start_ns);
        while seconds.next_if(before).is_some() {}
        let within = |second: &&Bin| (second.stretch, second.start_ns) < (stretch.clock, stretch.end_ns);
        while let Some(second) = seconds.next_if(within) {
            *packets += n_packets(second) as u64;
        }
    }
}

/// Packets of a second, both ways.
fn n_packets(second: &Bin) -> f64 {
    second.channels[0] + second.channels[1]
}

/// The smallest number of packets that a share `q` of the seconds does not exceed; `None` without any.
fn quantile(seconds: &[Bin], q: f64) -> Option<f64> {
    let mut packets: Vec<f64> = seconds.iter().map(n_packets).collect();
    packets.sort_unstable_by(f64::total_cmp);
    let rank = (q * packets.len() as f64).ceil().max(1.0) as usize;
    packets.get(rank.min(packets.len()).checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds with these numbers of packets, from second 100 on; silent ones are absent.
    fn seconds(packets: &[u32]) -> Vec<Bin> {
        let second = |(number, &n): (i64, &u32)| Bin {
            start_ns: (100 + number) * BIN_NS,
            stretch: 0,
            channels: [f64::from(n), 0.0, 0.0, 0.0],
        };
        (0..).zip(packets).map(second).filter(|second| second.channels[0] > 0.0).collect()
    }

    /// Begin and end of each event, in seconds.
    fn found(packets: &[u32], settings: &Settings) -> Vec<(i64, i64)> {
        let found = find(&seconds(packets), settings);
        found.stretches.iter().map(|s| (s.start_ns / BIN_NS, s.end_ns / BIN_NS)).collect()
    }

    #[test]
    fn an_event_is_what_rises_over_the_idle_level() {
        let packets = [4, 5, 4, 0, 5, 40, 60, 11, 4, 30, 4, 5, 4, 4, 4, 4, 4, 10, 4, 0];
        let level = find(&seconds(&packets), &Settings::default());
        assert_eq!((level.level, level.threshold), (Some(4.0), 8.0));
        // the pause of one second is bridged, the ten packets at the end are too few for an event
        assert_eq!(found(&packets, &Settings::default()), [(105, 110)]);
        let close = Settings { gap_ns: 0, ..Settings::default() };
        assert_eq!(found(&packets, &close), [(105, 108), (109, 110)]);
        let small = Settings { min_packets: 1, ..Settings::default() };
        assert_eq!(found(&packets, &small), [(105, 110), (117, 118)]);
        let level = Settings { level: Some(25.0), ..Settings::default() };
        assert_eq!(found(&packets, &level), [(106, 107)]);
        let factor = Settings { factor: 9.9, ..Settings::default() };
        assert_eq!(found(&packets, &factor), [(105, 107)]);
    }

    #[test]
    fn the_level_is_a_value_that_was_seen() {
        let seconds = seconds(&[1, 0, 2, 3, 10]);
        let level = |q| quantile(&seconds, q);
        assert_eq!([0.0, 0.25, 0.5, 0.51, 1.0].map(level), [1.0, 1.0, 2.0, 3.0, 10.0].map(Some));
        assert_eq!(quantile(&[], 0.5), None);
        assert!(find(&[], &Settings::default()).stretches.is_empty());
    }

    #[test]
    fn no_event_reaches_across_a_step_of_the_clock() {
        let mut two = seconds(&[2, 2, 2, 50, 50]);
        two.extend(seconds(&[50, 2, 2, 2, 2]).into_iter().map(|second| Bin { stretch: 1, ..second }));
        let found = find(&two, &Settings::default());
        let clocks: Vec<u32> = found.stretches.iter().map(|stretch| stretch.clock).collect();
        assert_eq!(clocks, [0, 1]);
    }
}
