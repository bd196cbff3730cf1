//! Traces of a packet table one by one: rows that have the same in the columns that tell traces apart stand together.

use super::cell;
use std::collections::HashSet;
use std::ops::Range;

/// Which traces there were. Memory grows with their number.
pub(super) struct Traces {
    /// Places of the columns that tell traces apart.
    places: Vec<usize>,
    /// What stands there in the trace at hand; `None` before the first one.
    current: Option<Vec<Vec<u8>>>,
    before: HashSet<Vec<Vec<u8>>>,
}

impl Traces {
    /// None yet. Without a column the whole table is one.
    pub(super) fn told_by(places: Vec<usize>) -> Traces {
        Traces { places, current: None, before: HashSet::new() }
    }

    /// Whether there is a trace at hand.
    pub(super) fn is_begun(&self) -> bool {
        self.current.is_some()
    }

    fn keys<'a>(&self, line: &'a [u8], cells: &[Range<usize>]) -> impl Iterator<Item = &'a [u8]> {
        self.places.iter().map(|&place| &line[cells[place].clone()]).map(cell::trimmed)
    }

    /// Whether a row is of the trace at hand.
    pub(super) fn goes_on(&self, line: &[u8], cells: &[Range<usize>]) -> bool {
        let same = |current: &Vec<Vec<u8>>| self.keys(line, cells).eq(current.iter().map(Vec::as_slice));
        self.current.as_ref().is_some_and(same)
    }

    /// Begins the trace of a row: what stands in its columns; an error where it was there before.
    pub(super) fn begin(&mut self, line: &[u8], cells: &[Range<usize>]) -> Result<Vec<String>, Vec<String>> {
        let keys: Vec<Vec<u8>> = self.keys(line, cells).map(<[u8]>::to_vec).collect();
        let texts = keys.iter().map(|key| cell::text(key)).collect();
        let is_new = self.before.insert(keys.clone());
        self.current = Some(keys);
        if is_new { Ok(texts) } else { Err(texts) }
    }
}
