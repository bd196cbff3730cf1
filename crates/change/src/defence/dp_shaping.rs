//! Shaping with differential privacy: at every tick as many bytes as wait, and noise.
//!
//! Bytes are counted in cells: at a tick clip(L + N(0, (σΔ)²)) bytes, L those of the cells that what waits fills, are
//! rounded to whole cells. Real packets that find no cell wait for the next tick; cells without one are cover. What
//! leaves is a function of the noisy number alone.

use super::cells::{Cells, DROPS, WAYS, size};
use super::{Actions, Aspect, Defence, Entry, Packet, Parameter, Who, ns};

pub(super) const ENTRY: Entry = Entry {
    name: "dp-shaping",
    about: "at every tick as many packets of one length as wait, and noise",
    source: "Sabzi, Vora, Goswami, Seltzer, Lecuyer, Mehta: NetShaper, USENIX Security 2024; Mironov: Renyi Differential Privacy, CSF 2017",
    who: Who::FarEndToo,
    parameters: &[
        size(1500.0),
        Parameter::number("ms", "T: from one tick to the next", "ms", 1000.0, (1.0, 60_000.0)),
        Parameter::number("sigma", "σ: the noise, in sensitivities", "ratio", 2.0, (0.01, 1000.0)),
        Parameter::whole(
            "sensitivity",
            "Δ: largest difference of what waits between streams that are to look alike",
            "bytes",
            15_000.0,
            (1.0, 100_000_000.0),
        ),
        Parameter::whole(
            "most",
            "largest number of packets of a direction at a tick",
            "packets",
            200.0,
            (1.0, 4096.0),
        ),
    ],
    drops: Some(DROPS),
    touches: &[Aspect::Length, Aspect::Time, Aspect::Count],
    settings: &["size=250,ms=5000,sigma=1,sensitivity=1500", "size=250,ms=1000,sigma=1,sensitivity=500"],
    build: |values, random| {
        let size = values.number("size");
        Box::new(DpShaping {
            cells: Cells::new(size, random),
            size,
            every_ns: ns(values.number("ms") / 1e3),
            deviation: values.number("sigma") * values.number("sensitivity"),
            most: values.number("most"),
            next_ns: None,
        })
    },
};

/// ε of (ε, δ)-differential privacy after k releases of a direction, for noise of σ sensitivities: k/(2σ²) +
/// √(2k·ln(1/δ))/σ.
///
/// The least ε of k Gaussian mechanisms over all Rényi orders α: kα/(2σ²) + ln(1/δ)/(α − 1).
/// Source: Mironov, Renyi Differential Privacy, CSF 2017, propositions 1, 3 and 7.
pub fn epsilon(releases: u64, sigma: f64, delta: f64) -> f64 {
    let k = releases as f64;
    k / (2.0 * sigma * sigma) + (2.0 * k * (1.0 / delta).ln()).sqrt() / sigma
}

struct DpShaping {
    cells: Cells,
    size: f64,
    every_ns: i64,
    /// Of the noise, bytes.
    deviation: f64,
    most: f64,
    next_ns: Option<i64>,
}

impl Defence for DpShaping {
    fn begin(&mut self, now_ns: i64) {
        self.next_ns = Some(now_ns);
    }

    fn take(&mut self, _: i64, packet: Packet, out: &mut Actions) {
        self.cells.hold(packet, out);
    }

    fn wake_ns(&self) -> Option<i64> {
        self.next_ns
    }

    fn wake(&mut self, _: i64, out: &mut Actions) {
        for way in WAYS {
            let waiting = self.cells.filled(way) as f64 * self.size;
            let noisy = waiting + self.deviation * self.cells.cover.random().normal();
            let cells = (noisy / self.size).round().clamp(0.0, self.most) as u32;
            for _ in 0..cells {
                self.cells.send(way, out);
            }
        }
        self.next_ns = self.next_ns.and_then(|next_ns| next_ns.checked_add(self.every_ns));
    }

    fn finish(&mut self, _: i64, out: &mut Actions) {
        self.next_ns = None;
        self.cells.let_out(out);
    }
}
