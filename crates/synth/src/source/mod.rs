//! What makes the speaker talk: one file per kind of exchange, and the register of all of them.
//!
//! A source's turn comes at the moment it asked for; it then adds the frames of one exchange, from that moment on,
//! and says when its next turn is. All of them run in every condition, except the two that the microphone adds.

mod announcement;
mod assistant;
mod clock;
mod command;
mod connectivity;
mod lease;
mod listening;
mod mtalk;
mod neighbour;
mod peer;
mod report;
mod resolver;
mod telemetry;

use super::Condition;
use super::stage::{Stage, ns};

/// One kind of exchange.
pub(super) trait Source {
    /// When the first turn is.
    fn first(&mut self, start_ns: i64, stage: &mut Stage) -> i64;

    /// Adds the frames of one exchange, none before `at_ns`; returns when the next turn is.
    fn turn(&mut self, at_ns: i64, stage: &mut Stage) -> i64;
}

/// The sources of a round. `effect` is what the microphone changes: 0 leaves the same sources in every condition.
pub(super) fn register(condition: Condition, effect: f64) -> Vec<Box<dyn Source>> {
    let on = if condition == Condition::MicOff { 0.0 } else { effect };
    let noise = if condition == Condition::MicOnNoise { effect } else { 0.0 };
    let mut sources: Vec<Box<dyn Source>> = vec![
        Box::new(mtalk::Mtalk::default()),
        Box::new(connectivity::Connectivity::new(noise)),
        Box::new(resolver::Resolver),
        Box::new(peer::Peers),
        Box::new(lease::Lease),
        Box::new(clock::Clock),
        Box::new(neighbour::Neighbour::default()),
        Box::new(announcement::Announcement),
        Box::new(telemetry::Telemetry),
    ];
    sources.extend(report::all());
    if on > 0.0 {
        sources.push(Box::new(assistant::Assistant::new(on)));
    }
    if noise > 0.0 {
        sources.push(Box::new(listening::Listening::new(noise)));
        sources.push(Box::new(command::Misactivation::new(noise)));
    }
    sources
}

/// A period that every turn keeps up to a small jitter, from a random phase on.
#[derive(Debug, Clone, Copy)]
struct Timer {
    period_s: f64,
    /// Largest deviation of one interval, either way. Unit: s.
    jitter_s: f64,
}

impl Timer {
    fn first(&self, start_ns: i64, stage: &mut Stage) -> i64 {
        stage.phase(start_ns, self.period_s)
    }

    fn next(&self, at_ns: i64, stage: &mut Stage) -> i64 {
        at_ns + ns(self.period_s + stage.random.uniform(-self.jitter_s, self.jitter_s))
    }
}
