//! Which part of a capture belongs to a round.

/// The part of a capture that belongs to a round: [start + drop, end).
///
/// Without a start the time left out begins with the device's first packet. The default is everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// When the round began, ns since 1970.
    pub start_ns: Option<i64>,
    /// Settling time left out at its beginning, ns.
    pub drop_ns: u64,
    /// When it was over, ns since 1970; `None`: with the capture.
    pub end_ns: Option<i64>,
}

/// Where a time lies, seen from a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Before,
    Settling,
    Within,
    After,
}

impl Span {
    /// When its settling time is over, where its start is known.
    pub fn settled_ns(self) -> Option<i64> {
        Some(self.start_ns?.saturating_add_unsigned(self.drop_ns))
    }

    /// Where a time lies; `began_ns` is that of the device's first packet.
    pub(crate) fn place(self, began_ns: i64, time_ns: i64) -> Place {
        if self.start_ns.is_some_and(|start_ns| time_ns < start_ns) {
            return Place::Before;
        }
        if self.end_ns.is_some_and(|end_ns| time_ns >= end_ns) {
            return Place::After;
        }
        let start_ns = self.start_ns.unwrap_or(began_ns);
        // a clock that was set back may tell times before the first packet's
        let settles = time_ns >= start_ns && time_ns.abs_diff(start_ns) < self.drop_ns;
        if settles { Place::Settling } else { Place::Within }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1_000_000_000;

    fn places(span: Span, seconds: &[i64]) -> Vec<Place> {
        seconds.iter().map(|s| span.place(20 * S, s * S)).collect()
    }

    #[test]
    fn a_round_begins_after_its_settling_time_and_ends_before_its_end() {
        use Place::{After, Before, Settling, Within};
        let span = Span { start_ns: Some(10 * S), drop_ns: 2 * S as u64, end_ns: Some(15 * S) };
        let found = places(span, &[9, 10, 11, 12, 14, 15, 16]);
        assert_eq!(found, [Before, Settling, Settling, Within, Within, After, After]);
    }

    #[test]
    fn without_a_start_the_first_packet_is_it() {
        use Place::{Settling, Within};
        let span = Span { drop_ns: 2 * S as u64, ..Span::default() };
        assert_eq!(places(span, &[20, 21, 22, 19]), [Settling, Settling, Within, Within]);
    }

    #[test]
    fn the_default_is_everything() {
        assert_eq!(Span::default().place(0, i64::MIN), Place::Within);
        assert_eq!(Span::default().place(0, i64::MAX), Place::Within);
    }

    #[test]
    fn a_settling_time_longer_than_the_round_leaves_nothing() {
        use Place::{After, Settling};
        let span = Span { start_ns: Some(10 * S), drop_ns: u64::MAX, end_ns: Some(12 * S) };
        assert_eq!(places(span, &[10, 11, 12, 13]), [Settling, Settling, After, After]);
    }
}
