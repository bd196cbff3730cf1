//! The packets of one device, as observers see them.
//!
//! Frames are decoded once; the device's are chosen, their clock is put right, and every observer is shown what
//! it sees of them ([`read_all`]; [`read`] for a single one; [`read_changed`] once they were altered). Frames that are
//! not the device's are counted and passed by. Source: docs/method.md, "Clock".

mod clock;
mod cooked;
mod copies;
mod show;
mod summary;
#[cfg(test)]
mod tests;

pub use crate::span::Span;
pub use clock::ClockCounts;
pub use copies::{Copies, CopyCounts};
pub use summary::{Counts, Events, Summary};

use crate::Error;
use crate::capture::{End, Frame, Frames};
use crate::change::{Applied, Change};
use crate::event::Event;
use crate::observer::{self, Observer};
use crate::packet::{Device, Packet};
use crate::wire::{self, Decoded, FrameKind, Plain};
use clock::Clock;
use cooked::Addresses;
use show::Show;

/// Whose packets are wanted, who looks, and at which part of a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View<'a> {
    /// Whose packets.
    pub device: Device,
    /// Who looks.
    pub observers: &'a [Observer],
    /// At which part.
    pub span: Span,
    /// Whether copies of packets are taken out: see [`CopyCounts`].
    pub dedup: bool,
}

/// Whose packets of a whole capture are wanted, and who looks; copies of packets stay in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// Whose packets.
    pub device: Device,
    /// Who looks.
    pub observer: Observer,
}

/// What a trace hands on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seen<'a> {
    /// An observer sees a packet.
    Packet {
        /// The observer's place in the list given.
        observer: usize,
        /// What it sees.
        packet: &'a Packet,
    },
    /// The clock was set back: what follows is another stretch, and no window or gap reaches into it.
    Step,
}

/// Streams the packets of frames, as every observer sees them, to `each`. Within a stretch times never fall.
///
/// # Errors
/// What [`Frames::drive`] gives; the packets before it have been handed on.
#[inline]
pub fn read_all<F: Frames>(
    frames: &mut F,
    view: &View<'_>,
    each: impl FnMut(Seen<'_>),
) -> Result<Summary, Error> {
    drive(frames, Reading::new(*view, None), each)
}

/// [`read_all`] with a change made to the device's events before any observer sees them. `change`: a new one; it is told
/// the view's span, and given what lies in it. What the summary says of frames, clock and copies is of the frames as
/// they were, what it says of events is of the changed ones.
///
/// # Errors
/// What [`read_all`] gives.
pub fn read_changed<F: Frames>(
    frames: &mut F,
    view: &View<'_>,
    change: &mut dyn Change,
    each: impl FnMut(Seen<'_>),
) -> Result<Summary, Error> {
    drive(frames, Reading::new(*view, Some(Applied::new(change, view.span))), each)
}

#[inline]
fn drive<F: Frames>(
    frames: &mut F,
    mut reading: Reading<'_>,
    mut each: impl FnMut(Seen<'_>),
) -> Result<Summary, Error> {
    let end = frames.drive(|frame| reading.see(frame, &mut each));
    let summary = reading.finish(&mut each);
    let End { cut_off_at, generated } = end?;
    Ok(Summary { cut_off_at, generated, ..summary })
}

/// [`read_all`] for a single observer of a whole capture.
///
/// # Errors
/// What [`read_all`] gives.
#[inline]
pub fn read<F: Frames>(
    frames: &mut F,
    selection: Selection,
    each: impl FnMut(Seen<'_>),
) -> Result<Summary, Error> {
    let Selection { device, observer } = selection;
    read_all(frames, &View { device, observers: &[observer], span: Span::default(), dedup: false }, each)
}

/// A trace being read, frame after frame.
struct Reading<'a> {
    summary: Summary,
    addresses: Addresses,
    copies: Copies,
    clock: Clock,
    change: Option<Applied<'a>>,
    show: Show<'a>,
    /// Whether the gateway alone looks at events that nothing changes.
    gateway_only: bool,
}

impl<'a> Reading<'a> {
    fn new(view: View<'a>, change: Option<Applied<'a>>) -> Reading<'a> {
        let show = Show::new(view);
        Reading {
            summary: Summary::default(),
            addresses: Addresses::default(),
            copies: Copies::new(view.dedup),
            clock: Clock::new(),
            gateway_only: show.gateway_only && change.is_none(),
            change,
            show,
        }
    }

    #[inline(always)]
    fn see(&mut self, frame: &Frame<'_>, each: &mut impl FnMut(Seen<'_>)) {
        if self.summary.frames == 0 {
            self.summary.first_frame_ns = Some(frame.time_ns);
        }
        self.summary.frames += 1;
        self.summary.last_frame_ns = Some(frame.time_ns);
        let Some(plain) = Plain::read(frame.link, frame.bytes) else { return self.see_any(frame, each) };
        if !self.gateway_only {
            return self.see_plain(frame, plain, each);
        }
        // the gateway's view without an event between: fields stay in registers (1.1 times the packets a second)
        let device = self.show.view.device;
        let Some(direction) = observer::direction(device, &plain.link(), Some(plain.ends())) else { return };
        if self.copies.wants_plain(frame)
            && self.copies.leave_out(frame, (device, direction), &plain.link(), Some(Plain::NETWORK_AT))
        {
            return;
        }
        let Frame { time_ns, length_bytes, .. } = *frame;
        if self.clock.runs_on(time_ns) || self.runs_on_after(time_ns, each) {
            let network = Some(plain.network());
            self.show.gateway(&Packet { time_ns, length_bytes, direction, network }, each);
        } else {
            self.put_plain_right(frame, plain, each);
        }
    }

    /// Whether an event of this time lets the one held back go and runs on after it, as mostly after a silence.
    #[inline(never)]
    fn runs_on_after(&mut self, time_ns: i64, each: &mut impl FnMut(Seen<'_>)) -> bool {
        match self.clock.runs_on_after(time_ns) {
            Some(held) => {
                self.show.any_event(&held, each);
                true
            }
            None => false,
        }
    }

    #[inline(never)]
    fn put_plain_right(&mut self, frame: &Frame<'_>, plain: Plain<'_>, each: &mut impl FnMut(Seen<'_>)) {
        self.put_right(&Event::of(frame, &plain.decoded()), each);
    }

    #[inline(never)]
    fn see_plain(&mut self, frame: &Frame<'_>, plain: Plain<'_>, each: &mut impl FnMut(Seen<'_>)) {
        self.choose(frame, &Event::of(frame, &plain.decoded()), each);
    }

    #[inline(never)]
    fn see_any(&mut self, frame: &Frame<'_>, each: &mut impl FnMut(Seen<'_>)) {
        let decoded = wire::decode(frame);
        if let Some((_, inner)) = wire::inside(frame, &decoded) {
            self.summary.mirrored_frames += 1;
            return self.see_decoded(&inner, &wire::decode(&inner), each);
        }
        self.see_decoded(frame, &decoded, each);
    }

    fn see_decoded(&mut self, frame: &Frame<'_>, decoded: &Decoded<'_>, each: &mut impl FnMut(Seen<'_>)) {
        let mut event = Event::of(frame, decoded);
        self.summary.add_other(&event);
        if let Device::Mac(device) = self.show.view.device {
            self.addresses.name_target(device, &mut event);
        }
        match event.link.kind {
            // nobody can make a packet of these, so their times say nothing
            FrameKind::NoData | FrameKind::Damaged | FrameKind::UnknownLink => {}
            FrameKind::Data | FrameKind::DamagedPacket | FrameKind::Encrypted => {
                self.choose(frame, &event, each)
            }
        }
    }

    /// Passes by what is not the device's.
    #[inline(always)]
    fn choose(&mut self, frame: &Frame<'_>, event: &Event, each: &mut impl FnMut(Seen<'_>)) {
        let device = self.show.view.device;
        let Some(direction) = observer::event_direction(device, event) else { return };
        let network_at = event.network.map(|_| event.link.header_bytes as usize);
        if self.copies.leave_out(frame, (device, direction), &event.link, network_at) {
            return;
        }
        // an event to be changed takes the longer way, which leads past the change
        if self.change.is_none() && self.clock.runs_on(event.time_ns) {
            self.show.event(event, direction, each);
        } else {
            self.put_right(event, each);
        }
    }

    /// Takes an event whose time may have to be put right.
    #[inline(never)]
    fn put_right(&mut self, event: &Event, each: &mut impl FnMut(Seen<'_>)) {
        let Reading { clock, change, show, .. } = self;
        clock.take(event, |dated| match change {
            None => show.dated(dated, each),
            Some(change) => show.changed(change, dated, each),
        });
    }

    fn finish(self, each: &mut impl FnMut(Seen<'_>)) -> Summary {
        let Reading { mut clock, mut change, mut show, .. } = self;
        clock.finish(|dated| match &mut change {
            None => show.dated(dated, each),
            Some(change) => show.changed(change, dated, each),
        });
        let ended_ns = match &mut change {
            None => Some(clock.now_ns()),
            Some(change) => {
                change.finish(&mut |event| show.any_event(event, each));
                change.now_ns()
            }
        };
        let (events, seen) = show.finish(ended_ns);
        Summary { clock: clock.counts(), copies: self.copies.counts(), events, seen, ..self.summary }
    }
}
