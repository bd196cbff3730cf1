//! The times of rounds: a table of them, a plan, a manifest.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overhear::cut::Times;

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    for times in [Times::of_csv(text), Times::of_plan(text, None)].into_iter().flatten() {
        assert!(!times.rounds.is_empty());
        for pair in times.rounds.windows(2) {
            assert!(pair[0].end_ns() <= pair[1].start_ns);
        }
        for round in &times.rounds {
            assert!(round.duration_s > 0.0 && round.drop_s < round.duration_s);
            assert!(round.start_ns <= round.end_ns());
        }
    }
});
