//! What an inspection says in words, on the terminal and on the page.

use super::number::{bytes, counted, duration, grouped};
use crate::campaign::Generated;
use crate::report::terminal::{KEPT, quoted};
use overhear_inspect::{AddressKind, DeviceReport, EndpointReport, Evidence, Kind, Report, Role, Sureness};
use overhear_traffic::packet::Device;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The next step, and the commands it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// What to do, and why.
    pub text: String,
    /// Commands, in order.
    pub commands: Vec<String>,
}

/// The first line: frames, bytes, how long.
pub fn total(report: &Report) -> String {
    let mut text = format!("{}, {}", counted(report.frames, "frame"), bytes(report.bytes));
    if let Some(span_s) = report.span_s {
        text.push_str(&format!(" in {}", duration(span_s)));
    }
    text.push_str(&format!("; {}", counted(report.ip_packets, "IP packet")));
    if report.non_ip_frames > 0 {
        text.push_str(&format!(", {}", counted(report.non_ip_frames, "other frame")));
    }
    text
}

/// What a reader of the totals should know about them.
pub fn notes(report: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(generated) = &report.generated {
        notes.push(format!("generated traffic ({}), no real device's", Generated::of_comment(generated)));
    }
    for (mirror, frames) in &report.mirrored_frames {
        let frames = counted(*frames, "frame");
        notes.push(format!("{frames} mirrored over {}: what stands inside is shown", mirror.name()));
    }
    if report.copies.are_many() {
        notes.push(format!(
            "about {:.0} % of the packets are copies of another within 10 ms (a mirror of two ports, a router's two \
             sides): counts and bytes below hold them twice; features and audit take them out with --dedup",
            100.0 * report.copies.share()
        ));
    }
    for link in &report.unknown_links {
        let frames = counted(link.frames, "frame");
        notes.push(format!("link type {}: {frames} counted, not read", link.link_type));
    }
    if report.encrypted_frames > 0 {
        let frames = counted(report.encrypted_frames, "frame");
        notes.push(format!("{frames} encrypted: no IP can be seen in them"));
    }
    if report.damaged_frames > 0 {
        let frames = counted(report.damaged_frames, "frame");
        notes.push(format!("{frames} with cut or damaged headers"));
    }
    if report.clock_regressions > 0 {
        let packets = counted(report.clock_regressions, "packet");
        let verb = if report.clock_regressions == 1 { "is" } else { "are" };
        notes.push(format!("{packets} {verb} stamped earlier than the one before"));
    }
    if let Some(at) = report.cut_off_at {
        notes.push(format!("the last record, at byte {}, is cut off by the end of the file", grouped(at)));
    }
    notes.extend(report.limits.iter().cloned());
    notes
}

/// Devices that claim others' addresses: what that means for whoever reads on.
pub fn spoofing(report: &Report) -> Vec<String> {
    let of = |device: &DeviceReport| {
        let claims: Vec<&Evidence> =
            device.evidence.iter().filter(|e| e.kind == Kind::AddressConflict).collect();
        if claims.is_empty() {
            return None;
        }
        let values: Vec<String> = claims.iter().map(|e| format!("{}{}", e.value, times(e.count))).collect();
        Some(format!(
            "ARP spoofing? {} says by ARP that addresses of other devices are its own ({}). Traffic between them may run \
             through it, and part of what is listed for it may be theirs. Some tools do this on purpose (IoT Inspector, \
             parental controls, a proxy); if none of yours does, look for the device.",
            device.device,
            listed(&values, 4)
        ))
    };
    report.devices.iter().filter_map(of).collect()
}

/// What to do next to get an answer.
pub fn next(report: &Report, capture: &str) -> Next {
    let speaker = report.devices.iter().find(|device| device.is_speaker);
    let possible = report.devices.iter().find(|device| device.sureness == Sureness::Possible);
    let (device, who) = match (speaker, possible) {
        (Some(device), _) => {
            (Some(device), format!("whether the traffic of {} gives away what it hears", device.device))
        }
        (None, Some(device)) => {
            (Some(device), format!("the same of {}, if it is the speaker", device.device))
        }
        (None, None) => (None, "what a device's traffic gives away".to_owned()),
    };
    let all_encrypted = report.encrypted_frames > 0 && report.ip_packets == 0;
    let hint = match device {
        _ if all_encrypted => {
            "Encrypted Wi-Fi shows addresses, times and lengths alone; a recording on the router shows more. "
        }
        Some(_) => "",
        None => "No smart speaker was recognised; a longer recording, or one of its start, names more. ",
    };
    let address = device.map_or_else(|| "MAC".to_owned(), |device| device.device.to_string());
    let capture = if capture == "-" { "recording.pcap" } else { capture };
    Next {
        text: format!(
            "Next: one recording says nothing about conditions. {hint}To learn {who}, draw a plan, record while you follow \
             it, cut the recording by it, and audit:"
        ),
        commands: vec![
            format!("overhear plan --pairs 24 --device {address} --start TIME --drawn now -o plan.toml"),
            format!("overhear cut {} --plan plan.toml -o campaign", quoted(capture)),
            "overhear audit campaign -o report".to_owned(),
        ],
    }
}

/// Who made a device.
pub fn maker(device: &DeviceReport) -> &str {
    match (device.maker, device.address_kind) {
        (Some(maker), _) => maker,
        (None, Some(AddressKind::Local)) => "local MAC",
        (None, Some(AddressKind::FromMaker)) => "unknown",
        (None, None) => "",
    }
}

/// What a device is, in a few words.
pub fn what(device: &DeviceReport) -> String {
    if device.role == Role::Gateway {
        return "gateway, relays for others".to_owned();
    }
    let sureness = match device.sureness {
        Sureness::None => return "no sign of a speaker".to_owned(),
        Sureness::Possible => "possibly a smart speaker",
        Sureness::Likely => "likely a smart speaker",
        Sureness::Certain => "smart speaker",
    };
    match device.ecosystem {
        Some(ecosystem) => format!("{sureness}, {ecosystem}"),
        None => sureness.to_owned(),
    }
}

/// A far end: its name or address, port and carrier.
pub fn endpoint(end: &EndpointReport) -> String {
    let host = match (&end.name, end.address) {
        (Some(name), _) => name.clone(),
        (None, IpAddr::V6(address)) => format!("[{address}]"),
        (None, address) => address.to_string(),
    };
    match (end.carrier, end.serves, end.port) {
        ("other", ..) | (_, _, 0) => format!("{host} (no ports)"),
        (carrier, true, port) => format!("{host} to its own {carrier} {port}"),
        (carrier, false, port) => format!("{host}:{port} {carrier}"),
    }
}

/// The first of many, and how many more there are.
pub fn listed(values: &[String], most: usize) -> String {
    let shown = values[..values.len().min(most)].join(", ");
    match values.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {} more", grouped(more as u64)),
    }
}

/// Counts, the largest first.
pub fn counts(counts: &BTreeMap<&'static str, u64>) -> String {
    let mut sorted: Vec<_> = counts.iter().collect();
    sorted.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
    let one = |(name, n): &(&&str, &u64)| format!("{} {}", spelled(name), grouped(**n));
    sorted.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A protocol as people write it.
fn spelled(name: &str) -> String {
    match name {
        "mdns" => "mDNS".to_owned(),
        "cast" => "Cast".to_owned(),
        "encrypted" => "encrypted".to_owned(),
        "encrypted_dns" => "encrypted DNS".to_owned(),
        "other_ip" => "other IP".to_owned(),
        "non_ip" => "not IP".to_owned(),
        name => name.to_uppercase(),
    }
}

/// How often, where it was more than once.
pub fn times(count: u64) -> String {
    if count == 1 { String::new() } else { format!("{KEPT}×{}", grouped(count)) }
}

/// The device as an anchor on the page.
pub fn anchor(device: Device) -> String {
    format!("device-{}", device.to_string().replace([':', '.'], "-"))
}
