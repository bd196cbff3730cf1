//! From a frame's bytes to the few fields that features and evidence need.
//!
//! The outermost network layer counts: VLAN, QinQ and PPPoE headers are stepped over, IPv6 extension
//! headers are walked; tunnels and the packets quoted inside ICMP errors are not entered, but for mirrors ([`inside`]). Bytes are
//! hostile: every field is taken from a slice that was checked to hold it.

mod air;
mod carries;
pub(crate) mod fingerprint;
mod link;
mod mirror;
mod network;
mod plain;
mod pseudo;
#[cfg(test)]
mod tests;
pub mod write;

use carries::Carries;
pub use mirror::{Mirror, inside};
pub(crate) use plain::Plain;

use crate::capture::{Frame, LinkType};
use crate::packet::{Direction, Mac, Network};

/// What a frame's link layer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Link {
    /// Who sent the frame on this link, where the link has addresses.
    pub source: Option<Mac>,
    /// Whom it is for.
    pub target: Option<Mac>,
    /// Bytes before the network layer.
    pub header_bytes: u32,
    /// Bytes that are not of the frame: a radiotap header, a checksum at the end.
    pub foreign_bytes: u32,
    /// What kind of frame it is.
    pub kind: FrameKind,
    /// How it came into the capture.
    pub captured: Captured,
}

/// How a frame came into the capture, as far as its link type tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Captured {
    /// As a wire carries it, or without any link layer.
    #[default]
    OnWire,
    /// As it was in the air: 802.11.
    InAir(Air),
    /// As Linux hands it over: its link layer replaced by one that names the sender only.
    Cooked {
        /// The capturing host sent it.
        outgoing: bool,
        /// Number of the capturing host's interface; 0 in version 1, which has none.
        interface: u32,
    },
    /// As a row of a packet table, which says which way it went.
    Listed(Direction),
}

/// What an 802.11 header says of a frame's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Air {
    /// A station sends it to its access point.
    pub to_ds: bool,
    /// An access point sends it.
    pub from_ds: bool,
    /// It was sent before, and no acknowledgement came.
    pub retry: bool,
    /// Its number, and its fragment's.
    pub sequence: u16,
}

/// What a frame is, before any network layer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FrameKind {
    /// Something that carries an IP packet or could.
    #[default]
    Data,
    /// An encrypted 802.11 data frame.
    Encrypted,
    /// An 802.11 frame without data: management, control, null.
    NoData,
    /// A frame whose link layer is cut or damaged, or whose checksum the radio found wrong.
    Damaged,
    /// A frame that carries an IP packet whose header is cut or damaged.
    DamagedPacket,
    /// A link type that is not read here.
    UnknownLink,
}

/// A frame, decoded as far as this crate goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decoded<'a> {
    /// The link layer.
    pub link: Link,
    /// The network layer; `None` where there is none or it cannot be read.
    pub network: Option<Network>,
    /// What the transport layer carries, as far as it was captured; empty where unknown.
    pub payload: &'a [u8],
}

/// Decodes one frame. What is mirrored in it is not looked at: see [`inside`].
pub fn decode<'a>(frame: &Frame<'a>) -> Decoded<'a> {
    if let Some(decoded) = ethernet_ipv4(frame) {
        return decoded;
    }
    let behind_header = pseudo::read(frame.link, frame.bytes);
    let (mut link, packet) = behind_header.unwrap_or_else(|| link::read_plain(frame.link, frame.bytes));
    let length_bytes = frame.length_bytes.saturating_sub(link.header_bytes);
    let read = match packet {
        Carries::Ipv4(packet) => network::ipv4(packet, length_bytes),
        Carries::Ipv6(packet) => network::ipv6(packet, length_bytes),
        Carries::Other => return Decoded { link, network: None, payload: &[] },
    };
    match read {
        Some((network, payload)) => Decoded { link, network: Some(network), payload },
        None => {
            link.kind = FrameKind::DamagedPacket;
            Decoded { link, network: None, payload: &[] }
        }
    }
}

/// Decodes what nearly every frame is (1.6 times the frames a second); `None` for the others.
#[inline(always)]
fn ethernet_ipv4<'a>(frame: &Frame<'a>) -> Option<Decoded<'a>> {
    let (header, packet) = frame.bytes.split_first_chunk::<14>()?;
    if frame.link != LinkType::ETHERNET || [header[12], header[13]] != [0x08, 0x00] {
        return None;
    }
    let (network, payload) = network::ipv4(packet, frame.length_bytes.saturating_sub(14))?;
    Some(Decoded { link: link::ethernet_addresses(header, 14), network: Some(network), payload })
}
