//! A thread of its own that reads, and decompresses, while records are taken apart.
//!
//! Blocks go back and forth between the two threads, so that bytes are copied once, by the system.

use super::block::Block;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Blocks on their way: one that is read into, one that waits.
const BLOCKS: usize = 2;

type Filled = io::Result<(Block, usize)>;

/// The blocks that the thread has read.
pub(super) struct Ahead {
    filled: Receiver<Filled>,
    empty: SyncSender<Block>,
}

impl Ahead {
    /// Starts the thread. It ends with the source, with an error, or when nobody takes blocks any more.
    pub(super) fn start(mut source: impl Read + Send + 'static) -> Ahead {
        let (give_filled, filled) = sync_channel::<Filled>(BLOCKS);
        let (empty, take_empty) = sync_channel::<Block>(BLOCKS + 1);
        for _ in 0..BLOCKS {
            // there is room for all blocks
            let _ = empty.send(Block::new());
        }
        thread::spawn(move || {
            while let Ok(mut block) = take_empty.recv() {
                let read = block.read_page(&mut source);
                let last = !matches!(read, Ok(1..));
                if give_filled.send(read.map(|read| (block, read))).is_err() || last {
                    return;
                }
            }
        });
        Ahead { filled, empty }
    }

    /// The next block and how much was read into it; 0 at the end.
    pub(super) fn next(&mut self) -> Filled {
        // the thread has reported the end, and is asked again
        self.filled.recv().unwrap_or_else(|_| Ok((Block::new(), 0)))
    }

    /// Hands a block back to be read into.
    pub(super) fn give_back(&self, block: Block) {
        // after the end nobody takes it
        let _ = self.empty.try_send(block);
    }
}
