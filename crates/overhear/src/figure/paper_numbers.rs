//! The paper's own published numbers, to stand beside ours.
//!
//! Source: "Fine Hearing Google Home" (the paper in docs), Tables 1 and 2 and §4.1. What Figures 4 to 9
//! plot was never published as numbers, so none of it is here.

/// The two tasks, by the names our files give them.
pub const TASKS: [&str; 2] = ["mic_off/mic_on", "mic_on/mic_on_noise"];

/// The paper's learners in the order of its tables.
pub const LEARNERS: [&str; 5] = ["knn", "decision_tree", "adaboost", "random_forest", "neural_network"];

/// The two results the paper shows in Figures 8 and 9: task, windowing, learner.
pub const SHOWN: [(&str, &str, &str); 2] =
    [("mic_off/mic_on", "t=500", "adaboost"), ("mic_on/mic_on_noise", "n=15", "decision_tree")];

/// The features that §5 names as the most important for [`SHOWN`], in its order.
pub const TOP_FEATURES: [&[&str]; 2] =
    [&["length_mean", "n_udp"], &["tcp_window_mean", "tcp_window_std", "ttl_mean", "length_std"]];

/// What §4.1 says was captured in three days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Captured {
    /// Name of the condition.
    pub condition: &'static str,
    /// Packets.
    pub packets: u64,
    /// Megabytes, 10⁶ bytes.
    pub megabytes: u64,
}

/// §4.1, one entry per condition.
pub const CAPTURED: [Captured; 3] = [
    Captured { condition: "mic_off", packets: 203_596, megabytes: 69 },
    Captured { condition: "mic_on", packets: 216_456, megabytes: 74 },
    Captured { condition: "mic_on_noise", packets: 282_656, megabytes: 173 },
];

/// One row of Table 1 or 2: seconds, in the order of [`LEARNERS`], for both tasks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Times {
    /// Δt in seconds or N in packets.
    pub size: f64,
    /// mic_off against mic_on.
    pub off_on: [f64; 5],
    /// mic_on against mic_on_noise.
    pub on_noise: [f64; 5],
}

const fn times(size: f64, off_on: [f64; 5], on_noise: [f64; 5]) -> Times {
    Times { size, off_on, on_noise }
}

/// Table 1, windows of Δt seconds.
pub const TABLE_1: [Times; 10] = [
    times(2.0, [1.52, 0.47, 11.04, 44.01, 246.0], [1.55, 0.41, 13.28, 41.16, 212.0]),
    times(5.0, [0.71, 0.29, 8.35, 29.01, 197.0], [0.58, 0.28, 9.90, 26.20, 195.0]),
    times(15.0, [0.07, 0.15, 4.47, 15.21, 151.0], [0.05, 0.13, 5.26, 11.95, 181.0]),
    times(50.0, [0.01, 0.05, 1.68, 5.29, 165.0], [0.01, 0.04, 1.96, 4.56, 165.0]),
    times(200.0, [0.01, 0.01, 0.51, 1.45, 151.0], [0.01, 0.01, 0.61, 1.09, 151.0]),
    times(500.0, [0.01, 0.01, 0.27, 0.55, 150.0], [0.01, 0.01, 0.31, 0.46, 150.0]),
    times(1000.0, [0.01, 0.01, 0.19, 0.29, 150.0], [0.01, 0.01, 0.21, 0.30, 150.0]),
    times(1500.0, [0.01, 0.01, 0.16, 0.21, 150.0], [0.01, 0.01, 0.19, 0.24, 150.0]),
    times(2000.0, [0.01, 0.01, 0.15, 0.19, 150.0], [0.01, 0.01, 0.17, 0.21, 150.0]),
    times(2500.0, [0.01, 0.01, 0.14, 0.18, 150.0], [0.01, 0.01, 0.16, 0.19, 140.0]),
];

/// Table 2, windows of N packets.
pub const TABLE_2: [Times; 10] = [
    times(2.0, [21.07, 1.46, 38.14, 158.81, 231.0], [13.27, 1.01, 25.84, 101.26, 257.0]),
    times(5.0, [1.47, 0.62, 13.97, 63.17, 227.0], [1.82, 0.78, 21.08, 78.31, 238.0]),
    times(15.0, [0.04, 0.18, 4.76, 18.16, 171.0], [0.05, 0.22, 6.91, 21.55, 181.0]),
    times(50.0, [0.03, 0.05, 1.44, 4.78, 157.0], [0.01, 0.05, 2.02, 5.62, 161.0]),
    times(200.0, [0.01, 0.01, 0.42, 1.04, 151.0], [0.01, 0.02, 0.58, 1.33, 151.0]),
    times(500.0, [0.01, 0.01, 0.23, 0.45, 150.0], [0.01, 0.01, 0.31, 0.58, 150.0]),
    times(1000.0, [0.01, 0.01, 0.17, 0.25, 150.0], [0.01, 0.01, 0.22, 0.33, 150.0]),
    times(1500.0, [0.01, 0.01, 0.15, 0.19, 150.0], [0.01, 0.01, 0.18, 0.24, 150.0]),
    times(2000.0, [0.01, 0.01, 0.14, 0.18, 150.0], [0.01, 0.01, 0.17, 0.22, 150.0]),
    times(2500.0, [0.01, 0.01, 0.13, 0.17, 150.0], [0.01, 0.01, 0.16, 0.20, 150.0]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_have_the_papers_ten_settings() {
        for table in [TABLE_1, TABLE_2] {
            let sizes: Vec<f64> = table.iter().map(|row| row.size).collect();
            assert_eq!(sizes, [2., 5., 15., 50., 200., 500., 1000., 1500., 2000., 2500.]);
        }
    }
}
