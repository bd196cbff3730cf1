//! At a switch of the home whose links are encrypted (IEEE 802.1AE): an observer, whole.

use super::Entry;
use crate::event::Event;
use crate::packet::{Direction, Network};

pub(super) const ENTRY: Entry = Entry {
    name: "macsec",
    who: "someone at a switch whose links are encrypted",
    about: "at a switch with MACsec links: time, direction and length of each frame",
    sees_headers: false,
    is_behind_gateway: false,
};

/// A frame with 16 bytes of tag before its payload and 16 of integrity check behind it.
#[inline(always)]
pub(super) fn sees_of(event: &Event, _: Option<Direction>) -> Option<(u32, Option<Network>)> {
    event.network?;
    Some((event.length_bytes.saturating_add(32), None))
}
