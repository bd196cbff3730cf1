//! What alters a device's traffic before anybody looks: planted leaks, defences.
//!
//! A [`Change`] is given the device's events in time order, once the clock has put their times right, and lets others
//! out. Every observer then sees the same changed events ([`crate::trace::read_changed`]), and they can be written as
//! frames ([`ChangedFrames`]).

mod applied;
mod frames;
#[cfg(test)]
mod tests;

pub use applied::Applied;
pub use frames::ChangedFrames;

use crate::event::Event;
use crate::observer::event_direction;
use crate::packet::{Device, Direction};
use crate::span::Span;

/// Where a change lets events out.
pub type Out<'a> = dyn FnMut(&Event) + 'a;

/// Alters the events of a device in one round: sends, delays, pads, drops, adds.
///
/// Every change promises:
/// - Within a stretch, what comes out never lies before what came out earlier. It may come out late: held events are
///   let out by [`Change::step`] and [`Change::finish`] at the latest.
/// - What it does depends on what it was made with and on what it is given alone: no clock, no hidden randomness.
/// - An event that it alters keeps its [number](Event::number) and goes out once at most; one that it adds has none.
/// - What it adds is the device's, and lies in the round.
/// - It takes bounded memory, and no event makes it panic.
pub trait Change: Send {
    /// A round begins; told once, before its events. `span`: its bounds, as far as they are known.
    fn begin(&mut self, _span: Span) {}

    /// The next event of the device: until its time nothing else happened. `direction`: `None` where the device is not
    /// known.
    fn take(&mut self, event: &Event, direction: Option<Direction>, out: &mut Out<'_>);

    /// The clock was set back: what comes next is another stretch, and may have earlier times.
    fn step(&mut self, _out: &mut Out<'_>) {}

    /// The round is over, at `until_ns` where that is known: until then nothing else happened.
    fn finish(&mut self, _until_ns: Option<i64>, _out: &mut Out<'_>) {}
}

/// Changes one after another: each is given what the one before lets out. Without any, events go by as they are.
pub struct Changes {
    device: Device,
    list: Vec<Box<dyn Change>>,
}

impl Changes {
    /// Changes in the order in which they are made. `device`: whose events they are given.
    pub fn new(device: Device, list: Vec<Box<dyn Change>>) -> Changes {
        Changes { device, list }
    }
}

impl Change for Changes {
    fn begin(&mut self, span: Span) {
        self.list.iter_mut().for_each(|change| change.begin(span));
    }

    fn take(&mut self, event: &Event, direction: Option<Direction>, out: &mut Out<'_>) {
        go_through(&mut self.list, self.device, (event, direction), out);
    }

    fn step(&mut self, out: &mut Out<'_>) {
        end_each(&mut self.list, self.device, &|change, out| change.step(out), out);
    }

    fn finish(&mut self, until_ns: Option<i64>, out: &mut Out<'_>) {
        end_each(&mut self.list, self.device, &|change, out| change.finish(until_ns, out), out);
    }
}

fn go_through(
    list: &mut [Box<dyn Change>],
    device: Device,
    (event, direction): (&Event, Option<Direction>),
    out: &mut Out<'_>,
) {
    match list.split_first_mut() {
        None => out(event),
        Some((first, rest)) => first.take(event, direction, &mut |event| go_on(rest, device, event, out)),
    }
}

/// What one change let out goes through those behind it; what is not the device's is nobody's.
fn go_on(list: &mut [Box<dyn Change>], device: Device, event: &Event, out: &mut Out<'_>) {
    if let Some(direction) = event_direction(device, event) {
        go_through(list, device, (event, direction), out);
    }
}

/// Ends a stretch or a round for each change in turn, once the ones before it have let out all they held.
fn end_each(
    mut list: &mut [Box<dyn Change>],
    device: Device,
    end: &dyn Fn(&mut dyn Change, &mut Out<'_>),
    out: &mut Out<'_>,
) {
    while let Some((first, rest)) = list.split_first_mut() {
        end(&mut **first, &mut |event| go_on(rest, device, event, out));
        list = rest;
    }
}
