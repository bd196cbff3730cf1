//! How many packets have which length, each way: bins of 50 bytes, the last one open.
//!
//! Undefined where directions are not known.

use super::{Feature, Value};
use crate::observer::Need;
use crate::packet::Direction;
use crate::window::Detail;

fn count(detail: &Detail, direction: Direction, bin: usize) -> f64 {
    detail.way(direction).map_or(f64::NAN, |way| f64::from(way.bins[bin]))
}

/// A feature for each bin of a direction.
macro_rules! bins {
    ($way:literal, $direction:ident, $does:literal, $($bin:literal $from:literal $range:literal),* $(,)?) => {
        &[$(
            &Feature {
                name: concat!($way, "_length_", $from),
                label: concat!("packets ", $way, " of ", $range, " bytes"),
                unit: "packets",
                needs: Need::TimeAndLength,
                about: concat!("packets of ", $range, " bytes that the device ", $does),
                reduced_by: Some("pad lengths"),
                always_defined: false,
                value: Value::Detail(|detail| count(detail, Direction::$direction, $bin)),
            },
        )*]
    };
}

/// Both directions have the same bins.
macro_rules! each_way {
    ($($bins:tt)*) => {
        /// Packets that the device sends.
        pub const OUT: &[&Feature] = bins!("out", Out, "sends", $($bins)*);
        /// Packets that the device receives.
        pub const IN: &[&Feature] = bins!("in", In, "receives", $($bins)*);
    };
}

each_way! {
    0 0 "0 to 49",
    1 50 "50 to 99",
    2 100 "100 to 149",
    3 150 "150 to 199",
    4 200 "200 to 249",
    5 250 "250 to 299",
    6 300 "300 to 349",
    7 350 "350 to 399",
    8 400 "400 to 449",
    9 450 "450 to 499",
    10 500 "500 to 549",
    11 550 "550 to 599",
    12 600 "600 to 649",
    13 650 "650 to 699",
    14 700 "700 to 749",
    15 750 "750 to 799",
    16 800 "800 to 849",
    17 850 "850 to 899",
    18 900 "900 to 949",
    19 950 "950 to 999",
    20 1000 "1000 to 1049",
    21 1050 "1050 to 1099",
    22 1100 "1100 to 1149",
    23 1150 "1150 to 1199",
    24 1200 "1200 to 1249",
    25 1250 "1250 to 1299",
    26 1300 "1300 to 1349",
    27 1350 "1350 to 1399",
    28 1400 "1400 to 1449",
    29 1450 "1450 to 1499",
    30 1500 "1500 and more",
}
