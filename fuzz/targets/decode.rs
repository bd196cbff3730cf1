//! One frame of any link type, as every observer sees it. The first byte chooses the link type.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overhear_traffic::capture::{Frame, LinkType};
use overhear_traffic::event::Event;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::{Device, Packet};
use overhear_traffic::trace::{self, Seen, Selection};
use overhear_traffic::wire::{self, Captured};

const LINKS: [LinkType; 26] = [
    LinkType::ETHERNET,
    LinkType::NULL,
    LinkType::RAW,
    LinkType::IEEE802_11,
    LinkType::LOOP,
    LinkType::LINUX_SLL,
    LinkType::IEEE802_11_RADIOTAP,
    LinkType::IPV4,
    LinkType::IPV6,
    LinkType::LINUX_SLL2,
    LinkType::PPP,
    LinkType::PPP_HDLC,
    LinkType::PPP_ETHER,
    LinkType::PPP_WITH_DIR,
    LinkType::ENC,
    LinkType::PRISM,
    LinkType::IEEE802_11_AVS,
    LinkType::PPI,
    LinkType::NFLOG,
    LinkType::PKTAP,
    LinkType(12),
    LinkType(14),
    LinkType::SENT,
    LinkType::RECEIVED,
    LinkType(149),
    LinkType(u16::MAX),
];

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else { return };
    let link = LINKS[usize::from(*choice) % LINKS.len()];
    let outer = Frame { time_ns: 0, length_bytes: bytes.len() as u32, link, bytes };
    let decoded = wire::decode(&outer);
    assert!(decoded.payload.len() <= bytes.len());
    assert!(decoded.link.header_bytes as usize <= bytes.len());
    let frame = wire::inside(&outer, &decoded).map_or(outer, |(_, inner)| inner);
    let decoded = wire::decode(&frame);
    assert!(frame.length_bytes as usize >= frame.bytes.len());
    if wire::inside(&frame, &decoded).is_some() {
        // a trace unwraps once, and would do so here again
        return;
    }
    let event = Event::of(&frame, &decoded);
    let mut devices = vec![Device::Any];
    devices.extend(decoded.link.source.map(Device::Mac));
    devices.extend(decoded.link.target.map(Device::Mac));
    devices.extend(decoded.network.map(|network| Device::Ip(network.source)));
    devices.extend(decoded.network.map(|network| Device::Ip(network.target)));
    for device in devices {
        for observer in Observer::ALL {
            let view = observer.view(device, &event);
            assert_eq!(read(Selection { device, observer }, &frame), view);
            let Some(packet) = view else { continue };
            let listed = matches!(decoded.link.captured, Captured::Listed(_));
            let hidden = matches!(observer, Observer::Wifi | Observer::Tunnel);
            assert_eq!(packet.network.is_none(), hidden || listed);
            if observer == Observer::Tunnel && !listed {
                assert_eq!(packet.length_bytes % 16, 60 % 16);
            }
        }
    }
});

/// The packet as it comes out of a trace, which has a shorter way for most.
fn read(selection: Selection, frame: &Frame<'_>) -> Option<Packet> {
    let mut read = None;
    let frames = [*frame];
    let summary = trace::read(&mut &frames[..], selection, |seen| match seen {
        Seen::Packet { packet, .. } => read = Some(*packet),
        Seen::Step => panic!("a single frame is no step"),
    });
    assert_eq!(summary.map(|summary| summary.frames).ok(), Some(1));
    read
}
