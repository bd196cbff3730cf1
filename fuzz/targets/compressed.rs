//! A compressed capture, straight from the fuzzer.
#![no_main]

#[path = "reading.rs"]
mod reading;

use libfuzzer_sys::fuzz_target;
use overhear_traffic::capture::CaptureReader;
use std::io::Cursor;

fuzz_target!(|file: &[u8]| {
    reading::read(CaptureReader::from_stream("fuzzed".to_owned(), Cursor::new(file.to_vec())));
});
