//! FRONT: cover packets in front of a trace, their number and their times random.
//!
//! A trace begins with a packet after a silence. Real packets are not delayed but by the link.

use super::cells::{WAYS, size};
use super::cover::Cover;
use super::queue::place;
use super::{Actions, Aspect, Defence, Entry, Packet, Parameter, Who, ns};

pub(super) const ENTRY: Entry = Entry {
    name: "front",
    about: "cover at random times, most of it soon after traffic begins",
    source: "Gong, Wang: Zero-delay Lightweight Defenses against Website Fingerprinting, USENIX Security 2020",
    who: Who::FarEndToo,
    parameters: &[
        size(1500.0),
        Parameter::whole("packets", "most cover packets of a direction", "packets", 1700.0, (1.0, 20_000.0)),
        Parameter::number("shortest", "least padding window", "s", 1.0, (0.01, 3600.0)),
        Parameter::number("longest", "largest padding window", "s", 14.0, (0.01, 3600.0)),
        Parameter::number("idle", "silence before a new trace", "s", 10.0, (0.1, 86_400.0)),
    ],
    drops: None,
    touches: &[Aspect::Count],
    settings: &["size=500,packets=10", "size=500,packets=40"],
    build: |values, random| {
        Box::new(Front {
            size: values.number("size") as u32,
            packets: values.number("packets") as u64,
            window_s: (values.number("shortest"), values.number("longest")),
            idle_ns: ns(values.number("idle")),
            cover: Cover::new(random),
            latest_ns: None,
            due_ns: Default::default(),
        })
    },
};

struct Front {
    size: u32,
    packets: u64,
    window_s: (f64, f64),
    idle_ns: i64,
    cover: Cover,
    /// Time of the latest real packet.
    latest_ns: Option<i64>,
    /// When cover is due each way, the next one last.
    due_ns: [Vec<i64>; 2],
}

impl Front {
    /// A trace begins: what is left of the one before is not sent.
    fn draw(&mut self, now_ns: i64) {
        let (shortest, longest) = self.window_s;
        for due_ns in &mut self.due_ns {
            let random = self.cover.random();
            let n = 1 + random.below(self.packets);
            let window_s = shortest + (longest - shortest) * random.unit();
            due_ns.clear();
            due_ns.extend((0..n).map(|_| now_ns.saturating_add(ns(random.rayleigh(window_s)))));
            due_ns.sort_unstable_by(|a, b| b.cmp(a));
        }
    }
}

impl Defence for Front {
    fn begin(&mut self, _: i64) {
        self.latest_ns = None;
        self.due_ns.iter_mut().for_each(Vec::clear);
    }

    fn take(&mut self, now_ns: i64, packet: Packet, out: &mut Actions) {
        self.cover.see(&packet);
        out.send(packet);
        let goes_on = |latest_ns: i64| now_ns.abs_diff(latest_ns) < self.idle_ns as u64;
        if !self.latest_ns.replace(now_ns).is_some_and(goes_on) {
            self.draw(now_ns);
        }
    }

    fn wake_ns(&self) -> Option<i64> {
        self.due_ns.iter().filter_map(|due_ns| due_ns.last().copied()).min()
    }

    fn wake(&mut self, now_ns: i64, out: &mut Actions) {
        for way in WAYS {
            while self.due_ns[place(way)].pop_if(|due_ns| *due_ns <= now_ns).is_some() {
                self.cover.send(way, self.size, out);
            }
        }
    }

    fn finish(&mut self, now_ns: i64, _: &mut Actions) {
        self.begin(now_ns);
    }
}
