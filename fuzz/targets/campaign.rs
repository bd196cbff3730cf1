//! A campaign's manifest, straight from the fuzzer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overhear::campaign::Manifest;

fuzz_target!(|text: &str| {
    let Ok(manifest) = Manifest::parse(text) else { return };
    assert!(!manifest.rounds.is_empty());
    for round in &manifest.rounds {
        let _ = round.start_ns();
        assert!(round.drop_s.is_none_or(|seconds| seconds >= 0.0));
    }
    let again = Manifest::parse(&manifest.to_toml());
    // NaN, which `[generated]` may hold, is not equal to itself
    assert_eq!(again.map(|again| again.to_toml()), Ok(manifest.to_toml()));
});
