//! A plant as typed, up to the first zero, then events, 16 bytes each, in time order but for steps of the clock.
#![no_main]

#[path = "device.rs"]
mod device;

use device::{DEVICE, event};
use libfuzzer_sys::fuzz_target;
use overhear_change::plant::{MOST_HELD, Plant};
use overhear_traffic::change::Applied;
use overhear_traffic::event::Event;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::{Device, Direction};
use overhear_traffic::trace::Span;
use overhear_traffic::wire::write;

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
