//! The page of an inspection: who is in the capture, whom they talk to, when, and what to do next.

use super::number::{bytes, duration, grouped, short, time};
use super::timeline;
use super::words::{self, Next, endpoint, maker, what};
use crate::Error;
use crate::campaign::Generated;
use crate::figure::{DataTable, Panel, style};
use askama::Template;
use overhear_inspect::{DeviceReport, Evidence, Report, Role};

/// Far ends in the table of a device, at most.
const MAX_ENDPOINTS: usize = 40;

/// The page of a capture.
///
/// # Errors
/// Where the template cannot be filled in.
pub fn page(report: &Report, capture: &str) -> Result<String, Error> {
    let n_bins = report.devices.iter().map(|device| device.timeline.up.len()).max().unwrap_or(0);
    let speakers = report.devices.iter().filter(|device| device.is_speaker).count();
    let title = match speakers {
        0 => "No smart speaker was recognised".to_owned(),
        1 => "One smart speaker was recognised".to_owned(),
        n => format!("{n} smart speakers were recognised"),
    };
    let page = Page {
        title,
        style: format!(
            "{}{}{}{}",
            style::variables(),
            style::css(),
            include_str!("../../../templates/report.css"),
            include_str!("../../../templates/inspect.css")
        ),
        generated: report.generated.as_deref().map(Generated::of_comment).unwrap_or_default(),
        is_generated: report.generated.is_some(),
        capture: capture.to_owned(),
        total: words::total(report),
        when: report.first_ns.zip(report.last_ns).map(|(a, b)| format!("{} to {}", time(a), time(b))),
        notes: words::notes(report),
        warnings: words::spoofing(report),
        list: list(report),
        devices: report.devices.iter().map(|device| section(device, report, n_bins)).collect(),
        next: words::next(report, capture),
        version: env!("CARGO_PKG_VERSION"),
    };
    Ok(page.render()?)
}

#[derive(Template)]
#[template(path = "inspect.html")]
struct Page {
    title: String,
    style: String,
    generated: String,
    is_generated: bool,
    capture: String,
    total: String,
    when: Option<String>,
    notes: Vec<String>,
    warnings: Vec<String>,
    list: DataTable,
    devices: Vec<Section>,
    next: Next,
    version: &'static str,
}

/// What is said of one device.
struct Section {
    id: String,
    heading: String,
    aside: String,
    is_speaker: bool,
    settings: Vec<(&'static str, String)>,
    /// Why it is what it is said to be: the fact and its meaning.
    reasons: Vec<(String, String)>,
    panel: Option<Panel>,
    panel_text: String,
    endpoints: Option<DataTable>,
    evidence: Option<DataTable>,
}

fn list(report: &Report) -> DataTable {
    let row = |device: &DeviceReport| {
        vec![
            device.device.to_string(),
            maker(device).to_owned(),
            what(device),
            grouped(device.packets),
            bytes(device.sent_bytes),
            bytes(device.received_bytes),
        ]
    };
    let head = ["device", "maker", "what it is", "packets", "sent", "received"];
    table("", &head, report.devices.iter().map(row).collect())
}

/// A table whose first three columns are text; sizes with units stand on the right.
fn table(caption: &str, head: &[&str], rows: Vec<Vec<String>>) -> DataTable {
    let head = head.iter().map(|&name| name.to_owned()).collect();
    DataTable { caption: caption.to_owned(), groups: Vec::new(), head, text_columns: 3, rows }
}

fn section(device: &DeviceReport, report: &Report, n_bins: usize) -> Section {
    let id = words::anchor(device.device);
    let addresses: Vec<String> = device.addresses.iter().map(ToString::to_string).collect();
    let since = |ns: i64| short(ns.saturating_sub(report.first_ns.unwrap_or(ns)) as f64 / 1e9);
    let mut settings = vec![("maker", maker(device).to_owned())];
    settings.extend(device.model.clone().map(|model| ("model", model)));
    settings.push(("addresses", words::listed(&addresses, 8)));
    settings.push((
        "traffic",
        format!(
            "{} packets; {} sent, {} received",
            grouped(device.packets),
            bytes(device.sent_bytes),
            bytes(device.received_bytes)
        ),
    ));
    settings.push(("carries", words::counts(&device.protocols)));
    settings.push(("applications", words::counts(&device.applications)));
    settings.push((
        "seen",
        format!("from {} to {} after the beginning", since(device.first_ns), since(device.last_ns)),
    ));
    settings.retain(|(_, value)| !value.is_empty());
    let said = |e: &&Evidence| !e.meaning.is_empty() && device.role == Role::Host;
    let reasons = device.evidence.iter().filter(said).take(12);
    let reasons = reasons
        .map(|e| (format!("{} {}{}", e.kind.name(), e.value, words::times(e.count)), e.meaning.clone()));
    Section {
        heading: device.model.clone().unwrap_or_else(|| device.device.to_string()),
        aside: match device.model {
            Some(_) => format!("{}, {}", device.device, what(device)),
            None => what(device),
        },
        is_speaker: device.is_speaker,
        settings,
        reasons: reasons.collect(),
        panel: timeline::draw(device, &format!("{id}-timeline"), n_bins),
        panel_text: format!("Bytes a second, in steps of {}.", duration(device.timeline.bin_s as f64)),
        endpoints: endpoints(device),
        evidence: evidence(device),
        id,
    }
}

fn endpoints(device: &DeviceReport) -> Option<DataTable> {
    if device.endpoints.is_empty() {
        return None;
    }
    let rows = device.endpoints.iter().take(MAX_ENDPOINTS).map(|end| {
        vec![
            endpoint(end),
            if end.is_local { "home" } else { "internet" }.to_owned(),
            end.period_s.map_or_else(String::new, |s| format!("every {}", duration(s))),
            bytes(end.sent_bytes),
            bytes(end.received_bytes),
            grouped(end.sent_packets + end.received_packets),
        ]
    });
    let caption = match device.endpoints.len().checked_sub(MAX_ENDPOINTS) {
        Some(more @ 1..) => {
            format!(
                "Far ends of {} with most bytes; {} more are in --json",
                device.device,
                grouped(more as u64)
            )
        }
        _ => format!("Far ends of {}", device.device),
    };
    let head = ["far end", "where", "rhythm", "sent", "received", "packets"];
    Some(table(&caption, &head, rows.collect()))
}

fn evidence(device: &DeviceReport) -> Option<DataTable> {
    let facts = device.evidence.iter().filter(|e| e.meaning.is_empty());
    let rows: Vec<Vec<String>> =
        facts.map(|e| vec![e.kind.name().to_owned(), e.value.clone(), grouped(e.count)]).collect();
    (!rows.is_empty()).then(|| {
        DataTable::new(&format!("Also seen of {}", device.device), 2, &["what", "value", "times"], rows)
    })
}
