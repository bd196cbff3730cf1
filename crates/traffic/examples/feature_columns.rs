//! Packets to columns of features, and nothing else: the paper's in its twenty windowings, or with `full` all there are in three.
//!
//! `feature_columns CAPTURE [full]`
use overhear_traffic::capture::CaptureReader;
use overhear_traffic::feature::{Columns, FeatureSet};
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::trace::{self, Selection};
use overhear_traffic::window::{Pass, Windowing};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("which capture?")?;
    let (mut pass, mut columns) = match std::env::args().nth(2).as_deref() {
        Some("full") => {
            let windowings = ["t=15", "n=20", "t=60"].map(str::parse::<Windowing>);
            let windowings = windowings.into_iter().collect::<Result<Vec<_>, _>>()?;
            (Pass::full(&windowings), Columns::of(FeatureSet::FULL))
        }
        _ => (Pass::new(&Windowing::paper()), Columns::default()),
    };
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
