//! What is in a capture, device by device, and which of them are smart speakers.
//!
//! [`Inspection`] takes every frame and ends in a [`Report`]. Evidence is what a device says of itself
//! and whom it calls, one file for each kind; [`rule`] says what speaks for what. Traffic is hostile:
//! every parser takes arbitrary bytes, every memory has a bound, and the report says where one was met.
//!
//! ```text
//!     cli        overhear (binary)   one file per command
//!     overhear   the questions       campaign, cut, schedule → assemble → experiment → figure → report
//!     inspect    who is there        frames → evidence → report                                        <- here
//!     synth      known truth         plan → frames
//!     change     altered traffic     events → events
//!     traffic    packets             capture → wire → event → (change) → observer, trace → window → feature
//!     learn      numbers             dataset → split → learner → model → metric; inference, leakage
//! ```
//!
//! ```
//! use overhear_traffic::capture::{Frame, LinkType};
//!
//! // a speaker asks for an address, and says its name (DHCP option 12)
//! let mut discover = vec![0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xd4, 0xf5, 0x47, 0, 0, 1, 8, 0, 0x45, 0];
//! discover.extend(294_u16.to_be_bytes());
//! discover.extend([0, 0, 0, 0, 64, 17, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 68, 0, 67]);
//! discover.extend(274_u16.to_be_bytes());
//! discover.extend([0, 0, 1, 1, 6, 0]);
//! discover.extend([0; 24]);
//! discover.extend([0xd4, 0xf5, 0x47, 0, 0, 1]);
//! discover.extend([0; 202]);
//! discover.extend([0x63, 0x82, 0x53, 0x63, 53, 1, 1, 12, 16]);
//! discover.extend(b"Google-Home-Mini");
//! discover.extend([255]);
//!
//! let frame =
//!     Frame { time_ns: 0, length_bytes: discover.len() as u32, link: LinkType::ETHERNET, bytes: &discover };
//! let (report, damage) = overhear_inspect::read(&mut &[frame][..]);
//! assert!(damage.is_none());
//! println!("{:?}", report.devices[0].sureness);
//! assert!(!report.devices[0].evidence.is_empty());
//! ```

#![forbid(unsafe_code)]

mod address;
pub mod arp;
mod collect;
mod device;
pub mod dhcp;
pub mod dns;
mod endpoint;
mod evidence;
mod header;
pub mod hello;
pub mod http;
mod maker;
pub mod mdns;
pub mod name;
mod period;
mod protocol;
pub mod quic;
mod remote;
mod report;
pub mod rule;
#[cfg(test)]
mod tests;
mod timeline;
pub mod tls;
mod upload;
mod verdict;

pub use collect::Inspection;
pub use evidence::Kind;
pub use maker::AddressKind;
pub use report::{AddressUse, DeviceReport, EndpointReport, Evidence, Report, Role, Sureness, UnknownLink};
pub use rule::Ecosystem;
pub use timeline::Timeline;

use overhear_traffic::Error;
use overhear_traffic::capture::{End, Frames};

/// Reads frames to their end, or to where a capture is damaged: what stands before is reported all the same.
pub fn read<F: Frames>(frames: &mut F) -> (Report, Option<Error>) {
    let mut inspection = Inspection::new();
    let end = frames.drive(|frame| inspection.take(frame));
    let mut report = inspection.finish();
    let (end, error) = match end {
        Ok(end) => (end, None),
        Err(error) => (End::default(), Some(error)),
    };
    report.cut_off_at = end.cut_off_at;
    report.generated = end.generated;
    report.cut_off = report.cut_off_at.is_some();
    (report, error)
}
