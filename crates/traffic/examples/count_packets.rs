//! Counts the packets that some observers see in a capture: reading and decoding, and nothing else.
//!
//! `count_packets CAPTURE DEVICE|any [OBSERVER…]`, all observers unless named.
use overhear_traffic::capture::CaptureReader;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::trace::{self, Span, View};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("which capture?")?;
    let device =
        arguments.next().filter(|text| text != "any").map_or(Ok(Device::Any), |text| text.parse())?;
    let mut observers = arguments.map(|name| name.parse()).collect::<Result<Vec<Observer>, _>>()?;
    if observers.is_empty() {
        observers = Observer::ALL.to_vec();
    }
    let mut capture = CaptureReader::open(Path::new(&path))?;
    let view = View { device, observers: &observers, span: Span::default(), dedup: false };
    let summary = trace::read_all(&mut capture, &view, |seen| {
        std::hint::black_box(seen);
    })?;
    println!("{summary:?}");
    Ok(())
}
