//! What alters a device's traffic by a dose: leaks of known size, planted to see what a method finds.
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

#![forbid(unsafe_code)]

pub mod error;
pub mod plant;
mod random;

pub use error::Error;
