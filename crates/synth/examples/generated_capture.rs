//! Writes generated captures of the paper's scenario, one campaign after another, into one pcap file.
//!
//!     cargo run --release -p overhear-traffic --example generated_capture CAMPAIGNS FILE
//!
//! One campaign is nine days: 700,000 packets, 315 MB. It is what the benchmarks read.

use overhear_synth::{self as synth, Settings};
use overhear_traffic::capture::LinkType;
use overhear_traffic::capture::write::PcapWriter;
use std::fs::File;
use std::io::BufWriter;

/// The paper's three conditions, three days each.
const CAMPAIGN_NS: i64 = 9 * 86_400 * 1_000_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [campaigns, path] = arguments.as_slice() else {
        return Err("usage: generated_capture CAMPAIGNS FILE".into());
    };
    let file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut writer = PcapWriter::new(file, LinkType::ETHERNET)?;
    let usual = Settings::default();
    for campaign in 0..campaigns.parse()? {
        let settings = Settings {
            seed: 1 + campaign,
            start_ns: usual.start_ns + campaign as i64 * CAMPAIGN_NS,
            ..usual.clone()
        };
        for round in synth::plan(&settings)? {
            synth::generate(&settings, &round, &mut |frame| {
                writer.write(frame.time_ns, frame.bytes, frame.bytes.len() as u32)
            })?;
        }
    }
    writer.finish()?;
    Ok(())
}
