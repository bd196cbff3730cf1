//! The lower part of a tree: a few hundred samples copied together, so that all work stays in the
//! nearest cache.

use super::grow::{Cut, Examined, Lottery, Touched, part, scan, sorted_sample};
use super::tally::{Tally, moved, sample};
use super::{Codes, Column, Tree};

/// A node's samples with their codes, one byte each, in every column.
pub(super) struct Block {
    room: usize,
    n: usize,
    /// Codes of each column (n_features × room).
    codes: Vec<u8>,
    entries: Vec<u64>,
    spare: Vec<u64>,
    /// For columns of more than 256 codes: the column's code behind each byte (n_features × 256).
    behind: Vec<u32>,
    /// Where a sample stands in the block; used for columns kept in order.
    place: Vec<u32>,
    /// The byte of each code of a column; used for columns counted by word.
    bytes: Vec<u8>,
    touched: Vec<u64>,
}

#[derive(Clone, Copy)]
struct Pending {
    node: u32,
    start: usize,
    end: usize,
    constant: u64,
}

impl Block {
    /// Room for `room` samples; at most 256 where a column has more codes than a byte holds.
    pub(super) fn new(columns: &[Column], room: usize, n_samples: usize) -> Block {
        let of_words = columns.iter().filter(|c| matches!(c.codes, Codes::Words(_)));
        let n_words = of_words.map(Column::n_codes).max().unwrap_or(0);
        let any_sorted = columns.iter().any(|c| matches!(c.codes, Codes::Sorted(_)));
        assert!(room <= 256 || (n_words == 0 && !any_sorted), "a byte for each sample of a block");
        Block {
            room,
            n: 0,
            codes: vec![0; columns.len() * room],
            entries: vec![0; room],
            spare: vec![0; room],
            behind: vec![0; columns.len() * 256],
            place: vec![0; if any_sorted { n_samples } else { 0 }],
            bytes: vec![0; n_words],
            touched: vec![0; n_words.div_ceil(64)],
        }
    }

    /// Copies a node's samples; `sorted` holds the node's stretch of each column kept in order.
    pub(super) fn fill<'a>(
        &mut self,
        columns: &[Column],
        entries: &[u64],
        sorted: impl Iterator<Item = &'a [u64]>,
    ) {
        self.n = entries.len();
        for (place, &e) in entries.iter().enumerate() {
            self.entries[place] = moved(e, place as u32);
            if !self.place.is_empty() {
                self.place[sample(e)] = place as u32;
            }
        }
        for ((feature, column), words) in columns.iter().enumerate().zip(sorted) {
            let own = &mut self.codes[feature * self.room..][..entries.len()];
            let behind = &mut self.behind[feature * 256..][..256];
            match &column.codes {
                Codes::Bytes(codes) => {
                    own.iter_mut().zip(entries).for_each(|(own, &e)| *own = codes[sample(e)]);
                }
                Codes::Words(codes) => {
                    let touched = &mut self.touched[..column.n_codes().div_ceil(64)];
                    for &e in entries {
                        let code = usize::from(codes[sample(e)]);
                        touched[code / 64] |= 1 << (code % 64);
                    }
                    for (byte, code) in (Touched { words: touched, at: 0 }).enumerate() {
                        behind[byte] = code as u32;
                        self.bytes[code] = byte as u8;
                    }
                    for (own, &e) in own.iter_mut().zip(entries) {
                        *own = self.bytes[usize::from(codes[sample(e)])];
                    }
                }
                Codes::Sorted(_) => {
                    let mut byte = 0;
                    let mut previous = words.first().map_or(0, |word| word >> 32);
                    for &word in words {
                        byte += usize::from(word >> 32 != previous);
                        previous = word >> 32;
                        behind[byte] = previous as u32;
                        own[self.place[sorted_sample(word)] as usize] = byte as u8;
                    }
                }
            }
        }
    }

    /// Grows the tree from the filled-in node down to its leaves.
    pub(super) fn grow<T: Tally>(
        &mut self,
        columns: &[Column],
        tally: &mut T,
        tree: &mut Tree,
        node: u32,
        constant: u64,
        lottery: &mut Lottery<'_>,
    ) {
        let mut pending = vec![Pending { node, start: 0, end: self.n, constant }];
        while let Some(at) = pending.pop() {
            tally.enter(&self.entries[at.start..at.end]);
            let mut best = Cut::NONE;
            let mut constant = at.constant;
            if !tally.is_pure() {
                constant = lottery.examine(constant, |feature| self.examine(tally, &at, feature, &mut best));
            }
            if best.is_none() {
                tree.set_leaf(at.node, &tally.shares());
                continue;
            }
            let child =
                tree.set_cut(at.node, best.feature, self.threshold(columns, &best), tally.gain(best.score));
            let codes = &self.codes[best.feature * self.room..][..self.room];
            let entries = &mut self.entries[at.start..at.end];
            let n_left = part(entries, &mut self.spare, |e| usize::from(codes[sample(e)]) <= best.below);
            let middle = at.start + n_left;
            pending.push(Pending { node: child + 1, start: middle, constant, ..at });
            pending.push(Pending { node: child, end: middle, constant, ..at });
        }
    }

    fn threshold(&self, columns: &[Column], cut: &Cut) -> f64 {
        let column = &columns[cut.feature];
        match column.codes {
            Codes::Bytes(_) => column.threshold(cut.below, cut.above),
            Codes::Words(_) | Codes::Sorted(_) => {
                let code = |byte: usize| self.behind[cut.feature * 256 + byte] as usize;
                column.threshold(code(cut.below), code(cut.above))
            }
        }
    }

    /// Looks for a better cut in one column.
    fn examine<T: Tally>(&self, tally: &mut T, at: &Pending, feature: usize, best: &mut Cut) -> Examined {
        let codes = &self.codes[feature * self.room..][..self.room];
        let mut touched = [0u64; 4];
        for &e in &self.entries[at.start..at.end] {
            let code = usize::from(codes[sample(e)]);
            tally.add(code, e);
            touched[code / 64] |= 1 << (code % 64);
        }
        match scan(tally, Touched { words: &mut touched, at: 0 }, best) {
            None => Examined::Constant,
            Some(false) => Examined::Varies,
            Some(true) => {
                best.feature = feature;
                if tally.is_perfect(best.score) { Examined::Perfect } else { Examined::Varies }
            }
        }
    }
}
