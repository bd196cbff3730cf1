//! How packets are grouped: spans of Δt seconds or bursts of N packets, all windowings in one pass.
//!
//! Packets stream once. One running set of integer [`Totals`] grows with every packet; each windowing
//! remembers the totals at its window's start and subtracts them at its end. Source: paper §3.3,
//! docs/method.md, "Windows".

mod bins;
mod detail;
mod distinct;
mod pass;
mod service;
mod sums;
#[cfg(test)]
mod tests;

pub use bins::{BIN_NS, Bin, Bins, N_CHANNELS};
pub use detail::{Detail, N_BINS, Volume, Way};
pub use pass::{MOST_SILENT, Pass};
pub use service::{Service, is_special};
pub use sums::{Sums, Totals};

use crate::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

/// How packets are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Windowing {
    /// Window k holds the packets in [t₀ + k·Δt, t₀ + (k+1)·Δt), Δt in seconds; written `t=15`.
    Time(NonZeroU32),
    /// Bursts of exactly N packets; a shorter last one is left out. Written `n=20`.
    Count(NonZeroU32),
}

/// The ten sizes of the paper, for t in seconds and for n in packets.
pub const PAPER_SIZES: [u32; 10] = [2, 5, 15, 50, 200, 500, 1000, 1500, 2000, 2500];

impl Windowing {
    /// The paper's twenty windowings: by time, then by count, rising.
    pub fn paper() -> Vec<Windowing> {
        let sizes = || PAPER_SIZES.into_iter().filter_map(NonZeroU32::new);
        sizes().map(Windowing::Time).chain(sizes().map(Windowing::Count)).collect()
    }

    /// Δt in seconds or N in packets.
    pub fn size(self) -> u32 {
        match self {
            Windowing::Time(size) | Windowing::Count(size) => size.get(),
        }
    }
}

impl fmt::Display for Windowing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Windowing::Time(seconds) => write!(f, "t={seconds}"),
            Windowing::Count(packets) => write!(f, "n={packets}"),
        }
    }
}

impl FromStr for Windowing {
    type Err = Error;

    fn from_str(text: &str) -> Result<Windowing, Error> {
        let wrong = || Error::Windowing { text: text.to_owned() };
        let (kind, size) = text.split_once('=').ok_or_else(wrong)?;
        // a sign is accepted by parse()
        if !size.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(wrong());
        }
        let size = size.parse().map_err(|_| wrong())?;
        match kind {
            "t" => Ok(Windowing::Time(size)),
            "n" => Ok(Windowing::Count(size)),
            _ => Err(wrong()),
        }
    }
}

impl Serialize for Windowing {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Windowing {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Windowing, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// One window that has ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window<'a> {
    /// k: by time the number of Δt since the trace's first packet, by count the number of the burst. A further
    /// stretch goes on counting from the one before it.
    pub index: u64,
    /// The stretch of the trace, between two steps of the clock; 0 for the first.
    pub stretch: u32,
    /// By time where the span begins, by count the first packet's time; nanoseconds since 1970.
    pub start_ns: i64,
    /// What the features of the paper use.
    pub sums: Sums,
    /// What the others use; `None` where only the paper's are wanted: see [`Pass::full`].
    pub detail: Option<&'a Detail>,
}

impl Window<'_> {
    /// The same without what other features than the paper's use.
    pub fn without_detail(&self) -> Window<'static> {
        let Window { index, stretch, start_ns, sums, .. } = *self;
        Window { index, stretch, start_ns, sums, detail: None }
    }
}
