//! Decoy audio: speech played near the device at random times, which it answers as it answers anybody.
//!
//! What comes of it is traffic of the device itself, both ways, that nobody can take off. Here it is cover of the shape
//! of a spoken query: each way so many packets, log-normal about the median of real ones, in random order, exponential
//! gaps, each packet a full one of QUIC or an acknowledgement, so that the mean length is that of real ones. Queries come
//! as a Poisson process, whatever else the device does.

use super::cover::Cover;
use super::{Actions, Aspect, Defence, Entry, Packet, Parameter, Who, ns};
use overhear_traffic::packet::Direction;

pub(super) const ENTRY: Entry = Entry {
    name: "decoy-audio",
    about: "speech played near the device at random times",
    source: "figures of spoken queries to a Google Home Mini over QUIC: docs/generator.md, command",
    who: Who::Owner,
    parameters: &[
        Parameter::number("every", "mean time from one query to the next", "s", 3600.0, (1.0, 1_000_000.0)),
        Parameter::whole("up", "median of the packets from the device", "packets", 138.0, (1.0, 100_000.0)),
        Parameter::whole("down", "median of the packets to the device", "packets", 110.0, (1.0, 100_000.0)),
        Parameter::number("spread", "deviation of the number's logarithm", "nats", 0.3, (0.0, 2.0)),
        Parameter::number("gap", "mean time from one packet to the next", "ms", 8.0, (0.01, 10_000.0)),
    ],
    drops: None,
    touches: &[Aspect::Count],
    settings: &["", "every=900", "every=300"],
    build: |values, random| {
        Box::new(DecoyAudio {
            every_s: values.number("every"),
            medians: ["up", "down"].map(|name| values.number(name)),
            spread: values.number("spread"),
            gap_s: values.number("gap") / 1e3,
            cover: Cover::of_busiest(random),
            left: [0; 2],
            next_ns: None,
        })
    },
};

/// A full packet of QUIC, bytes of IP.
const FULL_BYTES: u32 = 1378;

/// Acknowledgements each way, bytes of IP, and what part of the packets is full: means of 976 and of 320 bytes.
const ACK_BYTES: [u32; 2] = [63, 54];
const FULL: [f64; 2] = [(976.0 - 63.0) / (1378.0 - 63.0), (320.0 - 54.0) / (1378.0 - 54.0)];

struct DecoyAudio {
    every_s: f64,
    medians: [f64; 2],
    spread: f64,
    gap_s: f64,
    cover: Cover,
    /// Packets of the query that are still to come, each way.
    left: [u64; 2],
    /// When the next packet is due, of this query or of another one.
    next_ns: Option<i64>,
}

impl DecoyAudio {
    fn begin_query(&mut self) {
        let factor = (self.spread * self.cover.random().normal()).exp();
        self.left = self.medians.map(|median| (median * factor).round().max(1.0) as u64);
    }

    /// Sends one of the packets that are left, each as likely as any other.
    fn send(&mut self, out: &mut Actions) {
        let random = self.cover.random();
        let at = usize::from(random.below(self.left[0] + self.left[1]) >= self.left[0]);
        let ip_length_bytes = if random.chance(FULL[at]) { FULL_BYTES } else { ACK_BYTES[at] };
        self.left[at] -= 1;
        self.cover.send([Direction::Out, Direction::In][at], ip_length_bytes, out);
    }
}

impl Defence for DecoyAudio {
    fn begin(&mut self, now_ns: i64) {
        self.left = [0; 2];
        self.next_ns = now_ns.checked_add(ns(self.cover.random().wait(self.every_s)));
    }

    fn take(&mut self, _: i64, packet: Packet, out: &mut Actions) {
        self.cover.see(&packet);
        out.send(packet);
    }

    fn wake_ns(&self) -> Option<i64> {
        self.next_ns
    }

    fn wake(&mut self, _: i64, out: &mut Actions) {
        if self.left == [0; 2] {
            self.begin_query();
        }
        self.send(out);
        let mean_s = if self.left == [0; 2] { self.every_s } else { self.gap_s };
        let wait_ns = ns(self.cover.random().wait(mean_s));
        self.next_ns = self.next_ns.and_then(|next_ns| next_ns.checked_add(wait_ns));
    }

    fn finish(&mut self, _: i64, _: &mut Actions) {
        (self.left, self.next_ns) = ([0; 2], None);
    }
}
