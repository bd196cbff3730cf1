//! The family of defences: each alters a device's traffic so that less can be read from it, at a cost.
//!
//! A [`Defence`] is a pure machine: packets in, actions out, a time for its next timer, no clock, no input or output,
//! randomness given when it is made. [`Defended`] runs a stack of them over a trace in virtual time, with a link of a
//! stated rate behind them, and counts what they cost; a driver at a router would run the same machines over live
//! packets:
//!
//! ```
//! use overhear_change::defence::{Action, Actions, Packet, Setting};
//! # use overhear_traffic::{event::Event, packet::Direction, wire::Link};
//! # let event = Event { time_ns: 0, length_bytes: 100, link: Link::default(), network: None, number: Some(7) };
//! let mut batch = "batch:ms=250".parse::<Setting>()?.build(1, 0);
//! let (mut actions, now_ns) = (Actions::default(), 40_000_000);
//! batch.begin(0);
//! batch.take(now_ns, Packet::new(Event { time_ns: now_ns, ..event }, Direction::Out), &mut actions);
//! assert_eq!((actions.drain().count(), batch.wake_ns()), (0, Some(250_000_000)));
//!
//! batch.wake(250_000_000, &mut actions);
//! let sent: Vec<Action> = actions.drain().collect();
//! assert!(matches!(&sent[..], [Action::Send(packet)] if packet.number() == Some(7)));
//! # Ok::<(), overhear_change::Error>(())
//! ```
//!
//! Every member promises:
//! - What it does depends on what it was made with and on what it is given alone.
//! - Packets of one direction leave in the order in which they came, none twice, and all of them but those that its
//!   stated policy drops.
//! - It holds at most [`MOST_HELD`] packets of a direction.
//! - What it adds goes to and comes from the far end that the device talked to first (decoys: most), none before the device's first
//!   packet.
//!
//! Frames that carry no packet (ARP, 802.11 management) pass every defence by, and so does everything where nobody
//! knows which packets the device sends.
//! Source: docs/method.md, "Defences".

mod actions;
mod adaptive_tamaraw;
mod altering;
mod aspect;
mod batch;
mod block_endpoint;
#[cfg(feature = "maybenot")]
mod break_pad;
mod cells;
mod constant_rate;
mod cost;
mod cover;
mod decoy_audio;
mod dp_shaping;
mod driver;
#[cfg(feature = "maybenot")]
mod ephemeral;
mod filtering;
mod front;
#[cfg(feature = "maybenot")]
mod interspace;
mod link;
#[cfg(feature = "maybenot")]
mod machines;
#[cfg(feature = "maybenot")]
mod maybenot;
mod morph;
mod normalise_ttl;
mod pace;
mod packet;
mod pad_random;
mod pad_to_mtu;
mod pad_to_multiple;
mod padme;
mod padme_bursts;
mod port_hopping;
mod quantise_window;
mod queue;
mod reduce;
mod regulator;
mod setting;
mod single_transport;
mod stochastic;
mod tamaraw;
mod wtf_pad;

pub use actions::{Action, Actions};
pub use aspect::Aspect;
pub use cost::{Amount, Cost, Delay, Way};
pub use dp_shaping::epsilon;
pub use driver::{Defended, Ledger};
pub use link::{MOST_QUEUED, Rates};
pub use packet::{MTU_BYTES, Packet};
pub use padme::padme;
pub use queue::MOST_HELD;
pub use setting::{Parameter, Setting, Takes, Values};

use crate::random::Random;
use overhear_traffic::observer::Observer;

/// Makes the register: the members, in the order in which help and reports list them.
macro_rules! register {
    ($($(#[$when:meta])* $entry:path,)*) => {
        /// The register.
        pub static DEFENCES: [&Entry; [$($(#[$when])* stringify!($entry),)*].len()] = [$($(#[$when])* &$entry,)*];
    };
}

register! {
    pad_to_mtu::ENTRY,
    pad_to_multiple::ENTRY,
    pad_random::ENTRY,
    padme::ENTRY,
    padme_bursts::ENTRY,
    normalise_ttl::ENTRY,
    quantise_window::ENTRY,
    batch::ENTRY,
    pace::ENTRY,
    constant_rate::ENTRY,
    port_hopping::ENTRY,
    block_endpoint::ENTRY,
    single_transport::ENTRY,
    front::ENTRY,
    tamaraw::ENTRY,
    adaptive_tamaraw::ENTRY,
    regulator::ENTRY,
    stochastic::ENTRY,
    dp_shaping::ENTRY,
    wtf_pad::ENTRY,
    morph::ENTRY,
    #[cfg(feature = "maybenot")]
    maybenot::ENTRY,
    #[cfg(feature = "maybenot")]
    interspace::ENTRY,
    #[cfg(feature = "maybenot")]
    break_pad::ENTRY,
    #[cfg(feature = "maybenot")]
    ephemeral::ENTRY,
    reduce::ENTRY,
    decoy_audio::ENTRY,
}

/// One line of the register: all of a defence that is not arithmetic. Each stands in its defence's file.
pub struct Entry {
    /// Permanent name: command line, files and reports show it.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// Where it is defined.
    pub source: &'static str,
    /// Who can run it.
    pub who: Who,
    /// What can be set, in the order in which it is written.
    pub parameters: &'static [Parameter],
    /// What it drops, where it drops anything; the rest leaves.
    pub drops: Option<&'static str>,
    /// What of the device's packets it touches.
    pub touches: &'static [Aspect],
    /// At which settings a sweep over a smart speaker's traffic tries it where nothing else is said, the cheapest first:
    /// what is typed behind `NAME:`, nothing for the defaults. None where it needs to be given something. Source:
    /// docs/method.md, "Defences".
    pub settings: &'static [&'static str],
    build: fn(&Values, Random) -> Box<dyn Defence>,
}

/// Who can run a defence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// The home's router, alone.
    Router,
    /// The router and a far end that takes off what the router added, and adds its own.
    FarEndToo,
    /// Whoever makes the device.
    Maker,
    /// Whoever owns it.
    Owner,
}

/// A defence at work: packets in, actions out.
///
/// Times are nanoseconds since 1970 and never fall between one [`Defence::begin`] and the next.
pub trait Defence: Send {
    /// Begins, or begins again after [`Defence::finish`]: it holds nothing, and forgets its timers.
    fn begin(&mut self, _now_ns: i64) {}

    /// Takes the next packet, now.
    fn take(&mut self, now_ns: i64, packet: Packet, out: &mut Actions);

    /// When it wants to be woken next; `None`: by the next packet. A time that has passed is at once.
    fn wake_ns(&self) -> Option<i64> {
        None
    }

    /// Is woken, at [`Defence::wake_ns`] or later.
    fn wake(&mut self, _now_ns: i64, _out: &mut Actions) {}

    /// Ends: what it holds leaves now.
    fn finish(&mut self, _now_ns: i64, _out: &mut Actions) {}
}

/// A second, ns.
const SECOND_NS: i64 = 1_000_000_000;

/// Seconds as nanoseconds, at least one.
fn ns(seconds: f64) -> i64 {
    ((seconds * SECOND_NS as f64) as i64).max(1)
}

/// The names of the register, as a list for messages.
pub fn names() -> String {
    DEFENCES.map(|entry| entry.name).join(", ")
}

impl Entry {
    /// Whether an observer sees anything of what it touches.
    pub fn is_seen_by(&self, observer: Observer) -> bool {
        self.touches.iter().any(|aspect| aspect.is_seen_by(observer))
    }
}

impl Who {
    /// Who it is, in words.
    pub fn words(self) -> &'static str {
        match self {
            Who::Router => "the router alone",
            Who::FarEndToo => "the router and a far end",
            Who::Maker => "the maker",
            Who::Owner => "the owner",
        }
    }
}
