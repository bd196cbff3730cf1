//! Windows of a capture as numbers: `cargo run --example features -- capture.pcap 02:00:00:00:00:01`

use overhear::traffic::capture::CaptureReader;
use overhear::traffic::feature::{PAPER, values};
use overhear::traffic::observer::Observer;
use overhear::traffic::trace::{self, Selection};
use overhear::traffic::window::{Pass, Window, Windowing};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (path, device) =
        (arguments.next().ok_or("name a capture")?, arguments.next().ok_or("name a device")?);
    let selection = Selection { device: device.parse()?, observer: Observer::Gateway };
    let print = |_: usize, window: &Window| {
        let cell = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
        let named = PAPER.iter().zip(values(&window.sums));
        let cells: Vec<String> =
            named.map(|(feature, value)| format!("{} {}", feature.name, cell(value))).collect();
        println!("{}: {}", window.start_ns, cells.join(", "));
    };
    let mut pass = Pass::new(&["t=15".parse::<Windowing>()?]);
    let mut capture = CaptureReader::open(Path::new(&path))?;
    let summary = trace::read(&mut capture, selection, |seen| pass.take(seen, print))?;
    pass.finish(print);
    eprintln!("{} packets", summary.counts().packets);
    Ok(())
}
