//! Batches: what came since the last one leaves together, at the ticks of a clock.

use super::queue::{MOST_HELD, Queue, place};
use super::{Actions, Aspect, Defence, Entry, Packet, Parameter, Who, ns};

pub(super) const ENTRY: Entry = Entry {
    name: "batch",
    about: "packets leave together, at the ticks of a clock",
    source: "Chaum: Untraceable Electronic Mail, CACM 1981 (batching); timed mixes: Serjantov, Dingledine, Syverson, IH 2002",
    who: Who::Router,
    parameters: &[Parameter::number("ms", "from one batch to the next", "ms", 250.0, (1.0, 10_000.0))],
    drops: None,
    touches: &[Aspect::Time],
    settings: &["ms=100", "", "ms=1000"],
    build: |values, _| Box::new(Batch::new(ns(values.number("ms") / 1e3))),
};

/// Holds packets until the next tick; a batch that is full leaves at once.
struct Batch {
    every_ns: i64,
    begin_ns: i64,
    queues: [Queue; 2],
    due_ns: Option<i64>,
}

impl Batch {
    fn new(every_ns: i64) -> Batch {
        Batch { every_ns, begin_ns: 0, queues: Default::default(), due_ns: None }
    }

    /// The first tick at a time or after it.
    fn tick_ns(&self, now_ns: i64) -> i64 {
        let since = i128::from(now_ns) - i128::from(self.begin_ns);
        let every = i128::from(self.every_ns);
        let tick = i128::from(self.begin_ns) + (since + every - 1).div_euclid(every) * every;
        i64::try_from(tick).unwrap_or(now_ns)
    }

    /// Lets everything go in the order in which it came.
    fn let_out(&mut self, out: &mut Actions) {
        self.due_ns = None;
        let came_ns = |queue: &Queue| queue.front().map(|packet| packet.event.time_ns);
        loop {
            let [up, down] = &mut self.queues;
            let first = match (came_ns(up), came_ns(down)) {
                (Some(up_ns), Some(down_ns)) if down_ns < up_ns => down,
                (None, _) => down,
                _ => up,
            };
            let Some(packet) = first.pop() else { return };
            out.send(packet);
        }
    }
}

impl Defence for Batch {
    fn begin(&mut self, now_ns: i64) {
        (self.begin_ns, self.due_ns) = (now_ns, None);
    }

    fn take(&mut self, now_ns: i64, packet: Packet, out: &mut Actions) {
        let at = place(packet.direction());
        if self.queues[at].len() == MOST_HELD {
            self.let_out(out);
        }
        self.queues[at].push(packet, out);
        if self.due_ns.is_none() {
            self.due_ns = Some(self.tick_ns(now_ns));
        }
    }

    fn wake_ns(&self) -> Option<i64> {
        self.due_ns
    }

    fn wake(&mut self, _: i64, out: &mut Actions) {
        self.let_out(out);
    }

    fn finish(&mut self, _: i64, out: &mut Actions) {
        self.let_out(out);
    }
}
