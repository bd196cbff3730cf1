//! Uploads as a spoken command makes them: speech streams for some seconds at its own steady pace.
//!
//! Source: 300 spoken commands to an Echo in published traces (VCFingerprinting). In their busiest three seconds nine in
//! ten send 43 to 71 kB; 95 % send at least 1 kB in nine of the twelve quarters of a second; in one alone a quarter holds
//! more than half (0.51). A file or a photograph is sent as fast as the line allows, a call lasts.

/// A quarter of a second, ns.
const QUARTER_NS: i64 = 250_000_000;
/// Three seconds of them.
const QUARTERS: usize = 12;
/// So many bytes in three seconds at least,
const LEAST_BYTES: u32 = 30_000;
/// and at most.
const MOST_BYTES: u32 = 120_000;
/// So many of the quarters carry a part of it,
const LEAST_QUARTERS: usize = 9;
/// of at least so many bytes.
const PART_BYTES: u32 = 1000;
/// What goes on for longer is a call.
const LONGEST_QUARTERS: i64 = 60;

/// What a device sends to one far end, as far as it may be speech.
#[derive(Debug, Clone, Default)]
pub struct Upload {
    quarter: i64,
    bytes: [u32; QUARTERS],
    /// When the stream that goes on began.
    since: Option<i64>,
    commands: u64,
    /// Something like speech went on too long.
    is_call: bool,
}

impl Upload {
    /// Counts a packet that was sent; times must not run backwards.
    pub fn add(&mut self, time_ns: i64, length_bytes: u32) {
        let quarter = time_ns.div_euclid(QUARTER_NS);
        if quarter != self.quarter {
            self.advance(quarter);
        }
        let now = &mut self.bytes[quarter.rem_euclid(QUARTERS as i64) as usize];
        *now = now.saturating_add(length_bytes);
    }

    fn advance(&mut self, quarter: i64) {
        self.look();
        // after three silent seconds nothing is left of what was before
        for passed in (self.quarter.saturating_add(1)..=quarter).rev().take(QUARTERS) {
            self.bytes[passed.rem_euclid(QUARTERS as i64) as usize] = 0;
        }
        if quarter.saturating_sub(self.quarter) > 1 {
            self.end();
        }
        self.quarter = quarter;
    }

    fn look(&mut self) {
        let sum = self.bytes.iter().fold(0_u32, |sum, &own| sum.saturating_add(own));
        let parts = self.bytes.iter().filter(|own| **own >= PART_BYTES).count();
        let most = self.bytes.iter().copied().max().unwrap_or(0);
        let is_like_speech =
            (LEAST_BYTES..=MOST_BYTES).contains(&sum) && parts >= LEAST_QUARTERS && most <= sum / 2;
        if !is_like_speech {
            return self.end();
        }
        let since = *self.since.get_or_insert(self.quarter);
        self.is_call |= self.quarter - since > LONGEST_QUARTERS;
    }

    fn end(&mut self) {
        self.commands += u64::from(self.since.take().is_some());
    }

    /// How many uploads there were as of a spoken command; none where something like it went on too long.
    pub fn commands(&self) -> u64 {
        let mut whole = self.clone();
        whole.look();
        whole.end();
        if whole.is_call { 0 } else { whole.commands }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    /// So many bytes a quarter of a second, in packets of 1,000, for so long.
    fn upload(upload: &mut Upload, from_ms: i64, for_ms: i64, every_ms: i64) {
        (0..for_ms / every_ms).for_each(|i| upload.add((from_ms + i * every_ms) * MS, 1000));
    }

    fn commands(parts: &[(i64, i64, i64)]) -> u64 {
        let mut own = Upload::default();
        parts.iter().for_each(|&(from_ms, for_ms, every_ms)| upload(&mut own, from_ms, for_ms, every_ms));
        own.commands()
    }

    #[test]
    fn a_few_seconds_at_the_pace_of_speech_are_a_command() {
        assert_eq!(commands(&[(0, 4000, 60)]), 1);
        assert_eq!(commands(&[(0, 4000, 60), (60_000, 3500, 70), (120_000, 5000, 55)]), 3);
    }

    #[test]
    fn files_calls_and_keepalives_are_none() {
        assert_eq!(commands(&[(0, 400, 5)]), 0, "80 kB at once");
        assert_eq!(commands(&[(0, 4000, 10)]), 0, "a video's pace");
        assert_eq!(commands(&[(0, 60_000, 60)]), 0, "a call");
        assert_eq!(commands(&[(0, 600_000, 1000)]), 0);
        assert_eq!(commands(&[(0, 1500, 40)]), 0, "too short");
        assert_eq!(Upload::default().commands(), 0);
    }

    #[test]
    fn any_times_are_taken() {
        let mut own = Upload::default();
        for time_ns in [i64::MIN / 2, 0, i64::MAX / 2] {
            own.add(time_ns, u32::MAX);
            own.add(time_ns, u32::MAX);
        }
        assert_eq!(own.commands(), 0);
    }
}
