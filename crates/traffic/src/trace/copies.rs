//! Packets that a capture holds more than once: mirrors of two ports, a router's two sides, frames sent again in the air.

use crate::capture::Frame;
use crate::packet::{Device, Direction};
use crate::wire::{Captured, Link, fingerprint};
use serde::{Deserialize, Serialize};

/// Two captured copies of a packet lie at most so far apart.
const APART_NS: u64 = 10_000_000;
/// A radio tries again for so long at most.
const RETRY_NS: u64 = 200_000_000;
/// So many packets are remembered.
const REMEMBERED: usize = 16;
/// All of the first so many packets are looked at, then one in 32.
const ALL_OF_FIRST: u64 = 4096;
const ONE_IN_32: u8 = 31;

/// How many of the device's frames were looked at, and how many of those were copies of another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyCounts {
    /// Frames looked at: all of them where copies are taken out, else the first 4,096 and one in 32 of the others.
    pub looked_at: u64,
    /// Copies among them: the same packet within 10 ms, an 802.11 frame sent again or passed on by an access point.
    pub copies: u64,
    /// How many copies were taken out.
    pub taken_out: u64,
}

impl CopyCounts {
    /// The share of frames that are copies.
    pub fn share(&self) -> f64 {
        self.copies as f64 / self.looked_at.max(1) as f64
    }

    /// Whether copies were left in that are more than chance or a radio's few retries: one packet in five. A mirror of
    /// two ports gives one in two.
    pub fn are_many(&self) -> bool {
        self.taken_out == 0 && self.looked_at >= 20 && self.share() > 0.2
    }
}

/// Looks for copies, and takes them out where that is wanted.
#[derive(Debug)]
pub struct Copies {
    take_out: bool,
    /// Which bits of a packet's sample must be 0 for it to be looked at.
    mask: u8,
    recent: [(u64, i64); REMEMBERED],
    at: usize,
    counts: CopyCounts,
}

impl Default for Copies {
    fn default() -> Copies {
        Copies::new(false)
    }
}

impl Copies {
    /// Looks at a capture's frames from its beginning; `take_out`: all of them, to leave copies out.
    pub fn new(take_out: bool) -> Copies {
        Copies {
            take_out,
            mask: 0,
            recent: [(0, i64::MIN); REMEMBERED],
            at: 0,
            counts: CopyCounts::default(),
        }
    }

    /// Whether a plain frame (Ethernet, IPv4) is among those to be looked at.
    #[inline(always)]
    pub(crate) fn wants_plain(&self, frame: &Frame<'_>) -> bool {
        fingerprint::plain_sample(frame) & self.mask == 0
    }

    /// Whether a frame of the device is to be left out. `network_at`: where its network layer begins; `None` without.
    #[inline(never)]
    pub fn leave_out(
        &mut self,
        frame: &Frame<'_>,
        (device, direction): (Device, Option<Direction>),
        link: &Link,
        network_at: Option<usize>,
    ) -> bool {
        if network_at.is_some_and(|at| fingerprint::sample(frame, at) & self.mask != 0) {
            return false;
        }
        let going = (device, direction);
        let (found, apart_ns) = match (network_at, link.captured) {
            (Some(at), _) => (fingerprint::of_packet(frame, at), APART_NS),
            (None, Captured::InAir(air)) if air.retry => (fingerprint::of_air(link), RETRY_NS),
            (None, Captured::InAir(_)) => (fingerprint::of_air(link), 0),
            (None, _) => (None, 0),
        };
        let Some(found) = found else { return false };
        self.counts.looked_at += 1;
        if self.counts.looked_at == ALL_OF_FIRST && !self.take_out {
            self.mask = ONE_IN_32;
        }
        let is_near = |time_ns: i64| frame.time_ns.abs_diff(time_ns) <= apart_ns && apart_ns > 0;
        let is_known = self.recent.iter().any(|&(known, time_ns)| known == found && is_near(time_ns));
        if !is_known {
            self.recent[self.at] = (found, frame.time_ns);
            self.at = (self.at + 1) % REMEMBERED;
        }
        let is_copy = is_known || is_passed_on(going, link);
        self.counts.copies += u64::from(is_copy);
        self.counts.taken_out += u64::from(is_copy && self.take_out);
        is_copy && self.take_out
    }

    /// What was found so far.
    pub fn counts(&self) -> CopyCounts {
        self.counts
    }
}

/// Whether an access point passes the frame on within its own network: what a device sends goes to the access point
/// first, what is sent to it comes from there last.
fn is_passed_on((device, direction): (Device, Option<Direction>), link: &Link) -> bool {
    let (Captured::InAir(air), Device::Mac(_)) = (link.captured, device) else { return false };
    match direction {
        Some(Direction::Out) => air.from_ds,
        Some(Direction::In) => air.to_ds,
        None => false,
    }
}
