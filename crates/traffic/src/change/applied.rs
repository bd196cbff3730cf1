//! A change at work on the events of one round.

use super::{Change, Out};
use crate::event::Event;
use crate::packet::Direction;
use crate::span::Span;

/// A change at work on the events of one round: numbers them, gives it those that lie in the round, and sees to it that
/// times rise.
///
/// Events outside of the round go by as they are. The round is over with the first event behind its end.
pub struct Applied<'a> {
    change: &'a mut dyn Change,
    span: Span,
    n_events: u64,
    /// Time of what was let out last in this stretch.
    now_ns: Option<i64>,
    is_over: bool,
}

impl<'a> Applied<'a> {
    /// Begins the round for `change`, which must be a new one.
    pub fn new(change: &'a mut dyn Change, span: Span) -> Applied<'a> {
        change.begin(span);
        Applied { change, span, n_events: 0, now_ns: None, is_over: false }
    }

    /// How many events were taken: the number of the next one.
    pub fn n_events(&self) -> u64 {
        self.n_events
    }

    /// Time of what was let out last, ns since 1970; `None` before, and at the beginning of a stretch.
    pub fn now_ns(&self) -> Option<i64> {
        self.now_ns
    }

    /// Takes the device's next event; within a stretch times rise.
    pub fn take(&mut self, event: &Event, direction: Option<Direction>, out: &mut Out<'_>) {
        let event = Event { number: Some(self.n_events), ..*event };
        self.n_events += 1;
        if self.span.end_ns.is_some_and(|end_ns| event.time_ns >= end_ns) {
            self.finish(out);
        }
        let is_before = self.span.start_ns.is_some_and(|start_ns| event.time_ns < start_ns);
        let Applied { change, now_ns, .. } = self;
        if self.is_over || is_before {
            let_out(now_ns, &event, out);
        } else {
            change.take(&event, direction, &mut |event| let_out(now_ns, event, out));
        }
    }

    /// The clock was set back: another stretch begins.
    pub fn step(&mut self, out: &mut Out<'_>) {
        let Applied { change, now_ns, .. } = self;
        change.step(&mut |event| let_out(now_ns, event, out));
        self.now_ns = None;
    }

    /// Ends the round, where it is not over yet.
    pub fn finish(&mut self, out: &mut Out<'_>) {
        if !std::mem::replace(&mut self.is_over, true) {
            let Applied { change, now_ns, span, .. } = self;
            change.finish(span.end_ns, &mut |event| let_out(now_ns, event, out));
        }
    }
}

/// Lets an event out, not before the one let out last.
fn let_out(now_ns: &mut Option<i64>, event: &Event, out: &mut Out<'_>) {
    let time_ns = now_ns.map_or(event.time_ns, |now_ns| event.time_ns.max(now_ns));
    *now_ns = Some(time_ns);
    out(&Event { time_ns, ..*event });
}
