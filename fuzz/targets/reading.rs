//! What the targets that read a whole capture have in common.

use overhear_traffic::Error;
use overhear_traffic::capture::{CaptureReader, MAX_PACKET_BYTES};
use overhear_traffic::event::Event;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::wire::{self, Captured};
use std::io::Read;

/// Enough for any defect to show; a small compressed input can hold millions.
const MOST_FRAMES: u64 = 20_000;

/// Reads a capture and decodes its frames.
pub fn read<R: Read>(capture: Result<CaptureReader<R>, Error>) {
    let Ok(mut capture) = capture else { return };
    while let Ok(Some(frame)) = capture.next_frame() {
        assert!(frame.time_ns.unsigned_abs() <= 1 << 62);
        assert!(frame.bytes.len() <= MAX_PACKET_BYTES as usize);
        assert!(frame.length_bytes as usize >= frame.bytes.len());
        let decoded = wire::decode(&frame);
        let packet = Observer::Gateway.view(Device::Any, &Event::of(&frame, &decoded));
        let is_packet = decoded.network.is_some() || matches!(decoded.link.captured, Captured::Listed(_));
        assert_eq!(packet.map(|packet| packet.time_ns), is_packet.then_some(frame.time_ns));
        if capture.n_frames() == MOST_FRAMES {
            return;
        }
    }
}
