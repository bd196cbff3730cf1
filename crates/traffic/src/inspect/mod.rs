//! What is in a capture, device by device, and which of them are smart speakers.
//!
//! [`Inspection`] takes every frame and ends in a [`Report`]. Evidence is what a device says of itself
//! and whom it calls, one file for each kind; [`rule`] says what speaks for what. Traffic is hostile:
//! every parser takes arbitrary bytes, every memory has a bound, and the report says where one was met.

pub mod arp;
mod collect;
mod device;
pub mod dhcp;
pub mod dns;
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
pub mod tls;
mod verdict;

pub use collect::Inspection;
pub use evidence::Kind;
pub use maker::AddressKind;
pub use report::{DeviceReport, Evidence, Report, Role, Sureness, UnknownLink};
pub use rule::Ecosystem;

use crate::Error;
use crate::capture::CaptureReader;
use crate::wire;
use std::io::Read;

/// Reads a capture to its end, or to where it is damaged: what stands before is reported all the same.
pub fn read<R: Read>(capture: &mut CaptureReader<R>) -> (Report, Option<Error>) {
    let mut inspection = Inspection::new();
    let error = loop {
        match capture.next_frame() {
            Ok(Some(frame)) => inspection.take(&frame, &wire::decode(frame.link, frame.bytes)),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    let mut report = inspection.finish();
    report.cut_off_at = capture.cut_off_at();
    report.cut_off = report.cut_off_at.is_some();
    (report, error)
}
