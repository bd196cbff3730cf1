//! The register of features: name, unit, what it needs, and a formula over what a window holds.
//!
//! Source: paper §3.3; docs/method.md, "Features". Means are exact; deviations are population deviations.
//! A mean over nothing is undefined (`None`), never 0 or NaN.

mod burst;
mod columns;
mod count;
mod direction;
mod distinct;
mod histogram;
mod moments;
mod service;
mod set;
mod spread;

pub use columns::Columns;
pub use set::{FeatureSet, GROUPS, Group};

use crate::observer::Need;
use crate::window::{Detail, Sums, Window};
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

/// What a formula is over.
#[derive(Clone, Copy)]
enum Value {
    /// Sums of all packets, which every pass has.
    Sums(OfSums),
    /// What only a pass for all features has.
    Detail(fn(&Detail) -> f64),
}

type OfSums = fn(&Moments<'_>) -> f64;

/// The features of the paper.
pub const PAPER: &[&Feature] = &[
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

/// How many features of the paper there are.
pub const N_PAPER: usize = PAPER.len();

/// How many features there are.
pub const N_FEATURES: usize = {
    let (mut n, mut group) = (0, 0);
    while group < GROUPS.len() {
        let (parts, mut part) = (GROUPS[group].features, 0);
        while part < parts.len() {
            n += parts[part].len();
            part += 1;
        }
        group += 1;
    }
    n
};

/// The register, in the order of every table's columns: group by group, those of the paper first.
pub static FEATURES: [&Feature; N_FEATURES] = {
    let mut all = [PAPER[0]; N_FEATURES];
    let (mut n, mut group) = (0, 0);
    while group < GROUPS.len() {
        let (parts, mut part) = (GROUPS[group].features, 0);
        while part < parts.len() {
            let mut own = 0;
            while own < parts[part].len() {
                all[n] = parts[part][own];
                (n, own) = (n + 1, own + 1);
            }
            part += 1;
        }
        group += 1;
    }
    all
};

/// The paper's formulas side by side, so that they are compiled into one another.
const PAPERS: [OfSums; N_PAPER] = {
    let undefined: OfSums = |_| f64::NAN;
    let mut values = [undefined; N_PAPER];
    let mut i = 0;
    while i < N_PAPER {
        // a test holds that every one of them is over sums
        if let Value::Sums(value) = PAPER[i].value {
            values[i] = value;
        }
        i += 1;
    }
    values
};

/// The features of the paper of one window, in the register's order; NaN where one is undefined.
#[inline(always)]
fn doubles(sums: &Sums) -> [f64; N_PAPER] {
    let window = Moments::of(sums);
    PAPERS.map(|value| value(&window))
}

/// Finds a feature by its permanent name.
pub fn find(name: &str) -> Option<&'static Feature> {
    FEATURES.iter().copied().find(|feature| feature.name == name)
}

/// The features of the paper of one window, in the register's order.
#[inline]
pub fn values(sums: &Sums) -> [Option<f64>; N_PAPER] {
    doubles(sums).map(|value| if value.is_nan() { None } else { Some(value) })
}

/// The value of every feature of a set of one window, at its place in [`FEATURES`]; NaN where it is undefined. Places of other features
/// are left as they are. What only a pass for all features has ([`crate::window::Pass::full`]) is undefined in other passes.
#[inline]
pub fn fill(values: &mut [f64; N_FEATURES], set: FeatureSet, window: &Window<'_>) {
    if set.has_paper() {
        values[..N_PAPER].copy_from_slice(&doubles(&window.sums));
    }
    for &place in set.beyond_paper() {
        values[place] = detailed(place, window);
    }
}

/// A feature beyond the paper's of one window; NaN where it is undefined.
#[inline(always)]
fn detailed(place: usize, window: &Window<'_>) -> f64 {
    match (FEATURES[place].value, window.detail) {
        (Value::Detail(value), Some(detail)) => value(detail),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_features_are_over_sums_and_all_names_differ() {
        assert!(PAPER.iter().all(|feature| matches!(feature.value, Value::Sums(_))));
        assert!(FEATURES[N_PAPER..].iter().all(|feature| matches!(feature.value, Value::Detail(_))));
        let names: std::collections::BTreeSet<&str> = FEATURES.iter().map(|feature| feature.name).collect();
        assert_eq!(names.len(), N_FEATURES);
    }
}
