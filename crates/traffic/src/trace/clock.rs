//! Puts the times of one trace right: they rise, or a new stretch begins.
//!
//! Source: docs/method.md, "Clock". A time that jumps by more than a second is believed only once the next
//! event bears it out, so the event is held back until then. A clock set forward cannot be distinguished from silence.

use crate::event::Event;
use serde::Serialize;

/// What was done to a trace's times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ClockCounts {
    /// Events up to a second earlier than the one before, raised to its time.
    pub regressions: u64,
    /// Single events more than a second off both neighbours, moved to the time of the one before.
    pub outliers: u64,
    /// How often the clock was set back by more than a second; each begins a new stretch.
    pub steps: u64,
    /// The largest of these steps, ns.
    pub largest_step_ns: u64,
}

/// A time further than this off its neighbour has jumped.
const JUMP_NS: i64 = 1_000_000_000;

/// The clock of a trace.
pub(super) struct Clock {
    state: State,
    /// Time of the event that was let go last.
    now_ns: i64,
    counts: ClockCounts,
}

enum State {
    /// No event has come.
    Start,
    /// Nothing is held back.
    Running,
    /// The trace's first event is held back.
    First(Event),
    /// An event that jumped forward is held back.
    Ahead(Event),
    /// An event that jumped back is held back.
    Behind(Event),
}

/// What goes on, in the order of the file.
#[derive(Debug, PartialEq)]
pub(super) enum Dated<'a> {
    /// A new stretch begins with the next event.
    Step {
        /// Time of the last event before it.
        ended_ns: i64,
    },
    /// An event whose time is right.
    Event(&'a Event),
}

impl Clock {
    /// A clock before its trace.
    pub(super) fn new() -> Clock {
        Clock { state: State::Start, now_ns: 0, counts: ClockCounts::default() }
    }

    /// Whether an event of this time can go on as it is, as nearly all can. Where not, [`Clock::take`] it.
    #[inline(always)]
    pub(super) fn runs_on(&mut self, time_ns: i64) -> bool {
        // modulo 2⁶⁴ an earlier time is a very long way ahead
        let near = time_ns.wrapping_sub(self.now_ns) as u64 <= JUMP_NS as u64;
        let runs_on = near && matches!(self.state, State::Running);
        if runs_on {
            self.now_ns = time_ns;
        }
        runs_on
    }

    /// Where an event of this time bears out the one that was held back for being ahead, and can go on after it as
    /// it is: the one held back. What [`Clock::take`] would do, said shorter for what is nearly always so.
    #[inline(always)]
    pub(super) fn runs_on_after(&mut self, time_ns: i64) -> Option<Event> {
        let State::Ahead(held) = self.state else { return None };
        if time_ns.wrapping_sub(held.time_ns) as u64 > JUMP_NS as u64 {
            return None;
        }
        self.state = State::Running;
        self.now_ns = time_ns;
        Some(held)
    }

    /// Time of the event that went on last.
    pub(super) fn now_ns(&self) -> i64 {
        self.now_ns
    }

    /// What was done so far.
    pub(super) fn counts(&self) -> ClockCounts {
        self.counts
    }

    /// Takes the next event, in the order of the file.
    #[inline(always)]
    pub(super) fn take(&mut self, event: &Event, mut go_on: impl FnMut(Dated<'_>)) {
        let Clock { state, now_ns, counts } = self;
        let time_ns = event.time_ns;
        match state {
            State::Start => {
                *state = State::First(*event);
                return;
            }
            State::Running => {}
            State::First(held) => {
                if has_fallen(held.time_ns, time_ns) {
                    held.time_ns = time_ns;
                    counts.outliers += 1;
                }
                *now_ns = held.time_ns;
                go_on(Dated::Event(held));
            }
            State::Ahead(held) => {
                if has_fallen(held.time_ns, time_ns) && !has_fallen(*now_ns, time_ns) {
                    held.time_ns = *now_ns;
                    counts.outliers += 1;
                }
                *now_ns = held.time_ns;
                go_on(Dated::Event(held));
            }
            State::Behind(held) => {
                if has_fallen(*now_ns, time_ns) {
                    counts.steps += 1;
                    counts.largest_step_ns = counts.largest_step_ns.max(now_ns.abs_diff(held.time_ns));
                    go_on(Dated::Step { ended_ns: *now_ns });
                    *now_ns = held.time_ns;
                } else {
                    held.time_ns = *now_ns;
                    counts.outliers += 1;
                }
                go_on(Dated::Event(held));
            }
        }
        *state = if has_fallen(*now_ns, time_ns) {
            State::Behind(*event)
        } else if has_fallen(time_ns, *now_ns) {
            State::Ahead(*event)
        } else {
            counts.regressions += u64::from(time_ns < *now_ns);
            *now_ns = time_ns.max(*now_ns);
            go_on(Dated::Event(&Event { time_ns: *now_ns, ..*event }));
            State::Running
        };
    }

    /// Ends the trace: lets an event go that was still held back.
    pub(super) fn finish(&mut self, mut go_on: impl FnMut(Dated<'_>)) {
        match &mut self.state {
            State::Start | State::Running => return,
            State::First(held) | State::Ahead(held) => self.now_ns = held.time_ns,
            State::Behind(held) => {
                held.time_ns = self.now_ns;
                self.counts.outliers += 1;
            }
        }
        if let State::First(held) | State::Ahead(held) | State::Behind(held) = &self.state {
            go_on(Dated::Event(held));
        }
        self.state = State::Running;
    }
}

/// Whether the later of two events lies more than a second before the other.
fn has_fallen(from_ns: i64, to_ns: i64) -> bool {
    to_ns < from_ns.saturating_sub(JUMP_NS)
}

#[cfg(test)]
mod tests;
