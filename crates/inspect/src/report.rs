//! What is said of a capture.

use super::address::is_home;
use super::endpoint::{Endpoint, Exchange};
use super::evidence::Kind;
use super::maker::AddressKind;
use super::rule::Ecosystem;
use super::timeline::Timeline;
use overhear_traffic::packet::Device;
use overhear_traffic::trace::CopyCounts;
use overhear_traffic::wire::Mirror;
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// A capture: its totals and its devices.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Packet records of any kind.
    pub frames: u64,
    /// Their lengths on the wire, added up.
    pub bytes: u64,
    /// Time of the first frame, ns since 1970; `None` without one.
    pub first_ns: Option<i64>,
    /// Time of the last frame; clocks that run backwards are raised to the time before.
    pub last_ns: Option<i64>,
    /// From the first to the last, seconds.
    pub span_s: Option<f64>,
    /// How the traffic was generated, where the capture says that it was.
    pub generated: Option<String>,
    /// Frames with a readable IP packet.
    pub ip_packets: u64,
    /// Frames without: ARP, encrypted, damaged, of an unknown link type.
    pub non_ip_frames: u64,
    /// Those of them whose headers are cut or damaged.
    pub damaged_frames: u64,
    /// Those of them that are encrypted 802.11.
    pub encrypted_frames: u64,
    /// Those of them whose link type is not read here.
    pub unknown_links: Vec<UnknownLink>,
    /// Frames that a mirror had wrapped, by how: what stands inside counts.
    pub mirrored_frames: BTreeMap<Mirror, u64>,
    /// Packets that stand in the capture more than once.
    pub copies: CopyCounts,
    /// How often the clock ran backwards.
    pub clock_regressions: u64,
    /// Whether the end of the file cuts off the last record.
    pub cut_off: bool,
    /// Where that record begins, byte of the uncompressed capture.
    pub cut_off_at: Option<u64>,
    /// What a bound kept from being counted, in sentences; empty for any usual capture.
    pub limits: Vec<String>,
    /// The devices, most like a speaker first, then by packets.
    pub devices: Vec<DeviceReport>,
}

/// Frames of a link type that is not read here: counted, not looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct UnknownLink {
    /// Its number in the tcpdump registry.
    pub link_type: u16,
    /// How many frames.
    pub frames: u64,
}

/// One device.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeviceReport {
    /// MAC address; IP address where the link has no MAC addresses.
    pub device: Device,
    /// What it does in the network.
    pub role: Role,
    /// Who made it, by its address block; `None` where the block is not in the table.
    pub maker: Option<&'static str>,
    /// How its MAC address came about; `None` without one.
    pub address_kind: Option<AddressKind>,
    /// Frames from it and to it.
    pub packets: u64,
    /// Frames from it.
    pub sent_packets: u64,
    /// Frames to it.
    pub received_packets: u64,
    /// Those that carry an IP packet: what the features see.
    pub ip_packets: u64,
    /// Lengths on the wire, added up.
    pub bytes: u64,
    /// Those of frames from it.
    pub sent_bytes: u64,
    /// Those of frames to it.
    pub received_bytes: u64,
    /// Time of its first frame, ns since 1970.
    pub first_ns: i64,
    /// Time of its last frame.
    pub last_ns: i64,
    /// Frames by protocol: `tcp`, `udp`, `icmp`, `other_ip`, `arp`, `encrypted`, `non_ip`.
    pub protocols: BTreeMap<&'static str, u64>,
    /// Packets by application, where the port tells: `quic`, `tls`, `http`, `dns`, `mdns` and others.
    pub applications: BTreeMap<&'static str, u64>,
    /// Its own IP addresses, 64 at most.
    pub addresses: Vec<IpAddr>,
    /// The addresses it sent from, and when.
    pub address_uses: Vec<AddressUse>,
    /// Whom it exchanged packets with, most bytes first; empty for a gateway.
    pub endpoints: Vec<EndpointReport>,
    /// Its bytes over time, from the beginning of the capture; all devices have the same bins.
    pub timeline: Timeline,
    /// Whether it is a smart speaker: sureness `certain` or `likely`.
    pub is_speaker: bool,
    /// How sure that is.
    pub sureness: Sureness,
    /// The points behind it.
    pub speaker_points: i32,
    /// Whose ecosystem most of the evidence speaks for; `None` without any.
    pub ecosystem: Option<Ecosystem>,
    /// The points of each ecosystem.
    pub ecosystem_points: BTreeMap<Ecosystem, i32>,
    /// The product it names itself.
    pub model: Option<String>,
    /// Why: what counts for something first.
    pub evidence: Vec<Evidence>,
}

/// An address that a device sent from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AddressUse {
    /// The address.
    pub address: IpAddr,
    /// Time of the first packet from it, ns since 1970.
    pub first_ns: i64,
    /// Time of the last.
    pub last_ns: i64,
    /// How many packets.
    pub packets: u64,
    /// Whether another device had the address, and this one passed its packets on.
    pub is_passed_on: bool,
}

/// What a device exchanged with one host and port.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EndpointReport {
    /// Name of the host, where the capture tells.
    pub name: Option<String>,
    /// Its address; one of them where it has several.
    pub address: IpAddr,
    /// Whether it is in the home: a private address, or a group.
    pub is_local: bool,
    /// The service's port; 0 where the protocol has none.
    pub port: u16,
    /// Whether that port is the device's own: the other end called it.
    pub serves: bool,
    /// `TCP`, `UDP` or `other`.
    pub carrier: &'static str,
    /// Frames from the device.
    pub sent_packets: u64,
    /// Their lengths, added up.
    pub sent_bytes: u64,
    /// Frames to the device.
    pub received_packets: u64,
    /// Their lengths, added up.
    pub received_bytes: u64,
    /// Time of the first, ns since 1970.
    pub first_ns: i64,
    /// Time of the last.
    pub last_ns: i64,
    /// The rhythm in what the device sends, seconds, where there is one.
    pub period_s: Option<f64>,
}

impl EndpointReport {
    pub(super) fn of(endpoint: &Endpoint, name: Option<String>, exchange: &Exchange) -> EndpointReport {
        let address = exchange.address;
        let is_group = match address {
            IpAddr::V4(address) => address.is_multicast() || address.octets()[3] == 255,
            IpAddr::V6(address) => address.is_multicast(),
        };
        EndpointReport {
            name,
            address,
            is_local: is_group || is_home(address),
            port: endpoint.port,
            serves: endpoint.serves,
            carrier: endpoint.carrier.name(),
            sent_packets: exchange.up.0,
            sent_bytes: exchange.up.1,
            received_packets: exchange.down.0,
            received_bytes: exchange.down.1,
            first_ns: exchange.first_ns,
            last_ns: exchange.last_ns,
            period_s: exchange.period().map(|period| period.seconds),
        }
    }

    /// Most bytes first; of equals by name and address.
    pub(super) fn order(&self) -> impl Ord + use<'_> {
        let bytes = std::cmp::Reverse(self.sent_bytes + self.received_bytes);
        (bytes, &self.name, self.address, self.port, self.carrier, self.serves)
    }
}

/// What a device does in the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It speaks for itself.
    Host,
    /// It passes on what others send: what is seen of it may be theirs.
    Gateway,
}

/// How sure it is that a device is a smart speaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sureness {
    /// Nothing or too little says so.
    None,
    /// Something does: 2 points.
    Possible,
    /// Several things do, or one strong: 4 points.
    Likely,
    /// It says so itself, or much does: 8 points.
    Certain,
}

/// A piece of evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// Where it comes from.
    pub kind: Kind,
    /// What was seen; nothing in it moves a terminal.
    pub value: String,
    /// How often.
    pub count: u64,
    /// The rhythm's length, seconds, where it is one.
    pub period_s: Option<f64>,
    /// Whose ecosystem it speaks for.
    pub speaks_for: Option<Ecosystem>,
    /// With so many points.
    pub ecosystem_points: i32,
    /// And so many for a smart speaker; below zero: against.
    pub speaker_points: i32,
    /// What it means; empty where it is only a fact.
    pub meaning: String,
}
