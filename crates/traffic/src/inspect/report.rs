//! What is said of a capture.

use super::evidence::Kind;
use super::maker::AddressKind;
use super::rule::Ecosystem;
use crate::packet::Device;
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
