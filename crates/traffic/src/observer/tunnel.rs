//! Outside a VPN that the home's traffic runs through.

use super::Entry;
use crate::event::Event;
use crate::packet::{Direction, Network};

pub(super) const ENTRY: Entry = Entry {
    name: "tunnel",
    who: "someone outside your VPN",
    about: "outside a VPN: time, direction and padded length of each outer packet",
    sees_headers: false,
    is_behind_gateway: true,
};

/// The outer packet of WireGuard over IPv4: 60 bytes around an inner packet padded to 16.
#[inline(always)]
pub(super) fn sees_of(event: &Event, crossing: Option<Direction>) -> Option<(u32, Option<Network>)> {
    crossing?;
    Some((60 + event.network?.ip_length_bytes.next_multiple_of(16), None))
}
