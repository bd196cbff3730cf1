//! Packets to the columns of every feature of the paper's twenty windowings, and nothing else.
//!
//! `feature_columns CAPTURE`
use overhear_traffic::capture::CaptureReader;
use overhear_traffic::feature::Columns;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::trace::{self, Selection};
use overhear_traffic::window::{Pass, Windowing};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("which capture?")?;
    let windowings = Windowing::paper();
    let mut pass = Pass::new(&windowings);
    let mut columns = Columns::default();
    let (mut n, mut sum) = (0, 0.0);
    let mut drain = |columns: &mut Columns| {
        n += columns.n_windows();
        sum += columns.feature(10).flatten().sum::<f64>();
        columns.clear();
    };
    let mut capture = CaptureReader::open(Path::new(&path))?;
    let selection = Selection { device: Device::Any, observer: Observer::Gateway };
    trace::read(&mut capture, selection, |seen| {
        pass.take(seen, |_, window| {
            columns.push(window);
            if columns.n_windows() == 1024 {
                drain(&mut columns);
            }
        });
    })?;
    drain(&mut columns);
    println!("{n} {sum}");
    Ok(())
}
