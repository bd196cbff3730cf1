//! TCP windows in a few steps: each lowered to the step below it, never below two segments.
//!
//! Lowered alone: a raised window would promise room that a receiver does not have. The window's scale stands in a
//! connection's first packets, whose options events do not keep, so that one scale is assumed for all; a window
//! below the floor stays as it is. Whoever writes the packet puts its checksum right.

use super::altering::Altering;
use super::{Aspect, Entry, MTU_BYTES, Packet, Parameter, Who};
use overhear_traffic::packet::Transport;

pub(super) const ENTRY: Entry = Entry {
    name: "quantise-window",
    about: "TCP windows lowered to a step, two segments at least",
    source: "RFC 9293, section 3.8.6, and RFC 7323, section 2, for what a window and its scale say",
    who: Who::Router,
    parameters: &[
        Parameter::whole("step", "from one window to the next", "bytes", 16_384.0, (1.0, 1_048_576.0)),
        Parameter::whole("scale", "assumed scale of all connections", "bits", 7.0, (0.0, 14.0)),
    ],
    drops: None,
    touches: &[Aspect::TcpWindow],
    settings: &["", "step=65536"],
    build: |values, _| {
        let scale = values.number("scale") as u32;
        let step = (values.number("step") as u32 >> scale).max(1);
        let floor = FLOOR_BYTES.div_ceil(1 << scale);
        Box::new(Altering(move |packet: &mut Packet| {
            let transport = packet.event.network.as_mut().map(|own| &mut own.transport);
            if let Some(Transport::Tcp { window: Some(window), .. }) = transport {
                let lowered = (u32::from(*window) / step * step).max(floor);
                *window = u16::try_from(lowered).map_or(*window, |lowered| lowered.min(*window));
            }
        }))
    },
};

/// Two of the longest segments, bytes: headers of 40 bytes leave so much of a packet.
const FLOOR_BYTES: u32 = 2 * (MTU_BYTES - 40);
