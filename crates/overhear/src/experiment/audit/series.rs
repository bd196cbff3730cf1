//! Stretches of rounds second by second: what sequence attackers are given.
//!
//! Source: docs/method.md, "Sequences". The same part of each round is looked at as by stretches as rows.

use super::stretch::Watched;
use super::view::Horizon;
use crate::Error;
use crate::assemble::Joined;
use overhear_learn::sequence::{Series, TransformEntry};
use overhear_learn::{Dataset, Error as LearnError};
use overhear_traffic::window::{BIN_NS, Bin, Bins, N_CHANNELS};

/// Seed of what a transform draws: the same for every audit, as it decides nothing.
const SEED: u64 = 1;

/// Steps of a series at most; the bins of a longer round are wider.
const MOST_STEPS: i64 = 1_800;

/// Stretches of one round at most: a week of five minutes.
const MOST_STRETCHES: i64 = 2_016;

/// Stretches of equal length, each in its steps, channel by channel.
#[derive(Debug, Clone, PartialEq)]
pub struct AllSeries {
    /// Steps of a channel.
    pub n_steps: usize,
    /// Channel by channel its steps, stretch by stretch (n_stretches × n_channels × n_steps).
    pub values: Vec<f64>,
    /// Where they lie (n_stretches).
    pub places: Vec<Place>,
}

/// Where a stretch lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The round, by its place among those given.
    pub round: u32,
    /// The stretch of steady clock.
    pub steady: u32,
    /// When it begins, ns since 1970.
    pub start_ns: i64,
}

/// The part of a round that is looked at under one steady clock.
struct Part<'a> {
    round: u32,
    origin_ns: i64,
    length_ns: i64,
    bins: &'a [Bin],
}

/// Stretches of each round as long as the horizon; `None` for a single window, and where no round is as long as that.
pub fn of(rounds: &[(&Bins, Watched)], horizon: Horizon) -> Option<AllSeries> {
    let parts: Vec<Part<'_>> =
        (0..).zip(rounds).flat_map(|(round, (bins, watched))| parts(round, bins, *watched)).collect();
    let (length_ns, bin_ns) = match horizon {
        Horizon::Window => return None,
        Horizon::Minutes(minutes) => (i64::from(minutes) * 60 * BIN_NS, BIN_NS),
        Horizon::Round => {
            let shortest = parts.iter().map(|part| part.length_ns).filter(|&length| length > 0).min()?;
            let wider = ((shortest / BIN_NS + MOST_STEPS - 1) / MOST_STEPS).max(1);
            (shortest / (wider * BIN_NS) * wider * BIN_NS, wider * BIN_NS)
        }
    };
    let n_steps = (length_ns / bin_ns) as usize;
    let mut all = AllSeries { n_steps, values: Vec::new(), places: Vec::new() };
    for part in &parts {
        let n_stretches = match horizon {
            Horizon::Round => 1,
            _ => (part.length_ns / length_ns).min(MOST_STRETCHES),
        };
        for stretch in 0..n_stretches {
            part.push(stretch * length_ns, bin_ns, &mut all);
        }
    }
    (n_steps > 1 && !all.places.is_empty()).then_some(all)
}

impl AllSeries {
    /// A row for each stretch: what a transform makes of it, fitted to all stretches, since it uses no label. `None` where stretches are
    /// too short for it.
    ///
    /// # Errors
    /// [`Error::Learn`] where the rows make no table.
    pub fn transformed(
        self,
        transform: &TransformEntry,
        class_of_round: &[u32],
        conditions: &[String],
    ) -> Result<Option<Joined>, Error> {
        let series = Series::new(N_CHANNELS, self.n_steps, self.values)?;
        let rows: Vec<u32> = (0..self.places.len() as u32).collect();
        let fitted = match (transform.default)().fit(&series, &rows, SEED) {
            Ok(fitted) => fitted,
            Err(LearnError::SeriesTooShort { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let data = Dataset {
            features: (1..=fitted.n_features()).map(|j| format!("{}.{j}", transform.name)).collect(),
            x: fitted.transform(&series)?,
            y: self.places.iter().map(|place| class_of_round[place.round as usize]).collect(),
            classes: conditions.to_vec(),
            units: None,
            starts_ns: Some(self.places.iter().map(|place| place.start_ns).collect()),
        };
        Ok(Some(Joined {
            data,
            round: self.places.iter().map(|place| place.round).collect(),
            stretch: self.places.iter().map(|place| place.steady).collect(),
        }))
    }
}

/// A round in one part, or in one for each stretch of its clock where that was set back.
fn parts<'a>(round: u32, bins: &'a Bins, watched: Watched) -> Vec<Part<'a>> {
    let by_clock = || bins.all().chunk_by(|a, b| a.stretch == b.stretch);
    let seen = |bins: &'a [Bin]| {
        let (first, last) =
            (bins.first().map_or(0, |bin| bin.start_ns), bins.last().map_or(0, |bin| bin.start_ns));
        Part { round, origin_ns: first, length_ns: last.saturating_sub(first).saturating_add(BIN_NS), bins }
    };
    match watched.known() {
        Some((origin_ns, length_ns)) if by_clock().count() <= 1 => {
            vec![Part { round, origin_ns, length_ns, bins: bins.all() }]
        }
        _ if bins.all().is_empty() => vec![Part { length_ns: 0, ..seen(&[]) }],
        _ => by_clock().map(seen).collect(),
    }
}

impl Part<'_> {
    /// Adds the stretch that begins so long after the part's origin.
    fn push(&self, into_ns: i64, bin_ns: i64, all: &mut AllSeries) {
        let start_ns = self.origin_ns.saturating_add(into_ns);
        let steady = self.bins.first().map_or(0, |bin| bin.stretch);
        all.places.push(Place { round: self.round, steady, start_ns });
        let base = all.values.len();
        all.values.resize(base + N_CHANNELS * all.n_steps, 0.0);
        let first = self.bins.partition_point(|bin| bin.start_ns < start_ns);
        for bin in &self.bins[first..] {
            let step = (bin.start_ns.saturating_sub(start_ns) / bin_ns) as usize;
            if step >= all.n_steps {
                break;
            }
            for (channel, value) in bin.channels.iter().enumerate() {
                all.values[base + channel * all.n_steps + step] += value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use overhear_traffic::packet::{Direction, Packet};
    use overhear_traffic::trace::Span;

    const S: i64 = 1_000_000_000;

    /// A packet of 100 bytes in each of these seconds, from origin 0, on clocks of their own.
    fn bins(clocks: &[&[i64]]) -> Bins {
        let mut bins = Bins::from(Some(0));
        for seconds in clocks {
            for second in *seconds {
                let direction = Some(if second % 2 == 0 { Direction::Out } else { Direction::In });
                bins.push(&Packet { time_ns: second * S + 1, length_bytes: 100, direction, network: None });
            }
            bins.end_stretch();
        }
        bins
    }

    fn watched(seconds: i64) -> Watched {
        let span = Span { start_ns: Some(0), drop_ns: 0, end_ns: Some(seconds * S) };
        Watched { span, is_silent: false }
    }

    #[test]
    fn of_each_round_the_known_part_is_cut_into_minutes() {
        // of 200 s those from 20 to 180: two minutes and 40 s
        let own = bins(&[&[0, 20, 21, 21, 79, 80, 150]]);
        let all = of(&[(&own, watched(200)), (&Bins::default(), watched(200))], Horizon::Minutes(1)).unwrap();
        assert_eq!(all.n_steps, 60);
        let places: Vec<_> = all.places.iter().map(|place| (place.round, place.start_ns / S)).collect();
        assert_eq!(places, [(0, 20), (0, 80), (1, 20), (1, 80)]);
        let channel =
            |stretch: usize, channel: usize| &all.values[(stretch * N_CHANNELS + channel) * 60..][..60];
        assert_eq!((channel(0, 0)[0], channel(0, 1)[1], channel(0, 3)[59]), (1.0, 2.0, 100.0));
        assert_eq!((channel(1, 2)[0], channel(1, 2)[70 - 10 - 1]), (100.0, 0.0));
        assert!(all.values[2 * N_CHANNELS * 60..].iter().all(|&value| value == 0.0));
    }

    #[test]
    fn whole_rounds_are_as_long_as_the_shortest() {
        let own = bins(&[&[0, 50, 99]]);
        let all = of(&[(&own, watched(100)), (&own, watched(60))], Horizon::Round).unwrap();
        // of 60 s those from 6 to 54, of 100 s as many from 10 on
        assert_eq!((all.n_steps, all.places.len()), (48, 2));
        assert_eq!(all.values.iter().filter(|&&value| value == 100.0).count(), 2);
        let long = of(&[(&own, watched(10_000))], Horizon::Round).unwrap();
        assert_eq!(long.n_steps, 1_600, "8,000 s in bins of 5 s");
    }

    #[test]
    fn a_clock_that_was_set_back_begins_a_part() {
        let own = bins(&[&[0, 100], &[10, 75, 131]]);
        let all = of(&[(&own, watched(200))], Horizon::Minutes(1)).unwrap();
        let places: Vec<_> = all.places.iter().map(|place| (place.steady, place.start_ns / S)).collect();
        assert_eq!(places, [(0, 0), (1, 10), (1, 70)]);
    }

    #[test]
    fn a_claim_of_centuries_takes_no_memory() {
        let span = Span { start_ns: Some(0), drop_ns: 0, end_ns: Some(i64::MAX) };
        let claimed = Watched { span, is_silent: false };
        let all = of(&[(&bins(&[&[0, 9]]), claimed)], Horizon::Minutes(5)).unwrap();
        assert_eq!(all.places.len() as i64, MOST_STRETCHES);
        assert!(of(&[(&bins(&[&[0, 9]]), claimed)], Horizon::Round).unwrap().n_steps as i64 <= MOST_STEPS);
        assert!(of(&[(&Bins::default(), Watched::default())], Horizon::Round).is_none());
    }
}
