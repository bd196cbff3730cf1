//! A packet table, straight from the fuzzer: as one capture, and trace by trace. The first byte chooses the columns that tell traces
//! apart.
#![no_main]

#[path = "reading.rs"]
mod reading;

use libfuzzer_sys::fuzz_target;
use overhear_traffic::capture::CaptureReader;

fuzz_target!(|input: &[u8]| {
    let Some((choice, file)) = input.split_first() else { return };
    let open = || CaptureReader::new("fuzzed".to_owned(), file);
    let Ok(mut reader) = open() else { return };
    if !reader.is_packet_table() {
        return;
    }
    reading::read(open());
    let keys = reader.key_columns().into_iter().enumerate();
    let keys: Vec<String> = keys.filter(|(place, _)| choice >> (place % 8) & 1 == 1).map(|(_, name)| name).collect();
    reader.split_by(&keys).expect("they are its columns");
    let mut frames = 0;
    while let Ok(Some(values)) = reader.next_trace() {
        assert_eq!(values.len(), keys.len());
        let mut latest_ns = i64::MIN;
        while let Ok(Some(frame)) = reader.next_frame() {
            assert!(latest_ns.saturating_sub(frame.time_ns) <= 1_000_000_000);
            latest_ns = latest_ns.max(frame.time_ns);
            frames += 1;
        }
    }
    assert_eq!(frames, reader.n_frames());
});
