//! WTF-PAD: gaps that are longer than usual are filled.
//!
//! Each direction by itself. After a packet a gap is drawn as gaps within bursts are; where it runs out before the next
//! packet comes, a cover packet is sent and a cover burst begins, whose gaps are drawn likewise until a coin ends it.
//! Gaps are log-normal, as its authors fit them; their histograms of a browser's traffic are not a speaker's.

use super::cells::{WAYS, size};
use super::cover::Cover;
use super::queue::place;
use super::{Actions, Aspect, Defence, Entry, Packet, Parameter, Who, ns};

pub(super) const ENTRY: Entry = Entry {
    name: "wtf-pad",
    about: "cover where the gap to the next packet is longer than a drawn one",
    source: "Juarez, Imani, Perry, Diaz, Wright: Toward an Efficient Website Fingerprinting Defense, ESORICS 2016",
    who: Who::FarEndToo,
    parameters: &[
        size(1500.0),
        Parameter::number("wait", "median of the gap after a real packet", "ms", 200.0, (0.1, 100_000.0)),
        Parameter::number("gap", "median of the gaps of a cover burst", "ms", 20.0, (0.1, 100_000.0)),
        Parameter::number("spread", "deviation of the gaps' logarithms", "nats", 1.0, (0.0, 5.0)),
        Parameter::number("run", "mean number of packets of a cover burst", "packets", 10.0, (1.0, 10_000.0)),
    ],
    drops: None,
    touches: &[Aspect::Count],
    settings: &["size=300,run=1", "size=300,run=3"],
    build: |values, random| {
        Box::new(WtfPad {
            size: values.number("size") as u32,
            wait_s: values.number("wait") / 1e3,
            gap_s: values.number("gap") / 1e3,
            spread: values.number("spread"),
            run: values.number("run"),
            cover: Cover::new(random),
            due_ns: [None; 2],
        })
    },
};

struct WtfPad {
    size: u32,
    wait_s: f64,
    gap_s: f64,
    spread: f64,
    run: f64,
    cover: Cover,
    /// When each direction's gap runs out; `None`: nothing to fill.
    due_ns: [Option<i64>; 2],
}

impl WtfPad {
    fn after(&mut self, now_ns: i64, median_s: f64) -> Option<i64> {
        let gap_s = median_s * (self.spread * self.cover.random().normal()).exp();
        now_ns.checked_add(ns(gap_s))
    }
}

impl Defence for WtfPad {
    fn begin(&mut self, _: i64) {
        self.due_ns = [None; 2];
    }

    fn take(&mut self, now_ns: i64, packet: Packet, out: &mut Actions) {
        self.cover.see(&packet);
        self.due_ns[place(packet.direction())] = self.after(now_ns, self.wait_s);
        out.send(packet);
    }

    fn wake_ns(&self) -> Option<i64> {
        self.due_ns.into_iter().flatten().min()
    }

    fn wake(&mut self, now_ns: i64, out: &mut Actions) {
        for way in WAYS {
            let at = place(way);
            let Some(due_ns) = self.due_ns[at].filter(|due_ns| *due_ns <= now_ns) else { continue };
            self.cover.send(way, self.size, out);
            let goes_on = !self.cover.random().chance(1.0 / self.run);
            self.due_ns[at] = if goes_on { self.after(due_ns, self.gap_s) } else { None };
        }
    }

    fn finish(&mut self, _: i64, _: &mut Actions) {
        self.due_ns = [None; 2];
    }
}
