//! The generated table that Python and Rust build alike, bit for bit.
//!
//! `tests/recorded/generated.py` is this file in Python: change both or neither. Only additions,
//! multiplications and comparisons of doubles in a fixed order are used.

// every test and example that includes this file uses a part of it
#![allow(dead_code)]

use overhear_learn::{Dataset, Matrix};

const DRAWS_PER_ROW: u64 = 64;

/// Names of the generated columns.
pub const FEATURES: [&str; 14] = [
    "duration_s",
    "n_tcp",
    "n_udp",
    "n_icmp",
    "n_addresses",
    "n_ports",
    "tcp_window_mean",
    "tcp_window_std",
    "ipt_mean",
    "ipt_std",
    "length_mean",
    "length_std",
    "ttl_mean",
    "ttl_std",
];

/// Splitmix64 as a function of a counter; a double in [0, 1).
pub fn uniform(seed: u64, counter: u64) -> f64 {
    let mut z = seed.wrapping_add((counter + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    (z >> 11) as f64 * (-53f64).exp2()
}

/// One row of the table: 14 cells and the class.
fn row(seed: u64, index: u64, n_classes: f64, pairs: bool) -> ([f64; 14], u32) {
    let u = |k: u64| uniform(seed, index * DRAWS_PER_ROW + k);
    let bell = |k: u64| u(k) + u(k + 1) + u(k + 2) + u(k + 3) - 2.0;
    let y = (u(0) * n_classes).floor();
    let c = y / (n_classes - 1.0);
    let kind = u(1) - 0.08 * c;
    let n_icmp = if u(2) < 0.03 { 1.0 } else { 0.0 };
    let n_tcp = if kind < 0.45 {
        2.0 - n_icmp
    } else if kind < 0.65 {
        1.0
    } else {
        0.0
    };
    let n_udp = 2.0 - n_tcp - n_icmp + (u(3) * (1.2 + 0.3 * c)).floor();
    let n_addresses = 2.0 + (u(4) * 1.3).floor() + if u(5) < 0.1 { 1.0 } else { 0.0 };
    let n_ports = 2.0 + (3.0 * u(6) * u(7)).floor();
    let busy = u(8) * u(9);
    let has_tcp = f64::min(n_tcp, 1.0);
    let window_mean = has_tcp * (300.0 + 500.0 * busy + 160.0 * bell(10) - 70.0 * c).floor() * 0.5;
    let window_std = if n_tcp == 2.0 { (bell(14).abs() * (150.0 + 60.0 * c)).floor() * 0.5 } else { 0.0 };
    let gap = u(18) * u(19) * u(20);
    let duration = 45.0 * gap * gap + 0.02 * u(21) * (1.0 - 0.25 * c);
    let (ipt_mean, ipt_std) = if pairs {
        (duration, 0.0)
    } else {
        let mean = duration * (0.5 + 0.05 * bell(22));
        (mean, mean * u(26) * (1.0 + 0.2 * c))
    };
    let length_mean =
        (66.0 + 700.0 * busy * (1.0 + 0.3 * c) + 300.0 * u(27) * u(28) * u(29)).floor() * 0.5 + 33.0;
    let length_std = ((length_mean - 66.0) * u(30)).floor() * 0.5;
    let ttl_mean = (64.0 + 60.0 * u(31) * u(32) + 0.02 * length_mean * c).floor() * 0.5 + 32.0;
    let ttl_std = (bell(33).abs() * (10.0 + 40.0 * busy)).floor();
    let cells = [
        duration,
        n_tcp,
        n_udp,
        n_icmp,
        n_addresses,
        n_ports,
        window_mean,
        window_std,
        ipt_mean,
        ipt_std,
        length_mean,
        length_std,
        ttl_mean,
        ttl_std,
    ];
    (cells, y as u32)
}

/// The generated table (n_rows × 14); `pairs` as with windows of two packets.
pub fn table(seed: u64, n_rows: usize, n_classes: usize, pairs: bool) -> Dataset {
    let mut columns = vec![Vec::with_capacity(n_rows); FEATURES.len()];
    let mut y = Vec::with_capacity(n_rows);
    for index in 0..n_rows as u64 {
        let (cells, class) = row(seed, index, n_classes as f64, pairs);
        columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
        y.push(class);
    }
    Dataset {
        features: FEATURES.map(str::to_owned).to_vec(),
        x: Matrix::from_columns(&columns).expect("generated numbers are finite"),
        y,
        classes: (0..n_classes).map(|class| format!("class {class}")).collect(),
        units: None,
        starts_ns: None,
    }
}

/// Many columns, of which every tenth says a little of two classes (n_rows × n_columns).
pub fn wide(seed: u64, n_rows: usize, n_columns: usize) -> Dataset {
    let y: Vec<u32> = (0..n_rows as u64).map(|i| (uniform(seed + 1, i) * 2.0).floor() as u32).collect();
    let column = |j: usize| -> Vec<f64> {
        let more = if j.is_multiple_of(10) { 0.0625 } else { 0.0 };
        let cell = |i: usize| uniform(seed, (i * n_columns + j) as u64) + more * f64::from(y[i]);
        (0..n_rows).map(cell).collect()
    };
    Dataset {
        features: (0..n_columns).map(|j| format!("column {j}")).collect(),
        x: Matrix::from_columns(&(0..n_columns).map(column).collect::<Vec<_>>()).expect("finite"),
        y,
        classes: vec!["class 0".to_owned(), "class 1".to_owned()],
        units: None,
        starts_ns: None,
    }
}

/// Series of whole numbers with many zeros (n × channels × steps).
pub fn counts(seed: u64, n: usize, channels: usize, steps: usize) -> Vec<f64> {
    let value = |i: u64| {
        let (a, b) = (uniform(seed, 2 * i), uniform(seed, 2 * i + 1));
        if b < 0.6 { (a * a * 12.0).floor() } else { 0.0 }
    };
    (0..(n * channels * steps) as u64).map(value).collect()
}

/// The fold each row is tested in (n_rows); drawn row by row, not stratified.
pub fn folds(seed: u64, n_rows: usize, n_folds: usize) -> Vec<u32> {
    (0..n_rows as u64).map(|i| (uniform(seed, i) * n_folds as f64).floor() as u32).collect()
}

/// One number that differs where a bit differs, as `generated.py` computes it.
pub fn checksum(data: &Dataset) -> u64 {
    let (n, p) = (data.x.n_rows(), data.x.n_columns());
    let mut total = 0u64;
    for i in 0..n {
        for j in 0..p {
            let place = (i * p + j + 1) as u64;
            total = total.wrapping_add(data.x.value(i, j).to_bits().wrapping_mul(place * 2 + 1));
        }
        total = total.wrapping_add(u64::from(data.y[i]) * (i as u64 + 1));
    }
    total
}
