//! What is in a capture, for a person to read: plain aligned text.

use super::number::{bytes, counted, duration, grouped, short, time};
use super::words::{self, counts, endpoint, listed, maker, notes, times, what};
use crate::report::terminal::{KEPT, hanging, wrap};
use overhear_inspect::{DeviceReport, Evidence, Kind, Report, Role};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Narrower than this the columns would not hold a MAC address and two numbers.
const MIN_WIDTH: usize = 60;
/// Lines of text longer than this are hard to read, however wide the terminal.
const MAX_WIDTH: usize = 120;
/// Reasons shown of a speaker, and of anything else.
const MAX_REASONS: (usize, usize) = (12, 4);
/// Before every line about a device.
const INDENT: &str = "    ";
const LABEL_WIDTH: usize = 11;
/// Far ends shown of a speaker, and of anything else.
const MAX_ENDPOINTS: (usize, usize) = (8, 3);

/// Totals, warnings, a paragraph for each device, most like a speaker first, and what to do next.
///
/// `capture` is what the commands at the end call it; `width` is the terminal's, in columns. Every line ends in a line
/// feed.
pub fn table(report: &Report, capture: &str, width: usize) -> String {
    let width = width.clamp(MIN_WIDTH, MAX_WIDTH);
    let mut out = String::new();
    totals(&mut out, report, width);
    if report.devices.is_empty() {
        out.push_str("No device was recognised.\n");
        return out;
    }
    for warning in words::spoofing(report) {
        wrap(&mut out, "", &warning, width);
        out.push('\n');
    }
    let columns = Columns::of(report, width);
    let titles = ["DEVICE", "MAKER", "WHAT IT IS", "PACKETS", "BYTES"];
    columns.line(&mut out, titles.map(str::to_owned));
    for device in &report.devices {
        columns.line(&mut out, cells(device));
        details(&mut out, device, report, width);
    }
    let next = words::next(report, capture);
    wrap(&mut out, "", &next.text, width);
    // a command is copied: it is not broken
    next.commands.iter().for_each(|command| {
        let _ = writeln!(out, "  {command}");
    });
    out
}

fn totals(out: &mut String, report: &Report, width: usize) {
    let mut first = format!("{}, {}", counted(report.frames, "frame"), bytes(report.bytes));
    if let Some(span_s) = report.span_s {
        let _ = write!(first, " in {}", duration(span_s));
    }
    let _ = write!(first, "; {}", counted(report.ip_packets, "IP packet"));
    if report.non_ip_frames > 0 {
        let _ = write!(first, ", {}", counted(report.non_ip_frames, "other frame"));
    }
    wrap(out, "", &first, width);
    if let (Some(first_ns), Some(last_ns)) = (report.first_ns, report.last_ns) {
        wrap(out, "", &format!("{} to {}", time(first_ns), time(last_ns)), width);
    }
    notes(report).iter().for_each(|note| wrap(out, "", note, width));
    out.push('\n');
}

/// The columns: device, maker, what it is, packets, bytes; a narrow terminal goes without the maker.
struct Columns {
    widths: [usize; 5],
}

impl Columns {
    fn of(report: &Report, width: usize) -> Columns {
        let mut widths = ["DEVICE", "MAKER", "WHAT IT IS", "PACKETS", "BYTES"].map(str::len);
        for device in &report.devices {
            for (width, cell) in widths.iter_mut().zip(cells(device)) {
                *width = (*width).max(cell.chars().count());
            }
        }
        // what it is gives way: two spaces stand between columns
        let others = |widths: &[usize; 5]| widths[0] + widths[1] + widths[3] + widths[4] + 8;
        if others(&widths) + 20 > width {
            widths[1] = 0;
        }
        widths[2] = widths[2].min(width.saturating_sub(others(&widths))).max(10);
        Columns { widths }
    }

    fn line(&self, out: &mut String, cells: [String; 5]) {
        let [device, maker, what, packets, bytes] = &cells;
        let [a, b, c, d, e] = self.widths;
        let what = shortened(what, c);
        let maker = if b == 0 { String::new() } else { format!("{maker:b$}  ") };
        let _ = writeln!(out, "{device:a$}  {maker}{what:c$}  {packets:>d$}  {bytes:>e$}");
    }
}

fn cells(device: &DeviceReport) -> [String; 5] {
    let packets = grouped(device.packets);
    [device.device.to_string(), maker(device).to_owned(), what(device), packets, bytes(device.bytes)]
}

fn details(out: &mut String, device: &DeviceReport, report: &Report, width: usize) {
    let addresses: Vec<String> = device.addresses.iter().map(ToString::to_string).collect();
    labelled(out, "addresses", &listed(&addresses, 6), width);
    let mut carries = counts(&device.protocols);
    let applications = counts(&device.applications);
    if !applications.is_empty() {
        let _ = write!(carries, "; of them {applications}");
    }
    let traffic = format!("{} sent, {} received", bytes(device.sent_bytes), bytes(device.received_bytes));
    labelled(out, "traffic", &traffic, width);
    labelled(out, "carries", &carries, width);
    let since = |ns: i64| ns.saturating_sub(report.first_ns.unwrap_or(ns)) as f64 / 1e9;
    let (first, last) = (short(since(device.first_ns)), short(since(device.last_ns)));
    let seen = if first == last { format!("at {first}") } else { format!("from {first} to {last}") };
    labelled(out, "seen", &format!("{seen} after the beginning"), width);
    far_ends(out, device, width);
    if device.role == Role::Host {
        reasons(out, device, width);
    }
    let conflicts = device.evidence.iter().filter(|e| e.kind == Kind::AddressConflict);
    conflicts.take(4).for_each(|e| labelled(out, "claims", &format!("{}{}", e.value, times(e.count)), width));
    if device.role == Role::Host {
        also(out, device, width);
    }
    out.push('\n');
}

/// What speaks for a smart speaker, what against, and what for an ecosystem only.
fn reasons(out: &mut String, device: &DeviceReport, width: usize) {
    let most = if device.is_speaker { MAX_REASONS.0 } else { MAX_REASONS.1 };
    let speaks = |e: &&Evidence| !e.meaning.is_empty() && e.kind != Kind::Maker;
    let mut before = "";
    for e in device.evidence.iter().filter(speaks).take(most) {
        let label = match e.speaker_points {
            1.. => "because",
            0 => "ecosystem",
            _ => "against",
        };
        let reason = format!("{} {}{}: {}", e.kind.name(), e.value, times(e.count), e.meaning);
        labelled(out, if label == before { "" } else { label }, &reason, width);
        before = label;
    }
}

/// The evidence that is only a fact, one paragraph for each kind.
fn also(out: &mut String, device: &DeviceReport, width: usize) {
    let mut by_kind: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
    for e in device.evidence.iter().filter(|e| e.meaning.is_empty() && e.kind != Kind::AddressConflict) {
        by_kind.entry(e.kind).or_default().push(format!("{}{}", e.value, times(e.count)));
    }
    let mut label = "also";
    for (kind, values) in by_kind {
        labelled(out, label, &format!("{}: {}", kind.name(), listed(&values, 6)), width);
        label = "";
    }
}

/// Whom the device exchanged most with.
fn far_ends(out: &mut String, device: &DeviceReport, width: usize) {
    let most = if device.is_speaker { MAX_ENDPOINTS.0 } else { MAX_ENDPOINTS.1 };
    let mut label = "far ends";
    for end in device.endpoints.iter().take(most) {
        let line = format!(
            "{}: {} sent, {} received",
            endpoint(end),
            bytes(end.sent_bytes).replace(' ', &KEPT.to_string()),
            bytes(end.received_bytes).replace(' ', &KEPT.to_string())
        );
        labelled(out, label, &line, width);
        label = "";
    }
    if device.endpoints.len() > most {
        labelled(out, "", &format!("and {} more", grouped((device.endpoints.len() - most) as u64)), width);
    }
}

/// A label in the margin, then text that stays to the right of it; nothing where there is no text.
fn labelled(out: &mut String, label: &str, text: &str, width: usize) {
    hanging(out, &format!("{INDENT}{label:LABEL_WIDTH$}"), text, width);
}

fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_capture_says_so() {
        let text = table(&Report::default(), "a.pcap", 80);
        assert_eq!(text, "0 frames, 0 B; 0 IP packets\n\nNo device was recognised.\n");
    }
}
