//! From captured packets to windows of features.
//!
//! The way of the data: [`capture`] → [`wire`] → [`event`] → ([`change`]) → [`observer`] → [`trace`] → [`window`] → [`feature`].
//! Nothing here reads a clock, prints, or draws hidden randomness.
//!
//! ```text
//!     cli        overhear (binary)   one file per command
//!     overhear   the questions       campaign, cut, schedule → assemble → experiment → figure → report
//!     inspect    who is there        frames → evidence → report
//!     synth      known truth         plan → frames
//!     change     altered traffic     events → events
//!     traffic    packets             capture → wire → event → (change) → observer, trace → window → feature<- here
//!     learn      numbers             dataset → split → learner → model → metric; inference, leakage
//! ```
//!
//! Packets of a capture as windows of features:
//!
//! ```
//! use overhear_traffic::capture::CaptureReader;
//! use overhear_traffic::feature::{PAPER, values};
//! use overhear_traffic::observer::Observer;
//! use overhear_traffic::trace::{self, Selection};
//! use overhear_traffic::window::{Pass, Windowing};
//! use std::path::Path;
//!
//! let mut capture = CaptureReader::open(Path::new("../../corpora/home.pcap"))?;
//! let selection = Selection { device: "02:00:00:00:00:01".parse()?, observer: Observer::Gateway };
//!
//! let mut pass = Pass::new(&["t=15".parse::<Windowing>()?]);
//! let mut rows = Vec::new();
//! let summary = trace::read(&mut capture, selection, |seen| {
//!     pass.take(seen, |_, window| rows.push(values(&window.sums)));
//! })?;
//! pass.finish(|_, window| rows.push(values(&window.sums)));
//!
//! assert!(summary.counts().packets > 0);
//! assert_eq!(rows[0].len(), PAPER.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

pub mod capture;
pub mod change;
pub mod error;
pub mod event;
pub mod feature;
pub mod observer;
pub mod packet;
mod span;
pub mod trace;
pub mod window;
pub mod wire;

pub use error::Error;
