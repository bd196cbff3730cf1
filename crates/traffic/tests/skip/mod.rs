//! A test that lacks what it needs says so, whatever becomes of its other output: `./check` names it at the end.

use std::io::Write;

/// Says that this test did not run, and why.
pub fn skipped(why: &str) {
    let thread = std::thread::current();
    // not eprintln, which is kept back of tests that pass
    let _ = writeln!(std::io::stderr(), "skipped: {}: {why}", thread.name().unwrap_or("a test"));
}
