//! Where events lie: seconds with more packets than the idle level explains.

use overhear_traffic::window::{BIN_NS, Bin};

/// How events are found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// The idle level is this quantile of the packets a second, silent seconds too; 0 to 1.
    pub quantile: f64,
    /// The idle level where it is known, packets a second; it is then not learnt.
    pub level: Option<f64>,
    /// A second is active with more than so many times the idle level,
    pub factor: f64,
    /// and more packets than these, however low that is.
    pub floor: f64,
    /// Active seconds with no longer a pause between them are of one event, ns.
    pub gap_ns: u64,
    /// Events with fewer packets are left out.
    pub min_packets: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        let (quantile, factor, floor) = (0.5, 2.0, 10.0);
        Settings { quantile, level: None, factor, floor, gap_ns: 5_000_000_000, min_packets: 20 }
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

/// Finds the events of a trace, of which these are the seconds with packets. `recorded_ns`: from when to when it was recorded, where
/// that is known; the seconds before the first packet and after the last are silent ones.
///
/// docs/method.md, "Events".
pub fn find(seconds: &[Bin], recorded_ns: Option<(i64, i64)>, settings: &Settings) -> Found {
    let n = recorded_ns.map_or(0, |(first, last)| whole_seconds(first, last)).max(n_seconds(seconds));
    let level = settings.level.or_else(|| quantile(seconds, n, settings.quantile));
    let threshold = (settings.factor * level.unwrap_or(0.0)).max(settings.floor);
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

/// The smallest number of packets that a share `q` of `n` seconds does not exceed, of which those that are not given are silent;
/// `None` without any that is not.
fn quantile(seconds: &[Bin], n: u64, q: f64) -> Option<f64> {
    let mut packets: Vec<f64> = seconds.iter().map(n_packets).collect();
    packets.sort_unstable_by(f64::total_cmp);
    let silent = n.saturating_sub(packets.len() as u64);
    let rank = ((q * n as f64).ceil() as u64).max(1);
    let most = packets.last().copied()?;
    Some(match rank.checked_sub(silent + 1) {
        Some(place) => packets.get(place as usize).copied().unwrap_or(most),
        None => 0.0,
    })
}

/// Seconds between the first packet and the last of each stretch of steady clock.
fn n_seconds(seconds: &[Bin]) -> u64 {
    let of_stretch = |stretch: &[Bin]| match stretch {
        [first, .., last] => whole_seconds(first.start_ns, last.start_ns),
        only => only.len() as u64,
    };
    seconds.chunk_by(|one, next| one.stretch == next.stretch).map(of_stretch).sum()
}

/// Seconds from one time to another, both begun.
fn whole_seconds(first_ns: i64, last_ns: i64) -> u64 {
    last_ns.abs_diff(first_ns) / BIN_NS as u64 + 1
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
        let found = find(&seconds(packets), None, settings);
        found.stretches.iter().map(|s| (s.start_ns / BIN_NS, s.end_ns / BIN_NS)).collect()
    }

    #[test]
    fn an_event_is_what_rises_over_the_idle_level() {
        let packets = [4, 5, 4, 0, 5, 40, 60, 11, 4, 30, 4, 5, 4, 4, 4, 4, 4, 9, 4, 4];
        let all = Settings { floor: 0.0, min_packets: 1, ..Settings::default() };
        let level = find(&seconds(&packets), None, &all);
        assert_eq!((level.level, level.threshold), (Some(4.0), 8.0));
        // the pause of one second is bridged
        assert_eq!(found(&packets, &all), [(105, 110), (117, 118)]);
        assert_eq!(found(&packets, &Settings { gap_ns: 0, ..all }), [(105, 108), (109, 110), (117, 118)]);
        assert_eq!(found(&packets, &Settings { min_packets: 10, ..all }), [(105, 110)]);
        assert_eq!(found(&packets, &Settings { floor: 9.0, ..all }), [(105, 110)]);
        assert_eq!(found(&packets, &Settings { level: Some(25.0), ..all }), [(106, 107)]);
        assert_eq!(found(&packets, &Settings { factor: 9.9, ..all }), [(105, 107)]);
    }

    #[test]
    fn the_level_counts_silence_and_is_a_value_that_was_seen() {
        let bins = seconds(&[1, 0, 2, 3, 10]);
        let level = |q| quantile(&bins, n_seconds(&bins), q);
        assert_eq!([0.0, 0.2, 0.4, 0.5, 0.61, 1.0].map(level), [0.0, 0.0, 1.0, 2.0, 3.0, 10.0].map(Some));
        assert_eq!(quantile(&[], 10, 0.5), None);
        assert!(find(&[], None, &Settings::default()).stretches.is_empty());
        // a burst in long silence rises over the floor, and how long it was recorded says that there was silence
        let lone = seconds(&[80, 70, 3]);
        let found = |recorded_ns| find(&lone, recorded_ns, &Settings::default());
        let whole = found(Some((0, 160 * BIN_NS)));
        assert_eq!((whole.level, whole.threshold, whole.stretches.len()), (Some(0.0), 10.0, 1));
        assert_eq!((found(None).level, found(None).stretches.len()), (Some(70.0), 0));
    }

    #[test]
    fn no_event_reaches_across_a_step_of_the_clock() {
        let mut two = seconds(&[2, 2, 2, 50, 50]);
        two.extend(seconds(&[50, 2, 0, 2, 2]).into_iter().map(|second| Bin { stretch: 1, ..second }));
        let found = find(&two, None, &Settings::default());
        let clocks: Vec<u32> = found.stretches.iter().map(|stretch| stretch.clock).collect();
        assert_eq!(clocks, [0, 1]);
    }
}
