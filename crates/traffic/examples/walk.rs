//! Walks a pcap's record headers through a 256 KiB buffer and does nothing else: the limit of any reader of it.
//!
//! `walk CAPTURE` prints how many records there are.

use std::fs::File;
use std::io::Read;

const BUFFER: usize = 256 * 1024;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("which capture?")?;
    let mut file = File::open(path)?;
    let mut buffer = vec![0; BUFFER];
    file.read_exact(&mut buffer[..24])?;
    let (mut filled, mut at, mut records) = (0, 0, 0u64);
    loop {
        // what is left of a record that the buffer cut moves to its front
        buffer.copy_within(at..filled, 0);
        filled -= at;
        at = 0;
        let read = file.read(&mut buffer[filled..])?;
        if read == 0 {
            break;
        }
        filled += read;
        while filled - at >= 16 {
            let length =
                u32::from_le_bytes([buffer[at + 8], buffer[at + 9], buffer[at + 10], buffer[at + 11]]);
            let end = at + 16 + length as usize;
            if end > filled {
                break;
            }
            (at, records) = (end, records + 1);
        }
        if at == 0 && filled == BUFFER {
            return Err("a record longer than the buffer".into());
        }
    }
    println!("{records}");
    Ok(())
}
