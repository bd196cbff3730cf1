//! What the reader of a round noticed, as facts that may change the answer.

use super::read::RoundWindows;
use super::{RoundSource, nanoseconds};
use crate::caveat::{Effect, Fact};
use overhear_traffic::trace::Summary;

/// With fewer packets nobody can tell the recorder's silence from the device's.
const LEAST_PACKETS: u64 = 20;
/// Share of the round that may be missing at either end.
const MISSING_SHARE: f64 = 0.1;
/// How many times as long as the usual longest silence within rounds of the campaign one at an end may be.
const MISSING_GAPS: u64 = 4;
/// Share of a capture's frames that may be unreadable.
const UNREAD_SHARE: f64 = 0.05;

/// Everything noticed while a round was read. `longest_gap_ns`: how long silences within rounds of the campaign usually
/// get, whatever the condition.
pub fn facts(source: &RoundSource, read: &RoundWindows, longest_gap_ns: u64) -> Vec<Fact> {
    let mut facts = of_capture(&read.summary, source.start_ns.is_some());
    if let (None, Some(duration_s)) = (source.start_ns, source.duration_s) {
        facts.push(Fact::DurationUnplaced { duration_s });
    }
    let whole = source.span().end_ns.zip(read.summary.events.last_ns).is_some_and(|(end, last)| last >= end);
    for fact in &mut facts {
        if let Fact::CutOff { byte } = *fact
            && whole
        {
            *fact = Fact::CutOffLater { byte };
        }
    }
    // of a round that is left out anyway nothing more need be said
    if !facts.iter().any(|fact| fact.effect() == Effect::LeftOut) {
        facts.extend(place_in_time(source, read, longest_gap_ns));
    }
    facts
}

/// What a reader noticed of a capture, whatever part of it is used. `placed`: whether its clock is what places it in
/// time.
pub fn of_capture(summary: &Summary, placed: bool) -> Vec<Fact> {
    let mut facts = Vec::new();
    facts.extend(summary.cut_off_at.map(|byte| Fact::CutOff { byte }));
    let clock = summary.clock;
    if clock.steps > 0 {
        let largest_s = clock.largest_step_ns as f64 / 1e9;
        facts.push(Fact::ClockSteps { steps: clock.steps, largest_s, placed });
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
    if summary.mirrored_frames > 0 {
        facts.push(Fact::Mirrored { frames: summary.mirrored_frames, of: summary.frames });
    }
    let copies = summary.copies;
    if copies.taken_out > 0 {
        facts.push(Fact::CopiesTakenOut { packets: copies.taken_out, of: copies.looked_at });
    } else if copies.are_many() {
        facts.push(Fact::PacketsTwice { share: copies.share() });
    }
    facts
}

/// How the packets lie in the round.
fn place_in_time(source: &RoundSource, read: &RoundWindows, longest_gap_ns: u64) -> Option<Fact> {
    let summary = &read.summary;
    let outside = summary.events.before + summary.events.after;
    if source.start_ns.or(summary.first_frame_ns).is_none() {
        return Some(Fact::NoTime);
    }
    if read.packets == 0 && outside < summary.events.count || summary.events.count == 0 {
        return Some(Fact::Silent { frames: summary.frames });
    }
    if let (Some(start_ns), Some(first_ns), Some(last_ns)) =
        (source.start_ns, summary.events.first_ns, summary.events.last_ns)
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
    if let Some(partial) = partial(source, read, longest_gap_ns) {
        return Some(partial);
    }
    (outside > 0)
        .then_some(Fact::PacketsOutside { before: summary.events.before, after: summary.events.after })
}

/// Whether packets stop, or begin, further from the round's end or beginning than its silences explain.
fn partial(source: &RoundSource, read: &RoundWindows, longest_gap_ns: u64) -> Option<Fact> {
    let (start_ns, duration_s) = (source.start_ns?, source.duration_s?);
    let (first_ns, last_ns) = read.first_ns.zip(read.last_ns)?;
    let settled_ns = start_ns.saturating_add(nanoseconds(source.drop_s) as i64);
    let end_ns = source.span().end_ns?;
    // packets before the round, or after it, prove that the recorder was running there, whosever they are
    let events = read.summary.events;
    let begun = read.summary.first_frame_ns.is_some_and(|frame| frame < first_ns);
    let went_on = read.summary.last_frame_ns.is_some_and(|frame| frame > last_ns);
    let missing = |proof: bool, ns: i64| if proof { 0 } else { ns.max(0) as u64 };
    let head_ns = missing(begun || events.before + events.settling > 0, first_ns.saturating_sub(settled_ns));
    let tail_ns = missing(went_on || events.after > 0, end_ns.saturating_sub(last_ns));
    let allowed_ns = nanoseconds(MISSING_SHARE * duration_s).max(MISSING_GAPS.saturating_mul(longest_gap_ns));
    let covered_s = (last_ns - first_ns) as f64 / 1e9;
    let few = read.packets < LEAST_PACKETS;
    (head_ns.max(tail_ns) > allowed_ns).then_some(Fact::Partial { covered_s, duration_s, few })
}
