//! Tamaraw: a constant rate for each direction, and a number of packets that is a multiple.
//!
//! A direction stops once nothing waits in it and its packets are a multiple.

use super::cells::{Cells, DROPS, Sent, WAYS, size};
use super::queue::place;
use super::{Actions, Aspect, Defence, Entry, Packet, Parameter, Who, ns};

pub(super) const ENTRY: Entry = Entry {
    name: "tamaraw",
    about: "a constant rate each way, and a multiple of packets",
    source: "Cai, Nithyanand, Wang, Johnson, Goldberg: A Systematic Approach to Developing and Evaluating Website Fingerprinting Defenses, CCS 2014",
    who: Who::FarEndToo,
    parameters: &[
        size(750.0),
        Parameter::number("up", "from one packet of the device to the next", "ms", 40.0, (0.1, 10_000.0)),
        Parameter::number("down", "from one packet to the device to the next", "ms", 12.0, (0.1, 10_000.0)),
        Parameter::whole(
            "multiple",
            "what the packets of a direction are a multiple of",
            "packets",
            100.0,
            (1.0, 100_000.0),
        ),
    ],
    drops: Some(DROPS),
    touches: &[Aspect::Length, Aspect::Time, Aspect::Count],
    settings: &[
        "size=250,up=500,down=500,multiple=10",
        "size=250,up=40,down=12,multiple=5",
        "size=250,up=100,down=100,multiple=10",
    ],
    build: |values, random| {
        let cells = Cells::new(values.number("size"), random);
        Box::new(Tamaraw::new(cells, Regime::of(["up", "down", "multiple"].map(|name| values.number(name)))))
    },
};

/// How it sends.
#[derive(Clone, Copy)]
pub(super) struct Regime {
    /// From one packet to the next, each way.
    every_ns: [i64; 2],
    /// What the packets of a direction are a multiple of.
    multiple: u64,
}

pub(super) struct Tamaraw {
    cells: Cells,
    pub regime: Regime,
    ways: [Sending; 2],
}

impl Regime {
    /// Distances up and down, ms, and the multiple.
    pub fn of([up, down, multiple]: [f64; 3]) -> Regime {
        Regime { every_ns: [up, down].map(|ms| ns(ms / 1e3)), multiple: multiple as u64 }
    }
}

impl Tamaraw {
    pub fn new(cells: Cells, regime: Regime) -> Tamaraw {
        Tamaraw { cells, regime, ways: Default::default() }
    }

    /// Whether nothing is being sent.
    pub fn is_still(&self) -> bool {
        self.ways.iter().all(|own| own.next_ns.is_none())
    }
}

/// What one direction is at.
#[derive(Default)]
struct Sending {
    next_ns: Option<i64>,
    packets: u64,
}

impl Defence for Tamaraw {
    fn begin(&mut self, _: i64) {
        self.ways = Default::default();
    }

    fn take(&mut self, now_ns: i64, packet: Packet, out: &mut Actions) {
        let at = place(packet.direction());
        self.cells.hold(packet, out);
        let is_still = self.is_still();
        for (way, own) in self.ways.iter_mut().enumerate() {
            // both begin together; one that has stopped before the other goes on
            if is_still || (way == at && own.next_ns.is_none()) {
                own.next_ns = Some(now_ns);
            }
        }
    }

    fn wake_ns(&self) -> Option<i64> {
        self.ways.iter().filter_map(|own| own.next_ns).min()
    }

    fn wake(&mut self, now_ns: i64, out: &mut Actions) {
        for way in WAYS {
            let at = place(way);
            let own = &mut self.ways[at];
            let Some(next_ns) = own.next_ns.filter(|next_ns| *next_ns <= now_ns) else { continue };
            own.packets += u64::from(self.cells.send(way, out) != Sent::Nothing);
            let is_over =
                self.cells.waiting(way).is_empty() && own.packets.is_multiple_of(self.regime.multiple);
            own.next_ns = next_ns.checked_add(self.regime.every_ns[at]).filter(|_| !is_over);
        }
    }

    fn finish(&mut self, _: i64, out: &mut Actions) {
        self.ways = Default::default();
        self.cells.let_out(out);
    }
}
