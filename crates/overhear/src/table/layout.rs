//! What a feature table looks like: windows of captures, one row each.
//!
//! Columns: `capture, condition, unit, windowing, window, start_ns`, then the features the observer can
//! compute, in the register's order. An undefined value is an empty cell (CSV) or null (Parquet).

/// Where a row comes from.
pub const ID_COLUMNS: [&str; 6] = [CAPTURE, CONDITION, UNIT, WINDOWING, WINDOW, START_NS];
/// The capture's path.
pub const CAPTURE: &str = "capture";
/// The condition of the capture.
pub const CONDITION: &str = "condition";
/// The unit of the capture.
pub const UNIT: &str = "unit";
/// How packets are grouped.
pub const WINDOWING: &str = "windowing";
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
