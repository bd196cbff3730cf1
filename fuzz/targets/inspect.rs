//! Frames of any link type, one after another, into an inspection; and each payload into every parser.
//!
//! A frame is a byte that chooses link type and time step, a length of two bytes, and its bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overhear_traffic::capture::{Frame, LinkType};
use overhear_inspect::{Inspection, arp, dhcp, dns, http, mdns, quic, tls};
use overhear_traffic::wire;

const LINKS: [LinkType; 8] = [
    LinkType::ETHERNET,
    LinkType::PPI,
    LinkType::NFLOG,
    LinkType::IEEE802_11,
    LinkType::LINUX_SLL,
    LinkType::IEEE802_11_RADIOTAP,
    LinkType::LINUX_SLL2,
    LinkType(147),
];

fn parse(bytes: &[u8]) {
    let _ = (arp::read(bytes), dhcp::read(bytes), http::read(bytes));
    let _ = (tls::read_record(bytes), tls::read_hello(bytes));
    let _ = dns::read(bytes).map(|message| mdns::evidence(&message));
    let _ = (quic::is_quic(bytes), quic::version_name(bytes), quic::in_the_clear(bytes));
    let _ = (quic::google_server_name(bytes), quic::read_chlo(bytes));
    if let Some(initial) = quic::open(bytes) {
        let _ = quic::crypto_pieces(&initial);
    }
}

fuzz_target!(|input: &[u8]| {
    parse(input);
    let (mut inspection, mut rest, mut time_ns, mut n_frames) = (Inspection::new(), input, 0i64, 0);
    while let Some(([choice, high, low], after)) = rest.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (bytes, after) = after.split_at(length);
        rest = after;
        let link = LINKS[usize::from(choice & 7)];
        // up to some hours, now and then backwards
        let step = 1i64 << ((choice >> 4) * 3);
        time_ns = if choice & 8 == 0 { time_ns.saturating_add(step) } else { time_ns - step };
        let frame = Frame { time_ns, length_bytes: length as u32, link, bytes };
        parse(wire::decode(&frame).payload);
        inspection.take(&frame);
        n_frames += 1;
    }
    let report = inspection.finish();
    assert_eq!(report.frames, n_frames);
    assert_eq!(report.ip_packets + report.non_ip_frames, n_frames);
    assert!(report.devices.iter().all(|device| device.packets <= n_frames));
});
