//! A stack of defences as typed, with spaces between, up to the first zero, then events, 16 bytes each, in time order
//! but for steps of the clock.
#![no_main]

#[path = "device.rs"]
mod device;

use device::{DEVICE, event};
use libfuzzer_sys::fuzz_target;
use overhear_change::defence::{Defended, Rates, Setting, Way};
use overhear_traffic::change::Applied;
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction;
use overhear_traffic::trace::Span;
use overhear_traffic::wire::write;

/// Most defences of a stack.
const MOST: usize = 4;

/// Most timers run and packets added: enough of silence.
const MOST_STEPS: u64 = 1 << 14;

/// Whether each time is at least the one before, and how many events of the source were let out.
#[derive(Default)]
struct Watched {
    latest_ns: Option<i64>,
    kept: u64,
}

impl Watched {
    fn see(&mut self, event: &Event) {
        assert!(self.latest_ns.is_none_or(|latest_ns| latest_ns <= event.time_ns));
        self.latest_ns = Some(event.time_ns);
        self.kept += u64::from(event.number.is_some());
        let _ = write::ethernet(event, &mut Vec::new());
    }
}

fuzz_target!(|input: &[u8]| {
    let Some(end) = input.iter().position(|&byte| byte == 0) else { return };
    let Ok(text) = std::str::from_utf8(&input[..end]) else { return };
    let stack: Result<Vec<Setting>, _> = text.split_whitespace().take(MOST).map(str::parse).collect();
    let Ok(stack) = stack else { return };
    for setting in &stack {
        assert_eq!(setting.to_string().parse::<Setting>().as_ref(), Ok(setting));
    }
    let (events, _) = input[end + 1..].as_chunks::<16>();
    let Some((head, events)) = events.split_first() else { return };
    let bound = |byte: u8| (byte & 1 != 0).then(|| i64::from(byte) << (byte & 0x3f).min(54));
    let span = Span { start_ns: bound(head[0]), drop_ns: u64::from(head[1]) << 30, end_ns: bound(head[2]) };
    let rate = |byte: u8| (byte != 0).then(|| u64::from(byte) << (byte & 0x1f));
    let rates = Rates { up_bits_per_s: rate(head[6]), down_bits_per_s: rate(head[7]) };
    let change = Defended::new(&stack, rates, u64::from(head[3]), u64::from(head[4]));
    let mut change = change.with_most_steps(MOST_STEPS);
    let mut watched = Watched::default();
    let mut applied = Applied::new(&mut change, span);
    let mut now_ns = i64::from(head[5]) << 48;
    for bytes in events {
        if bytes[15] == 0xff {
            applied.step(&mut |event| watched.see(event));
            (now_ns, watched.latest_ns) = (now_ns / 2, None);
        }
        let event = event(bytes, &mut now_ns);
        let direction = if event.link.source == Some(DEVICE) { Direction::Out } else { Direction::In };
        applied.take(&event, Some(direction), &mut |event| watched.see(event));
    }
    applied.finish(&mut |event| watched.see(event));
    let cost = change.cost();
    let taken = events.len() as u64;
    assert!(
        watched.kept <= taken && watched.kept + cost.up.dropped.packets + cost.down.dropped.packets >= taken
    );
    for Way { before, after, cover, dropped, padding_bytes, parts } in [cost.up, cost.down] {
        assert_eq!(after.bytes + dropped.bytes, before.bytes + padding_bytes + cover.bytes);
        assert_eq!(after.packets + dropped.packets, before.packets + parts + cover.packets);
    }
});
