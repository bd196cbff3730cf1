//! Prints what is in a capture as plain lines: totals, devices, evidence.
//!
//! `inspect CAPTURE…`
use overhear_traffic::capture::CaptureReader;
use overhear_traffic::inspect;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let mut capture = CaptureReader::open(Path::new(&path))?;
        let (report, error) = inspect::read(&mut capture);
        println!("{path}: {} frames, {} bytes, {:?} s", report.frames, report.bytes, report.span_s);
        for device in &report.devices {
            println!(
                "{} {:?} {:?}: {} packets, {:?} of {:?} ({} points)",
                device.device,
                device.role,
                device.maker,
                device.packets,
                device.sureness,
                device.ecosystem,
                device.speaker_points
            );
            println!("  {:?} {:?} {:?}", device.addresses, device.protocols, device.applications);
            for e in &device.evidence {
                println!(
                    "  {:?} {} x{} {:?} {}/{} {}",
                    e.kind, e.value, e.count, e.speaks_for, e.ecosystem_points, e.speaker_points, e.meaning
                );
            }
        }
        if let Some(error) = error {
            eprintln!("{error}");
        }
    }
    Ok(())
}
