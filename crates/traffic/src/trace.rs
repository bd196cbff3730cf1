//! The packets of one device, as one observer sees them, in time order.
//!
//! [`read`] streams a capture: frames that are not the device's are counted and passed by, clocks that
//! run backwards are raised (METHOD.md section 1, "Clock").

use crate::Error;
use crate::capture::{CaptureReader, Frame};
use crate::observer::{self, Observer};
use crate::packet::{Device, Packet};
use crate::wire::{self, Decoded, FrameKind, Plain};
use serde::Serialize;
use std::io::Read;

/// Whose packets are wanted, and who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// Whose packets.
    pub device: Device,
    /// Who looks.
    pub observer: Observer,
}

/// What a capture held besides the packets that were handed on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Packet records of any kind.
    pub frames: u64,
    /// Packets of the device that the observer sees.
    pub packets: u64,
    /// Their lengths, added up.
    pub bytes: u64,
    /// Time of the first of them, ns since 1970; `None` without one.
    pub first_ns: Option<i64>,
    /// Time of the last of them.
    pub last_ns: Option<i64>,
    /// Frames without a readable IP packet: ARP, damaged, encrypted, of an unknown link type.
    pub non_ip_frames: u64,
    /// Those of them whose link type is not read here.
    pub unknown_link_frames: u64,
    /// How often the clock ran backwards; the packet was raised to the time before.
    pub clock_regressions: u64,
    /// Offset of a last record that the end of the file cuts off.
    pub cut_off_at: Option<u64>,
}

/// Streams a capture's packets, as the selection sees them, to `each`.
///
/// # Errors
/// What [`CaptureReader::next_frame`] gives; the packets before it have been handed on.
pub fn read<R: Read>(
    capture: &mut CaptureReader<R>,
    selection: Selection,
    mut each: impl FnMut(&Packet),
) -> Result<Summary, Error> {
    let mut reading = Reading::new(selection);
    while let Some(frame) = capture.next_frame()? {
        reading.see(&frame, &mut each);
    }
    Ok(Summary { cut_off_at: capture.cut_off_at(), ..reading.finish() })
}

/// A trace being read, frame after frame: what [`read`] does where frames come from no capture.
pub struct Reading {
    selection: Selection,
    summary: Summary,
    clock_ns: i64,
}

impl Reading {
    /// A trace of which no frame has been read.
    pub fn new(selection: Selection) -> Reading {
        Reading { selection, summary: Summary::default(), clock_ns: i64::MIN }
    }

    /// Takes the next frame and hands its packet on, where the selection sees one.
    #[inline(always)]
    pub fn see(&mut self, frame: &Frame<'_>, each: &mut impl FnMut(&Packet)) {
        self.summary.frames += 1;
        let Some(plain) = Plain::read(frame.link, frame.bytes) else { return self.see_any(frame, each) };
        let Selection { device, observer } = self.selection;
        if observer != Observer::Gateway {
            return self.see_plain(frame, plain, each);
        }
        // the gateway's view inlined: its fields stay in registers
        if let Some(direction) = observer::direction(device, &plain.link(), Some(plain.ends())) {
            let Frame { time_ns, length_bytes, .. } = *frame;
            let network = Some(plain.network());
            self.hand_on(Packet { time_ns, length_bytes, direction, network }, each);
        }
    }

    /// For the other observers, 1.2 times the packets a second.
    #[inline(never)]
    fn see_plain(&mut self, frame: &Frame<'_>, plain: Plain<'_>, each: &mut impl FnMut(&Packet)) {
        self.see_decoded(frame, &plain.decoded(), each);
    }

    #[inline(never)]
    fn see_any(&mut self, frame: &Frame<'_>, each: &mut impl FnMut(&Packet)) {
        let decoded = wire::decode(frame.link, frame.bytes);
        if decoded.network.is_none() {
            self.summary.non_ip_frames += 1;
            self.summary.unknown_link_frames += u64::from(decoded.link.kind == FrameKind::UnknownLink);
        }
        self.see_decoded(frame, &decoded, each);
    }

    #[inline(always)]
    fn see_decoded(&mut self, frame: &Frame<'_>, decoded: &Decoded<'_>, each: &mut impl FnMut(&Packet)) {
        if let Some(packet) = self.selection.observer.view(self.selection.device, frame, decoded) {
            self.hand_on(packet, each);
        }
    }

    #[inline(always)]
    fn hand_on(&mut self, mut packet: Packet, each: &mut impl FnMut(&Packet)) {
        let summary = &mut self.summary;
        if packet.time_ns < self.clock_ns {
            summary.clock_regressions += 1;
            packet.time_ns = self.clock_ns;
        }
        self.clock_ns = packet.time_ns;
        if summary.packets == 0 {
            summary.first_ns = Some(packet.time_ns);
        }
        summary.packets += 1;
        summary.bytes += u64::from(packet.length_bytes);
        each(&packet);
    }

    /// What was read.
    pub fn finish(self) -> Summary {
        let last_ns = (self.summary.packets > 0).then_some(self.clock_ns);
        Summary { last_ns, ..self.summary }
    }
}

#[cfg(test)]
mod tests;
