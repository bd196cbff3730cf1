//! A token bucket each way: bursts leave at a rate.

use super::queue::{Queue, place};
use super::{Actions, Aspect, Defence, Entry, Packet, Parameter, Who};

pub(super) const ENTRY: Entry = Entry {
    name: "pace",
    about: "bursts leave at a rate: a token bucket each way",
    source: "RFC 2697 (token buckets); computed as the generic cell rate algorithm of ITU-T I.371",
    who: Who::Router,
    parameters: &[
        Parameter::number("rate", "rate of each direction", "kbit/s", 1000.0, (1.0, 1_000_000.0)),
        Parameter::whole("burst", "what may leave at once", "bytes", 3028.0, (1.0, 10_000_000.0)),
    ],
    drops: Some("what comes while 4,096 packets of its direction wait"),
    touches: &[Aspect::Time],
    settings: &["", "rate=250", "rate=64"],
    build: |values, _| {
        let ns_per_byte = 8e6 / values.number("rate");
        let burst_ns = (values.number("burst") * ns_per_byte) as i64;
        Box::new(Pace { ns_per_byte, burst_ns, ways: Default::default() })
    },
};

struct Pace {
    ns_per_byte: f64,
    /// How long a full bucket lasts, ns.
    burst_ns: i64,
    ways: [Bucket; 2],
}

/// One direction's bucket.
#[derive(Default)]
struct Bucket {
    queue: Queue,
    /// When it is full again, ns; `None`: it is full.
    full_ns: Option<i64>,
}

impl Pace {
    fn takes_ns(&self, packet: &Packet) -> i64 {
        (f64::from(packet.event.length_bytes) * self.ns_per_byte) as i64
    }

    /// When the first packet of a direction may leave. One that no bucket holds waits for one that is full, and its
    /// rest.
    fn due_ns(&self, at: usize) -> Option<i64> {
        let Bucket { queue, full_ns } = &self.ways[at];
        let first = queue.front()?;
        let full_ns = full_ns.unwrap_or(first.event.time_ns).max(first.event.time_ns);
        let over_ns = self.takes_ns(first).saturating_sub(self.burst_ns);
        Some(first.event.time_ns.max(full_ns.saturating_add(over_ns)))
    }

    fn let_out(&mut self, at: usize, now_ns: i64, out: &mut Actions) {
        while self.due_ns(at).is_some_and(|due_ns| due_ns <= now_ns)
            && let Some(packet) = self.ways[at].queue.pop()
        {
            let full_ns = self.ways[at].full_ns.map_or(now_ns, |full_ns| full_ns.max(now_ns));
            self.ways[at].full_ns = Some(full_ns.saturating_add(self.takes_ns(&packet)));
            out.send(packet);
        }
    }
}

impl Defence for Pace {
    fn begin(&mut self, _: i64) {
        self.ways = Default::default();
    }

    fn take(&mut self, now_ns: i64, packet: Packet, out: &mut Actions) {
        let at = place(packet.direction());
        self.ways[at].queue.push(packet, out);
        self.let_out(at, now_ns, out);
    }

    fn wake_ns(&self) -> Option<i64> {
        [0, 1].into_iter().filter_map(|at| self.due_ns(at)).min()
    }

    fn wake(&mut self, now_ns: i64, out: &mut Actions) {
        [0, 1].into_iter().for_each(|at| self.let_out(at, now_ns, out));
    }

    fn finish(&mut self, _: i64, out: &mut Actions) {
        self.ways.iter_mut().for_each(|own| own.queue.let_out(out));
    }
}
