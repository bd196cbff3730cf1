//! Adaptive Tamaraw: Tamaraw that goes on at the rates of a set of traces, once it knows to which the trace belongs.
//!
//! A trace begins as Tamaraw does. After the early time the real packets that came so far, both ways, say which set it
//! is of: of the sets that begin at no more, the one that begins at most; below all of them it goes on as it was. From
//! the next packet of each direction on the set's distances hold, and its multiple for the whole number. So a trace
//! shows its set and, of each direction, a multiple. In the paper sets are clusters that hold a least number of pages,
//! and a classifier of early time series finds a trace's; which sets there are is here up to whoever sets them.

use super::cells::{Cells, DROPS, size};
use super::tamaraw::{Regime, Tamaraw};
use super::{Actions, Aspect, Defence, Entry, Packet, Parameter, Takes, Who, ns};

pub(super) const ENTRY: Entry = Entry {
    name: "adaptive-tamaraw",
    about: "a constant rate each way, chosen once a trace is known a little",
    source: "Khajavi, Wang: Lightening the Load: A Cluster-Based Framework for A Lower-Overhead, Provable Website Fingerprinting Defense, arXiv 2509.01046, NDSS 2026, its sets by numbers of packets",
    who: Who::FarEndToo,
    parameters: &[
        size(750.0),
        Parameter::number(
            "up",
            "at first, from one packet of the device to the next",
            "ms",
            40.0,
            DISTANCES_MS,
        ),
        Parameter::number(
            "down",
            "at first, from one packet to the device to the next",
            "ms",
            12.0,
            DISTANCES_MS,
        ),
        Parameter::whole(
            "multiple",
            "at first, what the packets of a direction are a multiple of",
            "packets",
            100.0,
            MULTIPLES,
        ),
        Parameter::number("early", "time after which a trace's set is chosen", "s", 2.0, (0.01, 3600.0)),
        Parameter {
            name: "sets",
            about: "sets of traces and how they are sent",
            unit: "packets/ms/ms/packets",
            takes: Takes::Texts {
                what: "FROM/UP/DOWN/MULTIPLE (real packets, ms, ms, packets; whole numbers)",
                is_one: |text| Set::read(text).is_some(),
            },
        },
    ],
    drops: Some(DROPS),
    touches: &[Aspect::Length, Aspect::Time, Aspect::Count],
    settings: &[],
    build: |values, random| {
        let first = Regime::of(["up", "down", "multiple"].map(|name| values.number(name)));
        // each of them was read when the setting was
        let mut sets: Vec<Set> = values.texts("sets").iter().filter_map(|text| Set::read(text)).collect();
        sets.sort_by_key(|set| set.from);
        Box::new(AdaptiveTamaraw {
            inner: Tamaraw::new(Cells::new(values.number("size"), random), first),
            first,
            early_ns: ns(values.number("early")),
            sets,
            early: None,
        })
    },
};

const DISTANCES_MS: (f64, f64) = (0.1, 10_000.0);
const MULTIPLES: (f64, f64) = (1.0, 100_000.0);

struct AdaptiveTamaraw {
    inner: Tamaraw,
    first: Regime,
    early_ns: i64,
    /// Those of fewer packets first.
    sets: Vec<Set>,
    /// Until when, ns, and the real packets that came; `None`: the set is chosen, or there is no trace.
    early: Option<(i64, u64)>,
}

/// A set of traces: those with so many packets early on, or more.
struct Set {
    from: u64,
    regime: Regime,
}

impl Set {
    fn read(text: &str) -> Option<Set> {
        let numbers: Vec<u32> = text.split('/').map(str::parse).collect::<Result<_, _>>().ok()?;
        let [from, rest @ ..] = <[u32; 4]>::try_from(numbers).ok()?;
        let rest = rest.map(f64::from);
        let ranges = [DISTANCES_MS, DISTANCES_MS, MULTIPLES];
        let fits = rest.iter().zip(ranges).all(|(number, (least, most))| (least..=most).contains(number));
        fits.then(|| Set { from: from.into(), regime: Regime::of(rest) })
    }
}

impl AdaptiveTamaraw {
    fn choose(&mut self, packets: u64) {
        self.early = None;
        if let Some(set) = self.sets.iter().rev().find(|set| set.from <= packets) {
            self.inner.regime = set.regime;
        }
    }
}

impl Defence for AdaptiveTamaraw {
    fn begin(&mut self, now_ns: i64) {
        self.early = None;
        self.inner.begin(now_ns);
    }

    fn take(&mut self, now_ns: i64, packet: Packet, out: &mut Actions) {
        if self.inner.is_still() {
            // numbers are counted anew
            self.inner.begin(now_ns);
            self.inner.regime = self.first;
            self.early = Some((now_ns.saturating_add(self.early_ns), 0));
        }
        if let Some((_, packets)) = &mut self.early {
            *packets += 1;
        }
        self.inner.take(now_ns, packet, out);
    }

    fn wake_ns(&self) -> Option<i64> {
        self.inner.wake_ns()
    }

    fn wake(&mut self, now_ns: i64, out: &mut Actions) {
        if let Some((_, packets)) = self.early.filter(|(until_ns, _)| *until_ns <= now_ns) {
            self.choose(packets);
        }
        self.inner.wake(now_ns, out);
    }

    fn finish(&mut self, now_ns: i64, out: &mut Actions) {
        self.early = None;
        self.inner.finish(now_ns, out);
    }
}
