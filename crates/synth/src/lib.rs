//! A generated campaign with known truth: packets that look like a smart speaker's, made from published figures.
//!
//! Nothing here was recorded. Generated traffic shows whether a method finds what was put in, and is no evidence
//! about a real device; `docs/generator.md` says what was put in and how close it comes to the figures.
//!
//! ```text
//!     cli        overhear (binary)   one file per command
//!     overhear   the questions       campaign, cut, schedule → assemble → experiment → figure → report
//!     inspect    who is there        frames → evidence → report
//!     synth      known truth         plan → frames                                                     <- here
//!     change     altered traffic     events → events
//!     traffic    packets             capture → wire → event → (change) → observer, trace → window → feature
//!     learn      numbers             dataset → split → learner → model → metric; inference, leakage
//! ```
//!
//! [`plan`] lays out the rounds of a campaign, [`generate`] streams the frames of one of them. A round depends on the
//! settings and its own place in the plan alone, so rounds can be generated in any order and in parallel.
//!
//! ```
//! use overhear_synth::{Scenario, Settings, generate, plan};
//!
//! let settings = Settings { scenario: Scenario::Crossover, pairs: 1, ..Settings::default() };
//! let rounds = plan(&settings)?;
//! assert_eq!(rounds.len(), 2);
//! let mut frames = 0;
//! generate::<std::convert::Infallible>(&settings, &rounds[0], &mut |frame| {
//!     assert!(frame.time_ns >= rounds[0].start_ns);
//!     frames += 1;
//!     Ok(())
//! })
//! .unwrap();
//! assert!(frames > 500);
//! # Ok::<(), overhear_synth::SettingsError>(())
//! ```
//!
//! Sources: paper §4.1 and Tables 1 and 2 for the totals; BehavIoT (idle periods of a Google Home Mini) and PANDA
//! (a Nest Mini's lengths, TTLs and TCP windows) for the single processes.

#![forbid(unsafe_code)]

mod environment;
mod flow;
mod home;
mod order;
mod plan;
mod play;
mod random;
mod source;
mod stage;
mod wire;

use overhear_traffic::Error;
use overhear_traffic::capture::{End, Frame, Frames, LinkType};
use std::convert::Infallible;
use std::time::Duration;

pub use environment::{Environment, LEVER_FEATURES};
pub use order::blocks;
pub use plan::{RoundPlan, plan};

/// MAC address of the generated speaker: locally administered, so that it is nobody's.
pub const DEVICE_MAC: [u8; 6] = home::DEVICE_MAC;

/// Which campaign to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scenario {
    /// The paper's: three captures of three days, one per condition, one after the other.
    Paper,
    /// Pairs of rounds, quiet and noise, in an order drawn by a seeded coin.
    Crossover,
}

/// What the microphone did during a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Condition {
    /// Switched off.
    MicOff,
    /// On, in a quiet room.
    MicOn,
    /// On, with people talking who never say the wake word.
    MicOnNoise,
}

impl Condition {
    /// The paper's name: `mic_off`, `mic_on`, `mic_on_noise`.
    pub fn name(self) -> &'static str {
        match self {
            Condition::MicOff => "mic_off",
            Condition::MicOn => "mic_on",
            Condition::MicOnNoise => "mic_on_noise",
        }
    }
}

/// A campaign's known truth. Check with [`Settings::check`]; [`plan`] does.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Which rounds there are.
    pub scenario: Scenario,
    /// What the microphone changes: 0 nothing (one process for all conditions), 1 as much as in the paper, linear in
    /// between and beyond (rates of the added processes). Range: 0 to 10.
    pub effect: f64,
    /// Offset of each day, shared by all conditions. Unit: standard deviations of a t=15 window's features.
    /// Range: 0 to 3.
    pub day_effect: f64,
    /// Slow continuous change over hours, shared by all conditions. Unit and range as `day_effect`.
    pub drift: f64,
    /// Same settings, same seed: same bytes.
    pub seed: u64,
    /// Number of pairs; used by [`Scenario::Crossover`]. Range: 1 to 100,000.
    pub pairs: u32,
    /// Length of one round; used by [`Scenario::Crossover`]. Range: 10 s to 12 h.
    pub round: Duration,
    /// Start of the campaign. Unit: nanoseconds since 1970-01-01 UTC. Not negative, and before the year 2200.
    pub start_ns: i64,
}

impl Default for Settings {
    /// The paper's scenario at the paper's effect, seed 1, no day effect, no drift, 24 pairs of 30 min, starting
    /// 2026-11-01T10:00:00Z.
    fn default() -> Self {
        Settings {
            scenario: Scenario::Paper,
            effect: 1.0,
            day_effect: 0.0,
            drift: 0.0,
            seed: 1,
            pairs: 24,
            round: Duration::from_secs(1800),
            start_ns: 1_793_527_200 * 1_000_000_000,
        }
    }
}

/// A setting outside of its range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{setting} is {found}, outside of {lowest} to {highest} {unit}")]
pub struct SettingsError {
    /// The setting's name.
    pub setting: &'static str,
    /// Its value.
    pub found: f64,
    /// Smallest value allowed.
    pub lowest: f64,
    /// Largest value allowed.
    pub highest: f64,
    /// Unit of all three.
    pub unit: &'static str,
}

impl Settings {
    /// Checks every setting against its range.
    ///
    /// # Errors
    /// The first setting that is outside (or not a number).
    pub fn check(&self) -> Result<(), SettingsError> {
        let within = |setting, found: f64, lowest, highest, unit| {
            if (lowest..=highest).contains(&found) {
                Ok(())
            } else {
                Err(SettingsError { setting, found, lowest, highest, unit })
            }
        };
        within("effect", self.effect, 0.0, 10.0, "times the paper's")?;
        within("day effect", self.day_effect, 0.0, 3.0, "standard deviations")?;
        within("drift", self.drift, 0.0, 3.0, "standard deviations")?;
        within("pairs", f64::from(self.pairs), 1.0, 100_000.0, "pairs")?;
        within("round", self.round.as_secs_f64(), 10.0, 43_200.0, "s")?;
        within("start", self.start_ns as f64 / 1e9, 0.0, 7.2e9, "s since 1970")
    }
}

/// One generated Ethernet frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GeneratedFrame<'a> {
    /// When it passed. Unit: nanoseconds since 1970-01-01 UTC; never decreasing within a round.
    pub time_ns: i64,
    /// The whole frame without its check sequence, as a capture holds it.
    pub bytes: &'a [u8],
}

/// A round as frames of Ethernet, generated while they are read.
#[derive(Debug, Clone, Copy)]
pub struct Generated<'a> {
    /// The campaign's settings.
    pub settings: &'a Settings,
    /// One of its rounds.
    pub plan: &'a RoundPlan,
}

impl Frames for Generated<'_> {
    fn drive(&mut self, mut each: impl FnMut(&Frame<'_>)) -> Result<End, Error> {
        let Ok(()) = generate::<Infallible>(self.settings, self.plan, &mut |frame| {
            let GeneratedFrame { time_ns, bytes } = frame;
            each(&Frame { time_ns, length_bytes: bytes.len() as u32, link: LinkType::ETHERNET, bytes });
            Ok(())
        });
        Ok(End::default())
    }
}

/// Streams a round's frames in time order into `sink`. Memory stays bounded: only exchanges in progress are held.
///
/// Every frame has the device's MAC as source or destination. `round` must come from [`plan`] of the same settings.
///
/// # Errors
/// What `sink` returns; generation stops there.
pub fn generate<E>(
    settings: &Settings,
    round: &RoundPlan,
    sink: &mut dyn FnMut(GeneratedFrame<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut stage = stage::Stage::new(settings, round);
    let mut sources = source::register(round.condition, settings.effect);
    play::play(&mut stage, &mut sources, round.start_ns, sink)
}
