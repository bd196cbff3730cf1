//! Less to say: of the small packets that a device exchanges while it is idle, one each way in a while is enough.
//!
//! What a maker could do by keeping connections open with fewer signs of life; recorded ones are dropped. Whether every
//! far end bears it is not known from a trace.

use super::queue::place;
use super::{Actions, Aspect, Defence, Entry, Packet, Parameter, Who, ns};

pub(super) const ENTRY: Entry = Entry {
    name: "reduce",
    about: "of small packets while the device is idle, one each way in a while",
    source: "docs/method.md, \"Defences\"; keep-alives: RFC 9293, section 3.8.4",
    who: Who::Maker,
    parameters: &[
        Parameter::whole("bytes", "longest IP packet that may be spared", "bytes", 100.0, (20.0, 1500.0)),
        Parameter::number("idle", "so long no longer packet was seen", "s", 2.0, (0.0, 3600.0)),
        Parameter::number("every", "from one that stays to the next", "s", 60.0, (0.1, 3600.0)),
    ],
    drops: Some("small packets while no longer ones come"),
    touches: &[Aspect::Count],
    settings: &["", "every=300"],
    build: |values, _| {
        Box::new(Reduce {
            most_bytes: values.number("bytes") as u32,
            idle_ns: ns(values.number("idle")),
            every_ns: ns(values.number("every")),
            busy_ns: None,
            stayed_ns: [None; 2],
        })
    },
};

struct Reduce {
    most_bytes: u32,
    idle_ns: i64,
    every_ns: i64,
    /// When the latest longer packet was seen.
    busy_ns: Option<i64>,
    /// When the latest small packet that stayed was seen, each way.
    stayed_ns: [Option<i64>; 2],
}

impl Defence for Reduce {
    fn begin(&mut self, _: i64) {
        (self.busy_ns, self.stayed_ns) = (None, [None; 2]);
    }

    fn take(&mut self, now_ns: i64, packet: Packet, out: &mut Actions) {
        let is_within = |then_ns: Option<i64>, ns: i64| {
            then_ns.is_some_and(|then_ns| now_ns.abs_diff(then_ns) < ns as u64)
        };
        let is_small = packet.ip_length_bytes() <= self.most_bytes;
        if !is_small {
            self.busy_ns = Some(now_ns);
        }
        let stayed_ns = &mut self.stayed_ns[place(packet.direction())];
        if is_small && !is_within(self.busy_ns, self.idle_ns) {
            if is_within(*stayed_ns, self.every_ns) {
                return out.drop(packet);
            }
            *stayed_ns = Some(now_ns);
        }
        out.send(packet);
    }
}
