//! What alters a device's traffic: leaks of known size, planted to see what a method finds, and defences, to see what
//! is left.
//!
//! ```text
//!     cli        overhear (binary)   one file per command
//!     overhear   the questions       campaign, cut, schedule → assemble → experiment → figure → report
//!     inspect    who is there        frames → evidence → report
//!     synth      known truth         plan → frames
//!     change     altered traffic     events → events                                                   <- here
//!     traffic    packets             capture → wire → event → (change) → observer, trace → window → feature
//!     learn      numbers             dataset → split → learner → model → metric; inference, leakage
//! ```
//!
//! A [`Plant`](plant::Plant) is a kind of leak and its dose, typed as `upload:5`. Built with a seed it is a
//! [`Change`](overhear_traffic::change::Change): events in, events out, the same ones for the same seed.
//!
//! ```
//! use overhear_change::plant::{Plant, changes};
//! use overhear_traffic::capture::CaptureReader;
//! use overhear_traffic::observer::Observer;
//! use overhear_traffic::trace::{self, Span, View};
//! use std::path::Path;
//!
//! let device = "02:00:00:00:00:01".parse()?;
//! let view = View { device, observers: &[Observer::Gateway], span: Span::default(), dedup: false };
//! let packets = |plants: &[Plant]| {
//!     let mut capture = CaptureReader::open(Path::new("../../corpora/home.pcap"))?;
//!     let mut planted = changes(plants, device, 1, 0);
//!     trace::read_changed(&mut capture, &view, &mut planted, |_| {}).map(|read| read.counts().packets)
//! };
//! let upload: Plant = "upload:20".parse()?;
//! assert!(packets(&[upload])? > packets(&[])?);
//!
//! let refused = "uploads:20".parse::<Plant>().unwrap_err();
//! assert!(refused.to_string().starts_with("no plant is called \"uploads\"; there are: upload, mixture, "));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`Defence`](defence::Defence) is a pure machine, typed as `batch:ms=250`; [`Defended`](defence::Defended) runs a
//! stack of them over a trace, through a link, as one such change, and counts what they cost:
//!
//! ```
//! use overhear_change::defence::{Defended, Rates, Setting};
//! # use overhear_traffic::capture::CaptureReader;
//! # use overhear_traffic::observer::Observer;
//! # use overhear_traffic::trace::{self, Span, View};
//! # use std::path::Path;
//!
//! # let device = "02:00:00:00:00:01".parse()?;
//! # let view = View { device, observers: &[Observer::Gateway], span: Span::default(), dedup: false };
//! let stack: [Setting; 2] = ["pad-to-mtu".parse()?, "batch:ms=250".parse()?];
//! let mut defended = Defended::new(&stack, Rates::default(), 1, 0);
//! let mut capture = CaptureReader::open(Path::new("../../corpora/home.pcap"))?;
//! trace::read_changed(&mut capture, &view, &mut defended, |_| {})?;
//! let cost = defended.cost();
//! assert!(cost.up.padding_bytes > 0 && cost.up.after.bytes == cost.up.before.bytes + cost.up.padding_bytes);
//! assert!(cost.delay.max_ns <= 251_000_000);
//!
//! let refused = "batch:ms=0".parse::<Setting>().unwrap_err();
//! assert_eq!(refused.to_string(), "defence batch: ms is a number from 1 to 10000 (ms), not \"0\"");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

pub mod defence;
pub mod error;
pub mod plant;
mod random;
mod seen;

pub use error::Error;
