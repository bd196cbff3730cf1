//! A plant as typed, up to the first zero, then events, 16 bytes each, in time order but for steps of the clock.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overhear_change::plant::{MOST_HELD, Plant};
use overhear_traffic::change::Applied;
use overhear_traffic::event::Event;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::{Device, Direction, Mac, Network, Transport};
use overhear_traffic::trace::Span;
use overhear_traffic::wire::{Link, write};
use std::net::IpAddr;

const DEVICE: Mac = Mac([2, 0, 0, 0, 0, 1]);
const ROUTER: Mac = Mac([2, 0, 0, 0, 0, 2]);

/// An event of the device or to it; its time lies after `now_ns`.
fn event(bytes: &[u8; 16], now_ns: &mut i64) -> Event {
    let [kind, scale, step, near, far, protocol, ttl, a, b, c, d, length @ ..] = *bytes;
    let step = i64::from(step) << (scale % 56);
    *now_ns = now_ns.saturating_add(step);
    let address = |host: u8| match kind & 1 {
        0 => IpAddr::from([if host & 1 == 0 { 10 } else { 198 }, 51, 100, host]),
        _ => IpAddr::from([0x2001, 0xdb8, u16::from(host), 0, 0, 0, 0, 1]),
    };
    let ports = (kind & 2 == 0).then_some((u16::from(a), u16::from(b)));
    let transport = match protocol & 3 {
        0 => Transport::Tcp { ports, window: ports.map(|(a, b)| a << 8 | b) },
        1 => Transport::Udp { ports },
        2 => Transport::Icmp,
        _ => Transport::Other(protocol),
    };
    let [e, f, g, h, i] = length;
    // any length, or a usual one
    let length_bytes = if kind & 4 == 0 { u32::from_be_bytes([e, f, g, h]) } else { u32::from(f) << 3 };
    let (source, target) = (address(near & 3), address(far));
    let around = if i & 1 == 0 { 14 } else { u32::from_be_bytes([a, b, c, d]) };
    let ip_length_bytes = length_bytes.wrapping_sub(around);
    let network = Network { source, target, ttl, ip_length_bytes, transport };
    let (from, to) = if kind & 8 == 0 { (DEVICE, ROUTER) } else { (ROUTER, DEVICE) };
    let link = Link { source: Some(from), target: Some(to), header_bytes: around, ..Link::default() };
    let network = (kind & 0x70 != 0).then_some(network);
    Event { time_ns: *now_ns, length_bytes, link, network, number: None }
}

/// Whether each time is at least the one before, and how many events were let out.
#[derive(Default)]
struct Watched {
    latest_ns: Option<i64>,
    kept: u64,
    added: u64,
}

impl Watched {
    fn see(&mut self, event: &Event) {
        assert!(self.latest_ns.is_none_or(|latest_ns| latest_ns <= event.time_ns));
        self.latest_ns = Some(event.time_ns);
        match event.number {
            Some(_) => self.kept += 1,
            None => {
                self.added += 1;
                assert!(Observer::Gateway.view(Device::Mac(DEVICE), event).is_some());
            }
        }
        let _ = write::ethernet(event, &mut Vec::new());
    }
}

fuzz_target!(|input: &[u8]| {
    let Some(end) = input.iter().position(|&byte| byte == 0) else { return };
    let Ok(text) = std::str::from_utf8(&input[..end]) else { return };
    let Ok(plant) = text.parse::<Plant>() else { return };
    assert_eq!(plant.to_string().parse::<Plant>(), Ok(plant));
    let (events, _) = input[end + 1..].as_chunks::<16>();
    let Some((head, events)) = events.split_first() else { return };
    let bound = |byte: u8| (byte & 1 != 0).then(|| i64::from(byte) << (byte & 0x3f).min(54));
    let span = Span { start_ns: bound(head[0]), drop_ns: u64::from(head[1]) << 30, end_ns: bound(head[2]) };
    let mut change = plant.build(u64::from(head[3]), u64::from(head[4]));
    let mut watched = Watched::default();
    let mut applied = Applied::new(&mut *change, span);
    let mut now_ns = i64::from(head[5]) << 48;
    let mut taken = 0;
    for bytes in events {
        if bytes[15] == 0xff {
            applied.step(&mut |event| watched.see(event));
            (now_ns, watched.latest_ns) = (now_ns / 2, None);
        }
        let event = event(bytes, &mut now_ns);
        let direction = if event.link.source == Some(DEVICE) { Direction::Out } else { Direction::In };
        applied.take(&event, Some(direction), &mut |event| watched.see(event));
        taken += 1;
        assert!(taken - watched.kept <= MOST_HELD as u64);
        if watched.added > 1 << 16 {
            // enough of silence
            break;
        }
    }
    applied.finish(&mut |event| watched.see(event));
    assert_eq!(watched.kept, taken);
});
