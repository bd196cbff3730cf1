//! What is in a capture, device by device, and which of them are smart speakers.
//!
//! [`Inspection`] takes every frame and ends in a [`Report`]. Evidence is what a device says of itself
//! and whom it calls, one file for each kind; [`rule`] says what speaks for what. Traffic is hostile:
//! every parser takes arbitrary bytes, every memory has a bound, and the report says where one was met.

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

use crate::Error;
use crate::capture::{End, Frames};

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
