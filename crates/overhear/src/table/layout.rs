//! What a feature table looks like: windows of captures, one row each.
//!
//! Columns: `capture, condition, unit, windowing, window, start_ns`, then the features the observer can
//! compute, in the register's order. An undefined value is an empty cell (CSV) or null (Parquet).

use overhear_traffic::feature::{FEATURES, N_FEATURES};
use overhear_traffic::observer::Observer;

/// Where a row comes from.
pub const ID_COLUMNS: [&str; 6] = [CAPTURE, CONDITION, UNIT, "windowing", WINDOW, START_NS];
/// The capture's path.
pub const CAPTURE: &str = "capture";
/// The condition of the capture.
pub const CONDITION: &str = "condition";
/// The unit of the capture.
pub const UNIT: &str = "unit";
/// Index of the window.
pub const WINDOW: &str = "window";
/// When it starts.
pub const START_NS: &str = "start_ns";

/// What all windows of one capture share.
#[derive(Debug, Clone, Default)]
pub struct CaptureKey {
    /// Its path, as given.
    pub capture: String,
    /// Its condition, where given.
    pub condition: Option<String>,
    /// Its unit, where given.
    pub unit: Option<u32>,
}

/// Which features an observer's table has, as places in the register.
pub(super) fn visible(observer: Observer) -> Vec<usize> {
    (0..N_FEATURES).filter(|&i| observer.sees(FEATURES[i].needs)).collect()
}
