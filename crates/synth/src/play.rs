//! Runs the sources of a round in time order.

use super::GeneratedFrame;
use super::plan::SECOND_NS;
use super::source::Source;
use super::stage::Stage;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Runs all sources from `start_ns` until the round ends, handing every frame over in time order.
///
/// # Errors
/// What `sink` returns; nothing runs on from there.
pub(super) fn play<E>(
    stage: &mut Stage,
    sources: &mut [Box<dyn Source>],
    start_ns: i64,
    sink: &mut dyn FnMut(GeneratedFrame<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut due: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
    for (index, source) in sources.iter_mut().enumerate() {
        due.push(Reverse((source.first(start_ns, stage), index)));
    }
    while let Some(Reverse((time_ns, index))) = due.pop() {
        // A source only adds frames from its own turn on, so what is earlier is complete.
        stage.hand_over(time_ns, sink)?;
        if time_ns >= stage.end_ns() {
            return Ok(());
        }
        // At least a millisecond on: no setting may make the clock stand still.
        let next_ns = sources[index].turn(time_ns, stage).max(time_ns + SECOND_NS / 1000);
        due.push(Reverse((next_ns, index)));
    }
    stage.hand_over(i64::MAX, sink)
}
