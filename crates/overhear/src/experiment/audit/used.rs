//! A round that an audit works on.

use crate::assemble::{RoundSource, RoundTable};
use overhear_traffic::trace::Span;
use overhear_traffic::window::Bins;

/// A round that is used.
#[derive(Clone)]
pub struct UsedRound {
    /// Its place in the schedule, from 0.
    pub index: usize,
    /// Its condition.
    pub condition: String,
    /// Its unit, as the manifest numbers it.
    pub unit: u32,
    /// When it began, ns since 1970, where known.
    pub start_ns: Option<i64>,
    /// Seconds that local time was ahead of UTC.
    pub offset_s: i32,
    /// Seconds it was watched.
    pub seconds: f64,
    /// From when to when it was watched, where known.
    pub span: Span,
    /// Where its packets come from; `None` of a table.
    pub source: Option<RoundSource>,
    /// For each observer and windowing (observer by observer) its windows.
    pub tables: Vec<RoundTable>,
    /// For each observer its seconds with packets; none where no series are looked at.
    pub bins: Vec<Bins>,
}
