//! Who is in a capture: `cargo run --example inspect -- capture.pcap`

use overhear::inspect;
use overhear::traffic::capture::CaptureReader;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a capture")?;
    let (report, damage) = inspect::read(&mut CaptureReader::open(Path::new(&path))?);
    for device in &report.devices {
        println!("{} {:?}: {} packets", device.device, device.sureness, device.packets);
        for end in device.endpoints.iter().take(3) {
            let name = end.name.clone().unwrap_or_else(|| end.address.to_string());
            println!("    {name}:{} sent {} B, received {} B", end.port, end.sent_bytes, end.received_bytes);
        }
    }
    damage.map_or(Ok(()), |error| Err(error.into()))
}
