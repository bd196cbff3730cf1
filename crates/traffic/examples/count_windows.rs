//! Counts the windows of the paper's twenty windowings in a capture: the hot path and nothing else.
//!
//! `count_windows CAPTURE [MAC|IP]`
use overhear_traffic::capture::CaptureReader;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::trace::{self, Selection};
use overhear_traffic::window::{Pass, Windowing};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("which capture?")?;
    let device = arguments.next().map_or(Ok(Device::Any), |text| text.parse())?;
    let windowings = Windowing::paper();
    let mut pass = Pass::new(&windowings);
    let mut counts = vec![0u64; windowings.len()];
    let mut capture = CaptureReader::open(Path::new(&path))?;
    let selection = Selection { device, observer: Observer::Gateway };
    let summary = trace::read(&mut capture, selection, |seen| pass.take(seen, |w, _| counts[w] += 1))?;
    pass.finish(|w, _| counts[w] += 1);
    println!("{summary:?}");
    for (windowing, count) in windowings.iter().zip(counts) {
        println!("{windowing} {count}");
    }
    Ok(())
}
