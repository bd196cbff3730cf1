//! What is said of a small recording, in text and on the page.

use super::{page, text::table};
use overhear_inspect::{Inspection, Report};
use overhear_traffic::capture::{Frame, LinkType};

const SPEAKER: [u8; 6] = [0xd4, 0xf5, 0x47, 0, 0, 1];
const THIEF: [u8; 6] = [2, 0, 0, 0, 0, 0xee];
const ROUTER: [u8; 6] = [2, 0, 0, 0, 0, 0xfe];

fn udp(to: [u8; 6], source: ([u8; 4], u16), target: ([u8; 4], u16), payload: &[u8]) -> Vec<u8> {
    let mut out = [&to[..], &SPEAKER, &[8, 0, 0x45, 0]].concat();
    out.extend((28 + payload.len() as u16).to_be_bytes());
    out.extend([0, 0, 0, 0, 64, 17, 0, 0]);
    out.extend([source.0, target.0].concat());
    out.extend([source.1, target.1, 8 + payload.len() as u16, 0].map(u16::to_be_bytes).concat());
    out.extend(payload);
    out
}

/// A speaker that names itself, asks for a host whose name would break a page, and has its address claimed.
fn report() -> Report {
    let announced =
        b"\0\0\x84\0\0\0\0\x01\0\0\0\0\x01x\x06_sonos\x04_tcp\x05local\0\0\x21\x80\x01\0\0\0\x3c\0\0";
    let ask = b"\0\x01\x01\0\0\x01\0\0\0\0\0\0\x0e<b>oops&</b>\"'\x03com\0\0\x01\0\x01";
    let own = [192, 168, 0, 9];
    let claim = [&[0xff; 6], &THIEF[..], &[8, 6, 0, 1, 8, 0, 6, 4, 0, 2], &THIEF, &own, &[0; 10]].concat();
    let mut frames = vec![
        udp([1, 0, 0x5e, 0, 0, 0xfb], (own, 5353), ([224, 0, 0, 251], 5353), announced),
        udp(ROUTER, (own, 4000), ([8, 8, 8, 8], 53), ask),
        claim,
    ];
    frames.extend((0..9).map(|_| udp(ROUTER, (own, 4001), ([203, 0, 113, 9], 443), &[7; 900])));
    let mut inspection = Inspection::new();
    for (second, bytes) in (0..).zip(&frames) {
        let time_ns = second * 20_000_000_000;
        let length_bytes = bytes.len() as u32;
        inspection.take(&Frame { time_ns, length_bytes, link: LinkType::ETHERNET, bytes });
    }
    inspection.finish()
}

#[test]
fn the_terminal_is_told_whom_when_and_what_next_within_its_width() {
    let report = report();
    for width in [60, 80, 120] {
        let text = table(&report, "a b.pcap", width);
        let is_command = |line: &&str| line.starts_with("  overhear");
        let longest = text.lines().filter(|line| !is_command(line)).map(|line| line.chars().count()).max();
        assert!(longest <= Some(width), "{width}: {text}");
        assert!(
            text.contains("203.0.113.9:443 UDP: 8.5\u{a0}kB sent") || text.contains("8.5 kB sent"),
            "{text}"
        );
        assert!(text.contains("ARP spoofing? 02:00:00:00:00:ee"), "{text}");
        assert!(text.contains("every 20 s"), "{text}");
        assert!(text.ends_with("overhear audit campaign -o report\n"), "{text}");
        assert!(text.contains("overhear cut 'a b.pcap' --plan plan.toml"), "a name with a space is quoted");
    }
}

#[test]
fn the_page_is_whole_and_nothing_from_the_air_breaks_it() {
    let html = page(&report(), "<x>.pcap").unwrap();
    assert!(!html.contains("<b>oops") && !html.contains("<x>.pcap"));
    assert!(html.contains("One smart speaker was recognised") && html.contains("203.0.113.9:443 UDP"));
    let body = html
        .split_once("<main id=\"content\" tabindex=\"-1\">")
        .and_then(|(_, rest)| rest.split_once("</main>"))
        .unwrap()
        .0;
    roxmltree::Document::parse(&format!("<main>{body}</main>")).unwrap();
    let drawn = body.matches("<svg").count();
    assert_eq!(drawn, 3, "a timeline for each device that sent or received");
    // no request leaves the machine
    assert!(
        !html.contains("http://")
            || html.matches("http://").count() == html.matches("http://www.w3.org").count()
    );
    assert!(!html.contains("https://") && !html.contains("<script"));
}

#[test]
fn a_capture_without_anything_is_a_page_as_well() {
    let html = page(&Report::default(), "empty.pcap").unwrap();
    assert!(html.contains("No smart speaker was recognised"));
}
