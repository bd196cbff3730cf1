//! What is in a capture, for a person to read: plain aligned text.

use overhear_traffic::inspect::{AddressKind, DeviceReport, Evidence, Kind, Report, Role, Sureness};
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
/// A space at which no line is broken.
const KEPT: char = '\u{a0}';

/// Totals, warnings, then a paragraph for each device, most like a speaker first.
///
/// `width` is the terminal's, in columns. Every line ends in a line feed.
pub fn table(report: &Report, width: usize) -> String {
    let width = width.clamp(MIN_WIDTH, MAX_WIDTH);
    let mut out = String::new();
    totals(&mut out, report, width);
    if report.devices.is_empty() {
        out.push_str("No device could be told apart.\n");
        return out;
    }
    let columns = Columns::of(report, width);
    let titles = ["DEVICE", "MAKER", "WHAT IT IS", "PACKETS", "BYTES"];
    columns.line(&mut out, titles.map(str::to_owned));
    for device in &report.devices {
        columns.line(&mut out, cells(device));
        details(&mut out, device, report, width);
    }
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

/// What a reader of the totals should know about them.
fn notes(report: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    for link in &report.unknown_links {
        let frames = counted(link.frames, "frame");
        notes.push(format!("link type {}: {frames} counted, not read", link.link_type));
    }
    if report.encrypted_frames > 0 {
        notes.push(format!(
            "{} encrypted: no IP can be seen in them",
            counted(report.encrypted_frames, "frame")
        ));
    }
    if report.damaged_frames > 0 {
        notes.push(format!("{} with cut or damaged headers", counted(report.damaged_frames, "frame")));
    }
    if report.clock_regressions > 0 {
        notes.push(format!("the clock runs backwards {}", counted(report.clock_regressions, "time")));
    }
    if let Some(at) = report.cut_off_at {
        notes.push(format!("the last record, at byte {}, is cut off by the end of the file", grouped(at)));
    }
    notes.extend(report.limits.iter().cloned());
    notes
}

/// The widths of the five columns.
struct Columns {
    widths: [usize; 5],
}

impl Columns {
    fn of(report: &Report, width: usize) -> Columns {
        let mut widths = [6, 5, 10, 7, 5];
        for device in &report.devices {
            for (width, cell) in widths.iter_mut().zip(cells(device)) {
                *width = (*width).max(cell.chars().count());
            }
        }
        // what it is gives way: two spaces stand between columns
        let others: usize = widths.iter().sum::<usize>() - widths[2] + 8;
        widths[2] = widths[2].min(width.saturating_sub(others)).max(12);
        Columns { widths }
    }

    fn line(&self, out: &mut String, cells: [String; 5]) {
        let [device, maker, what, packets, bytes] = &cells;
        let [a, b, c, d, e] = self.widths;
        let what = shortened(what, c);
        let _ = writeln!(out, "{device:a$}  {maker:b$}  {what:c$}  {packets:>d$}  {bytes:>e$}");
    }
}

fn cells(device: &DeviceReport) -> [String; 5] {
    let maker = match (device.maker, device.address_kind) {
        (Some(maker), _) => maker,
        (None, Some(AddressKind::Local)) => "local MAC",
        (None, Some(AddressKind::FromMaker)) => "unknown",
        (None, None) => "",
    };
    let packets = grouped(device.packets);
    [device.device.to_string(), maker.to_owned(), what(device), packets, bytes(device.bytes)]
}

/// What a device is, in a few words.
fn what(device: &DeviceReport) -> String {
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

fn details(out: &mut String, device: &DeviceReport, report: &Report, width: usize) {
    let addresses: Vec<String> = device.addresses.iter().map(ToString::to_string).collect();
    labelled(out, "addresses", &listed(&addresses, 6), width);
    let mut carries = counts(&device.protocols);
    let applications = counts(&device.applications);
    if !applications.is_empty() {
        let _ = write!(carries, "; of them {applications}");
    }
    labelled(out, "carries", &carries, width);
    let since = |ns: i64| ns.saturating_sub(report.first_ns.unwrap_or(ns)) as f64 / 1e9;
    let (first, last) = (short(since(device.first_ns)), short(since(device.last_ns)));
    let seen = if first == last { format!("at {first}") } else { format!("from {first} to {last}") };
    labelled(out, "seen", &format!("{seen} after the beginning"), width);
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

/// The first of many, and how many more there are.
fn listed(values: &[String], most: usize) -> String {
    let shown = values[..values.len().min(most)].join(", ");
    match values.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {} more", grouped(more as u64)),
    }
}

/// Counts, the largest first.
fn counts(counts: &BTreeMap<&'static str, u64>) -> String {
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
fn times(count: u64) -> String {
    if count == 1 { String::new() } else { format!("{KEPT}×{}", grouped(count)) }
}

/// A label in the margin, then text that stays to the right of it; nothing where there is no text.
fn labelled(out: &mut String, label: &str, text: &str, width: usize) {
    if text.is_empty() {
        return;
    }
    let start = out.len();
    let margin = " ".repeat(INDENT.len() + LABEL_WIDTH);
    wrap(out, &margin, text, width);
    let head = format!("{INDENT}{label:LABEL_WIDTH$}");
    // the margin is of spaces: as many bytes as the head, whose label is of letters
    out.replace_range(start..start + margin.len(), &head);
}

/// Text in lines of at most `width` columns, each behind the margin; a longer word is broken.
fn wrap(out: &mut String, margin: &str, text: &str, width: usize) {
    let room = width.saturating_sub(margin.len()).max(20);
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().map(|c| if c == KEPT { ' ' } else { c }).collect();
        if used > 0 && used + 1 + word.len() > room {
            let _ = writeln!(out, "{margin}{line}");
            line.clear();
            used = 0;
        }
        while word.len() > room {
            let rest = word.split_off(room);
            let _ = writeln!(out, "{margin}{}", String::from_iter(&word));
            word = rest;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        used += word.len();
        line.extend(word);
    }
    let _ = writeln!(out, "{margin}{line}");
}

fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn counted(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// `4,275`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `2.7 MB`, powers of a thousand.
fn bytes(n: u64) -> String {
    let mut value = n as f64;
    if n < 1000 {
        return format!("{n} B");
    }
    for unit in ["kB", "MB", "GB"] {
        value /= 1000.0;
        // what rounds to 1000 belongs to the next unit
        if value < 999.95 {
            return format!("{value:.1} {unit}");
        }
    }
    format!("{:.1} TB", value / 1000.0)
}

/// `2 min 30 s`.
fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return if seconds < 10.0 { format!("{seconds:.1} s") } else { format!("{seconds:.0} s") };
    }
    let whole = seconds.round() as u64;
    let (days, hours, minutes, seconds) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60, whole % 60);
    let parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")];
    let mut parts = parts.into_iter().skip_while(|(n, _)| *n == 0);
    // the two largest units say enough
    let two: Vec<_> =
        parts.by_ref().take(2).filter(|(n, _)| *n > 0).map(|(n, u)| format!("{n} {u}")).collect();
    two.join(" ")
}

fn short(seconds: f64) -> String {
    if seconds == 0.0 { "0 s".to_owned() } else { duration(seconds) }
}

/// `2019-12-04 20:15:33 UTC`.
fn time(ns: i64) -> String {
    let seconds = ns.div_euclid(1_000_000_000);
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// Year, month and day of a day counted from 1970. Source: Howard Hinnant, "chrono-compatible low-level
/// date algorithms", civil_from_days.
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(
            (grouped(4275), grouped(7), grouped(1_000_000)),
            ("4,275".into(), "7".into(), "1,000,000".into())
        );
        assert_eq!(
            (bytes(999), bytes(2_697_587), bytes(999_999)),
            ("999 B".into(), "2.7 MB".into(), "1.0 MB".into())
        );
        assert_eq!(duration(149.56), "2 min 30 s");
        assert_eq!(
            (duration(4.21), duration(48.0), duration(3600.0)),
            ("4.2 s".into(), "48 s".into(), "1 h".into())
        );
        assert_eq!(duration(90_061.0), "1 d 1 h");
    }

    #[test]
    fn times_are_dates_in_utc() {
        assert_eq!(time(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(time(951_826_149_000_000_000), "2000-02-29 12:09:09 UTC");
        assert_eq!(time(-1), "1969-12-31 23:59:59 UTC");
    }

    #[test]
    fn lines_stay_within_the_width() {
        let mut out = String::new();
        labelled(&mut out, "also", &format!("{} {}", "word ".repeat(40).trim(), "x".repeat(200)), 80);
        assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
        assert!(out.starts_with("    also       word"));
    }

    #[test]
    fn an_empty_capture_says_so() {
        let text = table(&Report::default(), 80);
        assert_eq!(text, "0 frames, 0 B; 0 IP packets\n\nNo device could be told apart.\n");
    }
}
