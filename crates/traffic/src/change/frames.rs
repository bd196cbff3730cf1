//! Frames with a change made to them, as a capture of the changed traffic would hold them.

use super::{Applied, Change};
use crate::Error;
use crate::capture::{End, Frame, Frames, LinkType};
use crate::event::Event;
use crate::observer::event_direction;
use crate::packet::Device;
use crate::span::Span;
use crate::wire::{self, FrameKind, write};
use std::collections::VecDeque;

/// So many frames are remembered until their events come out of the change.
const REMEMBERED: usize = 4096;

/// Frames with a change made to the device's events.
///
/// A frame whose event comes out as it went in, but for its time, keeps its bytes; what was altered or added is written
/// anew: headers alone, see [`write::ethernet`]. Frames of others go by at once, and so do those that a mirror wrapped.
/// The source's times must rise, as a generator's do: a time of the device that falls is raised to the one before.
pub struct ChangedFrames<'a, F> {
    /// Where the frames come from.
    pub frames: F,
    /// Whose events are changed.
    pub device: Device,
    /// The round.
    pub span: Span,
    /// What changes them: a new one.
    pub change: &'a mut dyn Change,
}

impl<F: Frames> Frames for ChangedFrames<'_, F> {
    /// # Errors
    /// The source's; [`Error::Unwritable`] for the first event that no frame of Ethernet can say, once all the others
    /// have been handed on.
    fn drive(&mut self, mut each: impl FnMut(&Frame<'_>)) -> Result<End, Error> {
        let device = self.device;
        let mut applied = Applied::new(&mut *self.change, self.span);
        let mut writing = Writing::default();
        let mut latest_ns = i64::MIN;
        let end = self.frames.drive(|frame| {
            let event = Event::of(frame, &wire::decode(frame));
            let carries_data =
                !matches!(event.link.kind, FrameKind::NoData | FrameKind::Damaged | FrameKind::UnknownLink);
            let Some(direction) = event_direction(device, &event).filter(|_| carries_data) else {
                return each(frame);
            };
            latest_ns = latest_ns.max(frame.time_ns);
            writing.remember(&Event { number: Some(applied.n_events()), ..event }, frame);
            let event = Event { time_ns: latest_ns, ..event };
            applied.take(&event, direction, &mut |event| writing.write(event, &mut each));
        });
        applied.finish(&mut |event| writing.write(event, &mut each));
        let end = end?;
        writing.failed.map_or(Ok(end), Err)
    }
}

/// Writes events as frames, those that are as they were with the bytes they had.
#[derive(Default)]
struct Writing {
    waiting: VecDeque<Waiting>,
    spare: Vec<Vec<u8>>,
    written: Vec<u8>,
    failed: Option<Error>,
}

/// A frame whose event has not come out yet.
struct Waiting {
    event: Event,
    link: LinkType,
    bytes: Vec<u8>,
}

impl Writing {
    fn remember(&mut self, event: &Event, frame: &Frame<'_>) {
        if self.waiting.len() == REMEMBERED
            && let Some(oldest) = self.waiting.pop_front()
        {
            self.spare.push(oldest.bytes);
        }
        let mut bytes = self.spare.pop().unwrap_or_default();
        bytes.clear();
        bytes.extend_from_slice(frame.bytes);
        self.waiting.push_back(Waiting { event: *event, link: frame.link, bytes });
    }

    /// The frame that an event was, where it is remembered; it is then forgotten.
    fn recall(&mut self, event: &Event) -> Option<Waiting> {
        let number = event.number?;
        let place = self.waiting.binary_search_by_key(&Some(number), |waiting| waiting.event.number).ok()?;
        self.waiting.remove(place)
    }

    fn write(&mut self, event: &Event, each: &mut impl FnMut(&Frame<'_>)) {
        let Event { time_ns, length_bytes, .. } = *event;
        if let Some(Waiting { event: own, link, bytes }) = self.recall(event) {
            let is_as_it_was = Event { time_ns, ..own } == *event;
            if is_as_it_was {
                each(&Frame { time_ns, length_bytes, link, bytes: &bytes });
            }
            self.spare.push(bytes);
            if is_as_it_was {
                return;
            }
        }
        self.written.clear();
        match write::ethernet(event, &mut self.written) {
            Ok(()) => each(&Frame { time_ns, length_bytes, link: LinkType::ETHERNET, bytes: &self.written }),
            Err(reason) => {
                self.failed.get_or_insert(Error::Unwritable { time_ns, reason });
            }
        }
    }
}
