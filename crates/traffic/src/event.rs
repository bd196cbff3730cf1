//! What stands between a capture and whoever looks: one frame as what it says, without its bytes.
//!
//! [`crate::trace`] chooses the device's events and puts their times right; an observer sees packets of them.

use crate::capture::Frame;
use crate::packet::Network;
use crate::wire::{Decoded, Link};

/// One decoded frame that owns what it says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// Nanoseconds since 1970.
    pub time_ns: i64,
    /// Length of the frame, bytes.
    pub length_bytes: u32,
    /// The link layer.
    pub link: Link,
    /// The network layer; `None` where there is none or it cannot be read.
    pub network: Option<Network>,
}

impl Event {
    /// A frame and what was decoded of it.
    #[inline(always)]
    pub fn of(frame: &Frame<'_>, decoded: &Decoded<'_>) -> Event {
        let Frame { time_ns, length_bytes, .. } = *frame;
        Event { time_ns, length_bytes, link: decoded.link, network: decoded.network }
    }
}
