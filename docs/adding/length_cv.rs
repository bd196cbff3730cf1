//! Deviation of lengths over their mean: a feature, whole.

use super::moments::LENGTH;
use super::{Feature, Value};
use crate::observer::Need;

/// Deviation of the length on the wire, as a share of its mean. Never undefined: no packet has length 0.
pub const LENGTH_CV: Feature = Feature {
    name: "length_cv",
    label: "length variation",
    unit: "1",
    needs: Need::TimeAndLength,
    about: "deviation of the length on the wire over its mean",
    reduced_by: Some("pad lengths"),
    always_defined: true,
    value: Value::Sums(|window| window.std[LENGTH] / window.mean[LENGTH]),
};
