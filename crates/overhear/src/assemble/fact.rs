//! What the reader of a round noticed, as facts that may change the answer.

use super::read::RoundWindows;
use super::{RoundSource, nanoseconds};
use crate::caveat::Fact;

/// With fewer packets nobody can tell the recorder's silence from the device's.
const LEAST_PACKETS: u64 = 10;
/// Share of the round that may be missing at either end.
const MISSING_SHARE: f64 = 0.1;
/// How many times as long as the longest silence within the round one at its end may be.
const MISSING_GAPS: u64 = 3;
/// Share of a capture's frames that may be unreadable.
const UNREAD_SHARE: f64 = 0.05;

/// Everything noticed while a round was read.
pub fn facts(source: &RoundSource, read: &RoundWindows) -> Vec<Fact> {
    let summary = &read.summary;
    let mut facts = Vec::new();
    if let Some(byte) = summary.cut_off_at {
        let whole = source.span().end_ns.zip(summary.events.last_ns).is_some_and(|(end, last)| last >= end);
        facts.push(if whole { Fact::CutOffLater { byte } } else { Fact::CutOff { byte } });
    }
    let clock = summary.clock;
    if clock.steps > 0 {
        facts.push(Fact::ClockSteps {
            steps: clock.steps,
            largest_s: clock.largest_step_ns as f64 / 1e9,
            placed: source.start_ns.is_some(),
        });
    }
    if clock.outliers > 0 {
        facts.push(Fact::ClockOutliers { packets: clock.outliers });
    }
    if clock.regressions > 0 {
        facts.push(Fact::ClockRaised { packets: clock.regressions });
    }
    let unread = summary.unknown_link_frames + summary.damaged_frames;
    if unread > 0 {
        let most = unread as f64 > UNREAD_SHARE * summary.frames as f64;
        facts.push(Fact::UnreadFrames { frames: unread, of: summary.frames, most });
    }
    if summary.cooked_frames > 0 {
        facts.push(Fact::CookedCapture { frames: summary.cooked_frames });
    }
    facts.extend(place_in_time(source, read));
    facts
}

/// How the packets lie in the round.
fn place_in_time(source: &RoundSource, read: &RoundWindows) -> Option<Fact> {
    let summary = &read.summary;
    let outside = summary.events.before + summary.events.after;
    if summary.events.count == 0 {
        return Some(Fact::Silent { frames: summary.frames });
    }
    if let (Some(start_ns), Some(first_ns), Some(last_ns)) = (source.start_ns, summary.events.first_ns, summary.events.last_ns)
        && outside == summary.events.count
    {
        let end_ns = source.span().end_ns;
        // between packets before and packets after it the round may have been silent
        let misses = last_ns < start_ns || end_ns.is_some_and(|end| first_ns >= end);
        return Some(match misses {
            true => Fact::OutsideRound { first_ns, last_ns, start_ns, end_ns },
            false => Fact::Silent { frames: summary.frames },
        });
    }
    if let Some(partial) = partial(source, read) {
        return Some(partial);
    }
    (outside > 0).then_some(Fact::PacketsOutside { before: summary.events.before, after: summary.events.after })
}

/// Whether packets stop, or begin, further from the round's end or beginning than its silences explain.
fn partial(source: &RoundSource, read: &RoundWindows) -> Option<Fact> {
    let (start_ns, duration_s) = (source.start_ns?, source.duration_s?);
    let (first_ns, last_ns) = read.first_ns.zip(read.last_ns)?;
    if read.packets < LEAST_PACKETS {
        return None;
    }
    let settled_ns = start_ns.saturating_add(nanoseconds(source.drop_s) as i64);
    let end_ns = source.span().end_ns?;
    let head_ns = first_ns.saturating_sub(settled_ns).max(0) as u64;
    let tail_ns = end_ns.saturating_sub(last_ns).max(0) as u64;
    let allowed_ns = nanoseconds(MISSING_SHARE * duration_s).max(MISSING_GAPS * read.longest_gap_ns);
    let covered_s = (last_ns - first_ns) as f64 / 1e9;
    (head_ns.max(tail_ns) > allowed_ns).then_some(Fact::Partial { covered_s, duration_s })
}
