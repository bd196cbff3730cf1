//! On the home's router.

use super::Entry;
use crate::event::Event;
use crate::packet::{Direction, Network};

pub(super) const ENTRY: Entry = Entry {
    name: "gateway",
    who: "someone at your router",
    about: "on the home's router: every packet of the device, headers in the clear",
    sees_headers: true,
    is_behind_gateway: false,
};

#[inline(always)]
pub(super) fn sees_of(event: &Event, _: Option<Direction>) -> Option<(u32, Option<Network>)> {
    Some((event.length_bytes, Some(event.network?)))
}
