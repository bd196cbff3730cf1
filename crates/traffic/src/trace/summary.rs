//! What a capture held besides the packets that were handed on.

use super::clock::ClockCounts;
use super::copies::CopyCounts;
use crate::event::Event;
use crate::packet::Packet;
use crate::wire::{Captured, FrameKind};
use serde::Serialize;

/// What a capture held besides the packets that were handed on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Packet records of any kind.
    pub frames: u64,
    /// Time of the first of them, whosever it is and as it was stamped, ns since 1970; `None` without one.
    pub first_frame_ns: Option<i64>,
    /// Time of the last of them in the file, as it was stamped.
    pub last_frame_ns: Option<i64>,
    /// Frames without a readable IP packet: ARP, damaged, encrypted, of an unknown link type.
    pub non_ip_frames: u64,
    /// Those of them whose link type is not read here.
    pub unknown_link_frames: u64,
    /// Those of them whose headers are cut or damaged.
    pub damaged_frames: u64,
    /// Frames of a Linux cooked capture. They name their sender only: packets to a device that is given by its MAC
    /// are recognised once it has sent one itself.
    pub cooked_frames: u64,
    /// Frames that a mirror wrapped (ERSPAN, GRETAP, VXLAN, TZSP): what stands inside counts.
    pub mirrored_frames: u64,
    /// Offset of a last record that the end of the file cuts off.
    pub cut_off_at: Option<u64>,
    /// How the traffic was generated, where the capture says that it was.
    pub generated: Option<String>,
    /// What was done to the times of the device's frames.
    pub clock: ClockCounts,
    /// Packets of the device that the capture holds more than once.
    pub copies: CopyCounts,
    /// The device's frames.
    pub events: Events,
    /// What each observer was shown, in the order asked for.
    pub seen: Vec<Counts>,
}

/// The device's frames of a whole capture, whether an observer sees them or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Events {
    /// How many.
    pub count: u64,
    /// The earliest time, put right, ns since 1970; `None` without one.
    pub first_ns: Option<i64>,
    /// The latest time, put right.
    pub last_ns: Option<i64>,
    /// How many lie before the span.
    pub before: u64,
    /// How many lie in the settling time that is left out.
    pub settling: u64,
    /// How many lie after the span.
    pub after: u64,
}

/// The packets that one observer was shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// How many.
    pub packets: u64,
    /// Their lengths, added up.
    pub bytes: u64,
    /// The earliest time, ns since 1970; `None` without one.
    pub first_ns: Option<i64>,
    /// The latest time. From the first to it there may be steps of the clock.
    pub last_ns: Option<i64>,
}

impl Summary {
    /// What the only observer was shown; of several the first one.
    pub fn counts(&self) -> Counts {
        self.seen.first().copied().unwrap_or_default()
    }

    /// Counts what is not as nearly all frames are.
    pub(super) fn add_other(&mut self, event: &Event) {
        self.cooked_frames += u64::from(matches!(event.link.captured, Captured::Cooked { .. }));
        let is_listed = matches!(event.link.captured, Captured::Listed(_));
        self.non_ip_frames += u64::from(event.network.is_none() && !is_listed);
        match event.link.kind {
            FrameKind::UnknownLink => self.unknown_link_frames += 1,
            FrameKind::Damaged | FrameKind::DamagedPacket => self.damaged_frames += 1,
            FrameKind::Data | FrameKind::Encrypted | FrameKind::NoData => {}
        }
    }
}

/// What an observer is being shown.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    packets: u64,
    bytes: u64,
    times: Times,
}

impl Tally {
    #[inline(always)]
    pub(super) fn add(&mut self, packet: &Packet) {
        self.packets += 1;
        self.bytes += u64::from(packet.length_bytes);
        self.times.add(packet.time_ns);
    }

    pub(super) fn counts(self) -> Counts {
        let [first_ns, last_ns] = self.times.range();
        Counts { packets: self.packets, bytes: self.bytes, first_ns, last_ns }
    }
}

/// The earliest and the latest of some times; the wrong way round without any.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    first_ns: i64,
    last_ns: i64,
}

impl Default for Times {
    fn default() -> Times {
        Times { first_ns: i64::MAX, last_ns: i64::MIN }
    }
}

impl Times {
    #[inline(always)]
    pub(super) fn add(&mut self, time_ns: i64) {
        self.first_ns = self.first_ns.min(time_ns);
        self.last_ns = self.last_ns.max(time_ns);
    }

    pub(super) fn range(self) -> [Option<i64>; 2] {
        [self.first_ns, self.last_ns].map(|time_ns| (self.first_ns <= self.last_ns).then_some(time_ns))
    }
}
