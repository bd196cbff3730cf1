//! The register of features: name, unit, what it needs, and a formula over a window's sums.
//!
//! Source: paper §3.3; docs/method.md, "Features". Means are exact; deviations are population deviations.
//! A mean over nothing is undefined (`None`), never 0 or NaN.

mod columns;
mod count;
mod distinct;
mod moments;
mod spread;

pub use columns::Columns;

use crate::observer::{Need, Observer};
use crate::window::{Sums, Windowing};
use moments::Moments;

/// One feature of a window.
pub struct Feature {
    /// Permanent name, a column in every table.
    pub name: &'static str,
    /// What a reader calls it in figures and tables.
    pub label: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// What an observer must see for it.
    pub needs: Need,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// What a defender would try against it, as advice: `pad lengths`; `None` where nothing simple is known.
    pub reduced_by: Option<&'static str>,
    /// Whether every window has it; of others a window may have nothing to take it of.
    pub always_defined: bool,
    /// The formula; NaN, which [`values`] turns into `None`, where it is undefined.
    value: Value,
}

/// The register, in the order of every table's columns.
pub const FEATURES: &[&Feature] = &[
    &count::N_PACKETS,
    &spread::DURATION_S,
    &count::N_TCP,
    &count::N_UDP,
    &count::N_ICMP,
    &distinct::N_ADDRESSES,
    &distinct::N_PORTS,
    &spread::TCP_WINDOW_MEAN,
    &spread::TCP_WINDOW_STD,
    &spread::IPT_MEAN,
    &spread::IPT_STD,
    &spread::LENGTH_MEAN,
    &spread::LENGTH_STD,
    &spread::TTL_MEAN,
    &spread::TTL_STD,
];

/// How many features there are.
pub const N_FEATURES: usize = FEATURES.len();

type Value = fn(&Moments<'_>) -> f64;

/// The formulas side by side, so that they are compiled into one another.
const VALUES: [Value; N_FEATURES] = {
    let mut values = [FEATURES[0].value; N_FEATURES];
    let mut i = 0;
    while i < N_FEATURES {
        values[i] = FEATURES[i].value;
        i += 1;
    }
    values
};

/// The value of every feature of one window, in the register's order; NaN where it is undefined.
#[inline(always)]
fn doubles(sums: &Sums) -> [f64; N_FEATURES] {
    let window = Moments::of(sums);
    VALUES.map(|value| value(&window))
}

/// Finds a feature by its permanent name.
pub fn find(name: &str) -> Option<&'static Feature> {
    FEATURES.iter().copied().find(|feature| feature.name == name)
}

/// The value of every feature of one window, in the register's order.
#[inline]
pub fn values(sums: &Sums) -> [Option<f64>; N_FEATURES] {
    doubles(sums).map(|value| if value.is_nan() { None } else { Some(value) })
}

/// Places in [`FEATURES`] of what a learner is given: what the observer sees, and of the two that say
/// how traffic fills a window `n_packets` with t and `duration_s` with n (the other is constant or
/// follows from it).
pub fn learned(windowing: Windowing, observer: Observer) -> Vec<usize> {
    let left_out = match windowing {
        Windowing::Time(_) => "duration_s",
        Windowing::Count(_) => "n_packets",
    };
    (0..N_FEATURES).filter(|&i| FEATURES[i].name != left_out && observer.sees(FEATURES[i].needs)).collect()
}
