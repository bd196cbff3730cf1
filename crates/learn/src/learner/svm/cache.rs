//! Rows of the kernel matrix, kept as long as there is room; the one not asked for longest goes first.

use super::kernel::Points;
use crate::simd::Block;

/// Rows of one kernel matrix.
pub(super) struct Cache {
    bytes: usize,
    blocks_per_row: usize,
    values: Vec<Block>,
    /// The slot of each point's row, or `NONE`.
    slots: Vec<u32>,
    /// Of each slot, its point and when it was last asked for.
    owners: Vec<(u32, u64)>,
    clock: u64,
}

const NONE: u32 = u32::MAX;

impl Cache {
    /// A cache for at most `bytes` bytes, but two rows in any case.
    pub(super) fn new(n_points: usize, blocks_per_row: usize, bytes: usize) -> Cache {
        let slots = vec![NONE; n_points];
        Cache { bytes, blocks_per_row, values: Vec::new(), slots, owners: Vec::new(), clock: 0 }
    }

    /// Forgets every row; from now on there are so many points.
    pub(super) fn clear(&mut self, n_points: usize, blocks_per_row: usize) {
        *self = Cache {
            values: std::mem::take(&mut self.values),
            ..Cache::new(n_points, blocks_per_row, self.bytes)
        };
        self.values.clear();
    }

    /// The row in a slot.
    pub(super) fn row(&self, slot: usize) -> &[Block] {
        &self.values[slot * self.blocks_per_row..(slot + 1) * self.blocks_per_row]
    }

    /// The slot of a point's row, computed where it is not there; the row in slot `keep` stays.
    pub(super) fn slot(&mut self, points: &Points, point: usize, keep: Option<usize>) -> usize {
        self.clock += 1;
        let mut slot = self.slots[point] as usize;
        if self.slots[point] == NONE {
            slot = self.free_slot(keep);
            self.slots[point] = slot as u32;
            let start = slot * self.blocks_per_row;
            points.row(point, &mut self.values[start..start + self.blocks_per_row]);
        }
        self.owners[slot] = (point as u32, self.clock);
        slot
    }

    fn free_slot(&mut self, keep: Option<usize>) -> usize {
        let most = (self.bytes / (self.blocks_per_row * size_of::<Block>())).max(2);
        if self.owners.len() < most {
            self.owners.push((NONE, 0));
            self.values.resize(self.owners.len() * self.blocks_per_row, Block::ZERO);
            return self.owners.len() - 1;
        }
        let others = (0..self.owners.len()).filter(|&slot| Some(slot) != keep);
        let oldest = others.min_by_key(|&slot| self.owners[slot].1).unwrap_or(0); // of two, one is not kept
        self.slots[self.owners[oldest].0 as usize] = NONE;
        oldest
    }
}
