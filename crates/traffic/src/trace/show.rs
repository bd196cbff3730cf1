//! Shows observers the events of a span, and counts what they see.

use super::clock::Dated;
use super::summary::{Tally, Times};
use super::{Counts, Events, Seen, Span, View};
use crate::change::Applied;
use crate::event::Event;
use crate::observer::{self, Observer};
use crate::packet::{Direction, Packet};
use crate::span::Place;

/// Whom events are shown to, and what was shown.
pub(super) struct Show<'a> {
    pub(super) view: View<'a>,
    /// Whether the gateway alone looks, as it nearly always does.
    pub(super) gateway_only: bool,
    /// Whether an observer sees only what crosses the gateway.
    behind_gateway: bool,
    /// Whether the span leaves nothing out.
    whole: bool,
    events: Events,
    /// Times at both ends of each stretch.
    times: Times,
    /// Time of the first event, where the span leaves something out.
    began_ns: Option<i64>,
    seen: Vec<Tally>,
}

impl<'a> Show<'a> {
    pub(super) fn new(view: View<'a>) -> Show<'a> {
        Show {
            view,
            gateway_only: view.observers == [Observer::Gateway],
            behind_gateway: view.observers.iter().any(|observer| observer.is_behind_gateway()),
            whole: view.span == Span::default(),
            events: Events::default(),
            times: Times::default(),
            began_ns: None,
            seen: vec![Tally::default(); view.observers.len()],
        }
    }

    /// Takes what the clock tells.
    pub(super) fn dated(&mut self, dated: Dated<'_>, each: &mut impl FnMut(Seen<'_>)) {
        match dated {
            Dated::Step { ended_ns } => {
                self.times.add(ended_ns);
                each(Seen::Step);
            }
            Dated::Event(event) => self.any_event(event, each),
        }
    }

    /// Takes what the clock tells, with a change between.
    #[inline(never)]
    pub(super) fn changed(
        &mut self,
        change: &mut Applied<'_>,
        dated: Dated<'_>,
        each: &mut impl FnMut(Seen<'_>),
    ) {
        match dated {
            Dated::Step { .. } => {
                change.step(&mut |event| self.any_event(event, each));
                each(Seen::Step);
            }
            Dated::Event(event) => {
                let Some(direction) = observer::event_direction(self.view.device, event) else { return };
                change.take(event, direction, &mut |event| self.any_event(event, each));
            }
        }
    }

    /// Takes an event from the clock, as the first one of every stretch is.
    #[inline(never)]
    pub(super) fn any_event(&mut self, event: &Event, each: &mut impl FnMut(Seen<'_>)) {
        let Some(direction) = observer::event_direction(self.view.device, event) else { return };
        let Event { time_ns, length_bytes, network, .. } = *event;
        self.times.add(time_ns);
        if self.gateway_only && network.is_some() {
            self.gateway(&Packet { time_ns, length_bytes, direction, network }, each);
        } else {
            self.event(event, direction, each);
        }
    }

    /// Shows every observer an event of the device, its time put right.
    #[inline(always)]
    pub(super) fn event(
        &mut self,
        event: &Event,
        direction: Option<Direction>,
        each: &mut impl FnMut(Seen<'_>),
    ) {
        self.events.count += 1;
        if !self.whole && !self.is_within(event.time_ns) {
            return;
        }
        let crossing = if self.behind_gateway { observer::crossing(event, direction) } else { None };
        for (place, (observer, tally)) in self.view.observers.iter().zip(&mut self.seen).enumerate() {
            if let Some(packet) = observer.view_going(direction, crossing, event) {
                tally.add(&packet);
                each(Seen::Packet { observer: place, packet: &packet });
            }
        }
    }

    /// [`Show::event`] where the gateway alone looks, of what it sees.
    #[inline(always)]
    pub(super) fn gateway(&mut self, packet: &Packet, each: &mut impl FnMut(Seen<'_>)) {
        self.events.count += 1;
        if !self.whole && !self.is_within(packet.time_ns) {
            return;
        }
        if let [tally, ..] = &mut self.seen[..] {
            tally.add(packet);
        }
        each(Seen::Packet { observer: 0, packet });
    }

    /// Whether a time lies within the span; counted where not.
    fn is_within(&mut self, time_ns: i64) -> bool {
        let began_ns = *self.began_ns.get_or_insert(time_ns);
        match self.view.span.place(began_ns, time_ns) {
            Place::Before => self.events.before += 1,
            Place::Settling => self.events.settling += 1,
            Place::After => self.events.after += 1,
            Place::Within => return true,
        }
        false
    }

    /// What there was, and what each observer was shown; the last stretch ended at `ended_ns`, where it held anything.
    pub(super) fn finish(mut self, ended_ns: Option<i64>) -> (Events, Vec<Counts>) {
        if let Some(ended_ns) = ended_ns.filter(|_| self.events.count > 0) {
            self.times.add(ended_ns);
        }
        let [first_ns, last_ns] = self.times.range();
        let events = Events { first_ns, last_ns, ..self.events };
        (events, self.seen.into_iter().map(Tally::counts).collect())
    }
}
