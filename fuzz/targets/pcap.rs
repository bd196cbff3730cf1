//! A pcap file, straight from the fuzzer.
#![no_main]

#[path = "reading.rs"]
mod reading;

use libfuzzer_sys::fuzz_target;
use overhear_traffic::capture::CaptureReader;

fuzz_target!(|file: &[u8]| {
    // of the formats, this target is for pcap
    if !file.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
        reading::read(CaptureReader::new("fuzzed".to_owned(), file));
    }
});
