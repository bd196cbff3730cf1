//! Beside the house, without the Wi-Fi key.

use super::Entry;
use crate::event::Event;
use crate::packet::{Direction, Network};
use crate::wire::{Captured, FrameKind};

pub(super) const ENTRY: Entry = Entry {
    name: "wifi",
    who: "a neighbour with a Wi-Fi receiver",
    about: "near the house without the Wi-Fi key: time, direction and length of each frame",
    sees_headers: false,
    is_behind_gateway: false,
};

/// Length of a data frame in the air: 26 bytes of header, 8 of SNAP and 16 of CCMP around what Ethernet carried.
#[inline(always)]
pub(super) fn sees_of(event: &Event, _: Option<Direction>) -> Option<(u32, Option<Network>)> {
    let Event { length_bytes, ref link, .. } = *event;
    let length_bytes = match (link.kind, link.captured) {
        (FrameKind::NoData | FrameKind::Damaged | FrameKind::UnknownLink, _) => return None,
        (_, Captured::InAir(_)) => length_bytes.saturating_sub(link.foreign_bytes),
        _ => length_bytes.saturating_sub(link.header_bytes).saturating_add(26 + 8 + 16),
    };
    Some((length_bytes, None))
}
