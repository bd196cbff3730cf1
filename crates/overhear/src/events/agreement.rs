//! How far found events are those that somebody has written down.

use super::Event;
use crate::cut::TimedRound;
use serde::Serialize;

/// How far found events and written ones are the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Agreement {
    /// Events that were found.
    pub found: usize,
    /// Those of them that overlap a written one.
    pub right: usize,
    /// Events that were written down, as far as the capture reaches.
    pub written: usize,
    /// Those of them that a found one overlaps.
    pub met: usize,
    /// Mean share of the time of both together that a found event and the written one it overlaps most have in common;
    /// `None` where none overlap.
    pub overlap: Option<f64>,
}

/// One found event, or one written down, in time: [start, end].
type Interval = (i64, i64);

impl Agreement {
    /// Compares the events of a capture that reaches from one time to another. Beside it, what happened at each found event: the
    /// condition of the written one that it overlaps most.
    pub fn of(events: &[Event], written: &[TimedRound], reach: Interval) -> (Agreement, Vec<Option<String>>) {
        let time = |round: &TimedRound| (round.start_ns, round.end_ns());
        let written: Vec<&TimedRound> =
            written.iter().filter(|round| common_ns(time(round), reach).is_some()).collect();
        let times: Vec<Interval> = events.iter().map(|event| (event.start_ns, event.end_ns)).collect();
        let most = |event: &Interval| {
            let common = written.iter().filter_map(|&round| Some((common_ns(time(round), *event)?, round)));
            common.max_by_key(|(common_ns, round)| (*common_ns, std::cmp::Reverse(round.start_ns)))
        };
        let matched: Vec<Option<(i64, &TimedRound)>> = times.iter().map(most).collect();
        let shares: Vec<f64> = matched
            .iter()
            .zip(&times)
            .filter_map(|(matched, event)| matched.map(|(ns, round)| share(ns, time(round), *event)))
            .collect();
        let is_met =
            |round: &&&TimedRound| times.iter().any(|event| common_ns(time(round), *event).is_some());
        let agreement = Agreement {
            found: events.len(),
            right: shares.len(),
            written: written.len(),
            met: written.iter().filter(is_met).count(),
            overlap: (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64),
        };
        let conditions = matched.iter().map(|matched| matched.map(|(_, round)| round.condition.clone()));
        (agreement, conditions.collect())
    }

    /// Several captures taken together.
    #[must_use]
    pub fn with(self, other: Agreement) -> Agreement {
        let sum = |one: &Agreement| one.overlap.map_or(0.0, |overlap| overlap * one.right as f64);
        let right = self.right + other.right;
        Agreement {
            found: self.found + other.found,
            right,
            written: self.written + other.written,
            met: self.met + other.met,
            overlap: (right > 0).then(|| (sum(&self) + sum(&other)) / right as f64),
        }
    }
}

/// How long two intervals have in common, ns; `None` where they do not meet.
fn common_ns(one: Interval, other: Interval) -> Option<i64> {
    let common_ns = one.1.min(other.1).saturating_sub(one.0.max(other.0));
    (common_ns >= 0).then_some(common_ns)
}

/// What is common as a share of what either covers.
fn share(common_ns: i64, one: Interval, other: Interval) -> f64 {
    let both_ns = one.1.max(other.1).saturating_sub(one.0.min(other.0));
    if both_ns == 0 { 1.0 } else { common_ns as f64 / both_ns as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cut::Times;
    use overhear_traffic::feature::N_FEATURES;

    /// Times of a table are seconds since 1970, in a century of ours.
    const BEGIN_S: i64 = 1_800_000_000;

    fn event(start_s: i64, end_s: i64) -> Event {
        let features = Box::new([f64::NAN; N_FEATURES]);
        let [start_ns, end_ns] = [start_s, end_s].map(|s| (BEGIN_S + s) * 1_000_000_000);
        Event { trace: 0, number: 0, start_ns, end_ns, is_directed: true, features, sizes: Vec::new() }
    }

    #[test]
    fn events_are_right_where_they_overlap_and_take_the_condition() {
        let row = |(condition, start, end)| format!("{condition},{},{}\n", BEGIN_S + start, BEGIN_S + end);
        let rows = [("light", 100, 110), ("weather", 200, 210), ("joke", 300, 310), ("late", 9000, 9010)];
        let csv = format!("condition,start,end\n{}", rows.map(row).concat());
        let written = Times::of_csv(&csv).unwrap().rounds;
        let events = [event(105, 115), event(150, 160), event(199, 300), event(300, 305)];
        let second = 1_000_000_000;
        let (found, conditions) =
            Agreement::of(&events, &written, (BEGIN_S * second, (BEGIN_S + 1000) * second));
        let names: Vec<Option<&str>> = conditions.iter().map(Option::as_deref).collect();
        assert_eq!(names, [Some("light"), None, Some("weather"), Some("joke")]);
        let overlap = (5.0 / 15.0 + 10.0 / 101.0 + 5.0 / 10.0) / 3.0;
        assert_eq!((found.found, found.right, found.written, found.met), (4, 3, 3, 3));
        assert!((found.overlap.unwrap() - overlap).abs() < 1e-12, "{found:?}");
        let twice = found.with(found);
        assert_eq!((twice.found, twice.right, twice.overlap), (8, 6, found.overlap));
        let (none, conditions) = Agreement::of(&[], &written, (0, 0));
        assert_eq!((none, conditions.len()), (Agreement::default(), 0));
    }
}
