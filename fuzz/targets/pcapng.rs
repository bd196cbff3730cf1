//! A pcapng file, straight from the fuzzer; a section header stands before it where it has none.
#![no_main]

#[path = "reading.rs"]
mod reading;

use libfuzzer_sys::fuzz_target;
use overhear_traffic::capture::CaptureReader;

const SECTION: [u8; 28] = [
    0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255,
    255, 255, 28, 0, 0, 0,
];

fuzz_target!(|file: &[u8]| {
    if file.starts_with(&SECTION[..4]) {
        reading::read(CaptureReader::new("fuzzed".to_owned(), file));
    } else {
        let file = [&SECTION, file].concat();
        reading::read(CaptureReader::new("fuzzed".to_owned(), &file[..]));
    }
});
