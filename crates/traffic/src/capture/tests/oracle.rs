//! Random captures through another parser, pcap-parser, and ours: the same records.

use super::*;
use pcap_parser::{Block, PcapBlockOwned, PcapError};
use proptest::prelude::*;

fn theirs(file: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let mut reader = pcap_parser::create_reader(1 << 20, io::Cursor::new(file)).unwrap();
    let mut records = Vec::new();
    loop {
        match reader.next() {
            Ok((offset, block)) => {
                match block {
                    PcapBlockOwned::Legacy(b) => {
                        records.push((b.origlen, b.data[..b.caplen as usize].to_vec()))
                    }
                    PcapBlockOwned::NG(Block::EnhancedPacket(b)) => {
                        records.push((b.origlen, b.data[..b.caplen as usize].to_vec()));
                    }
                    _ => {}
                }
                reader.consume(offset);
            }
            Err(PcapError::Eof) => return records,
            Err(PcapError::Incomplete(_)) => reader.refill().unwrap(),
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn ours(file: &Bytes) -> Vec<(u32, Vec<u8>)> {
    read(file).clean().frames.into_iter().map(|frame| (frame.length_bytes, frame.bytes)).collect()
}

type Records = Vec<(u32, u32, u32, Vec<u8>)>;

/// Seconds, microseconds, bytes that were not captured, captured bytes.
fn records() -> impl Strategy<Value = Records> {
    let bytes = prop::collection::vec(any::<u8>(), 0..400);
    prop::collection::vec((any::<u32>(), 0..1_000_000u32, 0..2000u32, bytes), 0..30)
}

fn order() -> impl Strategy<Value = Bytes> {
    prop_oneof![Just(Bytes::little()), Just(Bytes::big())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn pcap_has_the_same_records(records in records(), order in order()) {
        let mut file = pcap_header(order, MICROSECONDS);
        for (seconds, fraction, more, bytes) in &records {
            file = pcap_record(file, *seconds, *fraction, bytes.len() as u32 + more, bytes);
        }
        let times: Vec<i64> =
            records.iter().map(|r| i64::from(r.0) * 1_000_000_000 + i64::from(r.1) * 1000).collect();
        prop_assert_eq!(read(&file).times(), times);
        prop_assert_eq!(ours(&file), theirs(&file.bytes));
    }

    #[test]
    fn pcapng_has_the_same_records(
        sections in prop::collection::vec((records(), any::<bool>(), 1..4u32), 1..4),
    ) {
        let mut file = Bytes::little();
        for (records, big_endian, n_interfaces) in &sections {
            file = section(Bytes { big_endian: *big_endian, ..file });
            for i in 0..*n_interfaces {
                file = interface(file, i as u16, 0, &[(2, b"eth0"), (9, &[6])]);
            }
            for (high, low, more, bytes) in records {
                let ticks = u64::from(*high % 2000) << 32 | u64::from(*low);
                file = enhanced(file, low % n_interfaces, ticks, bytes.len() as u32 + more, bytes);
                // never empty: pcap-parser does not read a block of 12 bytes
 file = block(file, 0x0bad, |body| body.u32(0).raw(bytes));
            }
        }
        prop_assert_eq!(ours(&file), theirs(&file.bytes));
    }

    #[test]
    fn a_damaged_capture_never_panics(
        records in records(),
        ng in any::<bool>(),
        order in order(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut file = if ng { pcapng(order) } else { pcap_header(order, MICROSECONDS) };
        for (seconds, fraction, more, bytes) in &records {
            let length = bytes.len() as u32 + more;
            file = if ng {
                enhanced(file, 0, u64::from(*seconds), length, bytes)
            } else {
                pcap_record(file, *seconds, *fraction, length, bytes)
            };
        }
        for (place, byte) in flips {
            let place = place.index(file.bytes.len());
            file.bytes[place] = byte;
        }
        read(&file);
    }
}
