//! How long work tells how far it is, and learns that it should stop. Libraries print nothing.

/// Hears how far a piece of work is.
pub trait Progress: Sync {
    /// A stage begins: what it does, and how many steps it has (of any size, reported by [`Progress::advance`]).
    fn begin(&self, stage: &str, steps: u64);

    /// So many steps more are done.
    fn advance(&self, steps: u64);

    /// Whether to stop: work then ends with [`crate::Error::Stopped`] and leaves nothing half-written.
    fn stop_requested(&self) -> bool {
        false
    }
}

/// Hears nothing.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _stage: &str, _steps: u64) {}
    fn advance(&self, _steps: u64) {}
}
