//! Inputs that `tests/recorded/record_fixed.py` draws too, and what it recorded of them.

use super::Series;
use serde_json::Value;

/// What was recorded under a name.
pub(super) fn cases(name: &str) -> Vec<Value> {
    let all: Value =
        serde_json::from_str(include_str!("../../tests/recorded/fixed.json")).expect("a committed file");
    all[name].as_array().expect("a list of cases").clone()
}

pub(super) fn whole(case: &Value, key: &str) -> usize {
    case[key].as_u64().unwrap_or_else(|| panic!("{key} is a whole number")) as usize
}

pub(super) fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().expect("a list").iter().map(|v| v.as_f64().expect("a number")).collect()
}

pub(super) fn wholes(list: &Value) -> Vec<usize> {
    list.as_array().expect("a list").iter().map(|v| v.as_u64().expect("a whole number") as usize).collect()
}

/// Splitmix64 as a function of a counter; a double in [0, 1). As in `tests/support/generated.rs`.
fn uniform(seed: u64, counter: u64) -> f64 {
    let mut z = seed.wrapping_add((counter + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    (z >> 11) as f64 * (-53f64).exp2()
}

/// The case's series: counts with many zeros, or numbers from −3 to 7.
pub(super) fn series(case: &Value) -> Series {
    let (channels, steps) = (whole(case, "channels"), whole(case, "steps"));
    let fractions = case["fractions"].as_bool().unwrap_or(false);
    let value = |i: u64| {
        let (a, b) =
            (uniform(whole(case, "seed") as u64, 2 * i), uniform(whole(case, "seed") as u64, 2 * i + 1));
        match fractions {
            true => a * 10.0 - 3.0,
            false if b < 0.6 => (a * a * 12.0).floor(),
            false => 0.0,
        }
    };
    let values = (0..(whole(case, "n") * channels * steps) as u64).map(value).collect();
    Series::new(channels, steps, values).expect("finite numbers of whole series")
}

/// Two sums of many numbers, the second weighted by place.
pub(super) fn sums(numbers: impl Iterator<Item = f64>) -> [f64; 2] {
    numbers.enumerate().fold([0.0; 2], |[sum, weighted], (i, v)| [sum + v, weighted + v * (i % 97) as f64])
}

/// All rows' numbers, one after another.
pub(super) fn by_row(x: &crate::Matrix) -> Vec<f64> {
    (0..x.n_rows()).flat_map(|i| (0..x.n_columns()).map(move |j| x.value(i, j))).collect()
}

/// Asserts that numbers are equal to a millionth: of 1, or of the number where it is larger.
pub(super) fn assert_equal(what: &str, found: &[f64], recorded: &[f64]) {
    assert_eq!(found.len(), recorded.len(), "{what}");
    for (i, (found, recorded)) in found.iter().zip(recorded).enumerate() {
        let off = (found - recorded).abs() / recorded.abs().max(1.0);
        assert!(off <= 1e-6, "{what}, {i}: {found} not {recorded}");
    }
}
